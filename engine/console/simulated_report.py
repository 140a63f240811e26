"""A simulation as a report: what it came to in one sentence, what to keep in mind, and its tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from engine.console.simulated_words import detection_words, verdict
from engine.core.plural import things
from engine.core.shares import percent
from engine.reports.model import Cell, Name, Report, Table, columns
from engine.reports.wording import number_text
from engine.simulation.planned import Detection
from engine.simulation.summary import TWENTY, Difference, Played, Simulated, Spread, Week

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
# without reps and customers: what is planned
PLANNED = {
    "entered": "Deals followed",
    "actions": "Actions handed out",
    "actions_per_deal": "Actions per deal",
    "hours": "Hours of work",
    "planned_touches": "Touches planned",
    "standing": "Not over after the weeks played",
}
_NOT_ESTIMATED = ("touches", "touches_per_contact", "standing")
ASSUMED = "A simulation shows what follows from its assumptions, not what customers will do."
_QUANTILES = "Where it says 5 %, 50 % and 95 %, so many of the replicates came to less."
_FEW = "Least and most are those of the few replicates played."
ESTIMATED = (
    "Estimated, not played: reps do as many of their actions as the middle of their range says. What is not estimated "
    "is left out."
)
_LISTED_ENDS = 12
_FULLEST = 10  # weeks that people are shown


@dataclass(frozen=True, kw_only=True, slots=True)
class About:
    """What was played, in words. `alone`: nobody answers and nobody acts, so that there is nothing to be unsure of.
    `fast`: it was estimated."""

    deals: str  # `600 made deals`
    behaviour: str
    alone: bool = False
    fast: bool = False
    remarks: tuple[str, ...] = ()
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Shape:
    """How figures are shown: `heads` are the columns of a spread; `brief`: for people, who read percentages and look
    for the fullest weeks, not for every week."""

    heads: Mapping[str, str]
    figures: Mapping[str, str]
    brief: bool

    def cells(self, spread: Spread) -> tuple[Cell, ...]:
        return tuple(getattr(spread, name) for name in self.heads)

    def shares(self, spread: Spread | None) -> tuple[Cell, ...]:
        return tuple(self.share(getattr(spread, name) if spread else None) for name in self.heads)

    def share(self, value: float | None) -> Cell:
        return percent(value, whole=True) if self.brief and value is not None else value

    def points(self, spread: Spread) -> tuple[Cell, ...]:
        """Differences of shares: in points for people."""
        return tuple(round(getattr(spread, name) * (100 if self.brief else 1), 9) for name in self.heads)


def _shape(found: Simulated, about: About, brief: bool) -> _Shape:
    figures = PLANNED if about.alone else FIGURES
    if about.fast:
        figures = {key: name for key, name in figures.items() if key not in _NOT_ESTIMATED}
    heads = {"low": "5 %", "middle": "50 %", "high": "95 %"}
    if found.replicates == 1:
        heads = {"middle": "Number"}
    elif found.replicates < TWENTY:
        heads = {"low": "least", "middle": "50 %", "high": "most"}
    return _Shape(heads=heads, figures=figures, brief=brief)


def simulated_report(
    found: Simulated, about: About, detections: Sequence[Detection] = (), *, brief: bool = False
) -> Report:
    """`brief`: for people."""
    remarks = [*_assumptions(found, about), *about.remarks, *map(detection_words, detections)]
    stuck = max(one.figures["stuck"].high for one in found.played)
    if stuck:
        told = f"{number_text(stuck)} {things(stuck, 'deal')}"
        remarks.append(f"{told} could not be played to the end; `playbook preview` shows why.")
    return Report(
        name="simulation",
        title=" against ".join(one.name for one in found.played),
        verdict=verdict(found, about),
        remarks=tuple(remarks),
        tables=tuple(_tables(found, detections, _shape(found, about, brief))),
        facts={
            "seed": found.seed, "replicates": found.replicates, "weeks": found.weeks, "deals": found.deals,
            **about.facts,
        },
    )  # fmt: skip


def _assumptions(found: Simulated, about: About) -> Iterator[str]:
    if about.alone:
        return
    few = "" if found.replicates == 1 else f" {_FEW if found.replicates < TWENTY else _QUANTILES}"
    yield ASSUMED + few
    if about.fast:
        yield ESTIMATED


# --- tables ---------------------------------------------------------------------------------------------------------


def _tables(found: Simulated, detections: Sequence[Detection], shape: _Shape) -> list[Table]:
    tables = [_figures(found, shape)]
    if found.differences:
        tables.append(_differences(found.differences, shape))
    if detections:
        tables.append(_detections(detections, shape))
    tables += [_people(found, shape), _weeks(found, shape), _ends(found, shape), _actions(found, shape)]
    tables += [_touches(found, shape), _times(found)]
    return [table for table in tables if table.rows]


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


def _figures(found: Simulated, shape: _Shape) -> Table:
    rows: dict[str, list[tuple[Cell, ...]]] = {
        one.name: [
            *((name, *shape.cells(one.figures[key])) for key, name in shape.figures.items()),
            *((f"{name}, share of the deals", *shape.shares(spread)) for name, spread in one.metrics.items()),
        ]
        for one in found.played
    }
    return _table(found, "figures", "In all", {"figure": "Figure", **shape.heads}, rows)


def _differences(differences: Sequence[Difference], shape: _Shape) -> Table:
    rows: list[tuple[Cell, ...]] = []
    apart = ", in points" if shape.brief else ", difference of shares"
    for one in differences:
        rows += [
            (one.name, name, *shape.cells(one.figures[key]), shape.share(one.better[key]), shape.share(one.equal[key]))
            for key, name in shape.figures.items()
        ]
        rows += [(one.name, f"{name}{apart}", *shape.points(spread), None, None)
                 for name, spread in one.metrics.items()]  # fmt: skip
    heads = {**shape.heads, "more": "more in", "same": "the same in"}
    return Table(
        name="differences",
        title=f"What it does more than {differences[0].base} (less: below 0), with the same deals and the same luck",
        columns=columns(playbook="Playbook", figure="Figure", **heads),
        rows=tuple(rows),
        note="More in, the same in: that share of the replicates.",
    )


def _detections(detections: Sequence[Detection], shape: _Shape) -> Table:
    return Table(
        name="detection",
        title="How likely the planned comparison is to find the difference",
        columns=columns(
            arm="Arm", control="Against", deals="Deals of both", base="Share of the control", other="of the arm",
            differing="Differ in", low="Found, at least", mean="about", high="at most",
        ),
        rows=tuple(
            (one.arm, one.control, one.deals, shape.share(one.base), shape.share(one.other),
             shape.share(one.differing), *(shape.share(getattr(one.found, name) if one.found else None)
                                           for name in ("low", "mean", "high")))
            for one in detections
        ),
        note="Shares of all replicates together. One test at the planned end; weekly looks may stop earlier and cost a "
        "few points. At least and at most: as far as what was played can tell.",
    )  # fmt: skip


def _people(found: Simulated, shape: _Shape) -> Table:
    peaks = {f"peak_{name}" if name != "middle" else "peak": head for name, head in shape.heads.items()}
    first = next(iter(peaks))
    peaks[first] = "Fullest week" if len(peaks) == 1 else f"Fullest week, {peaks[first]}"
    heads = {
        "person": "Person", "actions": "Actions", "weekly": "per week", "hours": "Hours per week", **peaks,
        "fullest": "Most often in the week of",
    }  # fmt: skip
    rows: dict[str, list[tuple[Cell, ...]]] = {
        one.name: [
            (load.person or "(nobody)", load.actions.middle, load.weekly.middle, load.minutes.middle / 60,
             *shape.cells(load.peak), load.fullest.isoformat() if load.fullest else "")
            for load in one.people
        ]
        for one in found.played
    }  # fmt: skip
    note = "Actions handed out to each person; a week counts if there was any work in it."
    return _table(found, "people", "Work by person", heads, rows, note)


def _weeks(found: Simulated, shape: _Shape) -> Table:
    rows: dict[str, list[tuple[Cell, ...]]] = {
        one.name: [
            (week.begins.isoformat(), *shape.cells(week.actions), week.minutes.middle / 60)
            for week in (_fullest(one.weeks) if shape.brief else one.weeks)
        ]
        for one in found.played
    }
    heads = {"week": "Week of", **shape.heads, "hours": "Hours"}
    title = f"The {_FULLEST} fullest weeks, of everybody" if shape.brief else "Actions by week, of everybody"
    return _table(found, "weeks", title, heads, rows)


def _fullest(weeks: Sequence[Week]) -> list[Week]:
    """In the order of the calendar."""
    ranked = sorted(weeks, key=lambda week: (-week.actions.middle, week.begins))
    return sorted(ranked[:_FULLEST], key=lambda week: week.begins)


def _ends(found: Simulated, shape: _Shape) -> Table:
    rows: dict[str, list[tuple[Cell, ...]]] = {
        one.name: [
            (Name(name=end) if end else "not over yet", *shape.cells(spread))
            for end, spread in list(one.ends.items())[:_LISTED_ENDS]
        ]
        for one in found.played
    }  # fmt: skip
    return _table(found, "ends", "How it ends", {"end": "End", **shape.heads}, rows)


def _actions(found: Simulated, shape: _Shape) -> Table:
    rows: dict[str, list[tuple[Cell, ...]]] = {
        one.name: [(Name(name=name), *shape.cells(spread)) for name, spread in one.names.items()]
        for one in found.played
    }  # fmt: skip
    return _table(found, "actions", "Actions handed out", {"action": "Action", **shape.heads}, rows)


def _touches(found: Simulated, shape: _Shape) -> Table:
    rows: dict[str, list[tuple[Cell, ...]]] = {
        one.name: [(times, shape.share(share)) for times, share in one.touches.items()] for one in found.played
    }
    heads = {"touches": "Touches of a contact", "share": "Contacts"}
    return _table(found, "touches", "How often a contact is approached", heads, rows)


def _times(found: Simulated) -> Table:
    rows: dict[str, list[tuple[Cell, ...]]] = {one.name: _quarters(one) for one in found.played}
    heads = {"what": "Days", "of": "of so many", "quarter": "a quarter within", "half": "half within",
             "most": "three quarters within"}  # fmt: skip
    which = "that ended, or were won back, in time" if any(one.won for one in found.played) else "that ended in time"
    note = f"Of those {which}, in all replicates together."
    return _table(found, "times", "How long it takes", heads, rows, note)


def _quarters(one: Played) -> list[tuple[Cell, ...]]:
    told = (("to the end", one.ended, one.days_to_end), ("to the win", one.won, one.days_to_win))
    return [(what, number, *days) for what, number, days in told if days is not None]
