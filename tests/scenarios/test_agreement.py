"""Tick schedules must agree, and are such as a workspace with its late_grace may have."""

from __future__ import annotations

from itertools import pairwise

import pytest

from engine.core.calendars import Calendar
from engine.scenarios import expecting, paces, running
from engine.scenarios.running import Play

DAY, GRACE = 86400, 48 * 3600


def test_each_schedule_gives_the_first_tick_at_or_after_an_instant_in_whatever_order_it_is_asked():
    for pace in paces.PACES:
        following = paces.ticks(pace, 1000, GRACE, 3)
        asked = [1000, 1000 + 400 * DAY, 1001, 1000 + DAY, 1000 + 3 * DAY + 7]
        found = [following(at) for at in asked]
        assert all(tick >= at for tick, at in zip(found, asked, strict=True))
        assert [following(at) for at in found] == found
        assert sorted(found) == [tick for _, tick in sorted(zip(asked, found, strict=True))]
        assert all(tick - at <= GRACE for tick, at in zip(found, asked, strict=True)), pace


def test_random_gaps_are_within_the_grace_differ_and_come_again_with_their_seed():
    def gaps(seed):
        following, at, found = paces.ticks("random", 0, GRACE, seed), 0, [0]
        while at < 200 * DAY:
            at = following(at + 1)
            found.append(at)
        return [later - earlier for earlier, later in pairwise(found)]

    assert gaps(1) == gaps(1) != gaps(2)
    assert max(gaps(1)) <= GRACE and len(set(gaps(1))) > 50


@pytest.mark.parametrize(
    ("grace", "names"),
    [(GRACE, ["immediate", "hourly", "daily", "random"]), (7200, ["immediate", "hourly", "random"]),
     (60, ["immediate", "random"])],
)  # fmt: skip
def test_schedules_that_would_be_outages_are_left_out(grace, names):
    assert paces.fitting(grace) == names


def test_schedules_that_disagree_fail_with_the_first_entry_that_differs(play, monkeypatch):
    calm = Play.begin

    def begin(self):
        if self.pace == "daily":  # a program whose days depend on its ticks
            monkeypatch.setattr(Calendar, "opening", lambda *_: 0)
        calm(self)

    monkeypatch.setattr(running.Play, "begin", begin)
    [one] = play("- wait: 3d", more="start: 2026-03-03\nenrol: by_person")
    assert one.failure is not None
    assert one.failure.message == "two tick schedules lead to different histories"
    assert one.failure.pace == "daily"
    assert one.failure.differences[0].expected.startswith("immediate: 2026-03-03 09:00")
    assert one.failure.differences[0].seen.startswith("daily: 2026-03-03 00:00")


def test_an_enrolment_that_comes_by_itself_begins_at_the_same_tick_in_every_schedule(play):
    [one] = play("""
        - wait: 14777min
        - change: {lost_at: 2026-03-12T09:17}
        - wait: 3w
        - expect: {enrolled: true, happened: [ask.expired]}
    """, more="deal: {lost_at: 2025-03-02}\nstart: 2026-03-02T10:00\nenrol: later")  # fmt: skip
    assert one.failure is None


def test_a_failure_under_another_schedule_names_it(play, monkeypatch):
    def expect(self, step):
        if self.pace == "hourly":
            raise running.Unmet("only here")

    monkeypatch.setattr(running, "expect", expect)
    [one] = play("- expect: {open: true}")
    assert (one.failure.pace, one.failure.message) == ("hourly", "only here")


def test_a_program_that_fails_fails_one_scenario_and_says_how(play, monkeypatch):
    def foresee(*_):
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr(expecting, "next_transitions", foresee)
    [one] = play("- expect: {next: nothing}", paces=("immediate",))
    assert one.failure.message == "the program failed: ZeroDivisionError: by nothing"
