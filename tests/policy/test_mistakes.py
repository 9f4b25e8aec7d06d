"""The mistakes people make in models.json: each is told with its place, what was expected and what to do about it."""

import json
import re
import time
from typing import Any

import pytest

from modelmerit.errors import RuleSyntaxError
from modelmerit.policy.advice import EXAMPLES
from modelmerit.policy.document import Policy, parse_policy
from modelmerit.policy.parser import parse_condition
from modelmerit.records import Task

HAIKU, SONNET, OPUS = "claude-haiku-4-5", "claude-sonnet-4-5", "claude-opus-4-5"
DEFAULTS = {"simple": HAIKU, "medium": SONNET, "complex": OPUS}
COMPARISON = "a comparison that begins with task, keyword, workspace, role, complexity, priority or estimated_files"
PIECE = "a field, an operator or a value in quotes"
END = "`and`, `or`, or the end of the condition"
ORDERING = "one of < <= > >= is after estimated_files"
NUMBER = "a whole number of at most 9 digits"
LEVEL = "one of simple, medium, complex"
UNCLOSED = (
    "found a quote ' that is never closed, expected another ' after it: add it; a word with ' in it is written in \"\""
)


def policy_of(**blocks: Any) -> Policy:
    return parse_policy(json.dumps({"task_complexity": DEFAULTS, **blocks}))


CONDITIONS = [
    ("", 1, f"found the end of the condition, expected {COMPARISON}: write one, such as task contains 'docs'"),
    ("task contains docs", 15, "found docs, expected a word in quotes: put it in quotes: task contains 'docs'"),
    (
        "task contains 'docs",
        15,
        UNCLOSED,
    ),
    (
        "task contains docs'",
        19,
        UNCLOSED,
    ),
    ("task contains 'a' or docs", 22, f"found docs, expected {COMPARISON}: write task contains 'a' or 'docs'"),
    (
        "task contains 'a' and 'b'",
        23,
        f"found 'b', expected {COMPARISON}: write task contains 'a' and task contains 'b'",
    ),
    ("task contains 'a' 'b'", 19, f"found 'b', expected {END}: put `or` in front of it"),
    (
        "task contains 'a', 'b'",
        18,
        f"found ',', expected {PIECE}: join several values with `or`, and write numbers without commas",
    ),
    ("task contains ['a', 'b']", 15, f"found '[', expected {PIECE}: write several values as 'a' or 'b'"),
    (
        "task contains ('a' or 'b')",
        15,
        "found (, expected a word in quotes: write several words without parentheses: task contains 'a' or 'b'",
    ),
    ("task contains", 14, "found the end of the condition, expected a word in quotes: write task contains 'docs'"),
    ("task", 5, "found the end of the condition, expected `contains` after task: write task contains 'docs'"),
    ("task has 'x'", 6, "found has, expected `contains` after task: write task contains 'x'"),
    ("task = 'x'", 6, "found =, expected `contains` after task: write task contains 'x'"),
    ("task is 'docs'", 6, "found is, expected `contains` after task: write task contains 'docs'"),
    (
        "task not contains 'docs'",
        6,
        "found not, expected `contains` after task: to say the opposite, write: not task contains 'docs'",
    ),
    (
        "task does not contain 'docs'",
        6,
        "found does, expected `contains` after task: to say the opposite, write: not task contains 'docs'",
    ),
    (
        "task contains not 'docs'",
        15,
        "found not, expected a word in quotes: to say the opposite, put `not` in front: not task contains 'docs'",
    ),
    ("task contians 'docs'", 6, "found contians, expected `contains` after task: write task contains 'docs'"),
    ("tsak contains 'docs'", 1, f"found tsak, expected {COMPARISON}: did you mean `task`? Write task contains 'docs'"),
    ("text contains 'docs'", 1, f"found text, expected {COMPARISON}: did you mean `task`? Write task contains 'docs'"),
    ("contains 'docs'", 1, f"found contains, expected {COMPARISON}: write one, such as task contains 'docs'"),
    ("'docs'", 1, f"found 'docs', expected {COMPARISON}: say where to look, as in task contains 'docs'"),
    (
        "task contains \N{LEFT DOUBLE QUOTATION MARK}docs\N{RIGHT DOUBLE QUOTATION MARK}",
        15,
        "found the curly quote \N{LEFT DOUBLE QUOTATION MARK}, expected a straight one: write ' or \"",
    ),
    ("task contains `docs`", 15, "found the curly quote `, expected a straight one: write ' or \""),
    (
        "task contains 'don't panic'",
        27,
        UNCLOSED,
    ),
    ("task contains ''", 15, "found an empty word '', expected one to look for: write it, as in 'docs'"),
    (
        "task contains 'a' or",
        21,
        f"found the end of the condition, expected {COMPARISON}: finish it, or take the last `or` out",
    ),
    (
        "or task contains 'a'",
        1,
        f"found or, expected {COMPARISON}: take this `or` out, or write a comparison before it",
    ),
    (
        "task contains 'a' and and task contains 'b'",
        23,
        f"found and, expected {COMPARISON}: take this `and` out, or write a comparison before it",
    ),
    ("task contains 'a' & task contains 'b'", 19, f"found '&', expected {PIECE}: write `and`"),
    ("task contains 'a' || task contains 'b'", 19, f"found '|', expected {PIECE}: write `or`"),
    ("!task contains 'a'", 1, f"found '!', expected {PIECE}: write `not` in front of the comparison"),
    ("not", 4, f"found the end of the condition, expected {COMPARISON}: finish it, or take the last `not` out"),
    (
        "(task contains 'a'",
        19,
        "found the end of the condition, expected `)` to close the parenthesis of column 1: add it",
    ),
    ("task contains 'a')", 18, f"found ), expected {END}: take it out, or open a parenthesis before it"),
    ("if task contains 'a'", 1, f"found if, expected {COMPARISON}: leave `if` out"),
    ("task contains 'a' then opus", 19, f"found then, expected {END}: the model goes into the rule's `use`"),
    ("keyword contains 'docs'", 9, "found contains, expected `is` after keyword: write keyword is 'docs'"),
    (
        "keywords is 'docs'",
        1,
        f"found keywords, expected {COMPARISON}: did you mean `keyword`? Write keyword is 'docs'",
    ),
    ("keyword is docs", 12, "found docs, expected a word in quotes: put it in quotes: keyword is 'docs'"),
    ("keyword = 'docs'", 9, "found =, expected `is` after keyword: write keyword is 'docs'"),
    ("keyword: 'docs'", 8, f"found ':', expected {PIECE}: write `is` or `contains` between the field and its value"),
    ("complexity is hard", 15, "found hard, expected one of simple, medium, complex: write complexity is complex"),
    ("complexity is meduim", 15, "found meduim, expected one of simple, medium, complex: write complexity is medium"),
    ("complexity = simple", 12, "found =, expected `is` after complexity: write complexity is simple"),
    ("complexity simple", 12, "found simple, expected `is` after complexity: write complexity is simple"),
    (
        "complexity > simple",
        12,
        (
            "found >, expected `is` after complexity: levels have no order here; list them, as in complexity is medium "
            "or complex"
        ),
    ),
    (
        "complexity is simple, medium",
        21,
        f"found ',', expected {PIECE}: join several values with `or`, and write numbers without commas",
    ),
    (
        "complexity is simple and medium",
        26,
        f"found medium, expected {COMPARISON}: write complexity is simple or medium",
    ),
    ("complexity is simple or hard", 25, f"found hard, expected {COMPARISON}: write complexity is simple or complex"),
    (
        "complexity is not simple",
        15,
        f"found not, expected {LEVEL}: to say the opposite, put `not` in front: not complexity is simple",
    ),
    (
        "complexity != simple",
        12,
        "found !=, expected `is` after complexity: to say the opposite, write: not complexity is simple",
    ),
    ("priority is urgent", 13, "found urgent, expected one of low, medium, high, critical: write priority is critical"),
    ("estimated_files = 5", 17, f"found =, expected {ORDERING}: write estimated_files is 5"),
    ("estimated_files => 5", 17, f"found =, expected {ORDERING}: write estimated_files >= 5"),
    ("estimated_files > five", 19, f"found five, expected {NUMBER}: write it in digits, as in estimated_files > 5"),
    ("estimated_files > '5'", 19, f"found '5', expected {NUMBER}: write it without quotes: 5"),
    ("estimated_files > 5.5", 19, "found 5.5, expected a whole number: write one, such as 5"),
    (
        "estimated_files > -1",
        19,
        f"found '-', expected {PIECE}: numbers are not negative, and a name with a hyphen is written in quotes",
    ),
    (
        "estimated_files > 5,000",
        20,
        f"found ',', expected {PIECE}: join several values with `or`, and write numbers without commas",
    ),
    ("estimated_files more than 5", 17, f"found more, expected {ORDERING}: write estimated_files > 5"),
    (
        "estimated_files between 3 and 5",
        17,
        f"found between, expected {ORDERING}: write estimated_files >= 3 and estimated_files <= 5",
    ),
    (
        "estimated_files is not 5",
        20,
        f"found not, expected {NUMBER}: to say the opposite, put `not` in front: not estimated_files is 5",
    ),
    (
        "estimated_files != 5",
        17,
        f"found !=, expected {ORDERING}: to say the opposite, write: not estimated_files is 5",
    ),
    (
        "estimated_files >",
        18,
        f"found the end of the condition, expected {NUMBER}: write it in digits, as in estimated_files > 5",
    ),
    ("files > 5", 1, f"found files, expected {COMPARISON}: did you mean `estimated_files`? Write estimated_files > 5"),
    (
        "estimated_file > 5",
        1,
        f"found estimated_file, expected {COMPARISON}: did you mean `estimated_files`? Write estimated_files > 5",
    ),
    (
        "estimated-files > 5",
        1,
        f"found estimated-files, expected {COMPARISON}: did you mean `estimated_files`? Write estimated_files > 5",
    ),
    ("> 5", 1, f"found >, expected {COMPARISON}: begin with the field, as in estimated_files > 5"),
    ("5 < estimated_files", 1, f"found 5, expected {COMPARISON}: begin with the field, as in estimated_files > 5"),
    (
        "estimated_files > 5 and < 10",
        25,
        f"found <, expected {COMPARISON}: write estimated_files > 5 and estimated_files < 10",
    ),
    ("estimated_files > 5 files", 21, f"found files, expected {END}: join it with `and` or `or`, or take it out"),
    ("estimated_files > 12345678901", 19, f"found 12345678901, expected {NUMBER}: write a smaller one"),
    (
        "model is 'opus'",
        1,
        f"found model, expected {COMPARISON}: ask about the task here; the model goes into the rule's `use`",
    ),
    ("workspace is web", 14, "found web, expected a word in quotes: put it in quotes: workspace is 'web'"),
    (
        "workspace is not 'a'",
        14,
        "found not, expected a word in quotes: to say the opposite, put `not` in front: not workspace is 'web'",
    ),
    ("repo is 'web'", 1, f"found repo, expected {COMPARISON}: did you mean `workspace`? Write workspace is 'web'"),
    ("always", 1, f"found always, expected {COMPARISON}: write one, such as task contains 'docs'"),
    ("*", 1, f"found '*', expected {PIECE}: leave it out; a word is found in its inflections too"),
    ("task contains 'docs'.", 21, f"found '.', expected {PIECE}: leave it out"),
    (
        "task contains 'a' xor task contains 'b'",
        19,
        f"found xor, expected {END}: join it with `and` or `or`, or take it out",
    ),
    ("keyword is 'a\u200bb'", 14, "found the invisible character U+200B, expected visible text in quotes: delete it"),
    ("complexity is 'hard'", 15, "found 'hard', expected one of simple, medium, complex: write complexity is complex"),
    ("workspace is 'web' or api", 23, f"found api, expected {COMPARISON}: write workspace is 'web' or 'api'"),
    (
        "keyword is 'a' or task",
        23,
        "found the end of the condition, expected `contains` after task: write task contains 'docs'",
    ),
    (
        "estimated_files >= 3 or 5",
        25,
        f"found 5, expected {COMPARISON}: write estimated_files >= 3 or estimated_files >= 5",
    ),
    (
        "keyword is 'a' and complexity",
        30,
        "found the end of the condition, expected `is` after complexity: write complexity is simple",
    ),
]


@pytest.mark.parametrize(("condition", "column", "message"), CONDITIONS)
def test_a_mistake_in_a_condition_costs_one_rule_and_says_what_to_write(
    condition: str, column: int, message: str
) -> None:
    rules = [
        {"if": "keyword is 'ci'", "use": OPUS},
        {"if": condition, "use": OPUS},
        {"if": "role is 'x'", "use": HAIKU},
    ]
    policy = policy_of(rules=rules)
    assert policy.problems == (f"rule 2, column {column}: {message}. The rule is left out.",)
    assert policy.recommend(Task("t", role="x")).rule == 3


def test_what_is_advised_can_be_written() -> None:
    advised = [
        found[1] for _, _, message in CONDITIONS if (found := re.search(r"[Ww]rite:? ((?:not )?\w+ .*)", message))
    ]
    conditions = [text for text in advised if text.split()[0] in (*EXAMPLES, "not")]
    assert len(conditions) > 30
    for condition in conditions:
        parse_condition(condition)


@pytest.mark.parametrize("condition", ["(" * 10_000, "not " * 10_000, "task contains '" + "x" * 1_000_000 + "'"])
def test_a_monstrous_condition_is_told_at_once(condition: str) -> None:
    started = time.process_time()
    with pytest.raises(RuleSyntaxError, match=r"found \d+ characters, expected at most 4000: split the condition"):
        parse_condition(condition)
    assert time.process_time() - started < 1


def test_a_long_word_is_not_repeated_whole() -> None:
    with pytest.raises(RuleSyntaxError) as caught:
        parse_condition("task contains 'a' '" + "x" * 3000 + "'")
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        (
            "opus",
            'rule 1 is left out: it is a text, expected an object: {"if": "task contains \'docs\'", "use": "haiku"}',
        ),
        (
            None,
            'rule 1 is left out: it is null, expected an object: {"if": "task contains \'docs\'", "use": "haiku"}',
        ),
        (
            {"if": "keyword is 'ci'"},
            (
                "rule 1 is left out: its `use` is missing, expected a model: add one, as in "
                '{"if": "task contains \'docs\'", "use": "haiku"}'
            ),
        ),
        (
            {"if": "keyword is 'ci'", "uses": "opus"},
            "rule 1 is left out: its `use` is missing, expected a model: rename its `uses` to `use`",
        ),
        (
            {"If": "keyword is 'ci'", "use": "opus"},
            "rule 1 is left out: its `if` is missing, expected a condition: rename its `If` to `if`",
        ),
        (
            {"if": ["keyword is 'ci'"], "use": "opus"},
            (
                "rule 1 is left out: its `if` is a list, expected a condition, as in "
                '{"if": "task contains \'docs\'", "use": "haiku"}'
            ),
        ),
        (
            {"if": "keyword is 'ci'", "use": "gemini"},
            (
                f"rule 1: 'gemini' is no model of this file, expected one of: {HAIKU}, {SONNET}, {OPUS}. "
                "Write a full model id, or add 'gemini' to the `models` block. The rule is left out."
            ),
        ),
        (
            {"if": "keyword is 'ci'", "use": "sonet"},
            (
                f"rule 1: 'sonet' is no model of this file, expected one of: {HAIKU}, {SONNET}, {OPUS}. Did you mean "
                "'sonnet'? Else write a full model id, or add 'sonet' to the `models` block. The rule is left out."
            ),
        ),
        (
            {"if": "keyword is 'ci'", "use": "claude"},
            (
                f"rule 1: 'claude' fits 3 models, expected exactly one: {HAIKU}, {SONNET}, {OPUS}. Write the full id, "
                "or name it in the `models` block. The rule is left out."
            ),
        ),
    ],
)
def test_a_rule_that_is_none_says_what_it_lacks(rule: Any, problem: str) -> None:
    policy = policy_of(rules=[rule, {"if": "role is 'x'", "use": "haiku"}])
    assert policy.problems == (problem,)
    assert policy.recommend(Task("t", role="x")).rule == 2


@pytest.mark.parametrize(
    ("blocks", "problem"),
    [
        ({"learning": {"margin": 2}}, "learning.margin is 2, expected a number from 0 to 1: 0.1 is used"),
        ({"learning": {"margin": "10%"}}, 'learning.margin is "10%", expected a number from 0 to 1: 0.1 is used'),
        (
            {"learning": {"window_days": 0}},
            "learning.window_days is 0, expected a number from 1 to 36500 or null: 90 is used",
        ),
        (
            {"learning": {"window_days": 10**400}},
            "learning.window_days is a number, expected a number from 1 to 36500 or null: 90 is used",
        ),
        (
            {"learning": {"min_sample_size": 2.5}},
            "learning.min_sample_size is 2.5, expected a whole number from 1 to 1000000: 5 is used",
        ),
        (
            {"learning": {"min_samples": 9}},
            (
                "learning.min_samples is not known, expected min_sample_size: it is not used. "
                "Rename it if min_sample_size is meant"
            ),
        ),
        (
            {"exploration": {"mode": "epsilom"}},
            "exploration.mode is \"epsilom\", expected one of off, epsilon, adaptive: 'epsilon' is used",
        ),
        (
            {"exploration": {"strategy": "ucb1"}},
            "exploration.strategy is \"ucb1\", expected one of thompson-sampling, ucb: 'thompson-sampling' is used",
        ),
        ({"exploration": {"rate": -0.1}}, "exploration.rate is -0.1, expected a number from 0 to 1: 0.1 is used"),
        (
            {"exploration": {"interval": 0}},
            "exploration.interval is 0, expected a whole number from 1 to 1000000 or null: none is used",
        ),
        (
            {"exploration": {"candidates": "opus"}},
            'exploration.candidates is "opus", expected a list of names: none is used',
        ),
        (
            {"exploration": {"exclude": [1]}},
            "exploration.exclude has an entry that is no text, expected names only: it is left out",
        ),
        (
            {"exploration": {"Rate": 0.2}},
            "exploration.Rate is not known, expected rate: it is not used. Rename it if rate is meant",
        ),
        (
            {"escalation": ["haiku", "opsu"]},
            (
                f"escalation: 'opsu' is no model of this file, expected one of: {HAIKU}, {SONNET}, {OPUS}. Did you "
                "mean 'opus'? Else write a full model id, or add 'opsu' to the `models` block. It is left out."
            ),
        ),
        (
            {"models": {"big": {"id": OPUS, "prices": {"input": -5, "output": 25}}}},
            "models.big.prices.input is -5, expected a number from 0 to 1000000: it is ignored",
        ),
        (
            {"models": {"big": {"id": OPUS, "price": {"input": 5}}}},
            "models.big.price is not known, expected prices: it is not used. Rename it if prices is meant",
        ),
        ({"models": {"big": 5}}, "models.big is 5, expected a model id or an object with an `id`: it is left out"),
        ({"rule": []}, "rule is not known, expected rules: it is not used. Rename it if rules is meant"),
    ],
)
def test_a_wrong_value_or_key_costs_only_itself(blocks: dict[str, Any], problem: str) -> None:
    policy = policy_of(**blocks)
    assert policy.problems == (problem,)
    assert policy.recommend(Task("t")).model == SONNET


def test_a_price_that_can_be_used_is_kept_beside_one_that_cannot() -> None:
    policy = policy_of(models={"big": {"id": OPUS, "prices": {"input": None, "output": 25}}})
    assert policy.models[0].prices == {"output": 25}


def test_ones_own_keys_are_not_taken_for_mistakes() -> None:
    own = {"note": 1, "$schema": "./models.schema.json", "_comment": "x", "owner": "ada", "x-model": 1}
    policy = policy_of(**own, rules=[{"if": "role is 'x'", "use": "opus", **own}], learning=own, exploration=own)
    assert policy.problems == ()
    both = {"rate": 0.1, "rates": [0.1, 0.2]}  # with the key itself there, the other one is one's own
    assert policy_of(exploration=both).problems == ()


def test_a_misspelt_complexity_is_told_beside_what_is_used_instead() -> None:
    policy = parse_policy(json.dumps({"task_complexity": {"simple": HAIKU, "meduim": SONNET, "complex": OPUS}}))
    assert policy.problems == (
        "task_complexity.meduim is not known, expected medium: it is not used. Rename it if medium is meant",
        "task_complexity.medium names no model; the model of complex is used",
    )


def test_a_list_of_candidates_is_cut_short() -> None:
    rules = [{"if": f"keyword is 'k{number}'", "use": f"vendor-{number}"} for number in range(50)]
    [problem] = policy_of(rules=[*rules, {"if": "role is 'x'", "use": "zzz"}]).problems
    assert "and 43 more" in problem  # 50 and the three defaults, ten of them listed
    assert len(problem) < 400


@pytest.mark.parametrize("use", ["model-{0}", "word", "word{1}", "{1}-{0}"])
def test_ten_thousand_rules_are_read_and_asked_in_time_that_grows_with_their_number(use: str) -> None:
    def seconds(count: int) -> float:
        # Every other rule names a model of its own; the letters make as many words that are no family.
        letters = ["".join(chr(97 + int(digit)) for digit in str(number)) for number in range(count)]
        rules = [
            {"if": f"task contains 'word{number}'", "use": use.format(number, letters[number]) if number % 2 else OPUS}
            for number in range(count)
        ]
        started = time.process_time()
        policy = policy_of(rules=rules)
        assert policy.recommend(Task("fix the parser " * 20)).rule is None
        policy.recommend(Task("fix it"))
        return time.process_time() - started

    # Four times the rules may take six times as long, never sixteen; a busy machine may try more than once.
    assert any(seconds(10_000) < 8 * max(seconds(2500), 0.05) for _ in range(3))
