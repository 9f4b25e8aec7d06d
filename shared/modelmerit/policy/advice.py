"""What to write instead of what the rule language does not know.

People write conditions as they speak or program: `files more than five`, `complexity == hard`. Each function is given
what was found in a place and answers what to do about it, as a clause that follows "expected …: ".
"""

from collections.abc import Mapping, Sequence

from modelmerit.policy.lexer import Token
from modelmerit.policy.rules import Comparison, quoted
from modelmerit.policy.spelling import nearest
from modelmerit.records import COMPLEXITIES, PRIORITIES

LEVELS: Mapping[str, Sequence[str]] = {"complexity": COMPLEXITIES, "priority": PRIORITIES}
FIELDS = ("task", "keyword", "workspace", "role", "complexity", "priority", "estimated_files")
EXAMPLES: Mapping[str, str] = {
    "task": "task contains 'docs'",
    "keyword": "keyword is 'docs'",
    "workspace": "workspace is 'web'",
    "role": "role is 'reviewer'",
    "complexity": "complexity is simple",
    "priority": "priority is high",
    "estimated_files": "estimated_files > 5",
}
_FIELD_MEANT: Mapping[str, str] = {
    **dict.fromkeys(("text", "title", "prompt", "description", "message"), "task"),
    **dict.fromkeys(("keywords", "tag", "tags", "topic", "category"), "keyword"),
    **dict.fromkeys(("project", "repo", "repository", "directory"), "workspace"),
    **dict.fromkeys(("agent", "subagent"), "role"),
    **dict.fromkeys(("difficulty", "size", "level"), "complexity"),
    **dict.fromkeys(("urgency", "importance"), "priority"),
    **dict.fromkeys(("file", "files", "file_count", "num_files", "files_count"), "estimated_files"),
}
_LEVEL_MEANT: Mapping[str, str] = {
    **dict.fromkeys(("easy", "trivial", "small"), "simple"),
    **dict.fromkeys(("hard", "difficult", "large", "big"), "complex"),
    **dict.fromkeys(("normal", "moderate", "middle"), "medium"),
    **dict.fromkeys(("urgent", "highest"), "critical"),
    **dict.fromkeys(("lowest", "minor"), "low"),
}
_ORDERING_MEANT: Mapping[str, str] = {
    **dict.fromkeys(("=", "==", "equals", "equal"), "is"),
    **dict.fromkeys(("more", "greater", "over", "above", "exceeds"), ">"),
    **dict.fromkeys(("less", "fewer", "smaller", "under", "below"), "<"),
}
_SWAPPED: Mapping[tuple[str, str], str] = {("=", ">"): ">=", ("=", "<"): "<="}


def on_operator(field: str, operator: str, found: Sequence[Token]) -> str:
    """For something else than the field's operator; `found` is what follows the field."""
    first, value = found[0], _value(found)
    if value is not None and value.kind != "text" and field not in LEVELS:
        value = value._replace(written=quoted(value.value))
    written = f"{field} {operator} {value}" if value else EXAMPLES[field]
    if first.written.lower() in ("not", "!=", "does", "doesn"):
        return f"to say the opposite, write: not {written}"
    if field in LEVELS and first.written in ("<", "<=", ">", ">="):
        return f"levels have no order here; list them, as in {field} is {' or '.join(LEVELS[field][1:])}"
    return f"write {written}"


def on_ordering(found: Sequence[Token]) -> str:
    """For something else than one of `< <= > >= is` after estimated_files."""
    first = found[0].written.lower()
    value = next((token.written for token in found if token.kind == "number"), "5")
    if first in ("not", "!="):
        return f"to say the opposite, write: not estimated_files is {value}"
    if first == "between":
        return "write estimated_files >= 3 and estimated_files <= 5"
    meant = _SWAPPED.get((first, found[1].written)) if len(found) > 1 else None
    return f"write estimated_files {meant or _ORDERING_MEANT.get(first, '>')} {value}"


def on_number(found: Token) -> str:
    """For something else than a whole number after estimated_files and its operator."""
    if found.kind == "text" and found.value.strip().isdigit():
        return f"write it without quotes: {found.value.strip()}"
    if found.kind == "number":
        return "write a smaller one"
    if found.written.lower() == "not":
        return "to say the opposite, put `not` in front: not estimated_files is 5"
    return "write it in digits, as in estimated_files > 5"


def on_word(field: str, operator: str, found: Token) -> str:
    """For something else than a word in quotes."""
    if found.kind in ("name", "number"):
        if found.written.lower() == "not":
            return f"to say the opposite, put `not` in front: not {EXAMPLES[field]}"
        return f"put it in quotes: {field} {operator} '{found.written}'"
    if found.written == "(":
        return f"write several words without parentheses: {field} {operator} 'a' or 'b'"
    return f"write {EXAMPLES[field]}"


def on_level(field: str, found: Token) -> str:
    """For something else than one of the field's levels."""
    meant = _level(found.value, LEVELS[field])
    if found.written.lower() == "not":
        return f"to say the opposite, put `not` in front: not {EXAMPLES[field]}"
    return f"write {field} is {meant}" if meant else f"write one of them, as in {EXAMPLES[field]}"


def on_comparison(rest: Sequence[Token], before: Token | None, last: Comparison | None) -> str:
    """For something else than a comparison; `before` is the token in front, `last` the comparison before that."""
    found = rest[0]
    word = found.written.lower()
    if found.kind == "end":
        return f"finish it, or take the last `{before}` out" if before else f"write one, such as {EXAMPLES['task']}"
    if word in ("and", "or"):
        return f"take this `{found}` out, or write a comparison before it"
    if last is not None and before is not None and (listed := _listed(rest, before, last)):
        return listed
    if found.kind == "text":
        return f"say where to look, as in task contains {found}"
    if found.kind in ("number", "operator"):
        return f"begin with the field, as in {EXAMPLES['estimated_files']}"
    if word in ("if", "when"):
        return f"leave `{found}` out"
    if word in ("model", "use", "then"):
        return "ask about the task here; the model goes into the rule's `use`"
    meant = _FIELD_MEANT.get(word) or nearest(word, FIELDS)
    return f"did you mean `{meant}`? Write {EXAMPLES[meant]}" if meant else f"write one, such as {EXAMPLES['task']}"


def _listed(rest: Sequence[Token], before: Token, last: Comparison) -> str | None:
    """What to write if this was meant as one more value of the last comparison."""
    found = rest[0]
    if last.field in LEVELS:
        level = _level(found.value, LEVELS[last.field])
        return f"write {Comparison(last.field, last.operator, (*last.values, level))}" if level else None
    if last.field == "estimated_files":
        if found.kind == "operator" and rest[1].kind == "number":
            return f"write {last} {before} estimated_files {found} {rest[1]}"
        return f"write {last} {before} estimated_files {last.operator} {found}" if found.kind == "number" else None
    if found.kind == "name" and (found.value.lower() in _FIELD_MEANT or nearest(found.value, FIELDS)):
        return None
    if found.kind not in ("text", "name"):
        return None
    value = found.written if found.kind == "text" else quoted(found.value)
    return f"write {last} {before} {value if before.value.lower() == 'or' else f'{last.field} {last.operator} {value}'}"


def on_rest(found: Token) -> str:
    """For something that follows a whole condition without joining it."""
    if found.written == ")":
        return "take it out, or open a parenthesis before it"
    if found.kind == "text":
        return "put `or` in front of it"
    if found.written.lower() in ("then", "use"):
        return "the model goes into the rule's `use`"
    return "join it with `and` or `or`, or take it out"


def _level(word: str, levels: Sequence[str]) -> str | None:
    meant = _LEVEL_MEANT.get(word.lower())
    return meant if meant in levels else nearest(word, levels)


def _value(found: Sequence[Token]) -> Token | None:
    """The value that something was to be compared with: the first in quotes, else the last word of a few."""
    for token in found:
        if token.kind in ("text", "number"):
            return token
    words = [token for token in found[:3] if token.kind == "name"]
    return words[-1] if words and len(found) <= 3 else None
