"""Text from records in markdown: shown as what it is, without changing anything around it."""

import pytest
from rich.console import Console
from rich.markdown import Markdown

from modelmerit.learning.markdown import code, escaped, list_item, one_line, short, table

HOSTILE = [
    "a|b",
    "line\nbreak",
    "carriage\rreturn",
    "# heading",
    "1. first",
    "- item",
    "+ item",
    "> quote",
    "*bold* and _slanted_ and ~~gone~~",
    "`code`",
    "[click](http://example.com)",
    "![seen](http://example.com/x.png)",
    "<script>alert(1)</script>",
    "&lt;&#124;",
    "back\\slash",
    "https://example.com/path",
    "\x1b[31mred\x1b[0m",
    "\x9b31m",
    "\u202eright to left",
    "tag\U000e0041\U000e0042",
    "===",
    "---",
    "claude_sonnet_4",
]


def rendered(markdown: str) -> str:
    """What a person sees of it, on one line."""
    console = Console(width=1000, force_terminal=False, color_system=None)
    with console.capture() as captured:
        console.print(Markdown(markdown, hyperlinks=False))
    return captured.get().strip()


@pytest.mark.parametrize("text", HOSTILE)
def test_escaped_text_is_rendered_as_what_it_is(text: str) -> None:
    assert rendered(f"before {escaped(text)} after") == f"before {one_line(text)} after"


@pytest.mark.parametrize("text", HOSTILE)
def test_an_item_of_a_list_is_one_item_and_nothing_else(text: str) -> None:
    assert rendered(list_item(text)) == f"• {one_line(text)}"


@pytest.mark.parametrize("text", HOSTILE)
def test_a_code_span_is_rendered_as_what_it_is(text: str) -> None:
    assert rendered(f"before {code(text)} after") == f"before {one_line(text)} after"


@pytest.mark.parametrize("text", HOSTILE)
def test_a_cell_stays_one_cell(text: str) -> None:
    lines = table(["model", "rate"], [[text, "90 %"]])
    # Pipes that are not escaped are the walls of cells: one more than there are cells.
    assert [line.replace("\\|", "").count("|") for line in lines] == [3, 3, 3]
    assert one_line(text) in rendered("\n".join(lines))


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_invisible_and_no_line_break_is_left(text: str) -> None:
    assert one_line(text).isprintable()
    assert escaped(text).isprintable()


def test_what_is_not_active_stays_readable_as_raw_text() -> None:
    plain = "1.0 k: claude-sonnet-4-5 does about as well as gpt_5_mini: +0 points (-7 to +6), $0.18; 'docs'"
    assert escaped(plain) == plain
    assert list_item(plain) == f"- {plain}"


def test_long_names_are_cut_and_say_so() -> None:
    assert short("m" * 60) == "m" * 60
    assert short("m" * 61) == "m" * 57 + "..."
