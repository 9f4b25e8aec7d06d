"""Whether a text holds the output of something that failed, as it was written."""

import re

from modelmerit.capture.outcomes.clauses import plain_words
from modelmerit.capture.outcomes.phrases import REQUEST, any_of

_FAILED_LINE = any_of(
    r"""
    ^Traceback \(most recent call last\)
    ^[ \t]*(?:\w{1,60}\.){0,9}\w{0,60}(?:Error|Exception):[ ]
    ^error(?:\[E\d+\])?:[ ]
    ^npm (?:ERR!|error)[ ]
    ^panic:[ ]
    \berror TS\d+:[ ]
    ^(?:FAILED|--- FAIL:?)[ ]
    ^\S+:\d+:\d+:[ ]
    \b(?:exit code|exited with|exited with code) [1-9]
    ^fatal:[ ]
    : (?:command not found|permission denied|no such file or directory)\b
    ^\s{0,20}at \S{1,200} \(\S{1,200}:\d+:\d+\)
    ^(?:Uncaught|Unhandled|Caused by:|Segmentation fault|BUILD FAILED|Failed to compile|Module not found)\b
    ^\[?(?:ERROR|FATAL|CRITICAL)\]?:?[ ]
    ^FAIL[ ]+\S
    \b(?:404 Not Found|50\d (?:Internal Server Error|Bad Gateway|Service Unavailable))\b
    ^(?:Internal Server Error|Access denied|Page not found)\b
    ^E   \w
    ^thread '[^'\n]{1,80}' panicked
    \blevel=(?:fatal|error)\b
    ^[ \t]*Line \d+:\d+:[ ]
    """,
    re.MULTILINE,
)
"""Lines that only a failure writes."""

_NAMED_ERROR = re.compile(r"\b(?:[A-Z]\w{0,60})?(?:Error|Exception|ERROR)\b(?: \w{1,30}){0,4}: |\bNOT_FOUND\b")
"""An error as a program names it, anywhere in a line."""
_OUTPUT_LINE = any_of(
    r"""
    ^\s{0,8}\[?\d\d:\d\d:\d\d
    ^\s{0,8}\d{4}-\d\d-\d\d[T ]\d\d
    ^\s{0,8}(?:\(\S{1,40}\) )?[\w.-]{1,40}@\S{1,80}
    ^\s{0,8}[$%\u276f] \w
    ^\s{1,20}at \S
    ^\s{1,20}File "
    ^\S{1,120}\.\w{1,5}:\d+
    ^\s{1,20}\w{1,60} \S{1,120}:\d+$
    """,
    re.MULTILINE,
)
"""What a terminal or a log begins its lines with."""
SHORT = 400
"""Characters of a text that is about the error it names; a longer one may be a plan that mentions it."""
READ_FOR_A_REQUEST = 100
"""Characters that tell whether a text begins with a request, and shows output for another reason."""
FEWEST_LINES = 2
"""Lines of output that are shown because something is wrong with them, though they name no error."""


def shows_a_failure(text: str) -> bool:
    """Whether the text holds lines of a failing program, or names an error as programs do and is mainly output."""
    if _FAILED_LINE.search(text):
        return True
    output_lines = len(_OUTPUT_LINE.findall(text))
    if _NAMED_ERROR.search(text):
        return output_lines > 0 or len(text) < SHORT
    return output_lines >= FEWEST_LINES and not REQUEST.match(plain_words(text[:READ_FOR_A_REQUEST]))
