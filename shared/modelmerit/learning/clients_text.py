"""How well each client tells what came of its attempts, as a table."""

from collections.abc import Sequence

from modelmerit.learning.attempt_facts import ClientFacts
from modelmerit.learning.figures import percent, rate_of
from modelmerit.learning.markdown import TableOfText, short

SHOWN_CLIENTS = 3
EVIDENCE = (
    "What an outcome rests on: a person's word, tests that ran, the agent's own report, or nothing but that it ended."
)


def named_clients(clients: Sequence[ClientFacts]) -> Sequence[ClientFacts]:
    """The clients worth telling apart: none where nobody has named one."""
    return clients if any(one.client for one in clients) else ()


def client_table(clients: Sequence[ClientFacts], *, wide: bool = False) -> TableOfText:
    """A row per client: the share of attempts with an outcome, what those rest on, and what ran as recommended.

    A `wide` one also says what ran on another model than was answered.
    """
    header = ["client", "outcome known", "person", "tests", "agent", "nothing", "as recommended"]
    rows = [_row(one) for one in clients]
    if not wide:
        return header, rows
    return [*header, "ran otherwise"], [[*row, _otherwise(one)] for row, one in zip(rows, clients, strict=True)]


def ran_otherwise(clients: Sequence[ClientFacts]) -> str:
    """The clients that ran other models than were answered: `opencode 8 % of 100, claude-code 2 % of 190`; "" if none.

    The busiest come first.
    """
    strayed = [one for one in clients if one.executed_otherwise]
    shown = ", ".join(f"{_name(one)} {_otherwise(one)}" for one in strayed[:SHOWN_CLIENTS])
    rest = len(strayed) - SHOWN_CLIENTS
    return f"{shown} and {rest} more" if rest > 0 else shown


def _row(one: ClientFacts) -> list[str]:
    kinds = (one.human, one.tests, one.reported, one.implicit)
    return [
        _name(one),
        rate_of(one.with_outcome, one.attempts),
        *(percent(kind / one.with_outcome) if kind else "-" for kind in kinds),
        rate_of(one.followed, one.recommended) if one.recommended else "-",
    ]


def _name(one: ClientFacts) -> str:
    return short(one.client) if one.client else "not named"


def _otherwise(one: ClientFacts) -> str:
    return rate_of(one.executed_otherwise, one.executions_known) if one.executions_known else "-"
