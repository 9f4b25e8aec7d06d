"""What disappoints in a run: the goals it missed, where others do better, and parts that brought nothing."""

from collections.abc import Iterator

from decision_run import LEAST_FOUND, MOST_FALSE, MOST_GAP, MOST_WRONG, OURS, Run
from decision_scoring import LEAST_IN_BIN, calibration, of_family, summary


def shortfalls(run: Run) -> list[str]:
    """One line for each goal that was missed and each part that brought nothing."""
    ours = run.scores[OURS]
    total, bins = summary(ours), calibration(ours)
    lines = []
    if total.wrong_share > MOST_WRONG:
        lines.append(f"The wrong share misses its goal: {total.wrong_share:.1%}.")
    if total.empty_worlds and total.false_worlds / total.empty_worlds > MOST_FALSE:
        lines.append(f"False worlds miss their goal: {total.false_worlds} of {total.empty_worlds}.")
    if total.full_worlds and total.found_worlds / total.full_worlds < LEAST_FOUND:
        lines.append(
            f"Found misses its goal: {total.missed_worlds} of {total.full_worlds} worlds kept what was to be found "
            "(see how much evidence there was)."
        )
    for one in bins:
        if one.count >= LEAST_IN_BIN and abs(one.gap) > MOST_GAP:
            less = "more" if one.gap < 0 else "less"
            lines.append(
                f"Findings stated at {one.low:.1f} to {one.low + 0.1:.1f} were {less} often right than stated: "
                f"{one.right / one.count:.2f} against {one.stated:.2f}."
            )
    for family in run.families:
        own = summary(of_family(ours, family))
        if own.wrong > MOST_WRONG * max(1, own.right + own.wrong) and own.wrong > 1:
            lines.append(f"`{family}`: {own.wrong} of {own.right + own.wrong} suggestions were wrong.")
        if own.full_worlds and own.found_worlds / own.full_worlds < LEAST_FOUND:
            lines.append(f"`{family}`: found in {own.found_worlds} of {own.full_worlds} worlds.")
    for name, scores in run.scores.items():
        theirs = summary(scores)
        if name != OURS and theirs.found_worlds > total.found_worlds:
            lines.append(f"{name} finds more: in {theirs.found_worlds} worlds, against {total.found_worlds}.")
    return [*lines, *_idle_parts(run)]


def _idle_parts(run: Run) -> Iterator[str]:
    """The parts without which the same worlds come out no worse."""
    if OURS not in run.ablated:
        return
    full = summary(run.ablated[OURS])
    for name, scores in run.ablated.items():
        without = summary(scores)
        if name != OURS and without.wrong <= full.wrong and without.found_worlds >= full.found_worlds:
            yield (
                f"{name[0].upper()}{name[1:]}, these worlds come out no worse: {without.wrong} wrong against "
                f"{full.wrong}, found in {without.found_worlds} against {full.found_worlds}."
            )
