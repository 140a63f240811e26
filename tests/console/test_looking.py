import csv
import io
import json

from tests.console import shop as shops
from tests.console.shop import LATER


def test_the_list_shows_each_person_what_is_due_with_a_short_id(shop):
    told = shop.run("due")
    assert "Kim Larsen (kim): 2 due" in told.out
    assert f"{shop.action('D-1')[:4]}  2026-03-02  " in told.out
    assert "株式会社サンプル  山田太郎" in told.out


def test_what_comes_from_the_crm_cannot_steer_the_terminal(shop):
    for command in (("due",), ("due", "--sheet"), ("due", "--format", "csv"), ("due", "--format", "json"),
                    ("show", "D-1"), ("show", "D-1", "--format", "json"), ("deals",)):  # fmt: skip
        told = shop.run(*command)
        assert "Ann" in told.out or command[0] == "deals"
        assert "\x1b" not in told.out + told.err


def test_no_cell_of_the_csv_is_a_formula(shop):
    rows = list(csv.DictReader(io.StringIO(shop.run("due", "--format", "csv").out)))
    assert {row["deal_name"] for row in rows} == {"'=SUM(A1)", "Roof"}
    assert all(row["priority"] == "0" for row in rows)


def test_json_has_every_field_with_times_that_name_their_offset(shop):
    found = json.loads(shop.run("due", "--format", "json").out)[0]
    assert found["due_at"] == "2026-03-02T10:00:00+00:00" and found["assignee"] == "kim"
    assert set(found) >= {"id", "deadline", "overdue", "kind", "title", "contact_name", "playbook", "remarks"}


def test_filters_narrow_the_list(shop):
    ids = {row["deal"] for row in json.loads(shop.run("due", "--deal", "D-2", "--format", "json").out)}
    assert ids == {"D-2"}
    assert shop.run("due", "--assignee", "noor").out == ""
    assert shop.run("due", "--team", "east").out == ""
    limited = shop.run("due", "--limit", "1", "--format", "json")
    assert len(json.loads(limited.out)) == 1 and "… and 1 more" in limited.err


def test_the_heading_counts_what_the_limit_leaves_off(shop):
    told = shop.run("due", "--now", "2026-03-03T10:00", "--overdue", "--limit", "1")
    assert "Kim Larsen (kim): 1 of 2 due, 2 overdue" in told.out and "… and 1 more" in told.err
    shop.run("done", shop.action("D-1"), "granted")
    told = shop.run("due", "--limit", "1")
    assert "Kim Larsen (kim): 1 due" in told.out and "more" not in told.err


def test_people_are_named_by_name_where_their_id_is_taken(shop):
    assert shop.run("due", "--assignee", "kim  LARSEN").out == shop.run("due").out
    assert shop.run("due", "--owner", "Kim Larsen").out == shop.run("due").out
    assert shop.run("deals", "--owner", "Kim Larsen").out == shop.run("deals").out
    assert shop.run("report", "untouched", "--owner", "Kim Larsen").out.splitlines()[0].endswith("(owner kim)")
    assert "is not in roster.yaml" in shop.run("due", "--assignee", "Kim Jensen").err


def test_a_name_that_two_people_have_is_refused_with_their_ids(shop):
    roster = shop.folder / "playbooks" / "library" / "roster.yaml"
    roster.write_text(roster.read_text() + "  kim2: {name: Kim Larsen, zone: UTC}\n")
    told = shop.run("due", "--assignee", "Kim Larsen")
    assert told.code == 2 and "may be kim or kim2" in told.err


def test_accounts_are_shown_with_their_id(shop):
    assert "\n  account A1 Acme\n" in shop.run("show", "D-1").out
    assert "A2       株式会社サンプル" in shop.run("deals").out


def test_what_came_with_another_deal_of_the_contact_says_with_which(shop):
    shop.run("record", "reply", "--deal", "D-1", "--contact", "C1", "--set", "channel=phone")
    shop.run("record", "reply", "--contact", "C1", "--set", "channel=email")
    shop.run("done", shop.action("D-1"), "granted")
    told = shop.run("show", "D-3").out
    assert "with the deal D-1: reply of Ann Bell, by kim (channel: phone)" in told
    assert "UTC  reply of Ann Bell, by kim (channel: email)" in told
    assert "ask.granted" not in told
    assert "with the deal" not in shop.run("show", "D-1").out
    events = json.loads(shop.run("show", "D-3", "--format", "json").out)["events"]
    assert [one["deal"] for one in events] == ["D-1", ""]


def test_what_is_past_its_deadline_is_marked(shop):
    assert "overdue" not in shop.run("due").out
    told = shop.run("due", "--now", "2026-03-03T10:00", "--overdue")
    assert "2 due, 2 overdue" in told.out


def test_what_is_answered_is_hidden_until_the_tick(shop):
    shop.run("done", shop.action(), "granted")
    told = shop.run("due")
    assert "1 due" in told.out and "1 answered already" in told.err


def test_an_empty_list_says_what_comes_next(shop):
    for deal in ("D-1", "D-2"):
        shop.run("skip", shop.action(deal), "no time")
    shop.run("tick", "--now", LATER)
    told = shop.run("due")
    assert (told.code, told.out) == (0, "") and "nothing is due; next: 2026-03-16 10:00" in told.err
    assert shop.run("due", "--format", "json").out.strip() == "[]"


def test_the_call_sheet_of_one_action_ends_with_the_exact_commands(shop):
    action = shop.action()
    told = shop.run("due", action[:6]).out
    for line in ("why       Keep the line open", "takes     10 min", "    - thank them", "    - asking why we lost",
                 f"playbook done {action[:4]} granted", "phone: +49 170"):  # fmt: skip
        assert line in told


def test_the_commands_on_a_sheet_work_as_they_stand(shop):
    sheet = shop.run("due", shop.action()).out
    command = next(line.split() for line in sheet.splitlines() if line.strip().startswith("playbook done"))
    assert shop.run(*command[1:]).code == 0


def test_the_sheet_of_a_closed_action_is_refused(shop):
    action = shop.action()
    shop.run("skip", action, "no time")
    assert "is answered already" in shop.run("due", action).err
    shop.run("tick", "--now", LATER)
    assert "ask is not open: skipped" in shop.run("due", action).err


def test_the_story_tells_every_step_with_its_cause(shop):
    shop.run("done", shop.action(), "granted", "--note", "glad")
    shop.run("tick", "--now", LATER)
    told = shop.run("show", "D-1").out
    lines = [line.strip() for line in told.splitlines()]
    for line in (
        "2026-03-02 10:00 UTC  enrolled in check-in",
        "ask is due: for kim, call to Ann Bell",
        "2026-03-02 10:00 UTC  ask.granted, by kim (note: glad)",
        "left ask_first by: ask.granted → wait",
        "Now: in wait since 2026-03-02 10:00",
        "2026-03-30 10:00  after 4w → end kept",
    ):
        assert line in lines, told


def test_the_story_as_json_says_the_same(shop):
    told = json.loads(shop.run("show", "D-1", "--format", "json").out)
    enrolment = told["enrolments"][0]
    assert enrolment["positions"][0]["state"] == "ask_first"
    assert "planned ask" in enrolment["history"][0]["did"]
    assert told["contacts"][0]["id"] == "C1" and told["deal"]["status"] == "lost"


def test_deals_show_what_follows_them(shop):
    told = shop.run("deals")
    rows = {line.split()[0]: line for line in told.out.splitlines()[1:]}
    assert "check-in: ask_first" in rows["D-1"] and "12,500 USD" in rows["D-1"]
    assert "nothing yet; looked at" in rows["D-3"] or rows["D-3"].endswith("NOTHING")
    found = json.loads(shop.run("deals", "--not-followed", "--format", "json").out)
    assert [row["id"] for row in found] == ["D-3"]


def test_a_deal_that_no_tick_has_looked_at_has_no_time_of_the_next_look(shop):
    with shop.store() as store, store.transaction():
        store.upsert_deals([shops.deal("D-9", "A1", "C1")])
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO(shop.run("deals", "--format", "csv").out))}
    assert rows["D-9"]["examine_at"] == ""
    found = {row["id"]: row for row in json.loads(shop.run("deals", "--format", "json").out)}
    assert found["D-9"]["examine_at"] is None
    assert "looked at by the next tick" in shop.run("deals").out


def test_deals_lost_before_a_date_are_left_out(shop):
    assert "D-3" not in shop.run("deals", "--lost-since", "2026-01-01").out
    assert "is not a date" in shop.run("deals", "--lost-since", "January").err


def test_a_deal_without_a_team_is_its_owners_teams_everywhere(shop):
    roster = shop.folder / "playbooks/library/roster.yaml"
    roster.write_text("people:\n  kim: {name: Kim Larsen, team: north}\nteams: {north: {}, west: {}}\n")
    with shop.store() as store, store.transaction():
        store.upsert_deals([shops.deal("D-4", "A2", "C2", team=None)])
    playbook = shop.folder / "playbooks/check-in.yaml"
    playbook.write_text(playbook.read_text().replace("{status: {is: lost},", "{status: {is: lost}, team: {is: north},"))
    shop.run("tick", "--now", "2026-03-05T12:00")
    assert [one["id"] for one in json.loads(shop.run("deals", "--team", "north", "--format", "json").out)] == ["D-4"]
    due = json.loads(shop.run("due", "--team", "north", "--format", "json").out)
    assert [(one["deal"], one["team"]) for one in due] == [("D-4", "north")], "and its condition on the team has held"
    found = json.loads(shop.run("report", "reasons", "--team", "north", "--format", "json").out)
    assert "north" in json.dumps(found)


def test_status_tells_how_things_stand(shop):
    told = shop.run("status")
    assert told.code == 0
    for line in ("Deals: 3 lost", "Lost and not followed: 1", "check-in: 2 open", "  ask_first: 2", "kim: 2 due",
                 "Last tick: 2026-03-02 10:00"):  # fmt: skip
        assert line in told.out, told.out


def test_what_goes_to_somebody_who_has_left_is_said_by_the_tick_and_by_status(shop):
    roster = shop.folder / "playbooks/library/roster.yaml"
    roster.write_text("people:\n  noor: {name: Noor Visser, team: east}\n")
    shop.run("record", "asked_for", "--deal", "D-1", "--now", LATER)
    told = shop.run("tick", "--now", "2026-03-02T12:00").err
    assert "1 action went to kim, who is not in library/roster.yaml; `playbook reassign`" in told
    assert "kim: 3 due (not in library/roster.yaml: `playbook reassign`)" in shop.run("status").out


def test_status_tells_of_ticks_that_came_too_rarely(shop):
    assert "No tick between" not in shop.run("status").out
    told = shop.run("status", "--now", "2026-03-09T10:00")
    assert "No tick between 2026-03-02 10:00 and 2026-03-09 10:00" in told.out
    found = json.loads(shop.run("status", "--now", "2026-03-09T10:00", "--format", "json").out)
    assert len(found["gaps"]) == 1 and found["people"]["kim"] == {"due": 2, "overdue": 2}


def test_status_exits_1_when_something_is_set_aside(shop):
    with shop.store() as store:
        store.fail_account("A1", "the disk was full", final=True)
    told = shop.run("status")
    assert told.code == 1 and "set aside: A1 (Acme): the disk was full" in told.out
