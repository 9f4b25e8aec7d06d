"""Reads a rule's `if`.

    condition   any_of
    any_of      all_of ("or" all_of)*
    all_of      negation ("and" negation)*
    negation    "not" negation | "(" any_of ")" | comparison
    comparison  "task" "contains" QUOTED ("or" QUOTED)*
              | ("keyword" | "workspace" | "role") "is" QUOTED ("or" QUOTED)*
              | ("complexity" | "priority") "is" LEVEL ("or" LEVEL)*
              | "estimated_files" ("<" | "<=" | ">" | ">=" | "is") NUMBER

A list of values belongs to its comparison, so `task contains 'a' or 'b' and complexity is simple` asks for one of the
words *and* a simple task.
"""

from functools import lru_cache

from modelmerit.errors import RuleSyntaxError
from modelmerit.policy import advice
from modelmerit.policy.lexer import Token, tokens
from modelmerit.policy.rules import And, Comparison, Condition, Field, Node, Not, Operator, Or

MAX_DEPTH = 30
"""Parentheses and `not`s inside each other."""

_MAX_DIGITS = 9
_TEXT_FIELDS: dict[str, tuple[Field, Operator]] = {
    "task": ("task", "contains"),
    "keyword": ("keyword", "is"),
    "workspace": ("workspace", "is"),
    "role": ("role", "is"),
}
_LEVEL_FIELDS: dict[str, Field] = {"complexity": "complexity", "priority": "priority"}
_ORDERINGS: dict[str, Operator] = {"<": "<", "<=": "<=", ">": ">", ">=": ">=", "is": "is"}
_FIELDS = "task, keyword, workspace, role, complexity, priority or estimated_files"


@lru_cache(maxsize=1024)
def parse_condition(text: str) -> Condition:
    """The meaning of a rule's `if`.

    Raises:
        RuleSyntaxError: With what was found, what was expected, what to do, and the column.
    """
    return _Parser(text).condition()


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokens(text)
        self._at = 0
        self._depth = 0
        self._last: Comparison | None = None

    def condition(self) -> Condition:
        root = self._any_of()
        if self._next.kind != "end":
            raise self._unexpected("`and`, `or`, or the end of the condition", advice.on_rest(self._next))
        # Only space between tokens can be unprintable here, so this gives one line without touching quoted words.
        line = "".join(character if character.isprintable() else " " for character in self._text)
        return Condition(line.strip(), root)

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _take(self) -> Token:
        token = self._tokens[self._at]
        self._at += 1
        return token

    def _is(self, *words: str) -> bool:
        return self._next.kind == "name" and self._next.value.lower() in words

    @property
    def _rest(self) -> list[Token]:
        return self._tokens[self._at :]

    def _unexpected(self, expected: str, todo: str) -> RuleSyntaxError:
        return RuleSyntaxError(f"found {self._next}, expected {expected}: {todo}", self._next.column)

    def _any_of(self) -> Node:
        parts = [self._all_of()]
        while self._is("or"):
            self._take()
            parts.append(self._all_of())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _all_of(self) -> Node:
        parts = [self._negation()]
        while self._is("and"):
            self._take()
            parts.append(self._negation())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _negation(self) -> Node:
        opening = self._next
        if not self._is("not") and opening.written != "(":
            return self._comparison()
        self._depth += 1
        if self._depth > MAX_DEPTH:
            message = f"found more than {MAX_DEPTH} levels of parentheses and `not`, expected fewer: split the rule"
            raise RuleSyntaxError(message, opening.column)
        self._take()
        node: Node
        if opening.written == "(":
            node = self._any_of()
            if self._next.written != ")":
                raise self._unexpected(f"`)` to close the parenthesis of column {opening.column}", "add it")
            self._take()
        else:
            node = Not(self._negation())
        self._depth -= 1
        return node

    def _comparison(self) -> Comparison:
        name = self._next.value.lower() if self._next.kind == "name" else ""
        if name in _TEXT_FIELDS:
            self._take()
            self._last = self._text_comparison(*_TEXT_FIELDS[name])
        elif name in _LEVEL_FIELDS:
            self._take()
            self._last = self._level_comparison(_LEVEL_FIELDS[name])
        elif name == "estimated_files":
            self._take()
            self._last = self._files_comparison()
        else:
            before = self._tokens[self._at - 1] if self._at else None
            todo = advice.on_comparison(self._rest, before, self._last)
            raise self._unexpected(f"a comparison that begins with {_FIELDS}", todo)
        return self._last

    def _text_comparison(self, field: Field, operator: Operator) -> Comparison:
        self._operator(field, operator)
        if self._next.kind != "text":
            raise self._unexpected("a word in quotes", advice.on_word(field, operator, self._next))
        values = [self._take().value]
        while self._is("or") and self._tokens[self._at + 1].kind == "text":
            self._take()
            values.append(self._take().value)
        return Comparison(field, operator, tuple(values))

    def _level_comparison(self, field: Field) -> Comparison:
        self._operator(field, "is")
        levels = advice.LEVELS[field]
        values = [self._level(field)]
        while self._is("or") and self._tokens[self._at + 1].value.lower() in levels:
            self._take()
            values.append(self._level(field))
        return Comparison(field, "is", tuple(values))

    def _level(self, field: Field) -> str:
        levels = advice.LEVELS[field]
        if self._next.kind not in ("name", "text") or self._next.value.lower() not in levels:
            raise self._unexpected(f"one of {', '.join(levels)}", advice.on_level(field, self._next))
        return self._take().value.lower()

    def _operator(self, field: Field, operator: Operator) -> None:
        if not self._is(operator):
            raise self._unexpected(f"`{operator}` after {field}", advice.on_operator(field, operator, self._rest))
        self._take()

    def _files_comparison(self) -> Comparison:
        operator = _ORDERINGS.get(self._next.written.lower())
        if operator is None:
            raise self._unexpected("one of < <= > >= is after estimated_files", advice.on_ordering(self._rest))
        self._take()
        if self._next.kind != "number" or len(self._next.value) > _MAX_DIGITS:
            raise self._unexpected(f"a whole number of at most {_MAX_DIGITS} digits", advice.on_number(self._next))
        return Comparison("estimated_files", operator, (str(int(self._take().value)),))
