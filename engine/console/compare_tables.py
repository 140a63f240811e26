"""The tables of a comparison: each cell as people read it, and as programs do (CSV)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.console.compare_words import (
    NO_EVIDENCE,
    counted_at,
    decimal,
    in_a_row,
    points_cell,
    points_span,
    probability,
    share_cell,
    share_span,
    tally_share,
    tally_text,
)
from engine.experiments.comparison import ArmResult, Comparison, Contrast, LookResult, MetricResult, TeamResult
from engine.experiments.statistics.results import Interval, Tally
from engine.plots.forest import NO_TEAMS, ONE_LOOK
from engine.plots.incidence import since


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """`text` for people; `raw` for programs, by the ending of the column's key."""

    text: str
    raw: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """`spare`: left out where the terminal is too narrow, the highest first; 0: never. `hidden`: for programs only."""

    key: str
    title: str
    right: bool = False
    spare: int = 0
    hidden: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """`rows` are as long as `columns`."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""


NAMES = ("arms", "teams", "looks", "metrics", "mismatch", "curves", "workload")


def tables(comparison: Comparison) -> list[Table]:
    """All of them, in the order of NAMES; those without rows too."""
    made = [arms(comparison), teams(comparison), looks(comparison), metrics(comparison), mismatch(comparison)]
    return [*made, curves(comparison), workload(comparison)]


def records(table: Table) -> list[dict[str, Any]]:
    """The rows for programs: raw numbers under keys that every row has."""
    return [
        {
            column.key + ending: found
            for column, cell in zip(table.columns, row, strict=True)
            for ending, found in cell.raw.items()
        }
        for row in table.rows
    ]


# --- the tables -----------------------------------------------------------------------------------------------------


def arms(comparison: Comparison) -> Table:
    columns = [
        Column(key="arm", title="Arm"),
        Column(key="playbook", title="Playbook", spare=3),
        Column(key="drawn", title="Deals" if comparison.observational else "Drawn", right=True),
        Column(key="mature", title="Mature", right=True),
        Column(key="yes", title=_event(comparison).capitalize(), right=True),
        Column(key="share", title="Share", right=True),
        Column(key="range", title="Likely between", right=True),
        Column(key="actions_per_unit", title=f"Actions per {comparison.unit}", right=True, spare=2),
        Column(key="overridden", title="Moved by hand", right=True, spare=1),
    ]
    return _table(
        comparison,
        "arms",
        _arms_title(comparison),
        columns,
        [_arm(comparison, arm) for arm in comparison.arms],
    )


def _arms_title(comparison: Comparison) -> str:
    """Those drawn are of today; what came of them is of the look that the verdict speaks of."""
    if comparison.observational:
        return f"What came of them by {comparison.as_of_on}" if comparison.as_of_on else "What came of them"
    drawn = f"What was drawn by the day asked for, {comparison.asked_on}"
    return f"{drawn}, and what had come of it {counted_at(comparison)}"


def _arm(comparison: Comparison, arm: ArmResult) -> list[Cell]:
    role = "control" if arm.arm == comparison.control else "holdout" if arm.holdout else ""
    if role == "control" and arm.holdout:
        role = "control, holdout"
    name = arm.arm + (f" ({role})" if role not in ("", arm.arm) else "")
    return [
        Cell(text=name, raw={"": arm.arm, "_control": arm.arm == comparison.control}),
        Cell(text=arm.playbook, raw={"": arm.playbook, "_holdout": arm.holdout}),
        Cell(text=f"{arm.drawn:,}", raw={"": arm.drawn, "_expected": arm.expected}),
        _number(arm.mature),
        _number(arm.count.yes),
        Cell(text=share_cell(arm.count.share) or "none yet", raw={"": arm.count.share}),
        Cell(text=share_span(arm.share.low, arm.share.high), raw={"_low": arm.share.low, "_high": arm.share.high}),
        Cell(text=decimal(arm.actions_per_unit, 1), raw={"": arm.actions_per_unit}),
        _number(arm.overridden),
    ]


def teams(comparison: Comparison, contrast: Contrast | None = None) -> Table:
    """Of one contrast, or of all of them."""
    shown = [contrast] if contrast else list(comparison.contrasts)
    columns = [
        *([] if contrast else [Column(key="arm", title="Arm"), Column(key="control", title="Control")]),
        Column(key="team", title="Team"),
        Column(key="b", title=contrast.arm if contrast else "Arm's", right=True),
        Column(key="a", title=contrast.control if contrast else "Control's", right=True),
        Column(key="difference", title="Points", right=True),
        Column(key="range", title="Likely between", right=True),
        Column(key="verdict", title="Verdict"),
    ]
    rows = []
    for one in shown:
        named = [] if contrast else [_text(one.arm), _text(one.control)]
        rows += [[*named, *row] for row in (*_all_teams(one), *map(_team, one.teams))]
    at = "" if comparison.observational else f" {counted_at(comparison)}"
    return _table(comparison, "teams", f"Team by team{at}", columns, rows)


def _all_teams(one: Contrast) -> list[list[Cell]]:
    """The overall row, and those that say the same in another way."""
    verdict = _verdict(one.verdict.state, in_a_row(one.verdict))
    shown = [("All teams", "overall", one.difference, verdict)]
    if one.final is not None:
        shown.append((ONE_LOOK, "final", one.final, _verdict("", "")))
    if one.crude is not None:
        shown.append((NO_TEAMS, "crude", one.crude, _verdict("", "not judged")))
    return [
        [Cell(text=title, raw={"": "", "_row": row}), *_difference(one.b, one.a, difference), said]
        for title, row, difference, said in shown
    ]


def _team(team: TeamResult) -> list[Cell]:
    said = in_a_row(team.verdict, alone=True)
    if team.verdict.state != "not_evidence":
        said = (team.reason or "not drawn at random") if not team.randomised else said
    name = Cell(text=team.team or "(no team)", raw={"": team.team, "_row": "team"})
    return [name, *_difference(team.b, team.a, team.difference), _verdict(team.verdict.state, said)]


def looks(comparison: Comparison, contrast: Contrast | None = None) -> Table:
    """Of one contrast, or of all of them."""
    shown = [contrast] if contrast else list(comparison.contrasts)
    columns = [
        *([] if contrast else [Column(key="arm", title="Arm"), Column(key="control", title="Control")]),
        Column(key="look", title="Look", right=True),
        Column(key="on", title="On", right=True),
        Column(key="b", title=contrast.arm if contrast else "Arm's", right=True),
        Column(key="a", title=contrast.control if contrast else "Control's", right=True),
        Column(key="z", title="z", right=True),
        Column(key="bound", title="Boundary", right=True),
        Column(key="difference", title="Points", right=True),
        Column(key="range", title="Likely between", right=True, spare=2),
        Column(key="said", title="What it says", spare=3),
    ]
    rows = []
    for one in shown:
        named = [] if contrast else [_text(one.arm), _text(one.control)]
        rows += [[*named, *_look(one, look)] for look in one.looks]
    return _table(comparison, "looks", "Look by look", columns, rows)


def _look(contrast: Contrast, look: LookResult) -> list[Cell]:
    crossed = look.number == contrast.verdict.look
    said = look.reason or ("crossed here" if crossed else "")
    information = {"_information": look.information, "_fraction": look.fraction, "_spent": look.spent}
    return [
        _number(look.number),
        Cell(text=str(look.on), raw={"": look.on.isoformat(), "_as_of": look.as_of}),
        Cell(text=tally_text(look.b), raw=_tally(look.b)),
        Cell(text=tally_text(look.a), raw=_tally(look.a)),
        Cell(text=decimal(look.z), raw={"": look.z}),
        Cell(text=decimal(look.bound), raw={"": look.bound, **information}),
        Cell(text=points_cell(look.estimate), raw={"": look.estimate}),
        Cell(text=points_span(look.low, look.high), raw={"_low": look.low, "_high": look.high}),
        Cell(text=said, raw={"": said}),
    ]


def metrics(comparison: Comparison) -> Table:
    columns = [
        Column(key="metric", title="Also counted"),
        Column(key="kind", title="Kind", hidden=True),
        Column(key="arm", title="Arm"),
        Column(key="control", title="Control", hidden=True),
        Column(key="b", title="Arm's", right=True),
        Column(key="a", title="Control's", right=True),
        Column(key="difference", title="Difference", right=True),
        Column(key="range", title="Likely between", right=True, spare=2),
        Column(key="p", title="Chance alone", right=True, spare=3),
        Column(key="words", title="What it says", hidden=True),
    ]
    return _table(comparison, "metrics", "What else was counted", columns, [_metric(one) for one in comparison.metrics])


def _metric(one: MetricResult) -> list[Cell]:
    work = one.kind == "workload"
    said = decimal if work else points_cell
    between = one.difference
    ends = f"{decimal(between.low)} to {decimal(between.high)}" if work else points_span(between.low, between.high)
    chance = one.p if one.adjusted_p is None else one.adjusted_p
    mean_b, mean_a = ({"_mean": mean} for mean in (one.b_mean, one.a_mean))
    return [
        Cell(text=one.metric if work else f"{one.metric} ({one.kind})", raw={"": one.metric}),
        _text(one.kind),
        _text(one.arm),
        _text(one.control),
        Cell(text=decimal(one.b_mean, 1) if work else tally_share(one.b), raw={**_tally(one.b), **mean_b}),
        Cell(text=decimal(one.a_mean, 1) if work else tally_share(one.a), raw={**_tally(one.a), **mean_a}),
        Cell(text=said(between.estimate), raw={"": between.estimate}),
        Cell(
            text=ends if between.low is not None and between.high is not None else "",
            raw={"_low": between.low, "_high": between.high},
        ),
        Cell(
            text=probability(chance),
            raw={"": one.p, "_adjusted": one.adjusted_p, "_z": one.z, "_bound": one.bound, "_crossed": one.crossed},
        ),
        _text(one.words),
    ]


def mismatch(comparison: Comparison) -> Table:
    columns = [
        Column(key="team", title="Team"),
        Column(key="flagged", title="Did each arm get its share?"),
        Column(key="p", title="Chance alone", right=True),
        Column(key="reason", title="What it says"),
    ]
    rows = [
        [
            Cell(text=one.team or "All teams", raw={"": one.team}),
            Cell(text="NO" if one.flagged else "yes" if one.p is not None else "cannot be told", raw={"": one.flagged}),
            Cell(text=probability(one.p), raw={"": one.p, "_statistic": one.statistic}),
            _text(one.reason),
        ]
        for one in comparison.mismatches
    ]
    return _table(comparison, "mismatch", "Did each arm get the share that it was meant to get?", columns, rows)


def curves(comparison: Comparison) -> Table:
    """One row per arm, end and day."""
    columns = [
        Column(key="arm", title="Arm"),
        Column(key="cause", title="End"),
        Column(key="day", title="Day", right=True),
        Column(key="share", title="Share", right=True),
        Column(key="range", title="Likely between", right=True),
        Column(key="at_risk", title="Still waiting", right=True),
    ]
    rows = [
        [
            _text(curve.arm),
            _text(curve.cause),
            _number(day),
            Cell(text=share_cell(share), raw={"": share}),
            Cell(text=share_span(low, high), raw={"_low": low, "_high": high}),
            _number(at_risk),
        ]
        for curve in comparison.curves
        for day, share, low, high, at_risk in zip(
            curve.days, curve.shares, curve.lows, curve.highs, curve.at_risk, strict=True
        )
    ]
    return _table(comparison, "curves", f"Day by day after {since(comparison)}", columns, rows)


def workload(comparison: Comparison) -> Table:
    columns = [
        Column(key="week", title="Week of"),
        Column(key="person", title="Person"),
        Column(key="arm", title="Arm"),
        Column(key="actions", title="Actions", right=True),
        Column(key="facing", title="With the customer", right=True),
    ]
    rows = [
        [
            Cell(text=str(one.week), raw={"": one.week.isoformat()}),
            _text(one.person),
            _text(one.arm),
            _number(one.actions),
            _number(one.facing),
        ]
        for one in comparison.workload
    ]
    title = f"Actions per person and week, by the day asked for ({comparison.asked_on})"
    return _table(comparison, "workload", title, columns, rows)


# --- cells ----------------------------------------------------------------------------------------------------------


def _table(
    comparison: Comparison, name: str, title: str, columns: Sequence[Column], rows: Sequence[Sequence[Cell]]
) -> Table:
    """What was not drawn at random says so in every row."""
    if not comparison.observational:
        return Table(name=name, title=title, columns=tuple(columns), rows=tuple(map(tuple, rows)))
    said = Cell(text=NO_EVIDENCE, raw={"": NO_EVIDENCE})
    return Table(
        name=name,
        title=f"{title} ({NO_EVIDENCE})",
        columns=(*columns, Column(key="evidence", title="Evidence")),
        rows=tuple((*row, said) for row in rows),
    )


def _difference(b: Tally, a: Tally, difference: Interval) -> list[Cell]:
    return [
        Cell(text=tally_text(b), raw=_tally(b)),
        Cell(text=tally_text(a), raw=_tally(a)),
        Cell(text=points_cell(difference.estimate), raw={"": difference.estimate}),
        Cell(text=points_span(difference.low, difference.high), raw={"_low": difference.low, "_high": difference.high}),
    ]


def _tally(tally: Tally | None) -> dict[str, Any]:
    return {"_yes": tally and tally.yes, "_of": tally and tally.of}


def _text(words: str) -> Cell:
    return Cell(text=words, raw={"": words})


def _number(number: int) -> Cell:
    return Cell(text=f"{number:,}", raw={"": number})


def _verdict(state: str, words: str) -> Cell:
    return Cell(text=words, raw={"": state})


def _event(comparison: Comparison) -> str:
    return comparison.primary.partition(" within ")[0].replace("_", " ") or "yes"
