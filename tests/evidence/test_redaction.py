"""What leaves a text before it is stored. Every secret here is put together from parts, so that no scanner objects."""

import gzip
import json
import re
import time
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from modelmerit.evidence.redaction import find_secrets, redact
from modelmerit.evidence.secret_formats import FORMATS
from modelmerit.evidence.secret_rules import SHORTEST_TOKEN, rules
from modelmerit.evidence.secret_values import compiled

DATA = Path(__file__).parents[2].parent / "shared" / "data"
ALNUM = "aB3dE5gH7jK9mN1pQ4rS6tU8vW0xY2zC" * 4
HEX = "0f1e2d3c4b5a69788796a5b4c3d2e1f0" * 4

TOKENS = [
    ("anthropic-key", "sk-" + "ant-api03-" + ALNUM[:90]),
    ("openai-key", "sk-" + "proj-" + ALNUM[:60]),
    ("provider-key", "sk-" + ALNUM[:48]),
    ("openrouter-key", "sk-" + "or-v1-" + HEX[:64]),
    ("groq-key", "gs" + "k_" + ALNUM[:52]),
    ("xai-key", "xa" + "i-" + ALNUM[:80]),
    ("google-api-key", "AI" + "za" + ALNUM[:35]),
    ("huggingface-token", "h" + "f_" + ALNUM[:34]),
    ("aws-access-key", "AK" + "IA" + "Q3EGRZ7XWCL2PVTM"),
    ("aws-access-key", "AS" + "IA" + "Q3EGRZ7XWCL2PVTM"),
    ("stripe-key", "sk" + "_live_" + ALNUM[:24]),
    ("slack-token", "xo" + "xb-123456789012-1234567890123-" + ALNUM[:24]),
    ("github-token", "gh" + "p_" + ALNUM[:36]),
    ("github-token", "github" + "_pat_" + ALNUM[:22] + "_" + ALNUM[:59]),
    ("gitlab-token", "gl" + "pat-" + ALNUM[:20]),
    ("npm-token", "np" + "m_" + ALNUM[:36]),
    ("pypi-token", "py" + "pi-" + ALNUM[:120]),
    ("sendgrid-key", "S" + "G." + ALNUM[:22] + "." + ALNUM[:43]),
    ("twilio-key", "S" + "K" + HEX[:32]),
    ("telegram-token", "123456789" + ":AA" + ALNUM[:33]),
    ("discord-token", "M" + ALNUM[:23] + "." + ALNUM[:6] + "." + ALNUM[:27]),
    ("azure-client-secret", "abc8" + "Q~" + ALNUM[:34]),
    ("jwt", "ey" + "J" + ALNUM[:30] + ".ey" + "J" + ALNUM[:40] + "." + ALNUM[:43]),
]

ASSIGNED = [
    ("the password is {}", "hunt" + "er2", "password"),
    ("DB_PASSWORD={} npm start", "s3cr" + "3t!x", "password"),
    ("the password for staging is {}", "Tr0ub" + "4dor&3", "password"),
    ('{{"password": "{}", "user": "bob"}}', "correct horse " + "battery staple", "password"),
    ("log in with password {}", "Wint" + "er2024", "password"),
    ("sshpass -p '{}' ssh box", "Hunt" + "er22", "cli-password"),
    ("curl -u admin:{} https://example.org", "sword" + "fish99", "curl-password"),
    ("api_key = '{}'", HEX[:32], "credential"),
    ("my token is {}", HEX[:32], "credential"),
    ('{{\\"token\\":\\"{}\\"}}', HEX[:32], "credential"),
    ("<accessToken>\n    {}\n</accessToken>", HEX[:32], "credential"),
    ("Authorization: Bearer {}", ALNUM[:40], "bearer-token"),
    ("curl -H 'Authorization: Basic {}' https://example.org", "dXNlcjpo" + "dW50ZXIyMg==", "authorization"),
    ("aws_secret_access_key = {}", ALNUM[:40], "aws-secret-key"),
    ("AccountName=a;AccountKey={}", ALNUM[:86] + "==", "azure-storage-key"),
    ("postgres://app:{}@db.internal:5432/app", "p@ss" + "w0rd", "url-password"),
    ("https://hooks.slack.com/services/{}", "T00AAAA11/B00BBBB22/" + ALNUM[:24], "slack-webhook"),
]

BENIGN = [
    "Fix the password reset page",
    "password is required, the password is too short, password: must be 8 characters",
    "the token is base64 encoded and expires in 3600s; max_tokens=4096, tokens: 128000",
    "token: str | None = None; secret = os.environ['SECRET_1']; const token = getToken1();",
    "use password=${DB_PASS1} or <password> or {{ password }}",
    f"commit {HEX[:40]} broke {HEX[:12]}, image sha256:{HEX[:64]}",
    "request 123e4567-e89b-12d3-a456-426614174000 failed",
    "see src/auth/password2.py and /etc/ssl/private/key.pem and ~/.ssh/id_ed25519",
    "git clone git@github.com:o/r.git or https://user@host/x or http://localhost:8080/@scope/pkg",
    "Set ANTHROPIC_API_KEY to your_api_key_here, e.g. sk-" + "ant-api03-" + "x" * 40,
    "-----BEGIN PUBLIC KEY-----\n" + ALNUM[:64] + "\n-----END PUBLIC KEY-----",
    "Rename tokenCount2 to token_count_3; the tokenizer=cl100k_base stays",
]


@pytest.mark.parametrize(("rule", "token"), TOKENS, ids=[rule for rule, _ in TOKENS])
def test_a_token_goes_and_the_sentence_around_it_stays(rule, token):
    assert redact(f"use {token}, then deploy") == (f"use [redacted:{rule}], then deploy", (rule,))


@pytest.mark.parametrize(("sentence", "secret", "rule"), ASSIGNED, ids=[sentence for sentence, _, _ in ASSIGNED])
def test_what_is_assigned_to_a_telling_name_goes_and_the_name_stays(sentence, secret, rule):
    redacted = redact(sentence.format(secret))

    assert redacted.text == sentence.format(f"[redacted:{rule}]")
    assert redacted.found == (rule,)


@pytest.mark.parametrize("text", BENIGN)
def test_ordinary_talk_about_secrets_is_left_alone(text):
    assert redact(text) == (text, ())


@pytest.mark.parametrize("kind", ["RSA ", "OPENSSH ", "EC ", "", "ENCRYPTED "])
@pytest.mark.parametrize("newline", ["\n", "\\n", "\r\n", "\n    "])
def test_a_private_key_goes_up_to_its_end_line(kind, newline):
    begin, end = f"-----BEGIN {kind}PRIVATE " + "KEY-----", f"-----END {kind}PRIVATE " + "KEY-----"
    lines = [begin, ALNUM[:64], ALNUM[:64], ALNUM[:21] + "==", end]

    redacted = redact("use " + newline.join(lines) + " here")

    assert redacted.text == f"use {begin}[redacted:private-key]{newline}{end} here"


def test_a_private_key_cut_off_before_its_end_line_goes_too():
    text = "-----BEGIN RSA PRIVATE " + f"KEY-----\n{ALNUM[:64]}\n{ALNUM[:64]}\n\nPlease install this key."

    assert redact(text).text.endswith("KEY-----[redacted:private-key]\n\nPlease install this key.")


def test_a_token_behind_an_escaped_newline_is_found():
    assert redact("first line\\n" + "gh" + "p_" + ALNUM[:36]).found == ("github-token",)


def test_a_token_longer_than_any_known_leaves_no_tail_behind():
    assert redact("gs" + "k_" + "aB3dE5gH7j" * 100).text == "[redacted:groq-key]"


def test_the_kinds_found_are_named_once_each_in_order_of_appearance():
    tokens = dict(TOKENS)
    text = " ".join([tokens["npm-token"], tokens["groq-key"], tokens["npm-token"]])

    assert redact(text).found == ("npm-token", "groq-key")


def test_the_example_key_of_the_vendors_own_documentation_is_no_secret():
    assert redact("AK" + "IA" + "IOSFODNN7" + "EXAMPLE").found == ()


FRAGMENTS = st.one_of(
    st.text(max_size=20),
    st.sampled_from([token for _, token in TOKENS]),
    st.sampled_from([sentence.format(secret) for sentence, secret, _ in ASSIGNED]),
    st.sampled_from(
        ["password=", "token: ", "-", "://u:", "@", " is ", "[redacted:x]", "[redacted:", "]", '"', "sk-", "ey"]
    ),
    st.text(alphabet="aA1-_=: '\"\n./@", max_size=40),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(FRAGMENTS, max_size=8).map("".join))
@example("password=[redacted:password]")
@example("token: [redacted:credential]: " + "hunt" + "er22")
def test_redacting_twice_is_redacting_once(text):
    once = redact(text).text

    assert redact(once) == (once, ())


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(TOKENS), st.text(alphabet="abc ,.\n", max_size=30), st.text(alphabet="abc ,.\n", max_size=30))
def test_a_token_between_words_never_survives(token, before, after):
    assert token[1] not in redact(f"{before} {token[1]} {after}").text


@settings(max_examples=100, deadline=None)
@given(st.lists(FRAGMENTS, max_size=8).map("".join))
def test_secrets_are_in_order_apart_from_each_other_and_inside_the_text(text):
    edges = [edge for secret in find_secrets(text) for edge in (secret.start, secret.end)]

    assert edges == sorted(edges)
    assert all(0 <= edge <= len(text) for edge in edges)


HOSTILE = [
    "sk-",
    "token=",
    "password='",
    "ey" + "J" + "a" * 18 + ".ey",
    "://a:",
    "-----BEGIN PRIVATE " + "KEY-----\nAAAA\n",
]
HOSTILE += ["Authorization: ", "curl -u ", "pass for ", "secret_access_key=", "\\n", "A1", "[redacted:x]", "M" * 23]


@pytest.mark.parametrize("seed", HOSTILE)
def test_time_grows_with_the_length_of_a_hostile_text_and_no_faster(seed):
    preamble = "password token secret key curl :// mysql .atlasv1. q~ authorization private key "

    def seconds(length):
        text = (preamble + seed * (length // len(seed) + 1))[:length]
        started = time.process_time()
        redact(text)
        return time.process_time() - started

    seconds(1_000)
    # Four times the text takes four times the time, and sixteen where it is quadratic. A busy machine may try twice.
    assert any(seconds(200_000) < 8 * max(seconds(50_000), 0.02) for _ in range(3))


def test_every_rule_can_be_compiled_and_has_lower_case_words_to_look_for():
    for rule in rules():
        assert "secret" in compiled(rule.pattern).groupindex
        assert all(word == word.lower() for word in (*rule.words, *rule.starts))
        assert bool(rule.words) == bool(rule.starts)


@settings(max_examples=2, deadline=None, database=None)
@given(st.data())
@pytest.mark.parametrize(("name", "prefix", "body"), FORMATS)
def test_every_format_finds_a_token_of_its_own(name, prefix, body, data):
    # Possessive quantifiers only forbid giving back; hypothesis does not know them.
    given_back = re.compile(re.sub(r"\}\+", "}", prefix + body), re.ASCII)
    token = data.draw(st.from_regex(given_back, fullmatch=True)).rstrip("\n")
    rule = next((rule for rule in rules() if rule.id == name and compiled(rule.pattern).fullmatch(token)), None)
    assume(rule)

    assert len(token) >= SHORTEST_TOKEN
    assert find_secrets(f"use {token} now") or not rule.accepts(token)


def tried_everywhere(text):
    """What each rule finds if its pattern is tried at every place of the text: slow, and surely right."""
    for rule in rules():
        pattern, position = compiled(rule.pattern), 0
        if rule.words and not any(word in text.lower() for word in rule.words):
            continue
        while match := pattern.search(text, position):
            start, end = match.span("secret")
            if rule.accepts(match["secret"]):
                position = compiled(r"\w*").match(text, end).end()
                yield start, position
            else:
                position = max(start, match.start() + 1)


def covered(spans):
    return {place for start, end in spans for place in range(start, end)}


@settings(max_examples=150, deadline=None)
@given(st.lists(FRAGMENTS | st.sampled_from(["\u0130", "\u212a", "\ud83d", "\xa0", "Key "]), max_size=8).map("".join))
def test_looking_only_where_a_secret_can_be_finds_what_looking_everywhere_does(text):
    text = text.replace("\\", "")

    assert covered(secret[:2] for secret in find_secrets(text)) == covered(tried_everywhere(text))


def _lines(path):
    if not path.exists():
        pytest.skip(f"the evaluation data lies outside the project, and {path.name} is not there")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def test_nearly_all_labelled_secrets_are_caught_weighted_by_rule():
    caught = defaultdict(list)
    for case in _lines(DATA / "redaction" / "cases.jsonl.gz"):
        if case["kind"] == "secret" and case["label"] == "tp":
            found = find_secrets(case["text"])
            spans = case["spans"] or [[0, len(case["text"])]]
            hit = all(any(secret.start < end and start < secret.end for secret in found) for start, end in spans)
            caught[case["tool"], case["rule"]].append(hit)

    assert sum(sum(hits) / len(hits) for hits in caught.values()) / len(caught) > 0.96


def test_looking_only_where_a_secret_can_be_misses_none_of_the_labelled_ones():
    for case in _lines(DATA / "redaction" / "cases.jsonl.gz")[::7]:
        text = case["text"].replace("\\", "")

        assert covered(secret[:2] for secret in find_secrets(text)) == covered(tried_everywhere(text))


def test_no_real_commit_subject_is_touched():
    subjects = [commit["subject"] for commit in _lines(DATA / "prompts" / "commits.jsonl.gz")]

    assert [subject for subject in subjects if redact(subject).found] == []
