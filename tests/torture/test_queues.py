"""What waits for its batch or its campaign is neither forgotten nor let in twice, whenever a tick dies."""

import shutil

import pytest

import cli
from engine.store.base import NewEvent
from tests.torture import story
from tests.torture.killing import KILLED, arguments, in_child, passages, tick

BATCH = "  batch: {deals: 4, per: 1d}\n  order: [{field: amount, first: highest}]\n"


def workspace(folder, enrol: str, *, beside: bool = False):
    """One in which `review` takes every loss under these conditions, alone or `beside` another playbook."""
    made = story.make(folder)
    if not beside:
        (made / "playbooks" / "chase.yaml").unlink()
        shutil.rmtree(made / "playbooks" / "experiments")
        settings = made / "playbook.toml"
        settings.write_text(settings.read_text().replace('"chase", ', ""))
    review = made / "playbooks" / "review.yaml"
    review.write_text(
        review.read_text().replace("  if: {status: {is: lost}}\n", "  if: {status: {is: lost}}\n" + enrol)
    )
    calendars = made / "playbooks" / "library" / "calendars.yaml"
    calendars.write_text(calendars.read_text() + 'schedules:\n  monthly: {cron: "0 9 4 * *"}\n')
    assert tick(made, story.instant(0)) == 0, (made / "output.txt").read_text()
    with story.opened(made) as store:
        story.arrive(store, story.ACCOUNTS[:9], lost_at="2026-03-01")  # twelve deals
    return made


def test_a_campaign_takes_its_deals_when_it_opens(tmp_path):
    folder = workspace(tmp_path / "campaign", "  schedule: monthly\n")
    for day, so_far in ((1, 0), (2, 12), (3, 12)):
        assert tick(folder, story.instant(day)) == 0
        assert sum(reviewed(folder)) == so_far


def reviewed(folder) -> list[int]:
    """How many deals `review` took at each instant."""
    with story.opened(folder) as store:
        rows = store.session.execute(
            "SELECT count(*) FROM enrolments WHERE playbook = 'review' GROUP BY enrolled_at ORDER BY enrolled_at"
        )
        return [number for (number,) in rows]


def test_deals_that_wait_for_their_batch_come_in_even_if_another_playbook_took_them_meanwhile(tmp_path):
    folder = workspace(tmp_path / "batch", BATCH, beside=True)
    for day in range(1, 5):
        assert tick(folder, story.instant(day)) == 0
    assert reviewed(folder) == [4, 4, 4]


@pytest.mark.parametrize("day", [1, 2])
def test_a_tick_killed_anywhere_lets_no_more_in_than_a_batch_and_forgets_none(tmp_path, day):
    folder = workspace(tmp_path / "batch", BATCH)
    for earlier in range(1, day):
        assert tick(folder, story.instant(earlier)) == 0
    for point in in_enrolment(folder, day, tmp_path):
        copy = copied(folder, tmp_path / "killed")
        assert tick(copy, story.instant(day), point) == KILLED
        for later in range(day, day + 5):
            assert tick(copy, story.instant(later)) == 0
        assert sum(reviewed(copy)) == 12, point
        assert max(reviewed(copy)) <= 4, point


def test_a_campaign_whose_tick_is_killed_still_takes_its_deals(tmp_path):
    folder = workspace(tmp_path / "campaign", "  schedule: monthly\n")
    assert tick(folder, story.instant(1)) == 0
    assert reviewed(folder) == []
    for point in in_enrolment(folder, 2, tmp_path):
        copy = copied(folder, tmp_path / "killed")
        assert tick(copy, story.instant(2), point) == KILLED
        for later in (2, 3):
            assert tick(copy, story.instant(later)) == 0
        assert sum(reviewed(copy)) == 12, point


# --- enrolment by an event --------------------------------------------------------------------------------------------


def listening(folder):
    """A workspace with losses, in which `listen` takes a deal when they answer."""
    made = workspace(folder, "")
    assert tick(made, story.instant(1)) == 0
    return made


def answer(folder, at: int) -> None:
    with story.opened(folder) as store:
        store.record([NewEvent(account="A05", name="reply", deal="DA05", contact="CA05", recorded_at=at, by="kim")])
        store.set_examined([("A05", "DA05", at)])  # as the command `record` does


def listened(folder) -> int:
    with story.opened(folder) as store:
        return store.session.execute("SELECT count(*) FROM enrolments WHERE playbook = 'listen'").fetchone()[0]


def test_an_answer_recorded_in_the_second_of_the_last_tick_still_enrols(tmp_path):
    folder = listening(tmp_path / "same")
    answer(folder, story.instant(1))
    assert tick(folder, story.instant(2)) == 0
    assert listened(folder) == 1


def test_an_answer_handled_by_a_tick_that_ran_out_of_time_enrols_in_the_next(tmp_path):
    folder = listening(tmp_path / "time")
    answer(folder, story.instant(1) + 60)
    assert in_child(lambda: cli.run([*arguments(folder, story.instant(2)), "--max-seconds", "0"])) == 0
    assert tick(folder, story.instant(2) + 60) == 0
    assert listened(folder) == 1


@pytest.mark.parametrize("point", ["commit:2", "commit:4", "commit:6", "commit:8"])
def test_an_answer_enrols_once_whenever_the_tick_that_handles_it_dies(tmp_path, point):
    folder = listening(tmp_path / "killed")
    answer(folder, story.instant(1) + 60)
    assert tick(folder, story.instant(2), point) == KILLED
    for later in (0, 60, 120):
        assert tick(folder, story.instant(2) + later) == 0
    assert listened(folder) == 1


def in_enrolment(folder, day: int, home) -> list[str]:
    """The commits of the tick of this day: between them a kill may leave half of the enrolment."""
    counted = copied(folder, home / "counted")
    passed = passages(lambda: cli.run(arguments(counted, story.instant(day))), home / "passages.json")
    return [f"commit:{number}" for number in range(2, passed["commit"] + 1, 2)]


def copied(folder, name):
    shutil.rmtree(name, ignore_errors=True)
    return type(name)(shutil.copytree(folder, name))
