"""A comparison as one page that stands by itself: the verdict in words, four pictures, and the tables behind them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from engine.console import compare_tables
from engine.console.compare_style import STYLE
from engine.console.compare_tables import Table
from engine.console.compare_words import (
    NO_EVIDENCE,
    about,
    against,
    as_of_text,
    headline,
    in_a_row,
    other_rows,
    plan_text,
    share_cell,
    share_span,
    window,
)
from engine.console.page import page, paragraph, table, text
from engine.console.tables import clean
from engine.core.plural import count
from engine.experiments.comparison import Comparison, Contrast, Curve
from engine.plots.axes import ticks
from engine.plots.forest import forest
from engine.plots.incidence import causes_of, incidence, share_at, since
from engine.plots.looks import by_bounds, looks
from engine.plots.workload import SHOWN, busiest, workload

WIDE, NARROW = 820, 328  # pixels of a picture, in a window of at least 860 and of 360
_ROWS = 60  # a longer table is folded
_MOST_ROWS = 500  # of one table; CSV has all
_DAYS = 12  # rows of the table behind the curves

_BOUNDARY = (
    "The boundary says how large z must be before it is more than chance: very large at first and smaller later, so "
    "that looking every week makes no false winners."
)
_SHARES = "If an arm has far more or fewer than were meant for it, records are lost or doubled, and nothing here holds."

Plotting = Callable[[float, str], str]
One = TypeVar("One")


def comparison_page(comparison: Comparison) -> str:
    """A function of the comparison alone: the same comparison, the same bytes."""
    shown = cleaned(comparison)
    main = [*_head(shown), *_arms(shown), *_incidence(shown), *_forests(shown), *_looks(shown), *_workload(shown)]
    main += [*_others(shown)]
    return page(title=f"{shown.experiment}: {headline(shown.verdict)}", style=STYLE, main=main, foot=_foot(shown))


def cleaned(one: One) -> One:
    """The same, with nothing in its words that steers a terminal or turns the writing round."""
    return _cleaned(one)  # type: ignore[no-any-return]


def _cleaned(one: Any) -> Any:
    if isinstance(one, str):
        return clean(one)
    if isinstance(one, tuple):
        return tuple(map(_cleaned, one))
    if isinstance(one, dict):
        return {_cleaned(key): _cleaned(found) for key, found in one.items()}
    if is_dataclass(one) and not isinstance(one, type):
        return replace(one, **{field.name: _cleaned(getattr(one, field.name)) for field in fields(one)})
    return one


# --- the answer -----------------------------------------------------------------------------------------------------


def _head(comparison: Comparison) -> list[str]:
    state = comparison.verdict.state
    remarks = "".join(f"<li>{text(remark)}</li>" for remark in comparison.remarks)
    team = f" (team {comparison.team})" if comparison.team else ""
    return [
        f"<h1>{text(comparison.experiment + team)}</h1>",
        paragraph(comparison.question, "question"),
        f'<section class="answer state-{state}" aria-label="Verdict">',
        paragraph(headline(comparison.verdict), "headline"),
        paragraph(comparison.verdict.words, "words"),
        "</section>",
        f'<ul class="remarks">{remarks}</ul>' if remarks else "",
        paragraph(f"{as_of_text(comparison)} {about(comparison)}", "about"),
        paragraph(plan_text(comparison), "about"),
    ]


def _arms(comparison: Comparison) -> list[str]:
    shown = compare_tables.arms(comparison)
    if not shown.rows:
        return [_section("arms", "What was drawn"), "<p>Nothing has been drawn yet.</p>", "</section>"]
    return [
        _section("arms", "What came of it" if comparison.observational else "What was drawn, and what came of it"),
        paragraph(_mature(comparison)),
        _html(shown),
        "</section>",
    ]


def _mature(comparison: Comparison) -> str:
    if comparison.observational:
        return ""
    unit, after = comparison.unit, window(comparison)
    days = f"the {after} after its draw are" if after else "the time after its draw is"
    return (
        f"{'An' if unit == 'account' else 'A'} {unit} is mature when {days} over: only then is it known how it ended, "
        f"so only mature {unit}s count for the verdict."
    )


# --- the pictures ---------------------------------------------------------------------------------------------------


def _incidence(comparison: Comparison) -> list[str]:
    def draw(width: float, name: str) -> str:
        return incidence(comparison, width=width, name=name)

    whom = f"{comparison.unit}s" if comparison.observational else "that were drawn, mature or not, by the newest import"
    explained = (
        f"For every day after {since(comparison)}: the share that had it happen by then, counted over all {whom}. "
        "The shaded range shows how sure that is. This is the picture, not the verdict."
    )
    caption = "Each line is an arm. Whatever came first is counted, and nothing after it."
    return [
        _section("incidence", "How fast it happens"),
        paragraph(explained),
        _figure(comparison, "incidence", [draw], caption),
        *(_curve_table(comparison, cause) for cause in causes_of(comparison)),
        "</section>",
    ]


def _curve_table(comparison: Comparison, cause: str) -> str:
    """The lines at round numbers of days: every step is in the CSV."""
    by_arm = {curve.arm: curve for curve in comparison.curves if curve.cause == cause and curve.days}
    if not by_arm:
        return ""
    last = max(curve.days[-1] for curve in by_arm.values())
    days = sorted({*(round(day) for day in ticks(0, last, _DAYS)), last} - {0}) or [0]
    heads = ["Day", *(head for arm in by_arm for head in (arm, f"{arm}, waiting"))]
    rows = [[f"{day}", *(cell for curve in by_arm.values() for cell in _at(curve, day))] for day in days]
    title = f"{cause.replace('_', ' ').capitalize()}: share by day with its range, and how many were still waiting"
    note = "Every day is in --format csv --table curves."
    return _plain_table(comparison, title, heads, rows, [True] * len(heads), note)


def _at(curve: Curve, day: int) -> tuple[str, str]:
    """The share with its range, and how many were still waiting."""
    found = share_at(curve, day)
    if found is None:
        return "not known yet", ""
    share, low, high, waiting = found
    between = share_span(low, high)
    return share_cell(share) + (f" ({between})" if between else ""), f"{waiting:,}"


def _forests(comparison: Comparison) -> list[str]:
    def drawing(contrast: Contrast) -> Plotting:
        return lambda width, name: forest(comparison, contrast, width=width, name=name)

    explained = (
        "How far each arm lies from the control, in percentage points. The mark is the difference that was seen, the "
        "line the range in which the true one likely lies. A range that holds zero may be no difference at all."
    )
    found = comparison.contrasts
    caption = "All teams together, then each team. An arrow: the range goes on beyond the picture."
    differ = ", ".join(against(one) for one in found if one.teams_differ)
    return [
        _section("teams", "Team by team"),
        paragraph(explained),
        paragraph(f"The teams differ, so read their rows: {differ}." if differ else ""),
        _figure(comparison, "teams", [drawing(one) for one in found], caption) if found else _none(comparison),
        *(_html(compare_tables.teams(comparison, one), against(one)) for one in found),
        paragraph(next((other_rows(one) for one in found if other_rows(one)), "")),
        paragraph(_not_randomised(comparison)),
        "</section>",
    ]


def _none(comparison: Comparison) -> str:
    return paragraph("There is nothing to compare yet: that takes two arms.")


def _not_randomised(comparison: Comparison) -> str:
    if not comparison.not_randomised:
        return ""
    teams = ", ".join(
        f"{team or '(no team)'} ({count(number, comparison.unit)})"
        for team, number in sorted(comparison.not_randomised.items())
    )
    return f"With one arm only, and so in no figure of all teams: {teams}."


def _looks(comparison: Comparison) -> list[str]:
    def drawing(contrast: Contrast) -> Plotting:
        return lambda width, name: looks(comparison, contrast, width=width, name=name)

    found = comparison.contrasts
    if not found:
        return []
    bounds = any(by_bounds(one) for one in found) or not any(one.looks for one in found)
    caption = (
        "Each mark is a look. Beyond the boundary (shaded) the arms differ by more than chance."
        if bounds
        else ("Each mark is a look. The range holds at every look: once it leaves zero out, the arms differ.")
    )
    return [
        _section("looks", "Week by week"),
        *map(paragraph, _explained_looks(comparison, bounds=bounds)),
        _figure(comparison, "looks", [drawing(one) for one in found], caption),
        *(
            _html(
                compare_tables.looks(comparison, one), f"{against(one)}: {in_a_row(one.verdict)}", folded=len(found) > 3
            )
            for one in found
        ),
        "</section>",
    ]


def _explained_looks(comparison: Comparison, *, bounds: bool) -> list[str]:
    look = f"A look is one weekly count of the {comparison.unit}s that are mature by then."
    if not bounds:
        return [
            f"{look} Without a planned end there is no last look, so each shows a range that is wide enough for all."
        ]
    return [
        f"{look} Its z says how many standard errors the arms lie apart.",
        _BOUNDARY,
    ]


def _workload(comparison: Comparison) -> list[str]:
    def draw(width: float, name: str) -> str:
        return workload(comparison, width=width, name=name)

    people = busiest(comparison)
    if comparison.observational and not people:
        return []
    left = f" The {SHOWN} people with the most; the table has all {len(people)}." if len(people) > SHOWN else ""
    return [
        _section("workload", "What it costs: actions per person and week"),
        _figure(comparison, "workload", [draw], f"Each bar is a week, each part of it an arm.{left}"),
        _people_table(comparison, people),
        _html(compare_tables.workload(comparison), "Week by week") if people else "",
        "</section>",
    ]


def _people_table(comparison: Comparison, people: Sequence[str]) -> str:
    """One row per person: what all weeks come to."""
    if not people:
        return ""
    arms = list(dict.fromkeys(one.arm for one in comparison.workload))
    rows = []
    for person in people:
        own = [one for one in comparison.workload if one.person == person]
        weeks = {
            week: sum(one.actions for one in own if one.week == week) for week in sorted({one.week for one in own})
        }
        by_arm = [f"{sum(one.actions for one in own if one.arm == arm):,}" for arm in arms]
        most = max(weeks, key=lambda week: weeks[week])
        facing = sum(one.facing for one in own)
        rows.append([person or "(nobody)", *by_arm, f"{facing:,}", f"{weeks[most]:,} ({most})"])
    heads = ["Person", *arms, "With the customer", "Most in a week"]
    return _plain_table(
        comparison, "Actions per person, by arm", heads, rows, numbers=[False] + [True] * (len(heads) - 1)
    )


# --- the rest -------------------------------------------------------------------------------------------------------


def _others(comparison: Comparison) -> list[str]:
    metrics, mismatch = compare_tables.metrics(comparison), compare_tables.mismatch(comparison)
    parts = []
    if metrics.rows:
        parts += [_section("metrics", "What else was counted"), *_said(comparison), _html(metrics), "</section>"]
    if mismatch.rows:
        parts += [_section("mismatch", "Was the draw fair?"), paragraph(_SHARES), _html(mismatch), "</section>"]
    return parts


def _said(comparison: Comparison) -> list[str]:
    """What each of the other numbers says, in words above the table: a column would have room for one word a line."""
    return ["<ul>", *(f"<li>{text(one.words)}</li>" for one in comparison.metrics), "</ul>"]


def _foot(comparison: Comparison) -> list[str]:
    methods = list(
        dict.fromkeys(f"{one.method} at alpha {one.alpha:.4g}" for one in comparison.contrasts if one.method)
    )
    return [
        paragraph(f"Method: {'; '.join(methods)}." if methods else ""),
        paragraph(f"The command for this day: {_command(comparison)}"),
    ]


def _command(comparison: Comparison) -> str:
    if comparison.observational:
        names = " ".join(["--observational", *(arm.arm for arm in comparison.arms)])
    else:
        names = comparison.experiment
    team = f" --team {comparison.team}" if comparison.team else ""
    return f"playbook compare {names}{team} --as-of {comparison.asked_on}"


# --- building blocks ------------------------------------------------------------------------------------------------


def _section(name: str, title: str) -> str:
    return f'<section aria-labelledby="{name}">\n<h2 id="{name}">{text(title)}</h2>'


def _figure(comparison: Comparison, name: str, drawn: Sequence[Plotting], caption: str) -> str:
    """Each picture twice, for a wide window and for a narrow one: letters stay as large as they are."""
    parts = []
    for number, draw in enumerate(drawn):
        for kind, width in (("wide", WIDE), ("narrow", NARROW)):
            parts.append(f'<div class="picture {kind}">\n{draw(width, f"{name}-{number}-{kind}")}\n</div>')
    marked = f"{NO_EVIDENCE.capitalize()}. " if comparison.observational else ""
    return "\n".join(
        ['<figure class="plots">', *parts, f"<figcaption>{text(marked + caption)}</figcaption>", "</figure>"]
    )


def _html(one: Table, title: str = "", *, folded: bool = False) -> str:
    """`folded`: as any table of many rows, it opens with a click."""
    if not one.rows:
        return ""
    named = f"{one.title}: {title}" if title else one.title
    kept = [at for at, column in enumerate(one.columns) if not column.hidden]
    columns = [one.columns[at] for at in kept]
    rows = [[row[at].text for at in kept] for row in one.rows[:_MOST_ROWS]]
    left = len(one.rows) - len(rows)
    note = f"… and {left:,} more rows: --format csv --table {one.name} has all." if left else one.note
    numbers = [column.right for column in columns]
    made = table(named, [column.title for column in columns], rows, numbers, [note], label=named)
    return _folding(named, len(one.rows), made, opened=not folded and len(one.rows) <= _ROWS)


def _plain_table(
    comparison: Comparison,
    title: str,
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    numbers: Sequence[bool] = (),
    note: str = "",
) -> str:
    if comparison.observational:
        title, heads = f"{title} ({NO_EVIDENCE})", [*heads, "Evidence"]
        rows = [[*row, NO_EVIDENCE] for row in rows]
        numbers = [*numbers, False] if numbers else []
    made = table(title, heads, rows, numbers or [False] * len(heads), [note], label=title)
    return _folding(title, len(rows), made, opened=True)


def _folding(title: str, rows: int, made: str, *, opened: bool) -> str:
    summary = f"<summary>{text(title)} <small>({count(rows, 'row')})</small></summary>"
    return f"<details{' open' if opened else ''}>\n{summary}\n{made}\n</details>"
