"""`playbook preview`: of a sample deal, of a deal of the database, and of every playbook that is shipped."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import pytest

import cli
from engine.authoring.workspace import load_workspace
from engine.core.preview.gantt import gantt
from engine.core.preview.mermaid import state_diagram
from engine.core.preview.previewing import preview_of_new
from engine.core.preview.sample import DEAL, candidate_of, sample
from engine.scenarios.bench import Bench
from tests.console.shop import LATER, START
from tests.core.story import when
from tests.core.test_preview_pictures import check_gantt, check_states

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = sorted(path.stem for path in (ROOT / "playbooks").glob("*.yaml"))


START_OF_ALL = 1772460000  # 2026-03-02 09:00 in New York
OPEN = "open since 2026-03-02 10:00: call to Ann Bell: Ask whether we may stay in touch [ask], for kim"


@pytest.fixture(scope="module")
def workspace():
    return load_workspace(ROOT, {})


@pytest.fixture(scope="module")
def benches(workspace):
    return {name: Bench.of(workspace, name) for name in SHIPPED}


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_playbook_takes_its_sample_deal_and_is_played_to_its_end(name, benches):
    bench = benches[name]
    made = sample(bench.world, bench.playbook, START_OF_ALL)
    assert made.refused == ""
    revision = next(offer.revision for offer in bench.offers if not offer.team)
    candidate = candidate_of(revision.playbook, made.account, made.account.deals[DEAL])
    found = preview_of_new(bench.world, bench.shelf, revision.hash, made.account, candidate, START_OF_ALL)
    assert found.calendar.end, "it does not end by itself"
    assert found.calendar.totals.actions
    assert any(one.taken for place in found.places for one in place.branches)
    arrows = check_states(state_diagram(bench.playbook))
    drawn = {end for arrow in arrows for end in arrow}
    for track in bench.playbook.tracks.values():
        assert {f"{track.name}__{state}" for state in track.states} <= drawn
    standing = {track.name: track.initial for track in bench.playbook.tracks.values()}
    check_gantt(gantt(bench.playbook, found.calendar, standing, lambda at: when(at)[:10]))


def test_the_check_in_begins_calmly_asks_the_next_day_and_ends_after_eight_notes(capsys):
    code = cli.run(["--workspace", str(ROOT), "preview", "four-week-check-in", "--from", "2026-03-02"])
    told = capsys.readouterr().out
    assert code == 0
    assert "  Mon 2026-03-02\n    09:00  enrolled, in cool_off\n" in told
    assert "  Tue 2026-03-03\n    09:00  left cool_off by: after 1bd → ask_permission\n" in told
    assert "call to the decision maker: Ask for permission to stay in touch [ask], for ana, 10 min" in told
    assert (
        "From the mark on it repeats about every 4 months, 6 more times; on 2028-10-30 it ends: kept_in_touch" in told
    )
    assert "    opted_out → it ends: declined\n" in told
    assert "      requalify (on Wed 2026-04-22)\n        requalify_deal.worth_pursuing → reopen;" in told


# --- in a small workspace -------------------------------------------------------------------------------------------


def test_a_sample_deal_needs_no_database(shop):
    (shop.folder / "playbook.db").unlink()
    told = shop.run("preview", "check-in", "--from", "2026-03-02").out
    assert "A sample deal: status lost, owner kim, lost_at 2026-03-02; decision_maker: the decision maker" in told
    assert "    09:00  call to the decision maker: Ask whether we may stay in touch [ask], for kim, 10 min\n" in told
    assert "    ask.granted → wait; then at once: task review\n" in told
    assert "    ask.refused → it ends: declined\n" in told
    assert "In all, up to 2027-03-01: 1 × call, 1 × task; 10 min; 1 touch of the customer" in told


def test_a_deal_goes_on_from_where_it_stands_and_people_have_names(shop):
    shop.run("record", "ask.granted", "--deal", "D-1")
    told = shop.run("preview", "check-in", "--deal", "D-1").out
    assert "enrolled since 2026-03-02 10:00" in told
    assert (
        "    10:00  stands in ask_first\n"
        f"    10:00  {OPEN}, 10 min\n"
        "    10:00  ask closed: granted"  # what is recorded comes first
    ) in told
    assert "left wait by: after 4w → end kept" in told and "\x1b" not in told


def test_what_somebody_has_to_do_already_is_told_and_drawn_as_it_was_handed_out(shop):
    shop.run("tick", "--now", "2026-03-05T10:00")
    shop.write(
        "playbooks/check-in.yaml",
        (shop.folder / "playbooks/check-in.yaml").read_text().replace("Ask whether we may stay in touch", "Ring them"),
    )
    told = shop.run("preview", "check-in", "--deal", "D-1").out
    assert told.count(OPEN) == 1
    [ask] = json.loads(shop.run("preview", "check-in", "--deal", "D-1", "--format", "json").out)["calendar"]["in_hand"]
    assert (ask["at"], ask["action"]["title"]) == ("2026-03-02T10:00:00+00:00", "Ask whether we may stay in touch")
    chart = shop.run("preview", "check-in", "--deal", "D-1", "--format", "mermaid", "--calendar").out
    check_gantt(chart)
    assert "    Ask whether we may stay in touch (call) :2026-03-05, 2026-03-16\n" in chart
    sample = shop.run("preview", "check-in", "--from", "2026-03-09")
    assert "open since" not in sample.out, "nobody has anything to do before it begins"


def test_a_preview_writes_nothing(shop):
    before = (shop.folder / "playbook.db").read_bytes()
    shop.run("preview", "check-in", "--deal", "D-1")
    shop.run("preview", "beside", "--deal", "D-1")
    shop.run("preview", "check-in")
    assert (shop.folder / "playbook.db").read_bytes() == before
    assert "[ask]" not in shop.run("preview", "check-in", "--deal", "D-1", "--depth", "0").out.partition("In all")[2]


def test_a_deal_that_is_not_enrolled_is_played_as_if_it_were_and_it_says_what_is_in_the_way(shop):
    told = shop.run("preview", "check-in", "--deal", "D-3", "--from", "2026-03-09").out
    assert "D-3" in told and "as if it were enrolled on 2026-03-09 09:00" in told
    assert "By itself the playbook does not take it: its enrol condition does not hold" in told
    assert "  Mon 2026-03-09\n    09:00  enrolled, in ask_first\n" in told


def test_it_ends_as_ticks_then_do(shop):
    """What the preview says of D-1 is what happens to it, tick by tick."""
    calendar = json.loads(shop.run("preview", "check-in", "--deal", "D-1", "--format", "json").out)["calendar"]
    assert (calendar["close"], calendar["end"], calendar["ends_at"]) == ("ends", "kept", "2026-04-13T10:00:00+00:00")
    for day in ("2026-03-16T10:00", "2026-03-31", "2026-04-01", "2026-04-12T10:00", "2026-04-13T09:59"):
        shop.run("tick", "--now", day)
    assert "check-in" in shop.run("deals").out and "wait" in shop.run("deals").out
    assert "1 ended" in shop.run("tick", "--now", "2026-04-13T10:00").err or "ended" in shop.run("show", "D-1").out


@pytest.mark.parametrize("day", ["1900-01-01", "1960-01-04", "1969-12-31"])
def test_a_day_before_1970_is_a_day_like_any_other(shop, day):
    told = shop.run("preview", "check-in", "--from", day, "--format", "json").out
    happened = json.loads(told)["calendar"]["happenings"]
    assert [one["what"] for one in happened] == ["due", "took", "closed", "due", "took", "closed", "ended"]
    first = date.fromisoformat(day)
    days = [(date.fromisoformat(one["at"][:10]) - first).days for one in happened]
    assert days == [0, 14, 14, 14, 42, 42, 42]


def test_more_weeks_show_more(shop):
    short = shop.run("preview", "check-in", "--from", "2026-03-02", "--weeks", "1").out
    assert "Not shown: what comes after 2026-03-09 (--weeks shows more); on 2026-04-13 it ends: kept" in short


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["chek-in"], "did you mean check-in?"),
        (["check-in", "--calendar"], "--format mermaid"),
        (["check-in", "--from", "soon"], "'soon' is no time"),
        (["check-in", "--from", "2026-02-30"], "does not exist"),
        (["check-in", "--deal", "D-99"], "D-99"),
        (["check-in", "--deal", "D-1", "--from", "2026-03-09"], "goes on from where it stands"),
        (["check-in", "--deal", "D-3", "--from", "2025-01-01"], "before that there is nothing to look ahead to"),
    ],
)
def test_what_cannot_be_previewed_is_said_with_what_to_do_instead(shop, arguments, told):
    found = shop.run("preview", *arguments)
    assert found.code == 2 and told in found.err and found.out == ""


def test_a_broken_playbook_is_not_previewed_in_an_older_version(shop):
    shop.write("playbooks/check-in.yaml", "playbook: check-in\ntitle: [")
    found = shop.run("preview", "check-in")
    assert found.code == 2 and "has errors" in found.err and "playbook validate" in found.err


def test_outside_a_workspace_it_says_where_to_go(tmp_path, capsys):
    assert cli.run(["--workspace", str(tmp_path), "preview", "check-in"]) == 2
    assert "is no workspace" in capsys.readouterr().err


def test_a_loop_without_time_is_refused_and_not_a_traceback(shop):
    shop.write(
        "playbooks/round.yaml",
        "playbook: round\ntitle: Round\nenrol: {if: {status: {is: lost}}}\nends: {over: {}}\ninitial: a\nstates:\n"
        "  a: {transitions: [{to: b}]}\n  b: {transitions: [{if: {amount: {at_least: 5}}, end: over}, {to: a}]}\n",
    )
    found = shop.run("preview", "round")
    assert found.code == 2 and ("cannot be played" in found.err or "has errors" in found.err)


def test_the_diagram_needs_no_deal(shop):
    check_states(shop.run("preview", "check-in", "--format", "mermaid").out)
    check_gantt(shop.run("preview", "check-in", "--format", "mermaid", "--calendar", "--from", "2026-03-02").out)


def test_json_has_times_with_their_offset_and_what_an_event_leads_to(shop):
    found = json.loads(shop.run("preview", "check-in", "--from", "2026-03-02", "--format", "json").out)
    [ask, *_] = found["calendar"]["happenings"]
    assert (ask["at"], ask["what"], ask["action"]["name"]) == ("2026-03-02T09:00:00+00:00", "due", "ask")
    granted = next(one for one in found["states"][0]["branches"] if one["event"] == "ask.granted")
    assert granted["enters"] == [{"track": "main", "state": "wait"}]


def test_a_copy_of_the_folder_previews_the_same_whatever_the_sandbox_clock_says(shop, tmp_path, capsys):
    first = shop.run("preview", "check-in", "--from", START).out
    shop.run("tick", "--now", LATER)
    shutil.copytree(shop.folder, tmp_path / "copy")
    cli.run(["--workspace", str(tmp_path / "copy"), "preview", "check-in", "--from", START])
    assert capsys.readouterr().out == first


def test_a_deal_that_a_person_paused_says_so(shop):
    shop.run("pause", "D-1")
    shop.run("tick", "--now", LATER)
    told = shop.run("preview", "check-in", "--deal", "D-1").out
    assert "    11:00  paused until it is released\n" in told
    assert "From here nothing happens by itself: it waits for an event" in told and "command." not in told
