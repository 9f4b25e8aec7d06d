import numpy as np
import pytest

from modelmerit.statistics.shrinkage import shrunken, variance_between


def test_the_variance_between_groups_is_what_chance_leaves_unexplained() -> None:
    # Two groups, effects 0 and 2, variance 1 each: mean 1, Q = 2, expected 1; (2 - 1) / (2 - 2/2) = 1.
    assert variance_between(np.array([0.0, 2.0]), np.array([1.0, 1.0])) == pytest.approx(1.0)


def test_groups_that_differ_less_than_chance_would_have_it_do_not_differ() -> None:
    assert variance_between(np.array([0.0, 0.1]), np.array([1.0, 1.0])) == 0.0
    assert shrunken(np.array([0.0, 0.1]), np.array([1.0, 1.0])) == pytest.approx([0.0, 0.0])


def test_an_effect_keeps_the_share_that_is_not_chance() -> None:
    # Between-variance 1 as above, own variance 1: half of the effect is left.
    assert shrunken(np.array([0.0, 2.0]), np.array([1.0, 1.0])) == pytest.approx([0.0, 1.0])


def test_a_group_without_attempts_says_nothing() -> None:
    effects, variances = np.array([0.0, 2.0, 9.0]), np.array([1.0, 1.0, np.inf])
    assert variance_between(effects, variances) == pytest.approx(1.0)
    assert shrunken(effects, variances)[2] == 0.0


def test_a_single_group_has_nothing_to_differ_from() -> None:
    assert variance_between(np.array([2.0]), np.array([1.0])) == 0.0
