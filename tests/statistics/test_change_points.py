import itertools

import numpy as np
import pytest

from modelmerit.statistics.change_points import current_value

HAZARD = 0.1


def by_enumeration(log_likelihood: np.ndarray, blocks: np.ndarray, prior: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same belief by adding up every way to cut the history, which only a short one allows."""
    count = len(blocks)
    last, value = np.zeros(count), np.zeros(len(prior))
    for cuts in itertools.product([False, True], repeat=count - 1):
        starts = [0, *(at + 1 for at, cut in enumerate(cuts) if cut)]
        weight = 1.0
        for at, cut in enumerate(cuts):
            stay = (1 - HAZARD) ** (blocks[at + 1] - blocks[at])
            weight *= 1 - stay if cut else stay
        for start, end in itertools.pairwise([*starts, count]):
            joint = prior * np.exp(log_likelihood[start:end].sum(axis=0))
            if end == count:
                last[start] += weight * joint.sum()
                value += weight * joint
            weight *= joint.sum()
    return last / last.sum(), value / value.sum()


@pytest.mark.parametrize("seed", range(3))
def test_the_recursion_adds_up_every_way_to_cut_the_history(seed: int) -> None:
    rng = np.random.default_rng(seed)
    log_likelihood = rng.normal(size=(6, 4))
    blocks = np.array([0, 1, 2, 5, 6, 9])
    prior = np.array([0.1, 0.2, 0.3, 0.4])
    last, value = by_enumeration(log_likelihood, blocks, prior)
    found = current_value(log_likelihood, blocks, np.log(prior), HAZARD)
    assert found.last_change == pytest.approx(last)
    assert found.weights == pytest.approx(value)


def test_without_data_the_prior_is_all_there_is() -> None:
    prior = np.array([0.25, 0.75])
    found = current_value(np.zeros((0, 2)), np.zeros(0, dtype=np.int64), np.log(prior), HAZARD)
    assert found.weights == pytest.approx(prior)
    assert found.start == 0


def test_an_evident_change_cuts_the_evidence_before_it() -> None:
    # Five blocks that can only be value 0, then five that can only be value 1.
    log_likelihood = np.repeat([[0.0, -9.0], [-9.0, 0.0]], 5, axis=0)
    found = current_value(log_likelihood, np.arange(10), np.log([0.5, 0.5]), HAZARD)
    assert found.start == 5
    assert found.weights[1] > 0.99


def test_time_alone_cuts_nothing() -> None:
    steady = np.repeat([[0.0, -1.0]], 10, axis=0)
    assert current_value(steady, np.arange(10), np.log([0.5, 0.5]), 0.02).start == 0
