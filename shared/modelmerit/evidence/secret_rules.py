"""The table of secrets: how each kind looks, and where in a text it can be at all.

Which values of that look are none is in `secret_values`. Formats are those vendors publish, written down by us. Every
quantifier is bounded and the long ones are possessive, so that a search takes time in proportion to the text alone,
whoever wrote it.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from modelmerit.evidence.secret_formats import FORMATS
from modelmerit.evidence.secret_values import chosen, given, header, machine_made, on_the_command_line, phrase, varied

SHORTEST_TOKEN = 17
"""No format's token is shorter, its prefix included."""


class Rule(NamedTuple):
    """One kind of secret: the pattern's `secret` group is what goes, if `accepts` says yes to it.

    The rest says where to look at all. A rule with `words` needs one of them to be in the text, and its matches begin
    with one of `starts`; both are in lower case, and the text's case does not matter. One without is a token's format:
    it lies within a word of the text, no shorter than `SHORTEST_TOKEN`, and `literal` is in it as written.
    """

    id: str
    pattern: str
    accepts: Callable[[str], bool]
    words: tuple[str, ...] = ()
    starts: tuple[str, ...] = ()
    literal: str = ""


@cache
def rules() -> tuple[Rule, ...]:
    """The whole table, most specific first."""
    formats = (
        Rule(name, rf"(?<![\w-])(?P<secret>(?:{prefix}){body})", varied, literal=_literal(prefix))
        for name, prefix, body in FORMATS
    )
    return (*_SHAPES, *formats, *_ASSIGNMENTS)


def _literal(prefix: str) -> str:
    """The longest stretch of a format's prefix that must be there as written."""
    variable = r"\(\?<!.\)|\(\?:[^)]*\)\??|(?:\[[^\]]*\]|\\d)(?:\{[\d,]*\}|\?)?"
    return max(re.sub(variable, "\0", prefix).split("\0"), key=len).replace("\\", "")


_KEY = (
    r"(?i:tokens?(?!iz)|secrets?|credentials?|hmac|apikey|"
    r"(?:api|access|auth|account|secret|private|encryption|signing|master|license)[ _-]keys?|(?<=[a-z])Key(?![a-z]))"
)
_KEY_STARTS = (
    *("token", "secret", "credential", "hmac", "key"),
    *("api", "access", "auth", "account", "private", "encryption", "signing", "master", "license"),
)
_SPOKEN = r"(?i:passw(?:or)?d|passphrase|passcode)"
_WRITTEN = r"(?i:(?<![a-z])pass|passw(?:or)?d|passphrase|passcode|(?<![a-z])pwd|secret|api[_-]?key|private[_-]?key)"
_WRITTEN_STARTS = ("pass", "pwd", "secret", "api", "private")
_GAP = r"(?i:\s?:?\s?str(?:ing)?\b)?[\"'`\])}]{0,2}+\s{0,8}+(?:[:.?|+!=]{0,3}=>?|[:\uff1a])\s{0,8}+"
"""Between a name and its value: a type, closing quotes, a language's sign of assignment, spaces."""

_SHAPES = (
    Rule(
        "private-key",
        r"-----BEGIN[A-Z0-9 ]{0,30} PRIVATE KEY(?: BLOCK)?-----"
        r"(?P<secret>(?:[\s\"'+>|,\\]{0,40}+(?:Proc-Type|DEK-Info|Version|Comment)\b[^\n]{0,120}+){0,4}+"
        r"(?:[\s\"'+>|,\\]{0,40}+(?:[A-Za-z0-9+/=]{16,20000}+|[A-Za-z0-9+/]{1,76}+={1,2}"
        r"|[A-Za-z0-9+/=]{1,76}+(?=[\s\"'+>|,\\]{0,40}+-----END))){1,900}+)",
        lambda value: len(value) >= 16,
        words=("private key",),
        starts=("-----begin",),
    ),
    Rule(
        "url-password",
        r"://[^\s/:@?#\"'<>]{0,100}+:(?P<secret>[^\s/\"'<>]{1,200})@",
        given,
        words=("://",),
        starts=("://",),
    ),
    Rule(
        "slack-webhook",
        r"hooks\.slack\.com/(?:services|workflows|triggers)/(?P<secret>[A-Za-z0-9+/]{20,120}+)",
        varied,
        words=("hooks.slack.com",),
        starts=("hooks.slack.com",),
    ),
    Rule(
        "discord-webhook",
        r"/api/webhooks/\d{15,21}/(?P<secret>[\w-]{40,100}+)",
        varied,
        words=("/api/webhooks/",),
        starts=("/api/webhooks/",),
    ),
    Rule(
        "aws-access-key",
        r"(?<!\w)(?P<secret>(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16})(?!\w)",
        lambda value: not value.endswith("EXAMPLE"),
    ),
    Rule(
        "azure-storage-key",
        r"(?i:AccountKey=)(?P<secret>[A-Za-z0-9+/]{43,100}+={0,2})",
        varied,
        words=("accountkey",),
        starts=("accountkey",),
    ),
    Rule(
        "azure-signature",
        r"[?&]sig=(?P<secret>[A-Za-z0-9%+/]{30,120}+={0,2})",
        varied,
        words=("sig=",),
        starts=("?sig=", "&sig="),
    ),
)
_ASSIGNMENTS = (
    Rule(
        "aws-secret-key",
        rf"(?i:aws\w{{0,12}}?secret\w{{0,12}}|secret_?access_?key){_GAP}[\"'`]?(?P<secret>[A-Za-z0-9+/]{{40,64}}+)(?!=)",
        varied,
        words=("secret",),
        starts=("aws", "secret"),
    ),
    Rule(
        "authorization",
        r"(?i:authorization)[\"']?\s{0,4}+[:=]\s{0,4}+[\"']?(?i:(?:basic|digest|token|apikey|bot|key)\s{1,4}+)?"
        r"(?!(?i:bearer|basic|digest|token)\b)(?P<secret>[^\s\"'`<>,;]{8,4000}+)",
        header,
        words=("authorization",),
        starts=("authorization",),
    ),
    Rule(
        "bearer-token",
        r"(?i:bearer)\s{1,4}(?P<secret>[\w.~+/-]{12,4000}+={0,2})",
        machine_made,
        words=("bearer",),
        starts=("bearer",),
    ),
    Rule(
        "curl-password",
        r"(?<![\w-])(?:-u|--user)[ =]{0,3}[\"']?[^\s:\"']{0,80}+[\"']?:[\"']?(?P<secret>[^\s\"'<>]{5,200}+)",
        on_the_command_line,
        words=("curl",),
        starts=("-u", "--user"),
    ),
    Rule(
        "credential",
        rf"{_KEY}\w{{0,20}}+(?:{_GAP}|>\s{{0,8}}+|[\"'],\s?|\(|\s(?i:is|was|to)?\s{{0,2}}+)[\"'`]{{0,2}}+"
        r"(?P<secret>[^\s\"'`,;<>()]{8,400}+)",
        machine_made,
        words=("token", "secret", "credential", "key", "hmac"),
        starts=_KEY_STARTS,
    ),
    Rule(
        "cli-password",
        r"(?<![\w-])-p[ =]?[\"']?(?P<secret>[^\s\"']{5,200}+)",
        chosen,
        words=("sshpass", "mysql", "mariadb"),
        starts=("-p",),
    ),
    Rule(
        "password",
        rf"(?:{_WRITTEN}\w{{0,20}}+(?:{_GAP}|\(|[\"'],\s?)|{_SPOKEN}\s)"
        r"[\"'`]?(?P<quote>[\"'`])(?P<secret>[^\"'`\n]{1,200}+)(?P=quote)",
        phrase,
        words=("pass", "pwd", "secret", "key"),
        starts=_WRITTEN_STARTS,
    ),
    Rule(
        "password",
        rf"{_WRITTEN}{_GAP}[\"'`]{{0,2}}+(?P<secret>[^\s\"'`,;]{{1,200}}+)",
        chosen,
        words=("pass", "pwd"),
        starts=_WRITTEN_STARTS,
    ),
    Rule(
        "password",
        rf"(?:{_WRITTEN}(?:\s(?i:for|of|on)\s[^\n:=]{{1,40}}?)?\s{{1,3}}(?i:is|was|to)"
        rf"|(?i:(?<=--)|(?<=with )|(?<=and )|(?<=using )|(?<=and the )){_SPOKEN})"
        r"\s{1,3}[\"'`]?(?P<secret>[^\s\"'`,;]{1,200}+)",
        chosen,
        words=("pass", "pwd"),
        starts=_WRITTEN_STARTS,
    ),
)
