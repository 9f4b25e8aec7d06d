import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from decision_families import FAMILIES, MEANINGS, make_world
from decision_histories import draw_history, explored_at_targets
from decision_quality import RULES, judge, save, with_section
from decision_rules import OTHER_RULES, weekly_looks
from decision_run import OURS, Run
from decision_scoring import is_right, score
from decision_text import document
from decision_worlds import START, World
from modelmerit.evidence.dispatch_log import attempt_from_record
from modelmerit.learning.backtest import backtest
from modelmerit.policy.document import parse_policy

LATE = START + timedelta(days=300)
SEEDS = range(1, 9)


def tiny(family: str) -> World:
    world = make_world(family, 1)
    return replace(world, habits=replace(world.habits, tasks_per_day=2.0))


@pytest.mark.parametrize("family", FAMILIES)
def test_what_there_is_to_find_is_right_and_where_there_is_nothing_no_default_is(family: str) -> None:
    for seed in SEEDS:
        world = make_world(family, seed)
        assert sum(world.shares.values()) == pytest.approx(1.0)
        for target in world.targets:
            for complexity, model in target.models.items():
                scope = {"complexity": complexity} | ({"keyword": target.keyword} if target.keyword else {})
                assert is_right(world, scope, model, LATE)
                assert not target.since_day or not is_right(world, scope, model, START)
        if not world.targets:
            changes = [({"complexity": level}, model) for level in world.defaults for model in world.models]
            assert not any(is_right(world, scope, model, LATE) for scope, model in changes)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_tiny_world_of_each_family_is_judged_by_every_rule(family: str) -> None:
    world = tiny(family)
    attempts = draw_history(world)
    assert attempts == draw_history(world)
    assert 550 < len(attempts) < 1000
    assert 0 <= explored_at_targets(world, attempts) < len(attempts)
    policy = parse_policy(json.dumps(world.policy))
    assert policy.problems == ()
    for name in OTHER_RULES:
        assert score(world, weekly_looks(name, attempts, policy)).seed == world.seed
    spring = [one for one in attempts if one.created_at < START + timedelta(days=60)]
    assert score(world, backtest(spring, policy, 28)).family == family


def test_logged_propensities_are_the_ones_models_were_drawn_with() -> None:
    """Each attempt counts 1 / its propensity for its own model; the mean over all is 1 for every model.

    Its variance is (1 / p - 1) for each attempt, so that with its tasks the mean lies within 4 standard errors.
    """
    world = make_world("adaptive", 3)
    drawn = [one for one in draw_history(world) if one.propensities]
    for model in world.models:
        odds = [one.propensities[model] for one in drawn if one.propensities]
        mean = sum(1 / share for one, share in zip(drawn, odds, strict=True) if one.model == model) / len(drawn)
        error = sum(1 / share - 1 for share in odds) ** 0.5 / len(drawn)
        assert mean == pytest.approx(1.0, abs=4 * error)


def test_families_show_in_their_logs_what_they_are_about() -> None:
    assert {one.error_type for one in draw_history(tiny("outage"))} > {None}
    assert "override" in {one.selection for one in draw_history(tiny("confounded"))}
    assert len({frozenset((one.propensities or {}).values()) for one in draw_history(tiny("adaptive"))}) > 50
    silent = tiny("silent")
    quietest = max(silent.models, key=lambda model: silent.habits.unreported[model][1])
    unreported = [one.outcome is None for one in draw_history(silent) if one.model == quietest and one.propensities]
    assert sum(unreported) > 0.1 * len(unreported)


def test_a_kept_world_reads_back_as_it_was_drawn(tmp_path: Path) -> None:
    world = tiny("season")
    attempts = draw_history(world)
    save(world, attempts, tmp_path)
    records = json.loads((tmp_path / "dispatches.json").read_text())
    read = [attempt_from_record(record) for record in records]
    assert [(one.id, one.outcome, one.propensities) for one in read] == [
        (one.id, one.outcome, one.propensities) for one in attempts
    ]
    assert json.loads((tmp_path / "models.json").read_text()) == world.policy


def test_the_report_tells_every_rule_and_family(tmp_path: Path) -> None:
    attempts, scores = judge("quiet", 1, tuple(OTHER_RULES), tmp_path)
    text = document(
        Run(
            scores={OURS: [scores["plain formula"]], **{name: [one] for name, one in scores.items()}},
            ablated={name: [scores["plain formula"]] for name in (OURS, "without shrinkage")},
            families=["quiet"],
            worlds=1,
            ablated_worlds=1,
            first_seed=1,
            attempts=attempts,
            command="decision_quality.py --worlds 1",
            version="0",
            day=date(2026, 1, 5),
            minutes=1.0,
        )
    )
    assert all(name in text for name in RULES)
    assert (tmp_path / "quiet-1" / "models.json").exists()
    assert MEANINGS["quiet"] in text
    assert "Without shrinkage, these worlds come out no worse" in text


def test_one_section_is_written_anew_and_the_rest_of_the_document_stays() -> None:
    text = "# Title\n\n## One\n\nold\n\n## Two\n\nlast\n"
    assert with_section(text, "## One\n\nnew") == "# Title\n\n## One\n\nnew\n\n## Two\n\nlast\n"
    assert with_section(text, "## Two\n\nnew") == "# Title\n\n## One\n\nold\n\n## Two\n\nnew\n"
    with pytest.raises(SystemExit, match="write it whole first"):
        with_section(text, "## Three\n\nnew")
