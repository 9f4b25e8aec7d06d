"""What the models that answered in some messages used, by the client's own count."""

from collections.abc import Iterable

from modelmerit.capture.opencode.threads import Message
from modelmerit.capture.runs import ModelUsage


def usage_of(messages: Iterable[Message]) -> tuple[ModelUsage, ...]:
    """The use of each model, the one with most output first; requests that nobody answered are left out.

    The client writes a cost of 0 where it knows no price: one such request makes the model's whole cost unknown.
    """
    answers: dict[tuple[str, str | None], list[Message]] = {}
    for message in messages:
        if message.role == "assistant" and message.model is not None and message.tokens.total > 0:
            answers.setdefault((message.model, message.provider), []).append(message)
    uses = [_use(model, provider, theirs) for (model, provider), theirs in answers.items()]
    return tuple(sorted(uses, key=lambda use: use.tokens.output + use.tokens.reasoning, reverse=True))


def _use(model: str, provider: str | None, answers: list[Message]) -> ModelUsage:
    tokens = answers[0].tokens
    for answer in answers[1:]:
        tokens += answer.tokens
    priced = all(answer.cost_usd > 0 for answer in answers)
    cost_usd = sum(answer.cost_usd for answer in answers) if priced else None
    return ModelUsage(model, tokens, len(answers), provider, cost_usd)
