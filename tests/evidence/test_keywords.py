import gzip
import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmerit.evidence.keywords import MOST_KEYWORDS, TEXT_CAP, extract_keywords
from modelmerit.evidence.vocabulary import VOCABULARY

DATA = Path(__file__).parents[2].parent / "shared" / "data"
PAGES = ["billing", "search", "login", "export", "calendar", "upload", "invoice", "report", "session", "cart"]
PAGES += ["profile", "webhook", "queue", "cache", "settings", "editor", "parser", "scheduler", "inbox", "gateway"]


@pytest.mark.parametrize(
    ("task", "keyword"),
    [
        ("Update the documentation", "docs"),
        ("Add tests", "test"),
        ("Refactor", "refactor"),
        ("Fix the bug", "bug"),
        ("Extend the API endpoint", "api"),
        ("Change the database query", "database"),
        ("Close the security hole", "security"),
        ("Improve performance", "performance"),
        ("Write the migration", "migration"),
        ("Adjust the CSS", "css"),
        ("Repair the CI pipeline", "ci"),
        ("Add logging", "logging"),
        ("Rethink the architecture", "architecture"),
        ("Redesign the flow", "design"),
    ],
)
def test_the_kind_of_work_comes_first_whatever_page_it_is_for(task, keyword):
    assert {extract_keywords(f"{task} for the {page} page")[0] for page in PAGES} == {keyword}


@pytest.mark.parametrize(
    ("text", "keywords"),
    [
        ("README.md", ("docs",)),
        ("docs: mention the flag", ("docs",)),
        ("fixes, fixed, fixing", ("bug",)),
        ("migrating the queries", ("migration", "database")),
        ("add test_parse_empty to tests/test_reader.py", ("test", "parser")),
        ("rate limiting, rate-limiting, rate_limit, RateLimiter", ("api",)),
        ("clean up, cleaned up and cleaning-up", ("refactor",)),
        ("handle errors in the TypeScript worker pool", ("error-handling", "types", "async")),
        ("fix a memory leak, then a race condition", ("bug",)),
        ("a11y of the sign in form", ("accessibility", "auth")),
        ("Investigate the flaky Dockerfile", ("research", "test", "docker")),
        ("bump urllib3 in requirements.txt", ("dependency",)),
        ("deploy to kubernetes, translate the tooltip, cut a release", ("deploy", "i18n", "ui", "release")),
    ],
)
def test_synonyms_inflections_and_phrases_lead_to_the_canonical_name(text, keywords):
    assert extract_keywords(text) == keywords


@pytest.mark.parametrize(
    "text",
    [
        "Reword the paragraph about quotas",
        "Typo: recieve",
        "rephrasing the introduction, now proofread",
        "Repair two broken links",
        "chore(docs): tidy up",
        "docs/setup/windows.rst says the opposite",
        "Put a table of contents above chapter one",
        "shorten the installation instructions",
        "A quick start for Windows users",
        "write release notes",
        "godoc of the exported functions",
        "offer a pull request template",
    ],
)
def test_writing_for_people_is_docs_by_whatever_name(text):
    assert "docs" in extract_keywords(text)


@pytest.mark.parametrize(
    "text",
    [
        "test(scheduler): leap years",
        "Touch src/cart/__tests__/totals.js",
        "the third case in cart.spec.ts and cart_spec.rb",
        "CartTotalsTest.java is red",
        "store_test.go takes a minute",
        "move the helpers to conftest.py",
        "assert that nothing is sent twice",
        "mocking the clock",
        "Why is the queue so flaky?",
        "the retry branch is untested",
        "add UTs for the ledger",
        "e2e and fuzzing",
    ],
)
def test_checking_code_by_code_is_test_by_whatever_name(text):
    assert "test" in extract_keywords(text)


@pytest.mark.parametrize(
    ("text", "keywords"),
    [
        ("the pull request template, not a pull request", ("docs", "review")),
        ("end to end encryption of the messages", ("security",)),
        ("drop an unused import and trailing whitespace", ("lint",)),
        ("deploy to Google Cloud", ("deploy",)),
        ("what does git log say", ("git",)),
    ],
)
def test_a_phrase_says_what_its_words_alone_would_not(text, keywords):
    assert extract_keywords(text) == keywords


@pytest.mark.parametrize(
    "text",
    [
        "",
        "rapid prefix latest contest",
        "the rest of the page",
        "cd /tmp && ls",
        "see https://example.org/x",
        "copy the page, add a file and update the code",
        "read the spec and follow the instructions",
        "link the two accounts in the cloud",
        "leave a comment in the article",
        "Ω 日本 🙂",
    ],
)
def test_words_that_only_contain_a_keyword_or_mean_no_topic_are_noise(text):
    assert extract_keywords(text) == ()


def test_a_phrase_wins_over_the_words_in_it():
    assert extract_keywords("schema migration") == ("migration",)
    assert extract_keywords("schema") == ("database",)


def test_of_many_topics_the_most_frequent_stay_in_order_of_appearance():
    text = "docs test refactor bug api database security performance css ci css ci"

    assert extract_keywords(text) == ("docs", "test", "refactor", "bug", "api", "database", "css", "ci")


def test_what_follows_the_beginning_of_a_huge_prompt_is_not_read_and_costs_nothing():
    def seconds(words):
        text = "Fix the parser. " + "word " * words + " docker"
        started = time.process_time()
        assert extract_keywords(text) == ("bug", "parser")
        return time.process_time() - started

    # Forty times the text is read no further. A busy machine may try more than once.
    assert any(seconds(400_000) < 5 * max(seconds(10_000), 0.001) for _ in range(3))


@given(st.text(max_size=300))
def test_keywords_are_canonical_unique_and_few(text):
    keywords = extract_keywords(text)

    assert set(keywords) <= set(VOCABULARY)
    assert len(set(keywords)) == len(keywords) <= MOST_KEYWORDS


@given(st.lists(st.sampled_from(["Fix", "the", "docs", "rate limiting", "CSS", "tests,", "page"]), max_size=20))
def test_upper_and_lower_case_are_read_alike(words):
    text = " ".join(words)

    assert extract_keywords(text) == extract_keywords(text.upper()) == extract_keywords(text.lower())


@given(st.integers(TEXT_CAP, TEXT_CAP + 200), st.text(max_size=50))
def test_text_beyond_the_cap_changes_nothing(length, tail):
    beginning = ("docs " * TEXT_CAP)[:length]

    assert extract_keywords(beginning + tail) == ("docs",)


def test_no_word_of_the_vocabulary_is_claimed_by_two_keywords():
    phrases = [phrase for words in VOCABULARY.values() for phrase in words.split(", ")]

    assert len(set(phrases)) == len(phrases)


def test_commits_that_say_docs_or_test_touch_such_files_and_those_that_touch_nothing_else_mostly_say_so():
    commits = _commits()
    docs_endings = {"md", "MD", "rst"}
    touches = {
        "docs": lambda commit: docs_endings & commit["exts"].keys() or "docs" in commit["dirs"],
        "test": lambda commit: commit["test"],
    }
    touches_nothing_else = {
        "docs": lambda commit: commit["exts"] and commit["exts"].keys() <= docs_endings,
        "test": lambda commit: (
            commit["test"] and (commit["n_files"] == 1 or all("test" in name for name in commit["dirs"]))
        ),
    }
    precision, recall = {}, {}
    for kind in ("docs", "test"):
        said = [commit for commit in commits if kind in extract_keywords(commit["subject"])]
        wanted = [commit for commit in commits if touches_nothing_else[kind](commit)]
        precision[kind] = sum(bool(touches[kind](commit)) for commit in said) / len(said)
        recall[kind] = sum(kind in extract_keywords(commit["subject"]) for commit in wanted) / len(wanted)

    # A task that changes code and its documentation need not say both, so only those about nothing else must be found.
    assert precision["docs"] > 0.8
    assert precision["test"] > 0.8
    assert recall["docs"] > 0.62
    assert recall["test"] > 0.84


def _commits():
    """Real commits whose subject has two words or more: "copy" and "initial" tell nobody what was touched."""
    path = DATA / "prompts" / "commits.jsonl.gz"
    if not path.exists():
        pytest.skip("the evaluation data lies outside the project, and commits.jsonl.gz is not there")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        commits = [json.loads(line) for line in lines]
    return [commit for commit in commits if len(commit["subject"].split()) > 1]
