"""What counts as a yes where the client has no form: the very line that was shown, as it was shown."""

from mcp.server.mcpserver import AcceptedElicitation

from modelmerit.services.proposals import Proposal
from modelmerit.serving.asking import NotAsked, settle

NOBODY_ASKED = AcceptedElicitation(data=NotAsked())
HIDDEN = Proposal(change="use a\u200bb for docs", diff="-a\n+b\n", evidence="")


def test_a_line_with_hidden_characters_is_approved_by_what_was_shown_of_it():
    shown: set[str] = set()
    assert settle(HIDDEN, NOBODY_ASKED, r"use a\u200bb for docs", shown) is None
    assert settle(HIDDEN, NOBODY_ASKED, r"use a\u200bb for docs", shown) == HIDDEN.change
    assert settle(HIDDEN, NOBODY_ASKED, HIDDEN.change, shown) == HIDDEN.change


def test_a_line_that_hides_nothing_is_not_approved_in_the_place_of_one_that_does():
    shown: set[str] = set()
    assert settle(HIDDEN, NOBODY_ASKED, None, shown) is None
    assert settle(HIDDEN, NOBODY_ASKED, "use ab for docs", shown) is None


def test_an_approved_line_that_is_no_longer_the_change_is_handed_on_to_be_refused():
    shown: set[str] = set()
    assert settle(HIDDEN, NOBODY_ASKED, None, shown) is None
    other = Proposal(change="use c for docs", diff="-a\n+c\n", evidence="")
    assert settle(other, NOBODY_ASKED, r"use a\u200bb for docs", shown) != other.change
