"""An agent per model: OpenCode's call of a sub-agent names an agent, not a model, and the agent names its model."""

import json
import re

from modelmerit.policy.schema import Policy
from modelmerit.records import Arm

CLIENT = "opencode"
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def agent_files(policy: Policy) -> dict[str, str]:
    """The text of an agent's definition by the name of its file, for each model whose provider the policy names.

    The file's name is the agent's, and what `dispatch_task` answers as `use_as`, with each run of characters that a
    file's name should not have replaced by a hyphen. Of two models that go by one name the first has it.
    """
    files: dict[str, str] = {}
    for model in policy.model_ids:
        provider = policy.provider_of(model)
        name = _UNSAFE.sub("-", policy.use_as(model, CLIENT)).strip("-.")
        if provider and name:
            files.setdefault(f"{name}.md", _definition(policy.preferred_name(model), Arm(provider, model)))
    return files


def _definition(name: str, arm: Arm) -> str:
    # A JSON text is a YAML text, whatever is in the name.
    description = json.dumps(f"Works on any task, with the model {name}. Use it where dispatch_task names it.")
    model = json.dumps(f"{arm.provider}/{arm.model}")
    return f"""---
description: {description}
mode: subagent
model: {model}
---
Do the task you are given, and check your work before you end. Say briefly what you did and what is left open.
"""
