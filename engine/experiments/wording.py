"""How a comparison is put into words that a sales manager understands: no method, no symbol, every share with its size.

Sentences of a verdict are here; what is remarked beside it is in `remarks`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from engine.core.experiment import Metric
from engine.core.plural import count
from engine.core.shares import MINUS, percent, points, signed_points
from engine.experiments.statistics.results import Interval, Tally

# event -> (B has more, B has less, what one unit did)
_DOING = {
    "won": ("wins back more", "wins back less", "were won back"),
    "reply": ("gets more replies", "gets fewer replies", "replied"),
    "opted_out": ("has more opt-outs", "has fewer opt-outs", "opted out"),
    "reopened": ("has more reopened", "has fewer reopened", "were reopened"),
}
_UNITS = {"d": "day", "w": "week", "mo": "month", "y": "year", "h": "hour", "min": "minute", "bd": "business day"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """What the sentences are about: an arm, its control, the metric and what is counted ("deal", "account")."""

    arm: str
    control: str
    metric: Metric
    unit: str
    team: str | None = None  # "": the deals without a team

    @property
    def units(self) -> str:
        return f"{self.unit}s"

    @property
    def over(self) -> str:
        """`whose 180 days are over`"""
        return f"whose {window(self.metric)} are over" if self.metric.within.amount != 1 else _one(self.metric)

    @property
    def more(self) -> str:
        return _doing(self.metric)[0]

    @property
    def less(self) -> str:
        return _doing(self.metric)[1]

    @property
    def did(self) -> str:
        return _doing(self.metric)[2]

    @property
    def where(self) -> str:
        """` in team west`"""
        if self.team is None:
            return ""
        return f" in team {self.team}" if self.team else f" among {self.units} without a team"

    @property
    def too_early(self) -> str:
        return f"Too early to compare {self.arm} with {self.control}{self.where}"


def span(interval: Interval) -> str:
    """`between 1.2 and 8.1 points`; "" without a range."""
    if interval.low is None or interval.high is None:
        return ""
    return f"between {signed_points(interval.low)} and {signed_points(interval.high)} points"


def _distance(difference: float) -> str:
    """With its sign, as the range beside it has one: `4.7 points`, `−1 point`."""
    told = signed_points(difference)
    return f"{told} {'point' if told.strip(MINUS) == '1' else 'points'}"


def share(tally: Tally) -> str:
    """`12 of 40 (30 %)`."""
    return f"{tally.yes:,} of {tally.of:,} ({percent(tally.yes / tally.of)})" if tally.of else "none"


def window(metric: Metric) -> str:
    """`180 days`"""
    return count(metric.within.amount, _UNITS.get(metric.within.unit, metric.within.unit))


def metric_words(metric: Metric) -> str:
    """`replied within 60 days`"""
    return f"{_doing(metric)[2]} within {window(metric)}"


def listed(names: list[str] | tuple[str, ...], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {last} {names[-1]}"


def sentence(text: str) -> str:
    """With a capital at the beginning, unless it begins with a name as it was written."""
    return text[:1].upper() + text[1:]


def _one(metric: Metric) -> str:
    return f"whose {_UNITS.get(metric.within.unit, metric.within.unit)} is over"


def _doing(metric: Metric) -> tuple[str, str, str]:
    name = metric.event
    return _DOING.get(name, (f'has more "{name}"', f'has less "{name}"', f'had "{name}"'))


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What was found by the look shown: shares alike in all teams, the counts, and the range. `seen`: which look that
    was, in words."""

    share_b: float
    share_a: float
    b: Tally
    a: Tally
    difference: Interval
    seen: str = ""

    @property
    def ahead(self) -> bool:
        return self.share_b >= self.share_a


def seen(on: date, as_of: date | None) -> str:
    """`at the look of 2026-12-06, which sees the import of 2026-11-30`"""
    sees = f"the import of {'that day' if as_of == on else as_of}" if as_of else "no import"
    return f"at the look of {on}, which sees {sees}"


def against(subject: Subject, found: Found) -> str:
    """`9.8 % against 5.1 % of the deals whose 180 days are over (at the look of 2027-09-12, which sees the import of
    that day: 24 of 245 and 12 of 236)`."""
    plain = f"{found.seen}: " if found.seen else ""
    plain += f"{found.b.yes:,} of {found.b.of:,} and {found.a.yes:,} of {found.a.of:,}"
    shares = (found.share_b, found.b.share or 0.0), (found.share_a, found.a.share or 0.0)
    if any(percent(alike) != percent(crude) for alike, crude in shares):
        plain += "; the percentages are as if each team had the same part in both arms"
    return f"{percent(found.share_b)} against {percent(found.share_a)} of the {subject.units} {subject.over} ({plain})"


def decided(subject: Subject, found: Found, *, won: bool, look: str, early: bool, smaller: bool) -> str:
    """A winner or a loser, with the look at which it was decided. `early`: before the planned end. `smaller`: by the
    look shown, a later one, the difference is smaller than it was then."""
    distance = _distance(found.share_b - found.share_a)
    ranged = f" ({span(found.difference)}, a range that holds at all looks together)" if span(found.difference) else ""
    text = (
        f"{subject.arm} {subject.more if won else subject.less} than {subject.control}{subject.where}: "
        f"{against(subject, found)}, a difference of {distance}{ranged}. It was decided at {look}."
    )
    low, high = found.difference.low, found.difference.high
    if found.ahead != won and found.share_b != found.share_a:
        text += " Since then the arms have changed places: look at the numbers before you act."
    elif low is not None and high is not None and low <= 0 <= high:
        faded = "smaller" if smaller else "less certain"
        text += f" Since then the difference has become {faded}: the range, of a later look, reaches across zero."
    return text + (" As that was before the planned end, the difference is likely a bit overstated." if early else "")


def blocked(subject: Subject, guardrail: Metric, on: date) -> str:
    return (
        f"{subject.arm} is ahead of {subject.control}{subject.where}, but is not called a winner: since the look of "
        f"{on} it is clear that more of its {subject.units} {metric_words(guardrail)}."
    )


def no_difference(subject: Subject, found: Found, margin: float) -> str:
    return (
        f"No difference that would matter between {subject.arm} and {subject.control}{subject.where}: "
        f"{against(subject, found)}. The difference lies {span(found.difference)}; you said that up to {points(margin)}"
        " would not matter."
    )


def inconclusive(subject: Subject, found: Found | None, margin: float | None, why: str = "") -> str:
    begins = (
        f"The planned end is past, and nothing was decided between {subject.arm} and {subject.control}{subject.where}"
    )
    if found is None:
        return f"{begins}: {why}."
    told = f"{begins}: {against(subject, found)}."
    if why:
        return f"{told} {sentence(why)}."
    if not span(found.difference):
        return told
    also = "" if margin is None else f" That is wider than the {points(margin)} that you said would not matter."
    return f"{told} The true difference may lie {span(found.difference)}.{also}"


def running(subject: Subject, found: Found, ahead: str) -> str:
    distance, ranged = found.share_b - found.share_a, span(found.difference)
    order = "are alike so far" if not distance else f"differ by {_distance(distance)} so far"
    might = f", and the true difference may lie {ranged}" if ranged else ""
    return (
        f"Not decided yet: {subject.arm} and {subject.control}{subject.where} {order}, "
        f"{against(subject, found)}{might}. {ahead}"
    )


def outlook(needed: int | None, by: date | None, ends: date | None, subject: Subject) -> str:
    """What is still to come; "" where that cannot be told."""
    if needed is None:
        return ""
    units, over = count(needed, "more " + subject.unit), window(subject.metric)
    more = f"If it stays like this, about {units} must have had their {over}"
    if by is not None:
        return f"{more}, which will be by about {by}."
    if ends is not None:
        return f"{more}: more than will be by the last look (after {ends}), so it will likely stay undecided."
    return f"{more}."


def following(on: date | None, asked_on: date, ends: date | None) -> str:
    """When there will be something new."""
    if on is None:
        return ""
    if ends is not None and asked_on > ends:
        return f"The last windows were over on {ends}: the last look waits for the first import of deals after that."
    return f"The next look is on {on}."
