"""How often the tick runs does not matter; an outage shifts a plan and bunches nothing."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from engine.store.base import NewEvent
from tests.rep import DAY, HOUR
from tests.whole.runs import (
    START,
    histories,
    opened,
    outlines,
    run_script,
    script_of,
    store_with,
    strategies,
    touches,
    withdrawn_unseen,
    workspace,
)

SHIPPED = workspace()
NAMES = strategies(SHIPPED)
DEALS, DAYS = 24, 60
END = START + DAYS * DAY


def every(seconds: int) -> Iterator[int]:
    yield from range(START, END, seconds)
    yield END


def at_random(seed: int) -> Iterator[int]:
    chance, at = random.Random(seed), START
    while at < END:
        yield at
        at += chance.randrange(60, 48 * HOUR + 1)
    yield END


@cache
def script(name: str, folder: Path) -> tuple[NewEvent, ...]:
    return tuple(script_of(folder / f"{name}-script.db", SHIPPED.world, opened(SHIPPED, name), DEALS, DAYS))


@pytest.mark.parametrize("name", NAMES)
def test_ticks_at_any_pace_within_the_grace_write_the_same_histories(name: str, tmp_path: Path) -> None:
    offer, recorded = opened(SHIPPED, name), script(name, tmp_path)
    assert recorded
    paces = {"day": every(DAY), "6 hours": every(6 * HOUR), "hour": every(HOUR)}
    paces |= {f"random {seed}": at_random(seed) for seed in (1, 2)}
    found = {}
    for pace, ticks in paces.items():
        store = run_script(tmp_path / f"{pace}.db", SHIPPED.world, offer, DEALS, ticks, recorded)
        found[pace] = histories(store)
        store.close()
    assert sum(len(entries) for entries in found["day"].values()) > DEALS
    for pace, seen in found.items():
        assert seen == found["day"], pace


def test_ticks_every_five_minutes_write_the_same_histories_as_daily_ones(tmp_path: Path) -> None:
    name = "four-week-check-in"
    offer, recorded = opened(SHIPPED, name), script(name, tmp_path)
    until = START + 9 * DAY
    often = run_script(tmp_path / "often.db", SHIPPED.world, offer, DEALS, range(START, until + 1, 300), recorded)
    daily = run_script(tmp_path / "daily.db", SHIPPED.world, offer, DEALS, range(START, until + 1, DAY), recorded)
    assert histories(often) == histories(daily)


def after_outage(length: int) -> Iterator[int]:
    """A day of ticks, nothing for `length` days, then daily ticks until all is over."""
    yield from range(START, START + 3 * DAY, DAY)
    yield from range(START + (3 + length) * DAY, START + 1300 * DAY, DAY)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("ticks", ["every nine days", "an outage of 150 days"])
def test_long_gaps_shift_the_plan_and_change_nothing_else(name: str, ticks: str, tmp_path: Path) -> None:
    offer = opened(SHIPPED, name)
    schedule = after_outage(150) if ticks.startswith("an") else range(START, START + 4000 * DAY, 9 * DAY)
    days = range(START, START + 1100 * DAY, DAY)
    daily = run_script(tmp_path / "daily.db", SHIPPED.world, offer, DEALS, days, plain=True)
    late = run_script(tmp_path / "late.db", SHIPPED.world, offer, DEALS, schedule, plain=True)
    assert outlines(late) == outlines(daily)
    assert withdrawn_unseen(late) == 0
    gap = 2 * DAY if name != "silent-prospect-letter" else 3 * DAY
    for contact, instants in touches(late).items():
        for earlier, later in pairwise(instants):
            assert later - earlier >= gap - 2 * HOUR, contact  # a change of clocks may take an hour


def test_the_store_of_these_tests_has_deals_with_and_without_contacts(tmp_path: Path) -> None:
    store = store_with(tmp_path / "deals.db", DEALS)
    rows = store.session.connection.execute("SELECT contacts = '[]', count(*) FROM deals GROUP BY 1").fetchall()
    assert dict(rows) == {0: DEALS - DEALS // 5, 1: DEALS // 5}
