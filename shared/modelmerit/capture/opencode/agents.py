"""An agent per model: OpenCode's call of a sub-agent names an agent, not a model, and the agent names its model."""

import json
import re
from collections.abc import Collection
from itertools import chain, count

from modelmerit.policy.schema import Policy
from modelmerit.records import Arm

CLIENT = "opencode"
LONGEST_FILE_NAME = 100
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def agent_files(policy: Policy) -> dict[str, str]:
    """The text of an agent's definition by the name of its file, for each model whose provider the policy names.

    The agent has the name that `dispatch_task` answers as `use_as`. Its file has that name too, where a file's name may
    be so; else one that is near it, and the name stands in the definition, which OpenCode 1.18.33 was seen to follow.
    Of two models that go by one name the first has it.
    """
    files: dict[str, str] = {}
    agents: set[str] = set()
    for model in policy.model_ids:
        provider, agent = policy.provider_of(model), policy.use_as(model, CLIENT)
        if provider and agent.strip() and agent not in agents:
            agents.add(agent)
            file = _file_name(agent, files)
            told = None if file == agent else agent
            files[f"{file}.md"] = _definition(policy.preferred_name(model), Arm(provider, model), told)
    return files


def _file_name(agent: str, taken: Collection[str]) -> str:
    """The name of an agent's file without its ending, other than those taken even where case does not count."""
    near = _UNSAFE.sub("-", agent)[:LONGEST_FILE_NAME].strip("-.") or "model"
    folded = {name.casefold() for name in taken}
    further = (f"{near}-{number}" for number in count(2))
    return next(name for name in chain([near], further) if f"{name}.md".casefold() not in folded)


def _definition(name: str, arm: Arm, agent: str | None) -> str:
    """The text of a definition; `agent` is the agent's name where its file has another."""
    # A JSON text is a YAML text, whatever is in the name.
    description = json.dumps(f"Works on any task, with the model {name}. Use it where dispatch_task names it.")
    model = json.dumps(f"{arm.provider}/{arm.model}")
    named = "" if agent is None else f"name: {json.dumps(agent)}\n"
    return f"""---
description: {description}
mode: subagent
{named}model: {model}
---
Do the task you are given, and check your work before you end. Say briefly what you did and what is left open.
"""
