"""The table of secrets: how each kind looks, and which values of that look are none.

Formats are those vendors publish, written down by us. Every quantifier is bounded and the long ones are possessive, so
that a search takes time in proportion to the text alone, whoever wrote it.
"""

import re
from collections.abc import Callable
from functools import cache, lru_cache
from typing import NamedTuple

from modelmerit.evidence.secret_formats import FORMATS


class Rule(NamedTuple):
    """One kind of secret: the pattern's `secret` group is what goes, if `accepts` says yes to it.

    It needs one of `words`, lower-case, to be in the text; a rule without words always looks.
    """

    id: str
    words: tuple[str, ...]
    pattern: str
    accepts: Callable[[str], bool]


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    r"""A pattern of this table, compiled when first needed. `\w`, `\s` and `\b` are ASCII."""
    return re.compile(pattern, re.ASCII)


@lru_cache(maxsize=1)
def rules() -> tuple[Rule, ...]:
    """The whole table, most specific first."""
    tokens = (
        Rule(name, _literal(prefix), rf"(?<![\w-])(?P<secret>(?:{prefix}){body})", _varied)
        for name, prefix, body in FORMATS
    )
    return (*_SHAPES, *tokens, *_ASSIGNMENTS)


def _literal(prefix: str) -> tuple[str, ...]:
    """The longest stretch of a format's prefix that must be there as written, in lower case."""
    variable = r"\(\?:[^)]*\)\??|(?:\[[^\]]*\]|\\d)(?:\{[\d,]*\}|\?)?"
    longest = max(re.sub(variable, "\0", prefix).split("\0"), key=len).replace("\\", "").lower()
    return (longest,) if longest else ()


_STAND_IN = r"(?i)x{5}|\*{3}|\.{3}|your|example|placeholder|change_?me|insert|redacted|dummy|fake|token_?here|0{12}"
_SURE_STAND_IN = r"(?i)x{6}|\*{3}|\.{3}|your[_-]|example|placeholder|_here"
_REFERENCE = r"[$%#@&]?[{(\[]|\$\w|%[sdr(]|process\.|os\.|env[.(]|[A-Za-z_][\w.]{0,80}+[(\[]"
_WORDY = r"[A-Za-z]?[a-z]{0,40}+\d{0,2}|[A-Z]{1,40}+\d{0,2}|(?:[A-Z]?[a-z]{2,20}+){1,6}+\d{0,2}|\d{1,4}"
_LABEL = r"(?i).*\b(?:password|must|enter|please|invalid|required|should|is|at least|characters|new|the|a)\b"
_LITERALS = frozenset(
    re.findall(
        r"\S+",
        "password passwd passphrase secret token null none nil true false undefined string bytes optional "
        "required base64 sha1 sha256 sha512 sha-1 sha-256 utf8 utf-8 oauth2 bcrypt argon2 argon2id hs256 "
        "rs256 es256 x509 latin1 aes128 aes256 aes-256 pkcs8 pkcs12 ed25519 rsa2048 pbkdf2",
    )
)


def _varied(value: str) -> bool:
    """A token as a machine makes it: not one letter over and over, nor a documentation's stand-in."""
    return len(set(value)) >= 8 and not compiled(_SURE_STAND_IN).search(value)


def _given(value: str) -> bool:
    """A value that somebody filled in, however weak."""
    return not compiled(_STAND_IN).search(value) and not compiled(r"[$%#]?[{(]|\$\w|%[sdr]|\[").match(value)


def _refers(value: str) -> bool:
    return "://" in value or value[0] in "/.~<" or compiled(_REFERENCE).match(value) is not None


def _machine_made(value: str) -> bool:
    """Letters and digits mixed as nobody names things: no path, no dotted or dashed words, no call, no file name."""
    # The beginning tells; a hostile text may offer the same long value once for each name inside it.
    head = value[:80]
    if len(head) < 10 or len(set(head)) < 6 or _refers(head):
        return False
    if value.isdigit():
        return len(value) >= 16
    wordy = compiled(_WORDY)
    return not all(map(wordy.fullmatch, re.split(r"[-_./:=+]", head))) and not compiled(_STAND_IN).search(head)


def _chosen(value: str) -> bool:
    """A password as people choose them, unquoted: letters with a digit or a sign among them, and no piece of code."""
    if len(value) < 5 or value.lower() in _LITERALS or compiled(_STAND_IN).search(value) or _refers(value):
        return False
    if value.endswith(")") or compiled(r"[A-Za-z_]\w*(?:[.:][A-Za-z_]\w*)+|[a-z]+\d?(?:-[a-z]+\d?)+").fullmatch(value):
        return False
    return any(c.isalpha() for c in value) and any(c.isdigit() or c in "!@#$%^&*+=?" for c in value)


def _phrase(value: str) -> bool:
    """A password in quotes may be any phrase, only no placeholder, reference, label, or name of a field or file."""
    if len(value) < 6 or value.lower() in _LITERALS or not _given(value) or compiled(_LABEL).match(value):
        return False
    return not compiled(r"[A-Za-z]{1,20}|[A-Za-z]+(?:[._-][A-Za-z]+)*|[\w./-]*/[\w./-]*|[a-z]+://.*").fullmatch(value)


def _header(value: str) -> bool:
    return _given(value) and not value.isalpha() and not compiled(_WORDY).fullmatch(value)


def _on_the_command_line(value: str) -> bool:
    return _given(value) and value.lower() not in _LITERALS and not value.isdigit()


_KEY = (
    r"(?i:tokens?(?!iz)|secrets?|credentials?|hmac|apikey|"
    r"(?:api|access|auth|account|secret|private|encryption|signing|master|license)[ _-]keys?|(?<=[a-z])Key(?![a-z]))"
)
_SPOKEN = r"(?i:passw(?:or)?d|passphrase|passcode)"
_WRITTEN = r"(?i:(?<![a-z])pass|passw(?:or)?d|passphrase|passcode|(?<![a-z])pwd|secret|api[_-]?key|private[_-]?key)"
_GAP = r"(?i:\s?:?\s?str(?:ing)?\b)?[\"'`\])}]{0,2}+\s{0,8}+(?:[:.?|+!=]{0,3}=>?|[:\uff1a])\s{0,8}+"
"""Between a name and its value: a type, closing quotes, a language's sign of assignment, spaces."""

_SHAPES = (
    Rule(
        "private-key",
        ("private key",),
        r"-----BEGIN[A-Z0-9 ]{0,30} PRIVATE KEY(?: BLOCK)?-----"
        r"(?P<secret>(?:[\s\"'+>|,\\]{0,40}+(?:Proc-Type|DEK-Info|Version|Comment)\b[^\n]{0,120}+){0,4}+"
        r"(?:[\s\"'+>|,\\]{0,40}+(?:[A-Za-z0-9+/=]{16,20000}+|[A-Za-z0-9+/]{1,76}+={1,2}"
        r"|[A-Za-z0-9+/=]{1,76}+(?=[\s\"'+>|,\\]{0,40}+-----END))){1,900}+)",
        lambda value: len(value) >= 16,
    ),
    Rule("url-password", ("://",), r"://[^\s/:@?#\"'<>]{0,100}+:(?P<secret>[^\s/\"'<>]{1,200})@", _given),
    Rule(
        "slack-webhook",
        ("hooks.slack.com",),
        r"hooks\.slack\.com/(?:services|workflows|triggers)/(?P<secret>[A-Za-z0-9+/]{20,120}+)",
        _varied,
    ),
    Rule("discord-webhook", ("/api/webhooks/",), r"/api/webhooks/\d{15,21}/(?P<secret>[\w-]{40,100}+)", _varied),
    Rule(
        "aws-access-key",
        ("akia", "asia", "abia", "acca", "a3t"),
        r"(?<!\w)(?P<secret>(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16})(?!\w)",
        lambda value: not value.endswith("EXAMPLE"),
    ),
    Rule("azure-storage-key", ("accountkey",), r"(?i:AccountKey=)(?P<secret>[A-Za-z0-9+/]{43,100}+={0,2})", _varied),
    Rule("azure-signature", ("sig=",), r"[?&]sig=(?P<secret>[A-Za-z0-9%+/]{30,120}+={0,2})", _varied),
)
_ASSIGNMENTS = (
    Rule(
        "aws-secret-key",
        ("secret",),
        rf"(?i:aws\w{{0,12}}?secret\w{{0,12}}|secret_?access_?key){_GAP}[\"'`]?(?P<secret>[A-Za-z0-9+/]{{40,64}}+)(?!=)",
        _varied,
    ),
    Rule(
        "authorization",
        ("authorization",),
        r"(?i:authorization)[\"']?\s{0,4}+[:=]\s{0,4}+[\"']?(?i:(?:basic|digest|token|apikey|bot|key)\s{1,4}+)?"
        r"(?!(?i:bearer|basic|digest|token)\b)(?P<secret>[^\s\"'`<>,;]{8,4000}+)",
        _header,
    ),
    Rule("bearer-token", ("bearer",), r"(?i:bearer)\s{1,4}(?P<secret>[\w.~+/-]{12,4000}+={0,2})", _machine_made),
    Rule(
        "curl-password",
        ("curl",),
        r"(?<![\w-])(?:-u|--user)[ =]{0,3}[\"']?[^\s:\"']{0,80}+[\"']?:[\"']?(?P<secret>[^\s\"'<>]{5,200}+)",
        _on_the_command_line,
    ),
    Rule(
        "credential",
        ("token", "secret", "credential", "key", "hmac"),
        rf"{_KEY}\w{{0,20}}+(?:{_GAP}|>\s{{0,8}}+|[\"'],\s?|\(|\s(?i:is|was|to)?\s{{0,2}}+)[\"'`]{{0,2}}+"
        r"(?P<secret>[^\s\"'`,;<>()]{8,400}+)",
        _machine_made,
    ),
    Rule(
        "cli-password", ("sshpass", "mysql", "mariadb"), r"(?<![\w-])-p[ =]?[\"']?(?P<secret>[^\s\"']{5,200}+)", _chosen
    ),
    Rule(
        "password",
        ("pass", "pwd", "secret", "key"),
        rf"(?:{_WRITTEN}\w{{0,20}}+(?:{_GAP}|\(|[\"'],\s?)|{_SPOKEN}\s)"
        r"[\"'`]?(?P<quote>[\"'`])(?P<secret>[^\"'`\n]{1,200}+)(?P=quote)",
        _phrase,
    ),
    Rule("password", ("pass", "pwd"), rf"{_WRITTEN}{_GAP}[\"'`]{{0,2}}+(?P<secret>[^\s\"'`,;]{{1,200}}+)", _chosen),
    Rule(
        "password",
        ("pass", "pwd"),
        rf"(?:{_WRITTEN}(?:\s(?i:for|of|on)\s[^\n:=]{{1,40}}?)?\s{{1,3}}(?i:is|was|to)"
        rf"|(?i:(?<=--)|(?<=with )|(?<=and )|(?<=using )|(?<=and the )){_SPOKEN})"
        r"\s{1,3}[\"'`]?(?P<secret>[^\s\"'`,;]{1,200}+)",
        _chosen,
    ),
)
