"""Dispatching a task, and hearing what came of it."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random

from modelmerit.errors import UnknownModel
from modelmerit.evidence.keywords import extract_keywords
from modelmerit.evidence.outcomes import OutcomeReport
from modelmerit.evidence.redaction import redact, without_secrets
from modelmerit.evidence.retries import RecentAttempt, find_retry
from modelmerit.evidence.store import Situation, Store
from modelmerit.policy.document import ExplorationSettings, ModelEntry, Policy
from modelmerit.policy.file import PolicyFile
from modelmerit.records import Attempt, Complexity, Priority, Status, Task
from modelmerit.routing import router
from modelmerit.routing.escalation import Failed
from modelmerit.routing.exploration import ExplorationState, Spent
from modelmerit.routing.router import Choice
from modelmerit.settings import Settings

LONGEST_BUDGET_DAYS = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRequest:
    """A task as the caller describes it; its text may still hold secrets."""

    task: str
    workspace: str | None = None
    workspace_path: str | None = None
    complexity: Complexity | None = None
    priority: Priority | None = None
    role: str | None = None
    estimated_files: int | None = None


@dataclass(frozen=True, slots=True)
class Routed:
    """A choice of model, what this client calls that model, and what the caller should know besides."""

    choice: Choice
    use_as: str
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dispatched(Routed):
    """A recorded dispatch. `retry_of` names the attempt this one is a confirmed retry of."""

    attempt: Attempt
    retry_of: str | None


class Dispatching:
    """Chooses models for tasks and records what happened. `now` tells the time, in UTC."""

    def __init__(
        self, store: Store, policy_file: PolicyFile, settings: Settings, now: Callable[[], datetime], rng: Random
    ) -> None:
        self._store = store
        self._policy_file = policy_file
        self._settings = settings
        self._now = now
        self._rng = rng

    async def dispatch(
        self, request: TaskRequest, *, model: str | None = None, explore: bool = True, client: str | None = None
    ) -> Dispatched:
        """Choose a model for the task and record the attempt. `model` overrides rules and chance."""
        loaded = self._policy_file.current()
        policy = self._with_environment(loaded.policy)
        task, warnings = _read(request)
        now = self._now()

        def decide(situation: Situation) -> tuple[Attempt, Choice]:
            match = find_retry(task.text, task.workspace, now, situation.recent)
            confirmed = match.previous if match and match.confirmed else None
            choice = router.choose(
                policy,
                task,
                state=_exploration_state(situation),
                rng=self._rng,
                now=now,
                retry_of=_failure(confirmed),
                explore=explore and confirmed is None,
                named=without_secrets(model),
            )
            return Attempt(
                id=f"dispatch-{int(now.timestamp() * 1000)}-{secrets.token_hex(4)}",
                task=task.text,
                model=choice.model,
                created_at=now,
                updated_at=now,
                workspace=task.workspace,
                workspace_path=without_secrets(request.workspace_path),
                complexity=task.complexity,
                priority=task.priority,
                retry_count=confirmed.retry_count + 1 if confirmed else 0,
                task_keywords=task.keywords,
                previous_dispatch_id=match.previous.id if match else None,
                recommended_model=choice.recommended,
                provider=policy.provider_of(choice.model),
                selection=choice.selection,
                propensities=choice.propensities,
                policy_hash=policy.hash,
                estimated_files=task.estimated_files,
                role=task.role,
                client=self._settings.client or client,
                session_id=self._settings.session_id,
            ), choice

        attempt, choice = await self._store.dispatch(
            task.workspace or "",
            now,
            window=_budget_window(policy),
            decide=decide,
            results_at=(task.complexity or "") if policy.exploration.mode == "adaptive" else None,
        )
        return Dispatched(
            choice=choice,
            use_as=policy.use_as(choice.model, attempt.client),
            warnings=(*loaded.warnings, *choice.warnings, *warnings),
            attempt=attempt,
            retry_of=attempt.previous_dispatch_id if attempt.retry_count > 0 else None,
        )

    def recommend(self, request: TaskRequest, *, client: str | None = None) -> Routed:
        """What the policy says of the task, without chance and without recording anything."""
        loaded = self._policy_file.current()
        task, _ = _read(request)
        choice = router.recommend(loaded.policy, task)
        use_as = loaded.policy.use_as(choice.model, self._settings.client or client)
        return Routed(choice, use_as, loaded.warnings)

    async def report(self, attempt_id: str, said: OutcomeReport) -> tuple[Attempt, bool]:
        """Take an outcome report; answers the attempt as it stands, and whether anything changed.

        Raises:
            UnknownTask: If no attempt has this id.
        """
        notes = without_secrets(said.notes)
        executed, provider = without_secrets(said.executed_model), said.provider
        if executed is not None:
            policy = self._policy_file.current().policy
            executed = model_called(policy, executed)
            provider = provider or policy.provider_of(executed)
        said = replace(said, notes=notes, executed_model=executed, provider=provider)
        return await self._store.report(attempt_id, said, self._now())

    async def status(self, attempt_id: str) -> Attempt:
        """The attempt with this id.

        Raises:
            UnknownTask: If there is none.
        """
        return await self._store.attempt(attempt_id)

    async def recent(
        self, *, workspace: str | None, status: Status | None, limit: int, before: datetime | None = None
    ) -> list[Attempt]:
        """The newest attempts, newest first. A `before` that names no zone is in UTC."""
        moment = before or self._now() + timedelta(seconds=1)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return await self._store.attempts(before=moment, workspace=workspace, status=status, limit=limit)

    def _with_environment(self, policy: Policy) -> Policy:
        switch = self._settings.exploration
        if switch is None:
            return policy
        mode = policy.exploration.mode
        wanted = "off" if not switch else (mode if mode != "off" else ExplorationSettings().mode)
        return replace(policy, exploration=replace(policy.exploration, mode=wanted))


def model_called(policy: Policy, name: str) -> str:
    """The id of the model that an agent calls `name`: an id, an alias, a family, or what a client calls it."""
    try:
        return policy.resolve(name)
    except UnknownModel:
        used = {entry.id for entry in policy.models if name in _client_names(entry)}
        return used.pop() if len(used) == 1 else name


def _client_names(entry: ModelEntry) -> tuple[str, ...]:
    return (entry.use_as,) if isinstance(entry.use_as, str) else tuple(entry.use_as.values())


def _read(request: TaskRequest) -> tuple[Task, tuple[str, ...]]:
    redacted = redact(request.task)
    task = Task(
        text=redacted.text,
        # From the text as it was: "[redacted:google-api-key]" would make it a task about an API.
        keywords=extract_keywords(request.task),
        workspace=without_secrets(request.workspace),
        complexity=request.complexity,
        priority=request.priority,
        role=without_secrets(request.role),
        estimated_files=request.estimated_files,
    )
    if not redacted.found:
        return task, ()
    return task, (f"Taken out of the stored text: {', '.join(redacted.found)}.",)


def _failure(retried: RecentAttempt | None) -> Failed | None:
    if retried is None or not retried.model_failed:
        return None
    return Failed(retried.model, retried.created_at)


def _budget_window(policy: Policy) -> timedelta:
    return timedelta(days=min(policy.learning.window_days or LONGEST_BUDGET_DAYS, LONGEST_BUDGET_DAYS))


def _exploration_state(situation: Situation) -> ExplorationState:
    spent = situation.spent
    return ExplorationState(
        situation.last_explored,
        situation.since_explored,
        Spent(
            spent.attempts,
            spent.explored,
            spent.tokens,
            spent.tokens_known,
            spent.explored_tokens,
            spent.explored_tokens_known,
        ),
        situation.results,
    )
