"""Suggestions read back from the store, those of earlier releases included."""

import json
from dataclasses import replace

from modelmerit.learning.suggestion_text import suggestion_lines
from modelmerit.services.proposals import Proposal
from modelmerit.services.recalling import recalled

NEW_IN_ARMS = ("checked", "implicit", "checked_share", "implicit_share")


async def test_a_suggestion_is_recalled_as_it_was_found(app):
    findings = await app.analysing.findings()
    (made,) = [one for one in findings.analysis.suggestions if one.id == findings.proposed[0].id]
    again = recalled(findings.proposed[0])
    assert again.evidence.challenger.checked == made.evidence.challenger.checked
    assert suggestion_lines(again) == suggestion_lines(made)


async def test_what_an_earlier_release_kept_is_still_read_and_says_nothing_of_what_it_did_not_know(app):
    stored = (await app.analysing.findings()).proposed[0]
    payload = json.loads(json.dumps(stored.payload))
    del payload["evidence"]["checked_share"]
    for arm in ("incumbent", "challenger"):
        for name in NEW_IN_ARMS:
            del payload["evidence"][arm][name]
    old = replace(stored, payload=payload)
    assert recalled(old).evidence.checked_share is None
    assert "decided by" not in suggestion_lines(recalled(old))[1]
    await app.store.decide(old)
    assert isinstance(await app.approving.propose(old.id), Proposal)
