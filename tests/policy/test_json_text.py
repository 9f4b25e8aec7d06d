"""Edits of JSON text touch nothing but what they are about."""

import json
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from modelmerit.errors import ChangeDoesNotApply
from modelmerit.policy.json_text import add_key, insert_item, remove, replace_value

TEXT = st.text(st.sampled_from('ab"\\/\n\té,:[]{} '), max_size=5)
SCALARS = st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-9, 9) | TEXT
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3), max_leaves=8
)
STYLES = st.sampled_from([{"indent": 2}, {"indent": 4}, {"indent": "\t"}, {"indent": None}, {"separators": (",", ":")}])
FRAMES = st.tuples(st.sampled_from(["", "\ufeff"]), st.sampled_from(["\n", "\r\n"]), st.sampled_from(["", "\n"]))


def written(data: Any, style: dict[str, Any], frame: tuple[str, str, str]) -> str:
    mark, newline, end = frame
    return mark + (json.dumps(data, ensure_ascii=False, **style) + end).replace("\n", newline)


@given(st.lists(VALUES, max_size=4), VALUES, st.integers(0, 4), STYLES, FRAMES)
def test_an_item_inserted_and_removed_again_gives_the_same_bytes(
    items: list[Any], value: Any, index: int, style: dict[str, Any], frame: tuple[str, str, str]
) -> None:
    index = min(index, len(items))
    text = written({"first": 1, "items": items, "last": {}}, style, frame)
    inserted = insert_item(text, ("items",), index, value)
    assert json.loads(inserted.removeprefix("\ufeff"))["items"] == [*items[:index], value, *items[index:]]
    assert remove(inserted, ("items", index)) == text


@given(st.dictionaries(TEXT, VALUES, max_size=4), TEXT, VALUES, STYLES, FRAMES)
def test_a_key_added_and_removed_again_gives_the_same_bytes(
    holder: dict[str, Any], key: str, value: Any, style: dict[str, Any], frame: tuple[str, str, str]
) -> None:
    assume(key not in holder)
    text = written(holder, style, frame)
    assert remove(add_key(text, (), key, value), (key,)) == text


@given(VALUES, SCALARS, STYLES, FRAMES)
def test_a_value_replaced_leaves_every_other_character(
    before: Any, after: Any, style: dict[str, Any], frame: tuple[str, str, str]
) -> None:
    text = written({"a": [1, before], "b": 2}, style, frame)
    replaced = replace_value(text, ("a", 1), after)
    at = text.index("1")
    end = len(text) - text.rindex("]")
    assert replaced[:at] == text[:at]
    assert replaced[-end:] == text[-end:]


ONE_LINE = """{
    "rules": [
        { "if": "a",  "use": "b" }
    ]
}"""
SPREAD = '{"rules": [\n\t{\n\t\t"if" : "a",\n\t\t"use" : "b"\n\t}]}\n'
COMPACT = '{"rules":[{"if":"a","use":"b"}]}'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ONE_LINE, ONE_LINE.replace('"b" }', '"b" },\n        { "if": "c",  "use": "d" }')),
        (SPREAD, SPREAD.replace("}]", '},\n\t{\n\t\t"if" : "c",\n\t\t"use" : "d"\n\t}]')),
        (COMPACT, COMPACT.replace("}]", '},{"if":"c","use":"d"}]')),
        ('{\n  "rules": []\n}', '{\n  "rules": [\n    {"if": "c", "use": "d"}\n  ]\n}'),
        ('{"rules": [ ]}', '{"rules": [ {"if": "c", "use": "d"} ]}'),
        ('{\r\n\t"rules": []\r\n}', '{\r\n\t"rules": [\r\n\t\t{"if": "c", "use": "d"}\r\n\t]\r\n}'),
    ],
)
def test_a_new_rule_is_written_like_its_neighbours(text: str, expected: str) -> None:
    assert insert_item(text, ("rules",), 5, {"if": "c", "use": "d"}) == expected


def test_what_has_no_utf8_form_is_written_as_an_escape() -> None:
    assert add_key('{"b": 1}', (), "a", "\ud83d") == '{"b": 1, "a": "\\ud83d"}'


@pytest.mark.parametrize(
    ("path", "message"), [(("b",), "b is not in models.json any more"), (("a", 7), r"a\[7\] is not in models.json")]
)
def test_an_edit_of_what_is_not_there_is_refused(path: tuple[str | int, ...], message: str) -> None:
    with pytest.raises(ChangeDoesNotApply, match=message):
        replace_value('{"a": [1]}', path, 2)
    with pytest.raises(ChangeDoesNotApply, match=message):
        remove('{"a": [1]}', path)


def test_containers_of_the_wrong_kind_are_refused() -> None:
    with pytest.raises(ChangeDoesNotApply, match="a is no list"):
        insert_item('{"a": {}}', ("a",), 0, 1)
    with pytest.raises(ChangeDoesNotApply, match="a is no object"):
        add_key('{"a": []}', ("a",), "k", 1)
    with pytest.raises(ChangeDoesNotApply, match="a is there already"):
        add_key('{"a": []}', (), "a", 1)
