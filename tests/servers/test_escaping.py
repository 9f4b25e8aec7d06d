"""Nothing invisible in stored text reaches a model."""

import json
import unicodedata

import pytest

from modelmerit.serving.escaping import quoted, visible, visible_json, visible_values

INVISIBLE = {
    "a NUL": "\0",
    "an escape": "\x1b",
    "a carriage return": "\r",
    "a next line": "\x85",
    "a soft hyphen": "\xad",
    "no width": "\u200b",
    "a joiner": "\u200d",
    "right to left": "\u202e",
    "an isolate": "\u2066",
    "a line separator": "\u2028",
    "a byte order mark": "\ufeff",
    "a filler": "\u3164",
    "a variation selector": "\U000e0100",
    "a tag": "\U000e0041",
    "half a character": "\ud83d",
}


@pytest.mark.parametrize("character", INVISIBLE.values(), ids=INVISIBLE)
def test_an_invisible_character_is_written_as_an_escape(character):
    shown = visible(f"a{character}b")
    assert shown.isascii()
    assert shown.isprintable()
    assert shown.encode().decode("unicode_escape") == f"a{character}b"


@pytest.mark.parametrize("text", ["plain", "two\nlines\tand a tab", "Grüße, 你好, שלום", "❤️ 😀", r"a\u202eb", ""])
def test_what_can_be_seen_stays_as_it_is(text):
    assert visible(text) == text


def test_every_control_format_and_surrogate_character_is_escaped_but_tab_and_newline():
    hidden = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    # Signs written over the digits that follow them, which are seen: Arabic number signs, say, and Egyptian quadrats.
    seen = {chr(code) for code in (*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD)}
    seen |= {chr(code) for code in range(0x13430, 0x13440)}
    unescaped = {
        character
        for character in map(chr, range(0x110000))
        if unicodedata.category(character) in hidden and visible(character) == character
    }
    assert unescaped - seen == {"\t", "\n"}


def test_names_and_values_are_made_visible_however_deep_they_lie():
    value = {"a\u202e": ["\0", {"b": "c\u200bd", "e": 1.5, "f": None, "g": True}]}
    assert visible_values(value) == {r"a\u202e": [r"\x00", {"b": r"c\u200bd", "e": 1.5, "f": None, "g": True}]}


def test_json_to_read_hides_nothing_and_loses_nothing():
    value = {"task": "".join(INVISIBLE.values()) + 'Grüße \\ " 😀\n'}
    text = visible_json(value)
    assert visible(text) == text
    assert "Grüße" in text
    assert json.loads(text) == value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("web", "web"),
        ("claude-haiku-4-5", "claude-haiku-4-5"),
        ("two words", "'two words'"),
        ("model: x\nnotes: y", r"'model: x\nnotes: y'"),
        ("it's", '"it\'s"'),
        ("", "''"),
        ("a\u202e", r"'a\u202e'"),
    ],
)
def test_text_as_data_is_one_word_or_quoted(text, expected):
    assert quoted(text) == expected
