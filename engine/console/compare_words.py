"""How a comparison puts shares, differences and verdicts into a few words."""

from __future__ import annotations

from collections.abc import Mapping

from engine.core.durations import TimeError, parse_duration
from engine.core.plural import count
from engine.core.shares import percent, percent_range, points_range, signed_points, with_minus
from engine.experiments.comparison import Comparison, Contrast, Verdict
from engine.experiments.statistics.results import Tally
from engine.plots.forest import NO_TEAMS, ONE_LOOK
from engine.plots.looks import is_too_few

NO_EVIDENCE = "no evidence"
_HEADLINES: Mapping[str, str] = {
    "invalid": "Not to be used: something went wrong",
    "too_early": "Too early to tell",
    "winner": "{arm} wins",
    "loser": "{arm} does worse",
    "no_difference": "No difference that matters",
    "inconclusive": "No answer: the deals were too few",
    "running": "Still running",
    "not_evidence": "No evidence: nobody was drawn at random",
}
_LENGTHS = {"d": "day", "w": "week", "mo": "month", "y": "year"}
_IN_A_ROW: Mapping[str, str] = {
    "invalid": "not to be used",
    "too_early": "too early",
    "winner": "better",
    "loser": "worse",
    "no_difference": "no difference",
    "inconclusive": "no answer",
    "running": "running",
    "not_evidence": NO_EVIDENCE,
}


def headline(verdict: Verdict) -> str:
    """The verdict in a few words: `four_weeks wins`."""
    if verdict.state == "inconclusive" and verdict.blocked_by:
        return "No winner: a guardrail was crossed"
    return _HEADLINES[verdict.state].format(arm=verdict.arm or "an arm")


def in_a_row(verdict: Verdict, *, alone: bool = False) -> str:
    """The verdict in a cell of a table; `alone`: of one team."""
    if alone and verdict.state == "too_early":
        return "too little data alone"
    reached = f" (look {verdict.look})" if verdict.look and verdict.state in ("winner", "loser") else ""
    return _IN_A_ROW[verdict.state] + reached


def window(comparison: Comparison) -> str:
    """How long after the draw the primary metric is counted: `180 days`; "" where that is not known."""
    said = comparison.primary.partition(" within ")[2]
    try:
        length = parse_duration(said) if said else None
    except TimeError:
        length = None
    return count(length.amount, _LENGTHS[length.unit]) if length and length.unit in _LENGTHS else said


def share_cell(share: float | None) -> str:
    """`9.8 %`; "" for none."""
    return "" if share is None else percent(share, fixed=True)


def share_span(low: float | None, high: float | None) -> str:
    """Of a share: `6.9 to 13.8 %`; "" where none is known."""
    return "" if low is None or high is None else percent_range(low, high, fixed=True)


def points_cell(difference: float | None) -> str:
    """A difference of shares in percentage points: `+4.7`; "" for none."""
    return "" if difference is None else signed_points(difference, fixed=True)


def points_span(low: float | None, high: float | None) -> str:
    """`+1.2 to +8.1`."""
    return "" if low is None or high is None else points_range(low, high)


def tally_text(tally: Tally | None) -> str:
    """`24 of 250`."""
    return "" if tally is None else f"{tally.yes:,} of {tally.of:,}"


def tally_share(tally: Tally | None) -> str:
    """`24 of 250, 9.6 %`."""
    if tally is None or not tally.of:
        return tally_text(tally)
    return f"{tally_text(tally)}, {share_cell(tally.share)}"


def probability(p: float | None) -> str:
    """`0.013`, `under 0.001`."""
    return "" if p is None else "under 0.001" if p < 0.001 else f"{p:.3f}"


def decimal(number: float | None, digits: int = 2) -> str:
    """`1.96`, `−0.25`; "" for none."""
    return "" if number is None else with_minus(f"{number:,.{digits}f}")


def other_rows(contrast: Contrast) -> str:
    """What the rows beside the overall one are; "" without them."""
    once = f"{ONE_LOOK}: the range if one had looked only once, at the end." if contrast.final else ""
    together = f"{NO_TEAMS}: as if there were none. It can mislead; no verdict goes by it." if contrast.crude else ""
    return f"{once} {together}".strip()


def counted_at(comparison: Comparison) -> str:
    """What the numbers of a verdict, an arm or a team are as of: `by the look of 2027-09-12`."""
    if comparison.look_on:
        return f"by the look of {comparison.look_on}"
    return f"by the import of {comparison.as_of_on}" if comparison.as_of_on else "by then"


def against(contrast: Contrast) -> str:
    return f"{contrast.arm} against {contrast.control}"


def as_of_text(comparison: Comparison) -> str:
    """What the comparison sees, and how old that is."""
    if comparison.as_of_on is None:
        return f"As of {comparison.asked_on}: no import has been handled by a tick yet, so there is nothing to count."
    behind = comparison.days_behind or 0
    old = f", {count(behind, 'day')} before the day asked for" if behind else ""
    return f"As of {comparison.asked_on}. The last import it sees is of {comparison.as_of_on}{old}."


def plan_text(comparison: Comparison) -> str:
    """When units are drawn, and how often one may look."""
    if comparison.observational:
        return f"The first of these {comparison.unit}s began on {comparison.starts}. Nobody drew them."
    drawn = f"{comparison.unit.capitalize()}s are drawn from {comparison.starts}"
    until = f" to {comparison.ends}" if comparison.ends else " on, without a planned end"
    phases = f", in {comparison.phases} phases" if comparison.phases > 1 else ""
    looks = f" {comparison.looks_planned} weekly looks are planned." if comparison.looks_planned else ""
    following = f" The next look is on {comparison.next_look}." if comparison.next_look else ""
    return f"{drawn}{until}{phases}.{looks}{following}"


def control_note(comparison: Comparison, arm: str) -> str:
    """` (control)` behind the control's name, unless that says it."""
    return " (control)" if arm == comparison.control != "control" else ""


def few_at(contrast: Contrast) -> str:
    """At which looks the boundary was passed and nothing concluded; "" if at none."""
    few = [look for look in contrast.looks if is_too_few(look)]
    if not few:
        return ""
    listed = ", ".join(str(look.number) for look in few)
    return f"Beyond the boundary, but with {few[-1].reason}, so that nothing was concluded: look {listed}."


def about(comparison: Comparison) -> str:
    """What was compared with what, and which way."""
    arms = ", ".join(f"{arm.arm}{control_note(comparison, arm.arm)}" for arm in comparison.arms)
    team = f" Only team {comparison.team}." if comparison.team else ""
    counts = f"Counted is: {comparison.primary}." if comparison.primary else ""
    return " ".join(part for part in (f"Arms: {arms}." if arms else "", counts + team) if part)
