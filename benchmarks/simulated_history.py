"""Made-up dispatch logs of the shape real ones have: paragraphs as tasks, few models, most outcomes reported."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

WORKSPACES = ("storefront", "billing", "mobile-app", "data-pipeline", "docs-site", "infra", "search", "auth")
DEFAULTS = {
    "simple": "claude-haiku-4-5-20251001",
    "medium": "claude-sonnet-4-5-20250929",
    "complex": "claude-opus-4-5-20251101",
}
VERBS = ("Fix", "Add", "Refactor", "Write tests for", "Document", "Investigate", "Migrate", "Speed up", "Review")
THINGS = (
    "the rate limiting middleware",
    "the checkout page",
    "the nightly export job",
    "the session cache",
    "the search index builder",
    "the readme of the client library",
    "the CI workflow",
    "the database migration for orders",
    "the login form's CSS",
    "error handling in the upload API",
)
DETAILS = (
    "The failing case is in `{path}`; reproduce it first, then make the smallest change that passes.",
    "Keep the public signature as it is, because other teams import it.",
    "Look at how {other} does it and follow the same layout.",
    "Run the test suite with `make test` when you are done and report what failed, if anything did.",
    "Do not touch generated files. List every file you changed with line numbers.",
    "Users reported it after release {number}; the log shows a timeout after {number} ms.",
    "Return a short summary: what you found, what you changed, and what you are unsure about.",
)


def task_text(rng: Random) -> str:
    """A task as agents write them: an order, then one to seven sentences of detail with paths and numbers."""
    path = f"src/{rng.choice(WORKSPACES)}/{rng.choice('abcdefgh')}{rng.randrange(1000)}.py"
    details = rng.sample(DETAILS, rng.randint(1, len(DETAILS)))
    filled = [detail.format(path=path, other=rng.choice(THINGS), number=rng.randrange(1, 5000)) for detail in details]
    return f"{rng.choice(VERBS)} {rng.choice(THINGS)} in {path}. {' '.join(filled)}"


def spread_history(count: int, rng: Random, now: datetime) -> Iterator[dict[str, Any]]:
    """Records over the last 90 days and all workspaces, oldest first."""
    for number in range(count):
        created_at = now - timedelta(days=90) * (1 - number / count)
        yield _record(rng, f"past-{number}", rng.choice(WORKSPACES), created_at)


def crowded_history(count: int, rng: Random, now: datetime) -> Iterator[dict[str, Any]]:
    """Records of one workspace within the last hour, oldest first: what a swarm of agents leaves behind."""
    for number in range(count):
        created_at = now - timedelta(minutes=55) * (1 - number / count)
        yield _record(rng, f"past-{number}", WORKSPACES[0], created_at)


def keyworded_history(
    count: int, rng: Random, now: datetime, keywords: int = 300, models: int = 10
) -> Iterator[dict[str, Any]]:
    """Records over the last year with one to three of many keywords, a few frequent ones, and many models tried."""
    names = [f"kind-{number}" for number in range(keywords)]
    weights = [1 / (rank + 3) for rank in range(keywords)]
    others = [f"model-{number}" for number in range(models - len(DEFAULTS))]
    for number in range(count):
        created_at = now - timedelta(days=365) * (1 - number / count)
        record = _record(rng, f"past-{number}", rng.choice(WORKSPACES), created_at)
        recommended = record["recommended_model"]
        tried = [model for model in (*DEFAULTS.values(), *others) if model != recommended]
        if record["selection"] == "explored":
            record["model"] = rng.choice(tried)
        yield record | {
            "propensities": {recommended: 0.9} | dict.fromkeys(tried, 0.1 / len(tried)),
            "task_keywords": list(dict.fromkeys(rng.choices(names, weights, k=rng.randint(1, 3)))),
            "cost_usd": round(rng.lognormvariate(-3, 1), 5) if record["outcome"] else None,
        }


def _record(rng: Random, record_id: str, workspace: str, created_at: datetime) -> dict[str, Any]:
    complexity = rng.choices(list(DEFAULTS), (3, 5, 2))[0]
    recommended = DEFAULTS[complexity]
    explored = rng.random() < 0.1
    others = [model for model in DEFAULTS.values() if model != recommended]
    outcome = rng.choices(("success", "failure", "partial", None), (70, 15, 5, 10))[0]
    seconds = round(rng.lognormvariate(3.5, 0.8), 1)
    return {
        "id": record_id,
        "workspace": workspace,
        "task": task_text(rng),
        "complexity": complexity,
        "priority": rng.choice(("low", "medium", "high")),
        "model": rng.choice(others) if explored else recommended,
        "status": {None: "running", "failure": "failed"}.get(outcome, "completed"),
        "created_at": _iso(created_at),
        "updated_at": _iso(created_at + timedelta(seconds=seconds if outcome else 0)),
        "outcome": outcome,
        "execution_time_seconds": seconds if outcome else None,
        "tokens_used": round(rng.lognormvariate(9.5, 0.7)) if outcome else None,
        "recommended_model": recommended,
        "selection": "explored" if explored else "policy",
        "propensities": {recommended: 0.9} | dict.fromkeys(others, 0.05),
        "evidence": None if outcome is None else rng.choice(("reported", "tests", "human")),
        "client": "claude-code",
    }


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
