"""What the arithmetic takes and returns."""

from __future__ import annotations

from dataclasses import dataclass, replace

NO_DEALS = "an arm has no deals"
NO_SPREAD = "within each arm all deals ended alike, so the spread is unknown"
NOT_IN_A = "the control has none to compare with"


@dataclass(frozen=True, kw_only=True, slots=True)
class Tally:
    """How many of an arm's deals did what was counted: were won back, replied, gave a debrief."""

    yes: int
    of: int

    def __post_init__(self) -> None:
        if not 0 <= self.yes <= self.of:
            raise ValueError(f"{self.yes} of {self.of} is not a count of deals")

    @property
    def share(self) -> float | None:
        """0 to 1; None without deals."""
        return self.yes / self.of if self.of else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Interval:
    """An estimate and the range that the counts leave open. What cannot be computed is None, and `reason` says why."""

    level: float  # 0.95: the range holds the truth in 95 of 100 experiments
    method: str  # in words, for the report
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    standard_error: float | None = None  # where the method has one, in the unit of the estimate
    p: float | None = None  # two-sided, where the method has one
    reason: str = ""

    def clipped(self, lowest: float, highest: float) -> Interval:
        """With no end beyond what is possible."""
        if self.low is None or self.high is None:
            return self
        return replace(self, low=max(self.low, lowest), high=min(self.high, highest))


def symmetric(
    *, level: float, method: str, estimate: float, margin: float, standard_error: float, p: float | None = None
) -> Interval:
    """`estimate` ± `margin`."""
    low, high = estimate - margin, estimate + margin
    return Interval(
        level=level, method=method, estimate=estimate, low=low, high=high, standard_error=standard_error, p=p
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Significance:
    """A test statistic and how often chance alone would give one as large."""

    method: str  # in words, for the report
    statistic: float | None = None
    degrees: int | None = None  # of freedom, for a chi-square
    p: float | None = None  # two-sided
    reason: str = ""


def checked_level(level: float) -> float:
    """`level` itself. Raises ValueError unless it lies strictly between 0 and 1."""
    if not 0 < level < 1:
        raise ValueError(f"a level lies between 0 and 1 (0.95), not {level}")
    return level
