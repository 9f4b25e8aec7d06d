"""Which values that look like a secret are one: no documentation's stand-in, no piece of code, no ordinary word."""

import re
from functools import cache


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    r"""A pattern of a rule or of what it accepts, compiled when first needed. `\w`, `\s` and `\b` are ASCII."""
    return re.compile(pattern, re.ASCII)


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


def varied(value: str) -> bool:
    """A token as a machine makes it: not one letter over and over, nor a documentation's stand-in."""
    return len(set(value)) >= 8 and not compiled(_SURE_STAND_IN).search(value)


def given(value: str) -> bool:
    """A value that somebody filled in, however weak."""
    return not compiled(_STAND_IN).search(value) and not compiled(r"[$%#]?[{(]|\$\w|%[sdr]|\[").match(value)


def _refers(value: str) -> bool:
    return "://" in value or value[0] in "/.~<" or compiled(_REFERENCE).match(value) is not None


def machine_made(value: str) -> bool:
    """Letters and digits mixed as nobody names things: no path, no dotted or dashed words, no call, no file name."""
    # The beginning tells; a hostile text may offer the same long value once for each name inside it.
    head = value[:80]
    if len(head) < 10 or len(set(head)) < 6 or _refers(head):
        return False
    if value.isdigit():
        return len(value) >= 16
    wordy = compiled(_WORDY)
    return not all(map(wordy.fullmatch, re.split(r"[-_./:=+]", head))) and not compiled(_STAND_IN).search(head)


def chosen(value: str) -> bool:
    """A password as people choose them, unquoted: letters with a digit or a sign among them, and no piece of code."""
    if len(value) < 5 or value.lower() in _LITERALS or compiled(_STAND_IN).search(value) or _refers(value):
        return False
    if value.endswith(")") or compiled(r"[A-Za-z_]\w*(?:[.:][A-Za-z_]\w*)+|[a-z]+\d?(?:-[a-z]+\d?)+").fullmatch(value):
        return False
    return any(c.isalpha() for c in value) and any(c.isdigit() or c in "!@#$%^&*+=?" for c in value)


def phrase(value: str) -> bool:
    """A password in quotes may be any phrase, only no placeholder, reference, label, or name of a field or file."""
    if len(value) < 6 or value.lower() in _LITERALS or not given(value) or compiled(_LABEL).match(value):
        return False
    return not compiled(r"[A-Za-z]{1,20}|[A-Za-z]+(?:[._-][A-Za-z]+)*|[\w./-]*/[\w./-]*|[a-z]+://.*").fullmatch(value)


def header(value: str) -> bool:
    """What an authorization header holds: no single word."""
    return given(value) and not value.isalpha() and not compiled(_WORDY).fullmatch(value)


def on_the_command_line(value: str) -> bool:
    """What follows a user's name and a colon: no word of a program's own, no port."""
    return given(value) and value.lower() not in _LITERALS and not value.isdigit()
