"""Entries in JSON configurations of every make: put in, put in again, taken out."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from modelmerit.installing.json_entries import Hook, Item, JsonContent, OpenCodeAsk, Server
from modelmerit.installing.jsonc import read

OURS = {"type": "command", "command": "/bin/python -S -E /lib/modelmerit/capture/hook.py claude-code --mode route"}
OLDER = {"type": "command", "command": "modelmerit-hook claude-code --mode observe", "timeout": 60}
OTHERS = [{"type": "command", "command": "say done"}, {"type": "http", "url": "https://localhost/"}]
CONTENT = JsonContent(
    [
        Server(("mcpServers", "task-dispatcher"), {"type": "stdio", "command": "/new/task-dispatcher"}),
        Item(("permissions", "ask"), "mcp__a"),
        Item(("permissions", "ask"), "mcp__b"),
        Hook("SubagentStop", {"hooks": [OURS]}),
        Hook("PreToolUse", None),
        OpenCodeAsk(["model-learning-analyzer_apply_model_suggestion"]),
    ]
)
GROUPS = st.lists(
    st.fixed_dictionaries(
        {"hooks": st.lists(st.sampled_from([OURS, OLDER, *OTHERS]), min_size=1, max_size=3)},
        optional={"matcher": st.just("*")},
    ),
    max_size=3,
)
OLDER_SERVER = {"command": "/old/task-dispatcher", "args": [], "env": {"MODELMERIT_HOME": "/old", "A": "b"}}
CONFIGURATIONS = st.fixed_dictionaries(
    {},
    optional={
        "model": st.just("opus"),
        "mcpServers": st.fixed_dictionaries(
            {}, optional={"github": st.just({"command": "x"}), "task-dispatcher": st.just(OLDER_SERVER)}
        ),
        "permissions": st.fixed_dictionaries(
            {},
            optional={
                "ask": st.lists(st.sampled_from(["mcp__a", "Bash(git push)"]), unique=True),
                "deny": st.just(["Read(.env)"]),
            },
        ),
        "hooks": st.fixed_dictionaries({}, optional={"SubagentStop": GROUPS, "PreToolUse": GROUPS, "Stop": GROUPS}),
        "permission": st.sampled_from(["ask", "allow", "deny"]) | st.just({"*": "allow", "bash": "ask"}),
    },
)
INDENTS = st.sampled_from([None, 2, 4, "\t"])


@settings(deadline=None, max_examples=60)
@given(CONFIGURATIONS, INDENTS)
def test_what_is_entered_into_any_configuration_is_entered_once_and_can_be_taken_out(said, indent):
    text = json.dumps(said, indent=indent)
    entered = CONTENT.put(text)

    assert CONTENT.put(entered) == entered
    written = read(entered).value
    assert written["mcpServers"]["task-dispatcher"]["command"] == "/new/task-dispatcher"
    assert {"mcp__a", "mcp__b"} <= set(written["permissions"]["ask"])
    stops = [hook for group in written["hooks"]["SubagentStop"] for hook in group["hooks"]]
    assert stops.count(OURS) == 1
    assert OLDER not in stops
    for event in ("SubagentStop", "PreToolUse", "Stop"):
        before, after = (others(data, event) for data in (said, written))
        assert before == after
    assert without_empty_events(read(CONTENT.take_out(entered, text)).value) == without_empty_events(said)


def others(data, event):
    """The hooks of others for an event, in order, with what they match; those for Stop are all of others."""
    groups = data.get("hooks", {}).get(event, [])
    return [
        (group.get("matcher"), hook)
        for group in groups
        for hook in group["hooks"]
        if event == "Stop" or hook not in (OURS, OLDER)
    ]


def without_empty_events(data):
    """A configuration in which an event without hooks counts as an event that is not named."""
    events = {event: groups for event, groups in data.get("hooks", {}).items() if groups}
    rest = {key: value for key, value in data.items() if key != "hooks"}
    return {**rest, "hooks": events} if events else rest


@settings(deadline=None, max_examples=60)
@given(CONFIGURATIONS)
def test_without_the_original_nothing_of_ours_is_left(said):
    left = read(CONTENT.take_out(CONTENT.put(json.dumps(said)), "")).value
    assert "task-dispatcher" not in left.get("mcpServers", {})
    assert not {"mcp__a", "mcp__b"} & set(left.get("permissions", {}).get("ask", []))
    assert OURS not in [hook for group in left.get("hooks", {}).get("SubagentStop", []) for hook in group["hooks"]]
