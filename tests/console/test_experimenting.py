"""`playbook experiment` on the command line."""

import json

import pytest

from tests.console.shop import LATER, START

TIMING = """
experiment: timing
question: Now or later?
starts: 2026-03-02
ends: 2026-05-31
enrol: {if: {status: {is: lost}}}
arms:
  now: {playbook: check-in}
  later: {playbook: slow}
primary: {event: reply, within: 30d}
expect: {rate: 0.2, deals: 200}
"""
SLOW = """
playbook: slow
title: Slow
enrol: {if: {status: {is: lost}, since.lost_at: {at_most: 90d}}}
ends: {kept: {}}
initial: wait
states:
  wait:
    actions:
      read: {kind: task, title: Read, assign: owner, optional: true}
    transitions:
      - {after: 10w, end: kept}
"""


@pytest.fixture
def lab(shop):
    """A shop with an experiment in its folder and a deal that nothing has followed."""
    (shop.folder / "playbooks/experiments").mkdir()
    (shop.folder / "playbooks/experiments/timing.yaml").write_text(TIMING, encoding="utf-8")
    (shop.folder / "playbooks/slow.yaml").write_text(SLOW, encoding="utf-8")
    shop.lose = lambda *numbers: lose(shop, *numbers)
    return shop


def lose(shop, *numbers):
    from engine.store.base import ImportedAccount
    from tests.console.shop import deal

    with shop.store() as store, store.transaction():
        for number in numbers:
            store.upsert_accounts([ImportedAccount(id=f"B{number}")])
            store.upsert_deals([deal(f"N-{number}", f"B{number}", "C9", lost_at="2026-03-01")])


def start(lab, *more):
    return lab.run("experiment", "start", "timing", "--yes", "--now", START, *more)


def test_before_the_start_it_says_what_can_be_told_and_writes_nothing_in_a_dry_run(lab):
    told = lab.run("experiment", "start", "timing", "--dry-run", "--now", START)
    assert told.code == 0 and "20 %" in told.out and "each arm needs" in told.out
    with lab.store() as store:
        assert store.experiment_orders() == []


def test_without_anybody_to_ask_it_wants_a_yes(lab):
    told = lab.run("experiment", "start", "timing", "--now", START)
    assert told.code == 2 and "--yes" in told.err


def test_a_started_experiment_draws_at_the_next_tick_and_status_counts_the_units(lab):
    lab.lose(*range(8))
    assert start(lab).code == 0
    told = lab.run("tick", "--now", LATER)
    assert "8 drawn by timing" in told.err
    listed = json.loads(lab.run("experiment", "status", "timing", "--format", "json").out)
    assert {(row["team"], row["arm"]) for row in listed} == {("west", "now"), ("west", "later")}
    assert sum(row["units"] for row in listed) == 8 and {row["state"] for row in listed} == {"drawing"}


def test_why_and_show_tell_of_the_draw(lab):
    lab.lose(1)
    start(lab)
    assert "the experiment timing would draw it at the next tick: every arm could take it" in lab.run("why", "N-1").out
    lab.run("tick", "--now", LATER)
    for command in ("why", "show"):
        told = lab.run(command, "N-1").out
        assert "drawn on 2026-03-02 11:00 by the experiment timing: arm " in told and "chance of 50 %" in told
    drawn = json.loads(lab.run("show", "N-1", "--format", "json").out)["draws"]
    assert drawn[0]["experiment"] == "timing" and drawn[0]["position"] == 0


def test_an_edit_of_the_file_changes_nothing_until_it_is_ordered(lab):
    start(lab)
    path = lab.folder / "playbooks/experiments/timing.yaml"
    path.write_text(TIMING.replace("{playbook: slow}", "{playbook: slow, weight: 3}"), encoding="utf-8")
    assert "something else than what is in force" in lab.run("experiment", "--now", LATER).err or (
        "something else than what is in force" in lab.run("experiment", "status").err
    )
    told = lab.run("experiment", "change", "timing", "--yes", "--now", LATER)
    assert told.code == 0 and "phase 2" in told.err
    assert "something else" not in lab.run("experiment", "status").err


def test_what_was_promised_cannot_be_changed(lab):
    start(lab)
    path = lab.folder / "playbooks/experiments/timing.yaml"
    path.write_text(TIMING.replace("within: 30d", "within: 60d"), encoding="utf-8")
    told = lab.run("experiment", "change", "timing", "--yes", "--now", LATER)
    assert told.code == 2 and "primary of timing cannot be changed once it runs" in told.err


def test_a_deleted_file_stops_no_experiment(lab):
    lab.lose(1)
    start(lab)
    (lab.folder / "playbooks/experiments/timing.yaml").unlink()
    assert "1 drawn by timing" in lab.run("tick", "--now", LATER).err


def test_a_broken_playbook_of_an_arm_stops_the_drawing_and_no_tick(lab):
    lab.lose(1)
    start(lab)
    (lab.folder / "playbooks/slow.yaml").unlink()
    told = lab.run("tick", "--now", LATER)
    assert "drawn" not in told.err and told.code in (0, 1)
    assert "the playbook of later cannot be used" in lab.run("experiment", "status").err


def test_a_stopped_experiment_draws_nobody_and_an_adopted_arm_takes_everybody(lab):
    start(lab)
    assert lab.run("experiment", "stop", "timing", "--yes", "--now", LATER).code == 0
    lab.lose(1)
    assert "drawn" not in lab.run("tick", "--now", "2026-03-02T12:00").err
    told = lab.run("experiment", "stop", "timing", "--adopt", "later", "--yes", "--now", "2026-03-02T13:00")
    assert told.code == 0 and "new deals get later" in told.err
    lab.lose(2)
    lab.run("tick", "--now", "2026-03-02T14:00")
    with lab.store() as store:
        assert [one.playbook for one in store.enrolments_of("N-2")] == ["slow"]
        assert store.count_draws() == []


@pytest.mark.parametrize("verb", ["start", "change", "stop", "status"])
def test_a_mistyped_name_is_answered_with_the_one_meant(lab, verb):
    told = lab.run("experiment", verb, "timming", *(() if verb == "status" else ("--yes",)))
    assert told.code == 2 and "did you mean" in told.err.lower() and "timing" in told.err


@pytest.mark.parametrize("verb", ["change", "stop"])
def test_what_was_not_started_can_neither_be_changed_nor_stopped(lab, verb):
    told = lab.run("experiment", verb, "timing", "--yes")
    assert told.code == 2 and "was not started" in told.err


def test_an_unknown_arm_is_not_adopted(lab):
    start(lab)
    told = lab.run("experiment", "stop", "timing", "--adopt", "latter", "--yes", "--now", LATER)
    assert told.code == 2 and "its arms are now, later" in told.err


def test_status_tells_how_many_were_drawn(lab):
    lab.lose(1, 2)
    start(lab)
    lab.run("tick", "--now", LATER)
    assert "Experiment timing: drawing, 2 drawn" in lab.run("status").out
    told = json.loads(lab.run("status", "--format", "json").out)["experiments"]
    assert told == [{"experiment": "timing", "state": "drawing", "units": 2}]


def test_whoever_moves_a_drawn_deal_by_hand_is_told_what_that_means(lab):
    lab.lose(*range(6))
    start(lab)
    lab.run("tick", "--now", LATER)
    with lab.store() as store:
        slow = next(f"N-{number}" for number in range(6) if store.enrolments_of(f"N-{number}")[0].playbook == "slow")
    told = lab.run("enrol", slow, "check-in")
    assert told.code == 0 and "the experiment timing has drawn it into the arm later" in told.err


def test_arms_that_do_the_same_for_most_of_the_window_are_told_of_before_the_start(lab):
    same = (lab.folder / "playbooks/check-in.yaml").read_text(encoding="utf-8").replace("check-in", "same", 1)
    (lab.folder / "playbooks/same.yaml").write_text(same, encoding="utf-8")
    path = lab.folder / "playbooks/experiments/timing.yaml"
    path.write_text(TIMING.replace("{playbook: slow}", "{playbook: same}"), encoding="utf-8")
    told = lab.run("experiment", "start", "timing", "--dry-run", "--now", START)
    assert "where nobody answers, later and now do the same" in told.out


def test_too_few_losses_for_what_the_file_expects_are_told_of(lab):
    told = lab.run("experiment", "start", "timing", "--dry-run", "--now", START)
    assert "Careful: the file expects 200" in told.out


def test_an_experiment_whose_days_are_over_is_not_started(lab):
    told = lab.run("experiment", "start", "timing", "--yes", "--now", "2026-07-01T10:00")
    assert told.code == 2 and "was to draw until 2026-05-31" in told.err


def test_a_change_says_what_it_changes(lab):
    start(lab)
    path = lab.folder / "playbooks/experiments/timing.yaml"
    path.write_text(TIMING.replace("{playbook: slow}", "{playbook: slow, weight: 3}"), encoding="utf-8")
    told = lab.run("experiment", "change", "timing", "--yes", "--now", LATER)
    assert "arms.later.weight: 1 -> 3" in told.err


def test_another_stop_says_that_the_adoption_ends(lab):
    start(lab)
    lab.run("experiment", "stop", "timing", "--adopt", "later", "--yes", "--now", LATER)
    told = lab.run("experiment", "stop", "timing", "--yes", "--now", "2026-03-02T12:00")
    assert "until now new deals get later; that ends" in told.err


def test_a_broken_experiment_brings_no_warning_about_its_playbooks(lab):
    settings = lab.folder / "playbook.toml"
    before = lab.run("validate").out
    path = lab.folder / "playbooks/experiments/timing.yaml"
    path.write_text(TIMING.replace("primary:", "primry:"), encoding="utf-8")
    found = lab.run("validate").out
    assert "playbook-not-listed" not in before + found and "timing.yaml" in found and settings.exists()


def edit(lab, before, after):
    path = lab.folder / "playbooks/experiments/timing.yaml"
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


def test_a_default_written_out_is_told_as_no_change_everywhere(lab):
    start(lab)
    edit(lab, "primary:", "unit: deal\nalpha: 0.05\nassign: blocks\ncontrol: now\nprimary:")
    assert "something else" not in lab.run("experiment", "status").err
    told = lab.run("experiment", "change", "timing", "--yes", "--now", LATER)
    assert told.code == 2 and "says what is in force already" in told.err and "->" not in told.err


@pytest.mark.parametrize(
    ("edited", "code", "said"),
    [
        ("{playbook: slow, weight: 3}", 2, "has drawn until 2026-05-31: nothing would be drawn in another phase"),
        ("{playbook: slow}\nmargin: 0.02", 2, "margin of timing cannot be changed once it runs"),
    ],
)
def test_after_the_last_day_of_drawing_a_change_of_what_is_drawn_is_refused(lab, edited, code, said):
    start(lab)
    edit(lab, "{playbook: slow}", edited)
    told = lab.run("experiment", "change", "timing", "--yes", "--now", "2026-06-01T09:00")
    assert told.code == code and said in told.err


def test_after_the_last_day_of_drawing_a_change_says_that_nothing_is_drawn_any_more(lab):
    start(lab)
    edit(lab, "Now or later?", "Which is better?")
    told = lab.run("experiment", "change", "timing", "--yes", "--now", "2026-06-01T09:00")
    assert told.code == 0 and "nothing is drawn any more, its last day was 2026-05-31" in told.err


def test_what_the_first_tick_draws_at_once_is_told_before_the_start(lab):
    lab.lose(*range(8))
    told = lab.run("experiment", "start", "timing", "--dry-run", "--now", START)
    assert "(8 deals on record now would be drawn at once by the first tick." in told.out
    edit(lab, "expect: {rate: 0.2, deals: 200}", "expect: {rate: 0.2}")
    told = lab.run("experiment", "start", "timing", "--dry-run", "--now", START)
    assert "(8 deals on record now would be drawn at once by the first tick, on top of these numbers." in told.out
    start(lab)
    assert "8 drawn by timing" in lab.run("tick", "--now", LATER).err


def test_only_the_days_still_to_come_are_promised(lab):
    lab.lose(*range(8))
    edit(lab, "expect: {rate: 0.2, deals: 200}", "expect: {rate: 0.2}")
    early, late = (
        lab.run("experiment", "start", "timing", "--dry-run", "--now", now).out for now in (START, "2026-05-25T10:00")
    )
    assert early.startswith("With 32 deals until 2026-05-31") and late.startswith("With 1 deal until 2026-05-31")


def test_of_what_the_file_expects_only_the_part_still_to_come_is_promised(lab):
    lab.lose(*range(8))
    told = lab.run("experiment", "start", "timing", "--dry-run", "--now", "2026-05-25T10:00").out
    assert told.startswith("With 15 deals until 2026-05-31")
    assert "as `expect.deals` of the file says, 15 of them on the days still to come;" in told


def test_a_loss_that_one_arm_would_not_take_is_not_promised(lab):
    lab.lose(*range(8))
    edit(lab, "expect: {rate: 0.2, deals: 200}", "expect: {rate: 0.2}")
    path = lab.folder / "playbooks/slow.yaml"
    path.write_text(SLOW.replace("status: {is: lost}", "status: {is: lost}, lost_at: {before: 2020-01-01}"), "utf-8")
    told = lab.run("experiment", "start", "timing", "--dry-run", "--now", START).out
    assert "had 0.0 a week that it would have taken" in told and "at once" not in told
