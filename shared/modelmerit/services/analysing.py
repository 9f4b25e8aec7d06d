"""Finding out what the evidence says, keeping what was found, and telling it.

numpy is imported only when something is analysed: a server that never is should start without it.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from modelmerit.errors import StoreError
from modelmerit.evidence.decisions import AnalysisMark, StoredSuggestion
from modelmerit.evidence.dispatch_log import iso
from modelmerit.evidence.store import Store
from modelmerit.learning.tallying import day_number
from modelmerit.policy.atomic import write_temporary
from modelmerit.policy.file import LoadedPolicy, PolicyFile
from modelmerit.policy.schema import Policy
from modelmerit.services.bundles import confidence_to_approve
from modelmerit.services.reconciling import corrected
from modelmerit.settings import Settings

if TYPE_CHECKING:
    from modelmerit.learning.analysis import Analysis
    from modelmerit.learning.circumstances import Circumstances
    from modelmerit.learning.report import Report
    from modelmerit.learning.tallies import Tallies


Progress = Callable[[str, float], Awaitable[None]]
"""Takes what is being done now, and the share of the whole that lies behind, from 0 to 1."""


async def untold(_doing: str, _share: float) -> None:
    """Nobody asked how far it has come."""


@dataclass(frozen=True, slots=True)
class Findings:
    """An analysis, what it was made from, and the fate of everything it, or an earlier one, suggested."""

    analysis: "Analysis"
    tallies: "Tallies"
    circumstances: "Circumstances"
    policy: LoadedPolicy
    suggestions: tuple[StoredSuggestion, ...]

    @property
    def proposed(self) -> tuple[StoredSuggestion, ...]:
        """The suggestions that wait for a human, most confident first."""
        return tuple(suggestion for suggestion in self.suggestions if suggestion.status == "proposed")


class Analysing:
    """Analyses when something has changed since the last time, and not otherwise."""

    def __init__(self, store: Store, policy_file: PolicyFile, settings: Settings, now: Callable[[], datetime]) -> None:
        self._store = store
        self._policy_file = policy_file
        self._settings = settings
        self._now = now
        self._latest: tuple[AnalysisMark, Findings] | None = None

    async def findings(self, progress: Progress = untold) -> Findings:
        """What the evidence says now; answered from memory where nothing has changed since the last analysis."""
        loaded = self._policy_file.current()
        await self.reconcile()
        revision = await self._store.counter("revision")
        now = self._now()
        if self._latest is not None:
            mark, findings = self._latest
            same_day = mark.analysed_at.date() == now.date()
            if same_day and (mark.revision, mark.policy_hash) == (revision, loaded.policy.hash):
                return replace(findings, policy=loaded, suggestions=tuple(await self._store.suggestions()))
        return await self.analyse(progress=progress)

    async def analyse(
        self,
        *,
        min_sample_size: int | None = None,
        since: datetime | None = None,
        progress: Progress = untold,
    ) -> Findings:
        """Analyse afresh, record what was found, and write model-learning.json.

        `min_sample_size` and `since` narrow the patterns shown, never what a decision rests on.
        """
        from modelmerit.learning.analysis import analyse
        from modelmerit.services.freed_memory import return_large_blocks
        from modelmerit.services.observing import circumstances, observe

        return_large_blocks()
        # Of a long history one set of columns at a time is enough to hold.
        self._latest = None
        await progress("reading what was recorded", 0.0)
        # The time comes first: what is decided from here on is newer than what this analysis can know.
        now = self._now()
        loaded = self._policy_file.current()
        await self.reconcile()
        mark = AnalysisMark(now, await self._store.counter("revision"), loaded.policy.hash)
        tallies = await self._tallies(loaded.policy, now, since)
        seen = await observe(self._store, loaded.policy, now)
        known = await circumstances(self._store, seen)
        await progress("comparing the models", 0.4)
        analysis = await asyncio.to_thread(
            analyse,
            tallies,
            loaded.policy,
            now,
            circumstances=known,
            min_sample_size=min_sample_size,
            since=since,
        )
        await progress("keeping what was found", 0.8)
        found = [
            StoredSuggestion(
                id=suggestion.id,
                type=suggestion.type,
                change=suggestion.change.summary,
                confidence=suggestion.confidence,
                weight=suggestion.evidence.incumbent.attempts + suggestion.evidence.challenger.attempts,
                payload=suggestion.to_dict() | {"edits": suggestion.change.to_dict()},
                proposed_at=now,
                updated_at=now,
            )
            for suggestion in analysis.suggestions
        ]
        kept = await self._store.save_analysis(found, mark, analysis.sufficiency)
        findings = Findings(analysis, tallies, known, loaded, tuple(kept))
        if min_sample_size is None and since is None:
            await asyncio.to_thread(self._write_learning, findings, await self._store.counter("attempts"))
            self._latest = (mark, findings)
        return findings

    async def reconcile(self) -> None:
        """Make the store agree with the change log on what is applied and what is taken back."""
        entries = await asyncio.to_thread(self._policy_file.changes)
        for suggestion in corrected(await self._store.suggestions(), entries):
            await self._store.decide(suggestion)

    async def report(self, *, min_confidence: float = 0.0, progress: Progress = untold) -> tuple["Report", Findings]:
        """The weekly report, on an analysis that is up to date, with the undecided suggestions from a confidence on."""
        from modelmerit.learning.report import report
        from modelmerit.services.observing import observe
        from modelmerit.services.reviewing import standing

        findings = await self.findings(progress)
        policy = findings.policy.policy
        seen = await observe(self._store, policy, self._now())
        open_ids = {found.id for found in findings.proposed if confidence_to_approve(found) >= min_confidence}
        undecided = tuple(found for found in findings.analysis.suggestions if found.id in open_ids)
        analysis = replace(findings.analysis, suggestions=undecided)
        applied = await asyncio.to_thread(standing, findings)
        known = findings.circumstances
        told = report(
            analysis,
            findings.tallies,
            policy,
            seen,
            findings.policy.warnings,
            applied,
            mismatches=known.mismatches,
            unreliable=known.unreliable,
        )
        return told, findings

    async def export_learning(self) -> dict[str, Any]:
        """What model-learning.json says, on an analysis that is up to date."""
        return _learning(await self.findings(), await self._store.counter("attempts"))

    async def _tallies(self, policy: Policy, now: datetime, since: datetime | None) -> "Tallies":
        from modelmerit.learning.tallies import Tallies
        from modelmerit.services.reviewing import first_day_of_reviews

        window_days = policy.learning.window_days
        today = day_number(now)
        told_since = 0 if window_days is None else max(0, today - int(window_days))
        told_since = min(told_since, max(0, first_day_of_reviews(await self._store.suggestions(), today)))
        if since is not None:
            told_since = min(told_since, max(0, day_number(since)))
        return await self._store.tallies(Tallies.from_rows, today=today, told_since=told_since)

    def _write_learning(self, findings: Findings, attempts: int) -> None:
        document = json.dumps(_learning(findings, attempts), indent=2, ensure_ascii=False) + "\n"
        path = self._settings.learning_path
        temporary = None
        try:
            temporary, _ = write_temporary(path, document.encode())
            temporary.replace(path)
        except OSError as error:
            if temporary is not None:
                temporary.unlink(missing_ok=True)
            raise StoreError(
                f"{str(path)!r} cannot be written ({error.strerror}). What was found is kept; "
                "free some space, or move away what lies there."
            ) from error


def _learning(findings: Findings, attempts: int) -> dict[str, Any]:
    return {
        "last_updated": iso(findings.analysis.as_of.astimezone(UTC)),
        "total_dispatches": attempts,
        "patterns": [pattern.to_dict() for pattern in findings.analysis.patterns],
        "suggestions": [learning_entry(suggestion) for suggestion in findings.suggestions],
        "hints": [hint.to_dict() for hint in findings.analysis.hints],
    }


def learning_entry(suggestion: StoredSuggestion) -> dict[str, Any]:
    """A suggestion as other tools read it: `rule` for rule changes, `from`, `to` and `condition` for the others."""
    payload = suggestion.payload
    entry: dict[str, Any] = {"id": suggestion.id, "type": suggestion.type}
    condition = " and ".join(_compared(name, value) for name, value in payload["scope"].items())
    if suggestion.type in ("new_rule", "upgrade_complexity"):
        entry["rule"] = {"if": condition, "use": payload["to_model"]}
    else:
        entry |= {"from": payload["from_model"], "to": payload["to_model"], "condition": condition}
    return entry | {
        "change": suggestion.change,
        "reason": payload["reason"],
        "confidence": round(suggestion.confidence, 3),
        "status": suggestion.status,
    }


def _compared(name: str, value: str) -> str:
    if name == "condition":
        return value
    return f"{name} is {value}" if name in ("complexity", "priority") else f"{name} is '{value}'"
