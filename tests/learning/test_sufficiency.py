"""Whether tasks needed their model: what an analysis shows, and what that says of an attempt."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from math import log
from typing import Any

import numpy as np
import pytest

from modelmerit.learning.analysis import analyse
from modelmerit.learning.cases import Case
from modelmerit.learning.findings import ArmEvidence
from modelmerit.learning.sufficiency import TaskKind, verdicts, with_sufficiency
from modelmerit.learning.tallies import Tallies
from modelmerit.policy.changes import Change
from modelmerit.policy.schema import Policy
from modelmerit.records import Attempt
from modelmerit.statistics.costs import CostRatio
from modelmerit.statistics.posterior import CENTRES, Posterior

MakeAttempt = Callable[..., Attempt]
MakePolicy = Callable[..., Policy]

HAIKU, SONNET, OPUS = "claude-haiku-4-5", "claude-sonnet-4-5", "claude-opus-4-5"
MEDIUM = TaskKind("medium", "", SONNET)
DOCS = TaskKind("medium", "docs", SONNET)
API = TaskKind("medium", "api", SONNET)


def case(
    confidence: float,
    *,
    scope: Mapping[str, str] = {"complexity": "medium"},
    passes: bool = False,
    attempts: int = 40,
    dearer: bool = False,
    **fields: Any,
) -> Case:
    """haiku instead of sonnet, a third of the price, with a gate of 0.87; unless the arguments say otherwise."""

    def arm(model: str, tried: int) -> ArmEvidence:
        return ArmEvidence(model=model, attempts=tried, successes=0, partials=0, missing=0, usd_per_success=None)

    made: dict[str, Any] = {
        "type": "change_default",
        "scope": scope,
        "words": "",
        "incumbent": arm(SONNET, 400),
        "challenger": arm(OPUS if dearer else HAIKU, attempts),
        "belief": Posterior(np.full(len(CENTRES), 1 / len(CENTRES))),
        "incumbent_rate": 0.9,
        "costs": CostRatio(log(3.0 if dearer else 1 / 3), 0.1),
        "limit": -0.1,
        "confidence": confidence,
        "gate": 0.87,
        "passes": passes,
        "covered": lambda: np.zeros(0, dtype=np.bool_),
        "weekly_pace": 1.0,
        "build": lambda: Change("", ()),
    }
    return Case(**(made | fields))


@pytest.mark.parametrize(
    ("cases", "verdict"),
    [
        ([case(0.95, passes=True)], False),
        # As surely not sufficient as a suggestion must be sure: 1 - 0.87.
        ([case(0.13)], True),
        ([case(0.14)], None),
        ([case(0.10, attempts=15)], True),
        ([case(0.10, attempts=14)], None),
        # One cheaper model that may do is enough to doubt.
        ([case(0.05), case(0.40)], None),
        ([case(0.05), case(0.95, passes=True)], False),
        # A dearer model says nothing of whether a cheaper one would do.
        ([case(0.99, passes=True, dearer=True)], None),
        ([case(0.99, passes=True, dearer=True), case(0.05)], True),
        # What a price that nobody knows hides is not known either.
        ([case(0.95, passes=True, costs=None)], None),
    ],
)
def test_a_verdict_is_as_sure_as_a_suggestion_must_be(cases: list[Case], verdict: bool | None) -> None:
    assert verdicts(cases) == {MEDIUM: verdict}


def test_each_kind_of_task_has_its_own_verdict() -> None:
    docs = {"complexity": "medium", "keyword": "docs"}
    found = verdicts([case(0.05), case(0.95, passes=True, scope=docs), case(0.05, scope={"role": "reviewer"})])
    assert found == {MEDIUM: True, DOCS: False, TaskKind("", "role=reviewer", SONNET): True}


def test_one_rule_for_several_complexities_is_a_verdict_on_each() -> None:
    parts = tuple(
        case(0.95, passes=True, scope={"complexity": level, "keyword": "docs"}) for level in ("medium", "complex")
    )
    found = verdicts([case(0.95, passes=True, scope={"keyword": "docs"}, parts=parts)])
    assert found == {DOCS: False, TaskKind("complex", "docs", SONNET): False}


def test_rules_in_words_and_ladders_are_about_no_kind_of_task() -> None:
    assert (
        verdicts(
            [
                case(0.95, passes=True, scope={"condition": "task contains 'manual'"}),
                case(0.95, passes=True, type="escalation"),
            ]
        )
        == {}
    )


@pytest.mark.parametrize(
    ("known", "fields", "verdict"),
    [
        ({MEDIUM: False}, {}, False),
        ({MEDIUM: False}, {"model": OPUS}, None),
        ({MEDIUM: False}, {"model": HAIKU, "executed_model": SONNET}, False),
        ({MEDIUM: False}, {"complexity": "complex"}, None),
        # A task without a complexity is routed as a medium one.
        ({MEDIUM: False}, {"complexity": None}, False),
        # A keyword's verdict comes before its complexity's.
        ({MEDIUM: True, DOCS: False}, {"task_keywords": ("docs",)}, False),
        ({MEDIUM: True, DOCS: False}, {"task_keywords": ("css",)}, True),
        ({MEDIUM: True, DOCS: False, API: True}, {"task_keywords": ("docs", "api")}, None),
        ({MEDIUM: True, TaskKind("", "docs", SONNET): False}, {"task_keywords": ("docs",)}, False),
        ({DOCS: True, TaskKind("", "docs", SONNET): False}, {"task_keywords": ("docs",)}, True),
        ({TaskKind("medium", "workspace=web", SONNET): False}, {"workspace": "web"}, False),
        ({TaskKind("medium", "role=reviewer", SONNET): False}, {"role": "reviewer"}, False),
        ({}, {}, None),
    ],
)
def test_an_attempt_is_told_what_is_known_of_its_narrowest_kind_of_task(
    known: dict[TaskKind, bool | None], fields: dict[str, Any], verdict: bool | None, attempt: MakeAttempt
) -> None:
    told = with_sufficiency(attempt(**fields), known)
    assert told == replace(attempt(**fields), model_was_sufficient=verdict)


@pytest.mark.parametrize("imported", [True, False])
def test_what_an_attempt_says_already_stays(imported: bool, attempt: MakeAttempt) -> None:
    said = attempt(model_was_sufficient=imported)
    assert with_sufficiency(said, {MEDIUM: not imported}) == said


def test_an_analysis_shows_it_of_the_models_in_use(history: Callable[..., list[Attempt]], policy: MakePolicy) -> None:
    def rate(model: str, complexity: str, keyword: str) -> float:
        return 0.4 if model == HAIKU and complexity == "medium" else 0.9

    made = history(30, rate, [("medium", ""), ("complex", "")])
    analysis = analyse(Tallies.from_attempts(made), policy(), made[-1].created_at + timedelta(days=8))
    # Medium tasks go to sonnet, and haiku fails at them; complex ones go to opus, and any model would do.
    assert analysis.sufficiency == {MEDIUM: True, TaskKind("complex", "", OPUS): False}
