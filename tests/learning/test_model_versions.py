from collections.abc import Callable

import pytest

from modelmerit.learning.comparisons import compare_all
from modelmerit.learning.model_versions import predecessor
from modelmerit.learning.strata import comparable_tallies, stratum
from modelmerit.learning.tallies import Tallies
from modelmerit.learning.tallying import day_number
from modelmerit.policy.schema import Policy
from modelmerit.records import Attempt


@pytest.mark.parametrize(
    ("model", "known", "expected"),
    [
        ("claude-sonnet-4-6", ["claude-sonnet-4-5-20250929", "claude-opus-4-5"], "claude-sonnet-4-5-20250929"),
        ("claude-sonnet-4-5", ["claude-3-5-sonnet-20241022", "claude-3-7-sonnet-latest"], "claude-3-5-sonnet-20241022"),
        ("claude-haiku-4-5-20260101", ["claude-haiku-4-5-20251001"], "claude-haiku-4-5-20251001"),
        ("gpt-5.1-2025-11-13", ["gpt-5-2025-08-07", "gpt-5-mini"], "gpt-5-2025-08-07"),
        ("anthropic/claude-opus-4.6", ["claude-opus-4-1", "claude-opus-4-5", "claude-opus-5"], "claude-opus-4-5"),
        ("gpt-5", ["gpt-4o", "gpt-5-mini"], None),
        ("claude-opus-4-5", ["claude-opus-4-5", "claude-opus-4-6"], None),
        ("sonnet", [], None),
    ],
)
def test_the_version_before_is_told_by_words_numbers_and_date(
    model: str, known: list[str], expected: str | None
) -> None:
    assert predecessor(model, known) == expected


def test_a_new_version_is_expected_to_do_as_the_one_before_it_until_it_has_shown_otherwise(
    history: Callable[..., list[Attempt]], policy: Callable[..., Policy], attempt: Callable[..., Attempt]
) -> None:
    # The old haiku solves a third of what sonnet solves; the new one has had three tasks, and solved them.
    past = history(8, lambda model, *_: 0.3 if "haiku" in model else 0.9, [("medium", "")])
    start = max(one.created_at for one in past)
    tried = [
        attempt(
            10_000 + number,
            model=model,
            created_at=start,
            selection="explored",
            cost_usd=0.05,
            propensities={model: 0.1, "claude-sonnet-4-5": 0.9},
        )
        for model in ("claude-haiku-4-6", "another-small-model")
        for number in range(3)
    ]
    tallies = Tallies.from_attempts([*past, *tried])
    day = day_number(start) + 7
    comparisons = compare_all(
        stratum(comparable_tallies(tallies, day, day), "medium", "claude-sonnet-4-5"), policy().learning
    )
    expected = {one.challenger: one.belief.mean for one in comparisons}
    assert expected["claude-haiku-4-6"] < expected["another-small-model"] - 0.1
