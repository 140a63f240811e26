"""Whatever stands in the records: an answer in words, no exception, no NaN; and nothing that was recorded later."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.experiment import Metric, Phase
from engine.experiments.comparing import compare
from engine.experiments.comparison import Comparison
from engine.experiments.observational import observe
from engine.experiments.records import Handed, Happened, Records, Settled, Unit
from tests.experiments.making import STARTS, at, days, experiment, records, unit

LAST = 70  # days
EVENTS = ("won", "reply", "opted_out", "deleted")
day = st.integers(-3, LAST)
hour = st.integers(0, 23)
odd_number = st.sampled_from([0.0, -1.0, 1.0, 4.0, math.nan, math.inf])


def as_json(found: Comparison) -> str:
    """Raises ValueError for NaN and infinity."""
    return json.dumps(asdict(found), allow_nan=False, default=str, sort_keys=True)


@st.composite
def happenings(draw: st.DrawFn, drawn: int) -> Happened:
    on = drawn + draw(st.integers(-2, 25))
    return Happened(
        event=draw(st.sampled_from(EVENTS)),
        on=STARTS + timedelta(days=on),
        recorded_at=at(max(on + draw(st.integers(0, 9)), drawn), 12),
    )


@st.composite
def works(draw: st.DrawFn, drawn: int) -> Handed:
    on = drawn + draw(st.integers(0, 30))
    return Handed(
        action="a",
        at=at(on, 11),
        on=STARTS + timedelta(days=on),
        assignee=draw(st.sampled_from(["", "ann"])),
        facing=True,
    )


@st.composite
def units(draw: st.DrawFn, name: str) -> Unit:
    on = draw(day)
    arm = draw(st.sampled_from(["old", "new", "new", "third", "stray"]))
    weights: dict[str, float] = draw(
        st.sampled_from([{"old": 1.0, "new": 1.0}, {"old": 1.0, "new": 1.0, "third": 2.0}, {"new": 1.0}, {}])
        | st.dictionaries(st.sampled_from(["old", "new", "stray"]), odd_number)
    )
    probability = draw(st.none() | odd_number | st.just(weights.get(arm, 0.0) / (sum(weights.values()) or 1.0)))
    return Unit(
        id=draw(st.sampled_from([name, name, name, "twice"])),
        account=name,
        deal=name,
        team=draw(st.sampled_from(["west", "east", ""])),
        phase=draw(st.integers(1, 2)),
        arm=arm,
        probability=probability,
        drawn_at=at(on, draw(hour)),
        drawn_on=STARTS + timedelta(days=on),
        weights=weights,
        happened=tuple(sorted(draw(st.lists(happenings(on), max_size=3)), key=lambda one: one.recorded_at)),
        handed=tuple(draw(st.lists(works(on), max_size=2))),
        overridden_at=draw(st.none() | st.integers(at(on), at(LAST))),
        position=draw(st.integers(-1, 3)),
    )


@st.composite
def experiments(draw: st.DrawFn) -> Records:
    window = draw(st.integers(0, 20))
    ends = draw(st.none() | st.integers(-2, 40))
    plan = experiment(
        *draw(st.sampled_from([("old",), ("old", "new"), ("old", "new", "third")])),
        primary=Metric(event="won", within=days(window)),
        ends=None if ends is None else STARTS + timedelta(days=ends),
        expected=draw(st.none() | st.integers(1, 500)),
        secondary=draw(st.sampled_from([(), (Metric(event="reply", within=days(5)),)])),
        guardrails=draw(st.sampled_from([(), (Metric(event="opted_out", within=days(30)),)])),
        margin=draw(st.none() | st.sampled_from([0.0, 0.3, 1.0])),
    )
    second = Phase(number=2, began_at=at(draw(day)), experiment=replace(plan, margin=0.5))
    first = Phase(number=1, began_at=at(draw(st.sampled_from([-4, 0, 30]))), experiment=plan)
    drawn = [draw(units(f"u{number}")) for number in range(draw(st.integers(0, 12)))]
    imports = draw(st.lists(st.tuples(day, st.integers(-1, 9)), max_size=9))
    found = [Settled(imported_at=at(made, 20), ticked_at=at(made + later, 21)) for made, later in imports]
    return Records(
        phases=draw(st.sampled_from([(first,), (first, second), ()])),
        units=tuple(sorted(drawn, key=lambda one: (one.drawn_at, one.id))),
        settled=tuple(sorted(found, key=lambda one: one.ticked_at)),
        zone=draw(st.sampled_from(["UTC", "Europe/Berlin", "America/New_York"])),
        stopped_at=draw(st.none() | st.integers(at(0), at(LAST))),
        adopted=draw(st.sampled_from(["", "new"])),
    )


asked = st.integers(at(-6), at(LAST + 60))
team = st.sampled_from(["", "", "west", "nowhere"])


@settings(max_examples=60, deadline=None)
@given(experiments(), asked, team)
def test_whatever_is_on_record_the_answer_is_in_words_and_numbers(found: Records, on: int, only: str) -> None:
    answer = compare(found, on, team=only)
    assert answer.verdict.words
    as_json(answer)
    assert all(one.verdict.words for one in answer.contrasts)


@settings(max_examples=30, deadline=None)
@given(experiments().filter(lambda found: found.phases), asked, team)
def test_what_was_not_randomised_is_never_evidence(found: Records, on: int, only: str) -> None:
    answer = observe(found, on, team=only)
    assert answer.observational
    states = {answer.verdict.state, *(one.verdict.state for one in answer.contrasts)}
    states |= {row.verdict.state for one in answer.contrasts for row in one.teams}
    assert states == {"not_evidence"}
    assert "no evidence" in answer.verdict.words
    as_json(answer)


def without_what_came_later(found: Records, on: int) -> Records:
    stopped = found.stopped_at is not None and found.stopped_at <= on
    return replace(
        found,
        phases=tuple(one for one in found.phases if one.began_at <= on),
        units=tuple(_known(one, on) for one in found.units if one.drawn_at <= on),
        settled=tuple(one for one in found.settled if one.ticked_at <= on),
        stopped_at=found.stopped_at if stopped else None,
        adopted=found.adopted if stopped else "",
    )


def _known(one: Unit, on: int) -> Unit:
    moved = one.overridden_at
    return replace(
        one,
        happened=tuple(event for event in one.happened if event.recorded_at <= on),
        handed=tuple(work for work in one.handed if work.at <= on),
        overridden_at=moved if moved is not None and moved <= on else None,
    )


@settings(max_examples=60, deadline=None)
@given(experiments(), asked, team)
def test_replaying_a_day_is_following_it(found: Records, on: int, only: str) -> None:
    """Byte for byte: what was recorded after the day asked for might as well not be there."""
    then, now = compare(without_what_came_later(found, on), on, team=only), compare(found, on, team=only)
    assert as_json(then) == as_json(now)


@settings(max_examples=30, deadline=None)
@given(experiments().filter(lambda found: found.phases), st.lists(asked, min_size=2, max_size=4))
def test_looks_that_were_taken_never_change(found: Records, on: list[int]) -> None:
    first, *later = [compare(found, day) for day in sorted(on)]
    for answer in later:
        for before, after in zip(first.contrasts, answer.contrasts, strict=False):
            if before.arm == after.arm and before.alpha == after.alpha and _same_strata(before, after):
                assert after.looks[: len(before.looks)] == before.looks


def _same_strata(before: Any, after: Any) -> bool:
    """A damaged record may bring a team into the comparison later: its draws are then told apart at the first look."""
    return [team.team for team in before.teams] == [team.team for team in after.teams]


def rich() -> Records:
    """Everything at once, with much that is known late."""
    drawn = []
    for number in range(240):
        on, arm = number * 180 // 240, ("old", "new")[number % 2]
        late = Happened(
            event=EVENTS[number % 4], on=STARTS + timedelta(days=on + 3), recorded_at=at(on + 3 + number % 60)
        )
        moved = at(on + 40) if number % 9 == 0 else None
        work = Handed(action="a", at=at(on + 2, 11), on=STARTS + timedelta(days=on + 2), assignee="ann", facing=True)
        drawn.append(
            unit(
                f"u{number}", arm, on, team=("west", "east")[number // 2 % 2],
                happened=[("won", 9)] if number % 7 == 0 else [], overridden_at=moved, handed=(work,),
            )
        )  # fmt: skip
        drawn[-1] = replace(
            drawn[-1], happened=tuple(sorted((*drawn[-1].happened, late), key=lambda one: one.recorded_at))
        )
    plan = experiment(
        secondary=(Metric(event="reply", within=days(14)),), guardrails=(Metric(event="opted_out", within=days(28)),)
    )
    return records(drawn, plan, stopped_at=at(150))


@pytest.mark.parametrize("on", [5, 38, 60, 91, 120, 149, 151, 200, 230])
def test_replaying_a_day_of_a_full_experiment_is_following_it(on: int) -> None:
    found = rich()
    assert as_json(compare(without_what_came_later(found, at(on)), at(on))) == as_json(compare(found, at(on)))
