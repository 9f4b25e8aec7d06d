import numpy as np
import pytest

from modelmerit.statistics.interactions import SIZES, Cell, Explanation, interacting_share, interactions
from modelmerit.statistics.posterior import CENTRES, Posterior

SHARE = 0.25
TOGETHER = [Explanation(members, mean=0.0, sd=0.25, share=1 / 3) for members in ((0, 1), (0,), (1,))]


def certain(difference: float) -> Posterior:
    weights = np.zeros(len(CENTRES))
    weights[int(np.abs(CENTRES - difference).argmin())] = 1.0
    return Posterior(weights)


def as_expected(attempts: float = 12) -> Cell:
    return Cell(attempts, 0.6 * attempts, 0.6, 0.03)


def much_better(attempts: float = 12) -> Cell:
    return Cell(attempts, 0.95 * attempts, 0.6, 0.03)


def test_a_kind_that_does_as_expected_has_hardly_an_interaction() -> None:
    (kind,) = interactions([([as_expected(), as_expected()], TOGETHER)], SHARE)
    assert kind.interacting < 0.2
    assert kind.total(0, certain(-0.205)).mean == pytest.approx(-0.2, abs=0.02)


def test_cells_that_depart_together_are_one_finding() -> None:
    (kind,) = interactions([([much_better(), much_better()], TOGETHER)], SHARE)
    alone, _ = interactions(
        [([much_better(), as_expected()], TOGETHER), ([as_expected(), as_expected()], TOGETHER)], SHARE
    )
    assert kind.interacting > 0.95
    assert kind.interacting > alone.interacting
    assert kind.total(0, certain(-0.305)).above(-0.1) > 0.85


def test_what_is_seen_in_one_cell_is_not_believed_of_one_that_departs_otherwise() -> None:
    (kind,) = interactions([([much_better(40), as_expected(40)], TOGETHER)], SHARE)
    assert kind.total(0, certain(0.005)).mean > 0.2
    assert kind.total(1, certain(0.005)).mean == pytest.approx(0.0, abs=0.06)


def test_each_cell_holds_a_whole_distribution() -> None:
    (kind,) = interactions([([much_better(), as_expected()], TOGETHER)], SHARE)
    assert kind.in_cell.sum(axis=1) == pytest.approx([1.0, 1.0])
    assert len(SIZES) == kind.in_cell.shape[1]
    assert kind.total(0, certain(0.9)).weights.sum() == pytest.approx(1.0)


def test_many_kinds_without_interaction_make_one_more_less_likely() -> None:
    quiet = ([as_expected(), as_expected()], TOGETHER)
    loud = ([much_better(6), much_better(6)], TOGETHER)
    among_few = interactions([loud], SHARE)[0]
    among_many = interactions([loud, *[quiet] * 60], SHARE)[0]
    assert among_many.interacting < among_few.interacting


def test_an_explanation_that_predicts_what_is_seen_is_believed_sooner() -> None:
    cells = [much_better(6), as_expected(6)]

    def interacting(mean: float, sd: float) -> float:
        return interactions([(cells, [Explanation((0,), mean, sd, share=1.0)])], SHARE)[0].interacting

    assert interacting(0.35, 0.1) > interacting(0.0, 0.25) > interacting(-0.35, 0.1)


def test_the_share_of_kinds_that_interact_is_learned_from_all_of_them() -> None:
    # With factors of 1 nothing is learned: the share stays at its prior mean.
    assert interacting_share(np.ones(20), SHARE) == pytest.approx(0.25, abs=1e-6)
    assert interacting_share(np.full(20, 0.1), SHARE) < 0.25 < interacting_share(np.full(20, 10.0), SHARE)


def test_an_uncertain_expectation_leaves_little_to_conclude() -> None:
    sure, unsure = (
        interactions([([Cell(12, 11, 0.6, sd), Cell(12, 11, 0.6, sd)], TOGETHER)], SHARE)[0].interacting
        for sd in (0.02, 0.3)
    )
    assert unsure < sure


def test_many_cells_against_one_reference_say_no_more_than_the_reference_allows() -> None:
    # Twenty models do better than expected, all against an incumbent's rate that is itself hardly known.
    cells = [Cell(10, 8, 0.6, 0.03, reference_sd=sd) for sd in (0.15,) for _ in range(20)]
    sure = [Cell(10, 8, 0.6, 0.03) for _ in range(20)]
    explanation = [Explanation(tuple(range(20)), mean=0.0, sd=0.25, share=1.0)]
    doubtful, believed = (interactions([(own, explanation)], SHARE)[0].interacting for own in (cells, sure))
    assert doubtful < 0.6 < 0.99 < believed


def test_the_share_is_taken_as_given_where_it_is_not_to_be_learned() -> None:
    (kind,) = interactions([([as_expected(), as_expected()], TOGETHER)], 1.0, learns_share=False)
    assert kind.interacting == pytest.approx(1.0)
