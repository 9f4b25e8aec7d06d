import json
import re

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


def name_in(text):
    """The name that a definition gives its agent, None where that is its file's."""
    lines = dict(line.split(": ", 1) for line in text.split("---\n")[1].splitlines())
    return json.loads(lines["name"]) if "name" in lines else None


def test_a_name_that_is_no_files_name_stands_in_a_file_of_a_name_near_it():
    said = policy(routed={"id": "../vendor/model:free", "provider": "openrouter"})
    files = agent_files(said)
    assert set(files) == {"vendor-model-free.md"}
    assert name_in(files["vendor-model-free.md"]) == said.use_as("../vendor/model:free", "opencode")


def test_every_name_that_dispatching_answers_is_an_agents_even_where_their_files_would_be_one():
    called = ["a/b", "a:b", "A-b", "a-b", "日本", "é", "x" * 300, "." * 3]
    said = policy(
        **{f"m{at}": {"id": f"m-{at}", "provider": "p", "use_as": {"opencode": name}} for at, name in enumerate(called)}
    )
    files = agent_files(said)
    assert {name_in(text) or file.removesuffix(".md") for file, text in files.items()} == set(called)
    assert len({file.casefold() for file in files}) == len(called)
    assert all(re.fullmatch(r"[\w-][\w.-]{0,110}\.md", file, re.ASCII) for file in files)


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
