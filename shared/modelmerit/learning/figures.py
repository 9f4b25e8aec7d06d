"""Figures as a busy person reads them: whole percents, money with sensible digits, round times and token counts."""

SECONDS_PER_MINUTE = 60
MINUTES_PER_HOUR = 60
SEPARATED_FROM = 10_000
"""Shorter numbers are read at a glance without a separator between thousands."""

LEAST_USD = 1e-6
KEPT_DIGITS = 4
"""So many digits of a share are kept; it is read from them, so that what was told is told the same again."""

FORESEEN_WEEKS = 52
"""Whatever takes longer, nobody can say how long."""


def percent(share: float) -> str:
    """A share as a whole percentage; never a certainty that nobody has."""
    whole = round(100 * round(share, KEPT_DIGITS))
    if whole == 0 and share > 0:
        return "under 1 %"
    if whole == 100 and share < 1:
        return "over 99 %"
    return f"{whole} %"


def rate(successes: int, trials: int) -> str:
    """A rate with its counts: `90 % (66 of 73)`. There must be trials."""
    return f"{percent(successes / trials)} ({count(successes)} of {count(trials)})"


def rate_of(successes: int, trials: int) -> str:
    """A rate in as little room as a table has: `90 % of 73`. There must be trials."""
    return f"{percent(successes / trials)} of {count(trials)}"


def count(number: int) -> str:
    """A whole number."""
    return f"{number:,}" if number >= SEPARATED_FROM else str(number)


def counted(number: int, noun: str) -> str:
    """A number and its noun: `1 week`, `3 weeks`."""
    return f"{count(number)} {noun}{'' if number == 1 else 's'}"


def points(share: float) -> str:
    """A difference of shares in whole percentage points, with its sign and never a minus zero."""
    return f"{round(100 * round(share, KEPT_DIGITS)):+d}"


def at_your_pace(weeks: float) -> str:
    """How long something takes: `some 3 weeks at your pace`."""
    some = f"some {counted(max(1, round(weeks)), 'week')}" if weeks <= FORESEEN_WEEKS else "more than a year"
    return f"{some} at your pace"


def money(usd: float) -> str:
    """An amount in dollars of at least 0: `$12`, `$0.18`, `$0.0042`."""
    if 0 < usd < LEAST_USD:
        return f"under ${LEAST_USD:.6f}"
    if usd >= 9.995:
        return f"${usd:,.0f}"
    if usd >= 0.0995 or usd == 0:
        return f"${usd:.2f}" if usd else "$0"
    digits = next(places for places in range(2, 8) if usd >= 0.995 * 10.0 ** (1 - places))
    return f"${usd:.{digits}f}"


def duration(seconds: float) -> str:
    """A time of at least 0: `under 1 s`, `42 s`, `2 min 5 s`, `3 h 20 min`."""
    if 0 < seconds < 1:
        return "under 1 s"
    minutes, rest = divmod(round(seconds), SECONDS_PER_MINUTE)
    if minutes < MINUTES_PER_HOUR:
        return _joined((minutes, "min"), (rest, "s"))
    hours, minutes = divmod(round(seconds / SECONDS_PER_MINUTE), MINUTES_PER_HOUR)
    return _joined((hours, "h"), (minutes, "min"))


def tokens(number: float) -> str:
    """A count of tokens: `850`, `1.6 k`, `12 k`, `1.2 M`."""
    for unit, size in (("M", 1e6), ("k", 1e3)):
        scaled = number / size
        if scaled >= 0.9995:
            return f"{scaled:.1f} {unit}" if scaled < 9.95 else f"{scaled:,.0f} {unit}"
    return f"{number:.0f}"


def _joined(*parts: tuple[int, str]) -> str:
    return " ".join(f"{count(value)} {unit}" for value, unit in parts if value) or f"0 {parts[-1][1]}"
