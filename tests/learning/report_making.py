"""Parts of reports, made without a history."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from modelmerit.learning.analysis import analyse
from modelmerit.learning.attempt_facts import AttemptFacts, ClientFacts, FrequentRetry, UnusualAttempt
from modelmerit.learning.findings import ArmEvidence, Evidence, Look, Suggestion
from modelmerit.learning.report import Report, report
from modelmerit.learning.tallies import Tallies
from modelmerit.policy.changes import set_default
from modelmerit.policy.schema import Policy
from modelmerit.records import Attempt
from modelmerit.statistics.intervals import Interval

HAIKU, SONNET, OPUS = "claude-haiku-4-5", "claude-sonnet-4-5", "claude-opus-4-5"
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


FACTS = AttemptFacts(
    recommended=1013,
    followed=977,
    executions_known=557,
    executed_otherwise=61,
    with_outcome=881,
    checked=443,
    frequent_retries=[FrequentRetry(complexity="medium", model=HAIKU, attempts=139, retried=37, examples=("d-1",))],
    unusual_attempts=[
        UnusualAttempt(
            id="d-7",
            model=HAIKU,
            complexity="medium",
            figure="tokens_used",
            value=91_234,
            typical=1_234,
            outcome="success",
        ),
        UnusualAttempt(
            id="d-8",
            model=OPUS,
            complexity=None,
            figure="execution_time_seconds",
            value=4,
            typical=125,
            outcome="success",
        ),
    ],
)


def client(name: str, **fields: Any) -> ClientFacts:
    """A client that tells 180 outcomes of 200 attempts, unless `fields` say otherwise."""
    made: dict[str, Any] = {
        "client": name,
        "attempts": 200,
        "with_outcome": 180,
        "human": 9,
        "tests": 45,
        "reported": 90,
        "implicit": 36,
        "recommended": 160,
        "followed": 120,
        "executions_known": 190,
        "executed_otherwise": 4,
    }
    return ClientFacts(**(made | fields))


def made_of(
    attempts: list[Attempt], policy: Policy, as_of: datetime = NOW, facts: AttemptFacts | None = None
) -> Report:
    tallies = Tallies.from_attempts(attempts)
    return report(analyse(tallies, policy, as_of), tallies, policy, facts)


def evidence(**fields: Any) -> Evidence:
    """66 of 73 against 1030 of 1140, nothing missing, 62 % saved; unless `fields` say otherwise."""
    arms = {
        "incumbent": ArmEvidence(
            model=OPUS, attempts=1140, successes=1030, partials=0, missing=0, usd_per_success=0.53
        ),
        "challenger": ArmEvidence(model=SONNET, attempts=73, successes=66, partials=0, missing=0, usd_per_success=0.18),
    }
    figures: dict[str, Any] = {
        "difference": 0.0,
        "interval": Interval(-0.07, 0.06),
        "limit": -0.1,
        "saving": 0.62,
        "saving_interval": Interval(0.53, 0.70),
        "attempts_to_settle": 63,
        "weeks_to_settle": 13.4,
        "look": Look(number=7, day=date(2026, 5, 20), explored_attempts=226),
    }
    return Evidence(**(arms | figures | fields))


def suggestion(policy: Policy, **fields: Any) -> Suggestion:
    made: dict[str, Any] = {
        "id": "s-b3c55a83a2",
        "type": "change_default",
        "scope": {"complexity": "medium"},
        "from_model": SONNET,
        "to_model": OPUS,
        "confidence": 0.97,
        "reason": "opus does about as well as sonnet on medium tasks: 66 of 73 against 1030 of 1140",
        "evidence": evidence(),
        "change": set_default(policy, "medium", OPUS),
        "counterfactual": "Had it been in force, nothing much would have happened.",
    }
    return Suggestion(**(made | fields))


def tables(text: str) -> Iterator[list[list[str]]]:
    """The cells of each table, the line under the header left out."""
    lines: list[str] = []
    for line in [*text.splitlines(), ""]:
        if line.startswith("|"):
            lines.append(line)
        elif lines:
            cells = [re.split(r"(?<!\\)\|", row.strip())[1:-1] for row in lines]
            yield [cells[0], *cells[2:]]
            lines = []
