"""`playbook simulate` as sales operations runs it."""

from __future__ import annotations

import csv
import io
import json

import pytest

EXPERIMENT = """
experiment: timing
starts: 2026-04-01
ends: 2026-09-30
arms:
  now: {playbook: check-in, weight: 1}
  nothing: {playbook: beside, weight: 1, holdout: true}
control: nothing
primary: {event: won, within: 180d}
secondary: [{event: reply, within: 30d}]
expect: {rate: 0.05, deals: 400}
"""
BEHAVIOUR = """
behaviour: ours
reps: {any: {share: 1, median: 1h}}
outcomes: {ask: {granted: 1}}
wins: {granted: {share: 0.5, median: 20d, p90: 60d}, by_itself: {share: [0.02, 0.06], median: 60d, p90: 150d}}
"""
MADE = ("--deals", "40", "--from", "2026-03-02", "--replicates", "3")


def behave(shop, text: str = BEHAVIOUR) -> None:
    place = shop.folder / "playbooks" / "behaviours"
    place.mkdir(exist_ok=True)
    (place / "ours.yaml").write_text(text, encoding="utf-8")


def test_made_deals_need_no_database(shop):
    (shop.folder / "playbook.db").unlink()
    told = shop.run("simulate", "check-in", *MADE)
    assert told.code == 0
    words = " ".join(told.out.split())
    assert "40 made deals, lost over a year from 2026-03-02, followed for 52 weeks each, 3 times" in words
    assert "shows what follows from its assumptions, not what customers will do" in words
    assert "Work by person" in told.out
    assert "How it ends" in told.out


def test_the_same_seed_gives_the_same_bytes_with_one_process_and_with_two(shop):
    behave(shop)
    many = ("simulate", "check-in", "--deals", "400", "--from", "2026-03-02", "--replicates", "3", "--format", "json")
    one = shop.run(*many, "--behaviour", "ours")
    two = shop.run(*many, "--behaviour", "ours", "--workers", "2", "--state", str(shop.folder / "state.jsonl"))
    again = shop.run(*many, "--behaviour", "ours", "--resume", str(shop.folder / "state.jsonl"))
    assert one.code == two.code == again.code == 0
    assert one.out == two.out == again.out
    other = shop.run(*many, "--behaviour", "ours", "--seed", "2")
    assert other.out != one.out
    assert shop.run(*many, "--state", str(shop.folder / "state.jsonl")).err.startswith("playbook: ")


def test_what_was_begun_yesterday_goes_on_today(shop, monkeypatch):
    state = shop.folder / "state.jsonl"
    made = ("simulate", "check-in", "--deals", "60", "--replicates", "3", "--format", "json")
    monkeypatch.setattr("time.time", lambda: 1773133200.0)  # 2026-03-10
    first = shop.run(*made, "--state", str(state))
    state.write_bytes(state.read_bytes().splitlines(keepends=True)[0])
    monkeypatch.setattr("time.time", lambda: 1773133200.0 + 86_400)
    assert shop.run(*made, "--state", str(state)).out == first.out
    assert '"from": "2026-03-10"' in first.out
    assert '"from": "2026-03-11"' in shop.run(*made).out
    other = shop.run(*made, "--state", str(state), "--now", "2026-03-11")
    assert "belongs to another simulation" in other.err, "a day that is named is meant"


def test_a_look_back_that_was_begun_yesterday_goes_on_today(shop):
    state = shop.folder / "state.jsonl"
    asked = ("simulate", "check-in", "--history", "--format", "json", "--state", str(state))
    first = shop.run(*asked)
    shop.run("tick", "--now", "2026-03-03T10:00")
    again = shop.run(*asked)
    assert (again.code, again.out) == (0, first.out), again.err
    assert "lost from 2025-03-02 to 2026-03-02" in first.out


def test_two_playbooks_are_set_against_each_other(shop):
    behave(shop)
    told = shop.run("simulate", "check-in", "beside", *MADE, "--behaviour", "ours", "--format", "json")
    content = json.loads(told.out)
    rows = {row["figure"]: row for row in content["tables"]["differences"]["rows"]}
    assert {row["playbook"] for row in content["tables"]["differences"]["rows"]} == {"beside"}
    assert rows["Actions handed out"]["high"] < 0
    assert rows["Deals won back"]["middle"] < 0
    assert "Against check-in, beside wins back" in content["verdict"]
    assert content["facts"]["made"] == 40


def test_an_experiment_is_simulated_with_its_control_first_and_how_likely_it_finds_the_difference(shop):
    behave(shop)
    place = shop.folder / "playbooks" / "experiments"
    place.mkdir()
    (place / "timing.yaml").write_text(EXPERIMENT, encoding="utf-8")
    many = ("--deals", "300", "--from", "2026-03-02", "--replicates", "7")
    told = shop.run("simulate", "--experiment", "timing", *many, "--behaviour", "ours", "--format", "json")
    assert told.code == 0, told.err
    content = json.loads(told.out)
    assert content["title"] == "nothing against now"
    figures = {row["figure"] for row in content["tables"]["figures"]["rows"]}
    assert {"won within 180d, share of the deals", "reply within 30d, share of the deals"} <= figures
    [found] = content["tables"]["detection"]["rows"]
    assert (found["arm"], found["control"], found["deals"]) == ("now", "nothing", 400)
    assert 0.9 < found["mean"] <= 1, "half against five in a hundred is hard to miss"
    assert "would find a difference of this size in about" in " ".join(content["remarks"])


def test_history_tells_what_would_have_been_planned(shop):
    told = shop.run("simulate", "check-in", "--history", "--now", "2026-03-10", "--format", "json")
    assert told.code == 0, told.err
    content = json.loads(told.out)
    assert content["facts"]["losses"] == 2
    assert content["verdict"].startswith(
        "2 losses of your own, lost from 2025-03-10 to 2026-03-10, followed for 52 weeks each, while nobody acts and "
        "nobody answers. It comes to 4 actions, 2 of them touch a customer."
    )
    weeks = content["tables"]["weeks"]["rows"]
    assert (weeks[0]["week"], weeks[0]["middle"]) == ("2026-02-16", 2)
    assert sum(week["middle"] for week in weeks) == 4


def test_history_may_be_asked_for_a_team_and_a_time(shop):
    early = shop.run(
        "simulate", "check-in", "--history", "--since", "2024-01-01", "--now", "2026-03-10", "--format", "json"
    )
    assert json.loads(early.out)["facts"]["losses"] == 3
    nobody = shop.run("simulate", "check-in", "--history", "--team", "north", "--now", "2026-03-10")
    assert nobody.code == 2
    assert nobody.err == "playbook: no deal was lost in that time in the team 'north'\n  --deals 500 plays made deals\n"


def test_losses_that_the_playbook_would_not_take_are_left_out_with_the_reason(shop):
    path = shop.folder / "playbooks" / "check-in.yaml"
    path.write_text(
        path.read_text().replace("{status: {is: lost}, ", "{amount: {at_least: 99999999}, "), encoding="utf-8"
    )
    told = shop.run("simulate", "check-in", "--now", "2026-03-10")
    assert told.code == 2
    assert "no loss can be played: of 3, 3 because its enrol condition does not hold" in told.err
    together = shop.run(
        "simulate", "check-in", "beside", "--now", "2026-03-10", "--replicates", "1", "--format", "json"
    )
    assert json.loads(together.out)["facts"]["losses"] == 3, "one of the two takes them: both play them"


def test_nothing_is_written(shop):
    with shop.store() as store:
        before = (store.counts(), store.last_tick(), store.last_recorded())
    shop.run("simulate", "check-in", "--now", "2026-03-10", "--replicates", "2")
    with shop.store() as store:
        assert (store.counts(), store.last_tick(), store.last_recorded()) == before


def test_csv_has_one_table(shop):
    told = shop.run("simulate", "check-in", *MADE, "--format", "csv", "--table", "weeks")
    rows = list(csv.DictReader(io.StringIO(told.out)))
    assert list(rows[0]) == ["week", "low", "middle", "high", "hours"]
    assert len(rows) > 40
    first = shop.run("simulate", "check-in", *MADE, "--format", "csv")
    assert "this is the table figures; --table has also people, weeks" in first.err


def test_the_ending_of_the_file_says_the_format(shop):
    told = shop.run("simulate", "check-in", *MADE, "--output", str(shop.folder / "out.json"))
    assert told.out == ""
    assert json.loads((shop.folder / "out.json").read_text())["report"] == "simulation"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("simulate",), "say what is to be simulated"),
        (("simulate", "chekin", *MADE), "there is no playbook 'chekin'\n  did you mean check-in?"),
        (("simulate", "check-in", "check-in", *MADE), "a playbook is named twice"),
        (("simulate", "check-in", "--experiment", "x", *MADE), "the arms of an experiment name their playbooks"),
        (("simulate", "--experiment", "x", *MADE), "there is no experiment 'x' that can be used"),
        (("simulate", "check-in", *MADE, "--history"), "made deals have no history"),
        (("simulate", "check-in", "--from", "2026-01-01"), "--from goes with --deals"),
        (("simulate", "check-in", *MADE, "--behaviour", "theirs"), "there is no behaviour 'theirs'"),
        (("simulate", "check-in", *MADE, "--table", "weeks"), "--table goes with --format csv"),
        (("simulate", "check-in", *MADE, "--format", "csv", "--table", "wks"), "a simulation has no table 'wks'"),
        (("simulate", "check-in", *MADE, "--workers", "2", "--scheduler", "tcp://x:1"), "either --workers or"),
        (("simulate", "check-in", *MADE, "--fast"), "this cannot be estimated: check-in does not end in every"),
        (("simulate", "check-in", *MADE, "--fast", "--workers", "2"), "--fast is seconds' work of one process"),
        (("simulate", "check-in", "beside", *MADE, "--fast"), "--fast estimates one playbook"),
        (("simulate", "--fit", "--deals", "5"), "--deals does not go with --fit"),
        (("simulate", "check-in", "--fit"), "a playbook does not go with --fit"),
        (("simulate", "check-in", *MADE, "--output", "x.html"), "a simulation cannot be written as .html"),
        (("simulate", "check-in", *MADE[:2], "--from", "9999-12-01"), "no deals can be lost over a year from 9999-12"),
        (("simulate", "check-in", *MADE[:2], "--from", "0001-01-01"), "no deals can be lost over a year from 0001-01"),
        (("simulate", "check-in", *MADE[:2], "--from", "2199-01-02"), "the deals would be followed until 2200-"),
        (("simulate", "check-in", *MADE, "--state", "/no/where"), "/no/where cannot be written"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said_in_words(shop, arguments, said):
    told = shop.run(*arguments)
    assert told.code == 2
    assert told.err.startswith(f"playbook: {said}"), told.err


def test_a_broken_behaviour_is_told_with_its_lines(shop):
    behave(shop, "behaviour: ours\nreps: {any: {share: 2}}\nreplies: {email: {share: [0.4, 0.1]}}\n")
    told = shop.run("simulate", "check-in", *MADE, "--behaviour", "ours")
    assert told.code == 1
    assert "ours.yaml:2:" in told.err
    assert "playbook: playbooks/behaviours/ours.yaml cannot be used" in told.err


def test_validate_finds_what_is_wrong_in_a_behaviour(shop):
    folder = shop.folder / "playbooks" / "behaviours"
    folder.mkdir(exist_ok=True)
    (folder / "odd.yaml").write_text("behaviour: odd\nreps: {does: 2}\n", encoding="utf-8")
    told = shop.run("validate")
    assert told.code == 1 and "playbooks/behaviours/odd.yaml:2:14: error wrong-type" in told.out


def test_help_imports_nothing_heavy(shop):
    import subprocess
    import sys

    heavy = "print([name for name in ('numpy', 'distributed') if name in sys.modules])"
    code = f"import sys, cli; cli.run(['simulate', '--help']); {heavy}"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.endswith("[]\n")


def test_ctrl_c_says_where_to_go_on(shop, monkeypatch):
    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("engine.simulation.simulating.merged", stopped)
    told = shop.run("simulate", "check-in", *MADE, "--state", str(shop.folder / "state.jsonl"))
    assert told.code == 130
    assert "the same command goes on from there" in told.err


def experimenting(shop) -> None:
    behave(shop)
    place = shop.folder / "playbooks" / "experiments"
    place.mkdir()
    (place / "timing.yaml").write_text(EXPERIMENT, encoding="utf-8")


def test_a_horizon_that_cuts_off_a_metric_is_refused_and_the_default_reaches_over_it(shop):
    experimenting(shop)
    short = shop.run("simulate", "--experiment", "timing", *MADE, "--behaviour", "ours", "--weeks", "12")
    assert short.code == 2
    assert short.err == (
        "playbook: 12 weeks are too short for the experiment: it counts won within 180d\n"
        "  --weeks 26, or leave --weeks out\n"
    )
    path = shop.folder / "playbooks" / "experiments" / "timing.yaml"
    path.write_text(EXPERIMENT.replace("within: 180d", "within: 400d"), encoding="utf-8")
    told = shop.run("simulate", "--experiment", "timing", *MADE, "--behaviour", "ours", "--format", "json")
    assert json.loads(told.out)["facts"]["weeks"] == 58


def test_without_reps_and_customers_there_is_one_column_and_no_word_of_wins(shop):
    told = shop.run("simulate", "check-in", "--history", "--now", "2026-03-10")
    assert "won back" not in told.out.lower()
    assert "95 %" not in told.out
    assert "Touches planned" in told.out
    assert "Figure" in told.out and "Number" in told.out


def test_a_loss_that_was_won_back_is_played_from_its_enrolment(shop):
    with shop.store() as store, store.transaction():
        from tests.console.shop import deal

        store.upsert_deals([deal("D-1", "A1", "C1", status="won", won_at="2026-03-05", lost_at=None)])
    told = shop.run("simulate", "check-in", "--history", "--now", "2026-03-10", "--format", "json")
    content = json.loads(told.out)
    assert content["facts"]["losses"] == 2
    assert content["facts"]["come_back"] == 1


def test_which_part_of_the_condition_does_not_hold_is_said(shop):
    path = shop.folder / "playbooks" / "check-in.yaml"
    path.write_text(path.read_text().replace("{status: {is: lost}, ", "{status: {is: lost}, name: {is: Roof}, "))
    told = shop.run("simulate", "check-in", "--history", "--now", "2026-03-10")
    assert "1 loss is left out: check-in would not take it" in " ".join(told.out.split())
    assert "its enrol condition does not hold (name is Roof)" in " ".join(told.out.split())
