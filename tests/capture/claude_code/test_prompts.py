"""Who speaks in records of the user's role."""

import pytest

from modelmerit.capture.claude_code.prompts import Notice, is_interruption, notices, prompt_text, queued_text


def said(content: object, **more: object) -> dict[str, object]:
    return {"type": "user", "message": {"role": "user", "content": content}, **more}


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("Fix it.", "Fix it."),
        ([{"type": "text", "text": "Fix"}, {"type": "image"}, {"type": "text", "text": "it."}], "Fix\nit."),
        ([{"type": "text", "text": "<ide_selection>a"}, {"type": "text", "text": "Fix."}], "Fix."),
        ("<div> is not closed", "<div> is not closed"),
        ("  \n", None),
        ([{"type": "image"}], None),
        ([{"type": "tool_result", "content": "x"}, {"type": "text", "text": "x"}], None),
        ("<command-message>init is analyzing</command-message>", None),
        ("[Request interrupted by user]", None),
        ([{"type": "text", "text": "[Request interrupted by user for tool use]"}], None),
        ("<task-notification><task-id>a</task-id></task-notification>", None),
        ("This session is being continued from a previous conversation that ran out of context. So:", None),
        (7, None),
        (None, None),
    ],
)
def test_the_humans_words_are_told_from_the_clients(content, text):
    assert prompt_text(said(content)) == text


@pytest.mark.parametrize(
    "more",
    [{"isMeta": True}, {"isCompactSummary": True}, {"origin": {"kind": "peer"}}, {"origin": {"kind": "channel"}}],
)
def test_marked_records_are_not_the_humans(more):
    assert prompt_text(said("Fix it.", **more)) is None
    assert prompt_text(said("Fix it.", origin={"kind": "human"})) == "Fix it."


def test_a_queued_prompt_is_the_humans_unless_it_says_otherwise():
    def queued(**more: object) -> dict[str, object]:
        return {"type": "attachment", "attachment": {"type": "queued_command", "prompt": "And this.", **more}}

    assert queued_text(queued()) == queued_text(queued(commandMode="prompt", origin={"kind": "human"})) == "And this."
    for more in ({"commandMode": "task-notification"}, {"origin": {"kind": "peer"}}, {"isMeta": True}, {"type": "x"}):
        assert queued_text(queued(**more)) is None


def test_an_interruption_is_known_by_its_text():
    assert is_interruption(said([{"type": "text", "text": "[Request interrupted by user]"}]))
    assert not is_interruption(said("Why was the [Request interrupted by user]?"))


NEWS = "<task-notification>\n<task-id>a1</task-id>\n<tool-use-id>t1</tool-use-id>\n<status>completed</status>\n"


@pytest.mark.parametrize(
    "record",
    [
        said(NEWS + "</task-notification>"),
        said([{"type": "text", "text": NEWS}]),
        {"type": "queue-operation", "content": NEWS},
        {"type": "attachment", "attachment": {"prompt": NEWS}},
        {"type": "attachment", "attachment": {"prompt": NEWS[20:], "commandMode": "task-notification"}},
    ],
)
def test_a_notification_is_read_wherever_it_stands(record):
    assert list(notices(record)) == [Notice("a1", "t1", "completed")]


def test_several_notifications_in_one_text_are_several():
    told = list(notices(said(NEWS + NEWS.replace("a1", "a2"))))
    assert [notice.agent_id for notice in told] == ["a1", "a2"]


def test_a_result_that_speaks_of_a_status_does_not_change_it():
    (notice,) = notices(said(NEWS + "<result><status>failed</status></result>"))
    assert notice.status == "completed"
