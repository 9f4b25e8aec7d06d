"""How well each client tells what came of its attempts, as a table."""

from collections.abc import Sequence

from modelmerit.learning.attempt_facts import ClientFacts
from modelmerit.learning.figures import percent, rate_of
from modelmerit.learning.markdown import TableOfText, short

EVIDENCE = (
    "What an outcome rests on: a person's word, tests that ran, the agent's own report, or nothing but that it ended."
)


def named_clients(clients: Sequence[ClientFacts]) -> Sequence[ClientFacts]:
    """The clients worth telling apart: none where nobody has named one."""
    return clients if any(one.client for one in clients) else ()


def client_table(clients: Sequence[ClientFacts]) -> TableOfText:
    """A row per client: the share of attempts with an outcome, what those rest on, and what ran as recommended."""
    header = ["client", "outcome known", "person", "tests", "agent", "nothing", "as recommended"]
    return header, [_row(one) for one in clients]


def _row(one: ClientFacts) -> list[str]:
    kinds = (one.human, one.tests, one.reported, one.implicit)
    return [
        short(one.client) if one.client else "not named",
        rate_of(one.with_outcome, one.attempts),
        *(percent(kind / one.with_outcome) if kind else "-" for kind in kinds),
        rate_of(one.followed, one.recommended) if one.recommended else "-",
    ]
