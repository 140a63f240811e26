"""A simulation as a report: what it came to in one sentence, what to keep in mind, and its tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine.core.plural import count
from engine.reports.model import Cell, Name, Report, Table, columns
from engine.reports.wording import number_text, percent
from engine.simulation.planned import Detection
from engine.simulation.summary import Difference, Played, Simulated, Spread, Week

# key of the figure: what people call it, in the order of the table
FIGURES = {
    "entered": "Deals followed",
    "actions": "Actions handed out",
    "actions_per_deal": "Actions per deal",
    "hours": "Hours of work",
    "touches": "Touches made",
    "touches_per_contact": "Touches per contact approached",
    "replied": "Deals with a reply",
    "opted_out": "Deals with an opt-out",
    "wins": "Deals won back",
    "standing": "Not over after the weeks played",
}
ASSUMED = (
    "A simulation shows what follows from its assumptions, not what customers will do. Where it says 5 %, 50 % and "
    "95 %, so many of the replicates came to less."
)
_LISTED_ENDS = 12
_FULLEST = 10  # weeks that people are shown


@dataclass(frozen=True, kw_only=True, slots=True)
class About:
    """What was played, in words. `alone`: nobody answers and nobody acts, so that there is nothing to be unsure of."""

    deals: str  # `600 made deals`
    behaviour: str
    alone: bool = False
    remarks: tuple[str, ...] = ()
    facts: Mapping[str, object] = field(default_factory=dict)


def simulated_report(
    found: Simulated, about: About, detections: Sequence[Detection] = (), *, brief: bool = False
) -> Report:
    """`brief`: for people, who look for the fullest weeks and not for every week."""
    remarks = (() if about.alone else (ASSUMED,)) + about.remarks + tuple(_words(one) for one in detections)
    stuck = max(one.figures["stuck"].high for one in found.played)
    if stuck:
        remarks += (f"{number_text(stuck)} deals could not be played to their end; `playbook preview` shows why.",)
    return Report(
        name="simulation",
        title=" against ".join(one.name for one in found.played),
        verdict=_verdict(found, about),
        remarks=remarks,
        tables=tuple(_tables(found, detections, brief)),
        facts={
            "seed": found.seed, "replicates": found.replicates, "weeks": found.weeks, "deals": found.deals,
            **about.facts,
        },
    )  # fmt: skip


# --- words ----------------------------------------------------------------------------------------------------------


def _verdict(found: Simulated, about: About) -> str:
    times = "" if found.replicates == 1 else f", {found.replicates} times"
    head = f"{about.deals} followed for {count(found.weeks, 'week')} each{times}, {about.behaviour}."
    if found.differences:
        return " ".join([head, *(_difference(one) for one in found.differences)])
    one = found.played[0]
    told = [f"{_range(one.figures['actions'])} actions"]
    if not about.alone:
        told.append(f"{_range(one.figures['replied'])} deals with a reply")
        told.append(f"{_range(one.figures['wins'])} won back")
    busiest = max(one.people, key=lambda load: (load.peak.middle, load.person), default=None)
    peak = ""
    if busiest is not None and busiest.fullest is not None:
        peak = f" The fullest week of one person is {busiest.person}'s: {_range(busiest.peak)} actions"
        peak += f" in the week of {busiest.fullest.isoformat()}."
    return f"{head} It comes to {', '.join(told)}.{peak}"


def _difference(one: Difference) -> str:
    wins, actions = one.figures["wins"], one.figures["actions"]
    return (
        f"Against {one.base}, {one.name} wins back {_more(wins, 'deals')} and takes {_more(actions, 'actions')}; "
        f"it wins back more in {percent(one.better['wins'])} of the replicates."
    )


def _more(spread: Spread, what: str) -> str:
    """`12 more deals (from 3 fewer to 20 more)`"""
    middle = spread.middle
    told = f"{_apart(middle)} {what}" if middle else f"as many {what}"
    return told if spread.low == spread.high else f"{told} (from {_apart(spread.low)} to {_apart(spread.high)})"


def _apart(value: float) -> str:
    return f"{number_text(abs(value))} {'fewer' if value < 0 else 'more'}"


def _range(spread: Spread) -> str:
    """`20 (12 to 31)`"""
    if spread.low == spread.high:
        return number_text(spread.middle)
    return f"{number_text(spread.middle)} ({number_text(spread.low)} to {number_text(spread.high)})"


def _words(one: Detection) -> str:
    return (
        f"The planned comparison, with {one.deals:,} deals in {one.control} and {one.arm} together, would find a "
        f"difference of this size in about {percent(one.found.mean)} of such experiments."
    )


# --- tables ---------------------------------------------------------------------------------------------------------


def _tables(found: Simulated, detections: Sequence[Detection], brief: bool) -> list[Table]:
    tables = [_figures(found)]
    if found.differences:
        tables.append(_differences(found.differences))
    if detections:
        tables.append(_detections(detections))
    tables += [_people(found), _weeks(found, brief), _ends(found), _actions(found)]
    tables += [_touches(found), _times(found)]
    return [table for table in tables if table.rows]


def _spread(spread: Spread) -> tuple[float, float, float]:
    return spread.low, spread.middle, spread.high


def _rows(found: Simulated, many: bool, rows: Mapping[str, list[tuple[Cell, ...]]]) -> tuple[tuple[Cell, ...], ...]:
    """With the playbook in front where there are several."""
    return tuple((one.name, *row) if many else row for one in found.played for row in rows[one.name])


def _table(
    found: Simulated, name: str, title: str, heads: Mapping[str, str], rows: Mapping[str, list[tuple[Cell, ...]]],
    note: str = "",
) -> Table:  # fmt: skip
    many = len(found.played) > 1
    return Table(
        name=name, title=title, columns=columns(**({"playbook": "Playbook"} if many else {}), **heads),
        rows=_rows(found, many, rows), note=note,
    )  # fmt: skip


_LOW_TO_HIGH = {"low": "5 %", "middle": "50 %", "high": "95 %"}


def _figures(found: Simulated) -> Table:
    rows: dict[str, list[tuple[Cell, ...]]] = {
        one.name: [
            *((FIGURES[key], *_spread(one.figures[key])) for key in FIGURES),
            *((f"{name}, share of the deals", *_spread(spread)) for name, spread in one.metrics.items()),
        ]
        for one in found.played
    }
    return _table(found, "figures", "In all", {"figure": "Figure", **_LOW_TO_HIGH}, rows)


def _differences(differences: Sequence[Difference]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for one in differences:
        figures = [(FIGURES[key], one.figures[key], one.better[key]) for key in FIGURES]
        rows += [(one.name, name, *_spread(spread), better) for name, spread, better in figures]
        rows += [
            (one.name, f"{name}, difference of shares", *_spread(spread), None) for name, spread in one.metrics.items()
        ]
    return Table(
        name="differences",
        title=f"What it does more than {differences[0].base} (less: below 0), with the same deals and the same luck",
        columns=columns(playbook="Playbook", figure="Figure", **_LOW_TO_HIGH, more="more in this share of replicates"),
        rows=tuple(rows),
    )


def _detections(detections: Sequence[Detection]) -> Table:
    return Table(
        name="detection",
        title="How likely the planned comparison is to find the difference",
        columns=columns(arm="Arm", control="Against", deals="Deals of both", **_LOW_TO_HIGH, mean="on average"),
        rows=tuple((one.arm, one.control, one.deals, *_spread(one.found), one.found.mean) for one in detections),
        note="One test at the planned end. Weekly looks may stop earlier and cost a few points.",
    )


def _people(found: Simulated) -> Table:
    heads = {
        "person": "Person", "actions": "Actions", "weekly": "per week", "hours": "Hours per week",
        "peak_low": "Fullest week, 5 %", "peak": "50 %", "peak_high": "95 %", "fullest": "Most often in the week of",
    }  # fmt: skip
    rows: dict[str, list[tuple[Cell, ...]]] = {
        one.name: [
            (load.person or "(nobody)", load.actions.middle, load.weekly.middle, load.minutes.middle / 60,
             load.peak.low, load.peak.middle, load.peak.high, load.fullest.isoformat() if load.fullest else "")
            for load in one.people
        ]
        for one in found.played
    }  # fmt: skip
    note = "Actions handed out to each person; a week counts if there was any work in it."
    return _table(found, "people", "Work by person", heads, rows, note)


def _weeks(found: Simulated, brief: bool) -> Table:
    rows: dict[str, list[tuple[Cell, ...]]] = {
        one.name: [
            (week.begins.isoformat(), *_spread(week.actions), week.minutes.middle / 60)
            for week in (_fullest(one.weeks) if brief else one.weeks)
        ]
        for one in found.played
    }
    heads = {"week": "Week of", **_LOW_TO_HIGH, "hours": "Hours"}
    title = f"The {_FULLEST} fullest weeks, of everybody" if brief else "Actions by week, of everybody"
    return _table(found, "weeks", title, heads, rows)


def _fullest(weeks: Sequence[Week]) -> list[Week]:
    """In the order of the calendar."""
    ranked = sorted(weeks, key=lambda week: (-week.actions.middle, week.begins))
    return sorted(ranked[:_FULLEST], key=lambda week: week.begins)


def _ends(found: Simulated) -> Table:
    rows: dict[str, list[tuple[Cell, ...]]] = {
        one.name: [
            (Name(name=end) if end else "not over yet", *_spread(spread))
            for end, spread in list(one.ends.items())[:_LISTED_ENDS]
        ]
        for one in found.played
    }  # fmt: skip
    return _table(found, "ends", "How it ends", {"end": "End", **_LOW_TO_HIGH}, rows)


def _actions(found: Simulated) -> Table:
    rows: dict[str, list[tuple[Cell, ...]]] = {
        one.name: [(Name(name=name), *_spread(spread)) for name, spread in one.names.items()] for one in found.played
    }
    return _table(found, "actions", "Actions handed out", {"action": "Action", **_LOW_TO_HIGH}, rows)


def _touches(found: Simulated) -> Table:
    rows: dict[str, list[tuple[Cell, ...]]] = {
        one.name: [(times, percent(share)) for times, share in one.touches.items()] for one in found.played
    }
    heads = {"touches": "Touches of a contact", "share": "Contacts"}
    return _table(found, "touches", "How often a contact is approached", heads, rows)


def _times(found: Simulated) -> Table:
    rows: dict[str, list[tuple[Cell, ...]]] = {one.name: _quarters(one) for one in found.played}
    heads = {"what": "Days", "quarter": "a quarter within", "half": "half within", "most": "three quarters within"}
    return _table(found, "times", "How long it takes", heads, rows, "Of those that ended, or were won back, in time.")


def _quarters(one: Played) -> list[tuple[Cell, ...]]:
    told = (("to the end", one.days_to_end), ("to the win", one.days_to_win))
    return [(what, *days) for what, days in told if days is not None]
