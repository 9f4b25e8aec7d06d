import json

from modelmerit.capture.opencode.agents import agent_files
from modelmerit.policy.document import parse_policy


def policy(**models):
    return parse_policy(json.dumps({"task_complexity": {"medium": {"model": "small-1"}}, "models": models}))


def test_each_model_with_a_provider_has_an_agent_of_the_name_that_dispatching_answers():
    said = policy(
        small={"id": "small-1", "provider": "anthropic", "use_as": {"opencode": "quick"}},
        big={"id": "big-1", "provider": "openai"},
        local={"id": "local-1"},
    )
    files = agent_files(said)
    assert set(files) == {f"{said.use_as('small-1', 'opencode')}.md", f"{said.use_as('big-1', 'opencode')}.md"}
    assert 'model: "anthropic/small-1"\n' in files["quick.md"]
    assert "mode: subagent\n" in files["quick.md"]


def test_a_name_that_is_no_files_name_is_made_one():
    said = policy(routed={"id": "../vendor/model:free", "provider": "openrouter"})
    assert set(agent_files(said)) == {"vendor-model-free.md"}


def test_what_is_in_a_name_stays_in_its_line():
    said = policy(**{'odd "name": x': {"id": "odd-1", "provider": "anthropic"}})
    [text] = agent_files(said).values()
    lines = text.split("---\n")[1].splitlines()
    assert [line.partition(":")[0] for line in lines] == ["description", "mode", "model"]
    assert json.loads(lines[0].partition(":")[2]).startswith("Works on any task, with the model odd")


def test_of_two_models_of_one_name_the_first_has_the_agent():
    said = policy(
        a={"id": "a-1", "provider": "x", "use_as": "same"}, b={"id": "b-1", "provider": "x", "use_as": "same"}
    )
    assert 'model: "x/a-1"\n' in agent_files(said)["same.md"]
