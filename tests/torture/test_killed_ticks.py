"""kill -9 of real ticks at every point that a tick passes: nothing is lost and nothing doubled.

The quick form kills a few dozen times, each point at least once. PLAYBOOK_TORTURE=full kills hundreds of times, each
point at least five times, and prints how often.
"""

import os
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from engine.runner import tick as runner
from tests.torture import story
from tests.torture.killing import FINE_OR_PROBLEMS, KILLED, cold_tick, deferred, difference, picture, tick
from tests.torture.twin import Twin

FULL = os.environ.get("PLAYBOOK_TORTURE") == "full"
LEAST = 5 if FULL else 1  # kills at each point
AHEAD = 2  # ticks after the killed one, to see what becomes of it; after every tenth kill all that are left
IN_A_TICK = [  # the other points are passed by commands: test_killed_commands.py kills there
    "begin", "commit", "insert_enrolments", "update_enrolments", "insert_history", "insert_actions", "update_actions",
    "mark_events_handled", "mark_events_late", "update_deals", "update_contacts", "update_accounts",
    "insert_suppressions", "lift_suppressions", "examine_deals", "forget_failures", "put_meta", "begin_tick",
    "finish_tick", "put_good_sources", "put_broken_sources", "put_revision", "fail_account", "set_examined",
    "forget_asked", "examine_all", "take_position", "insert_draws",
]  # fmt: skip
POISONED = 2  # the day on which an account cannot be advanced: three tries would set it aside


@dataclass(frozen=True, kw_only=True, slots=True)
class Kill:
    """Kill the tick of `day` at the `number`-th passage of `point`; then, if `again`, the next try there."""

    day: int
    point: str
    number: int
    again: str = ""

    def __str__(self) -> str:
        return f"day {self.day}, {self.point}:{self.number}" + (f", then {self.again}" if self.again else "")


@pytest.fixture(scope="module")
def twin(tmp_path_factory) -> Iterator[Twin]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runner, "BATCH", 3)  # so that a tick of a dozen accounts has several transactions
        yield Twin(tmp_path_factory.mktemp("torture"))


def every_kill(twin: Twin) -> list[Kill]:
    """At each passage of each point on each day; every other one is killed twice in a row."""
    kills = [
        Kill(day=day, point=point, number=number)
        for day, passed in twin.passed.items()
        for point, count in sorted(passed.items())
        for number in range(1, count + 1)
    ]
    dice = random.Random(20_260_302)
    dice.shuffle(kills)
    return [
        Kill(day=one.day, point=one.point, number=one.number, again=f"{other.point}:{other.number}")
        if index % 2 and one.day != POISONED
        else one
        for index, (one, other) in enumerate(zip(kills, reversed(kills), strict=True))
    ]


def chosen(twin: Twin, least: int, most: int) -> list[Kill]:
    """At least `least` kills of each point (again from the first where it has fewer passages), up to `most` in all."""
    kills = every_kill(twin)
    by_point = {point: [kill for kill in kills if kill.point == point] for point in IN_A_TICK}
    taken = [found[turn % len(found)] for found in by_point.values() for turn in range(least)]
    rest = [kill for kill in kills if kill not in taken]
    return taken + rest[: max(0, most - len(taken))]


def killed(twin: Twin, kill: Kill, run, ahead: int = AHEAD) -> tuple[Counter[str], list[str]]:
    """Kill, let the next ticks go on, and compare: (kills by point, rows that differ)."""
    folder = twin.copy(twin.before[kill.day], "killed")
    at = story.instant(kill.day)
    assert run(folder, at, f"{kill.point}:{kill.number}") == KILLED, f"{kill} did not happen"
    counted = Counter([kill.point])
    if kill.again and run(folder, at, kill.again) == KILLED:
        counted[kill.again.partition(":")[0]] += 1
    waiting = deferred(folder, kill.day)
    last = min(kill.day + ahead, story.DAYS - 1)
    for day in range(kill.day, last + 1):
        if day > kill.day:
            story.between(day, folder)
        code = tick(folder, story.instant(day))
        assert code in (FINE_OR_PROBLEMS if waiting else [twin.codes[day]]), f"{kill}, day {day}: exit {code}"
        if day in (kill.day, last):
            rows = difference(picture(folder), twin.picture(kill.day, waiting, day))
            if rows:
                return counted, [f"{kill}, after the tick of day {day}:", *rows[:6]]
    return counted, []


def test_the_ticks_of_the_story_pass_every_point_that_a_tick_passes(twin):
    assert {point for day in twin.passed.values() for point in day} == set(IN_A_TICK)


def test_a_tick_killed_anywhere_loses_nothing_and_doubles_nothing(twin, capsys):
    counted: Counter[str] = Counter()
    wrong: list[str] = []
    for index, kill in enumerate(chosen(twin, LEAST, 420 if FULL else 0)):
        points, rows = killed(twin, kill, tick, story.DAYS if index % 10 == 0 else AHEAD)
        counted += points
        wrong += rows
    with capsys.disabled():
        told(counted, "forked ticks")
    assert not wrong, "\n".join(wrong[:40])
    assert min(counted[point] for point in IN_A_TICK) >= LEAST
    assert not FULL or counted.total() >= 500


def test_a_tick_started_cold_as_by_cron_and_killed_anywhere_loses_nothing(twin, capsys):
    counted: Counter[str] = Counter()
    wrong: list[str] = []
    single = [kill for kill in chosen(twin, 3, 10_000) if not kill.again and kill.number <= 2]
    for kill in single[: 40 if FULL else 4]:
        points, rows = killed(twin, kill, cold_tick)
        counted += points
        wrong += rows
    with capsys.disabled():
        told(counted, "cold processes")
    assert not wrong, "\n".join(wrong[:40])


def told(counted: Counter[str], what: str) -> None:
    points = ", ".join(f"{point} {count}" for point, count in counted.most_common())
    print(f"\n{counted.total()} kills of {what}: {points}")  # noqa: T201 - the figures are what this is run for
