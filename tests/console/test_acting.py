import json
import re

import pytest

from engine.console import acting, looking
from engine.store.sqlite import create
from tests.console import shop as shops
from tests.console.shop import LATER
from tests.small_workspace import lay


def test_an_outcome_is_recorded_and_the_next_tick_acts_on_it(shop):
    told = shop.run("done", shop.action()[:4], "granted", "--note", "glad")
    assert (told.code, told.out) == (0, "")
    assert "ask.granted for D-1 recorded; the next tick acts on it" in told.err
    assert shop.pending() == ["ask.granted"]
    assert shop.run("tick", "--now", LATER).code == 0
    assert "in wait since 2026-03-02 10:00" in shop.run("show", "D-1").out


def test_what_is_not_an_outcome_is_refused_with_those_that_are(shop):
    told = shop.run("done", shop.action(), "grnted")
    assert told.code == 2
    assert "'grnted' is not an outcome of ask" in told.err
    assert "outcomes are granted, refused, no_answer\n" in told.err
    assert shop.pending() == []


def test_the_outcome_may_be_left_out_only_where_there_is_one(shop):
    assert "how did ask go?" in shop.run("done", shop.action()).err
    shop.run("done", shop.action(), "granted")
    shop.run("tick", "--now", LATER)
    assert shop.run("done", shop.action(), "--checked").code == 0
    assert shop.pending() == ["review.done"]


def test_an_action_with_a_checklist_needs_it_confirmed(shop):
    shop.run("done", shop.action(), "granted")
    shop.run("tick", "--now", LATER)
    told = shop.run("done", shop.action())
    assert told.code == 2 and "- reread your notes" in told.err and "--checked" in told.err


def test_a_second_outcome_of_the_same_action_is_refused_until_the_first_is_undone(shop):
    action = shop.action()
    shop.run("done", action, "granted")
    assert "recorded for this action already, by kim" in shop.run("done", action, "refused").err
    assert shop.run("undo", "D-1").code == 0
    assert shop.run("done", action, "refused").code == 0
    assert shop.pending() == ["ask.refused"]


def test_undo_says_what_has_followed_once_a_tick_has_acted(shop):
    shop.run("done", shop.action(), "granted")
    shop.run("tick", "--now", LATER)
    told = shop.run("undo", "D-1")
    assert told.code == 2
    assert "the tick of 2026-03-02 11:00 has acted on it" in told.err and "entered wait" in told.err


def test_undo_where_nobody_said_anything_says_so(shop):
    assert "nobody has recorded anything for D-1" in shop.run("undo", "D-1").err


def test_an_outcome_for_a_closed_action_is_kept_with_a_notice(shop):
    action = shop.action()
    shop.run("done", action, "granted")
    shop.run("tick", "--now", LATER)
    told = shop.run("done", action, "no_answer")
    assert told.code == 0 and "ask was closed on 2026-03-02 10:00 (granted): recorded as late" in told.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("skip", "{action}"), "skipping needs a reason"),
        (("defer", "{action}", "2026-01-01"), "2026-01-01 is in the past"),
        (("defer", "{action}", "3m"), "mo for months, min for minutes"),
        (("defer", "{action}", "soon"), '"soon" is not a date'),
        (("done", "{action}", "granted", "--at", "2027-01-01"), "2027-01-01 is in the future"),
        (("reassign", "{action}", "nor"), "did you mean 'noor'?"),
        (("reassign", "{action}", "kim"), "kim has it already"),
        (("done", "zzzz"), "no action has an id that begins with"),
        (("enrol", "D-3", "chek-in"), "did you mean check-in?"),
        (("enrol", "D-1", "check-in"), "check-in cannot take D-1: it runs already"),
        (("enrol", "D-11", "check-in"), "did you mean D-1?"),
        (("excuse", "D-3"), "an excuse needs a reason"),
        (("release", "D-1"), "nothing of D-1 is paused"),
        (("pause", "D-3"), "no playbook runs for D-3"),
        (("record",), "what happened?"),
        (("record", "repl", "--deal", "D-1"), "did you mean reply?"),
        (("record", "reply"), "whose event is it?"),
        (("record", "won", "--deal", "D-1"), "change the deal in the CRM and import it"),
        (("record", "reply", "--deal", "D-1", "--set", "chanel=phone"), "did you mean 'channel'?"),
        (("record", "reply", "--deal", "D-1", "--set", "channel=fone"), "did you mean 'phone'?"),
        (("record", "reply", "--deal", "D-1", "--set", "amount=many"), "'many' is not a number"),
        (("record", "reply", "--deal", "D-1", "--set", "channel"), "write --set field=value"),
        (("record", "reply", "--deal", "D-1", "--contact", "C2"), "no contact of this account has the id 'C2'"),
        (("record", "ask.done.well", "--deal", "D-1"), "outcomes are granted"),
        (("record", "--file", "no-such.csv"), "cannot be read"),
        (("retry",), "which one?"),
    ],
)
def test_what_cannot_be_recorded_is_refused_with_what_is_possible(shop, arguments, says):
    told = shop.run(*(one.replace("{action}", shop.action()) for one in arguments))
    assert told.code == 2, told
    assert says in told.err
    assert told.out == "" and shop.pending() == []


def test_a_deferred_action_leaves_the_list_and_comes_back(shop):
    action = shop.action()
    assert "comes again on 2026-03-04 10:00" in shop.run("defer", action, "2bd").err
    shop.run("tick", "--now", LATER)
    assert action[:4] not in shop.run("due", "--deal", "D-1").out
    shop.run("tick", "--now", "2026-03-04T10:00")
    assert shop.action() == action


def test_a_reassigned_action_is_on_the_other_persons_list(shop):
    shop.run("reassign", shop.action(), "noor")
    shop.run("tick", "--now", LATER)
    assert "Noor Visser (noor): 1 due" in shop.run("due").out


def test_a_skipped_action_keeps_its_reason(shop):
    action = shop.action()
    shop.run("skip", action, "they called first")
    shop.run("tick", "--now", LATER)
    with shop.store() as store:
        row = store.action(action)
    assert (row.status, row.reason) == ("skipped", "they called first")


def test_what_is_paused_stands_still_until_it_is_released(shop):
    assert "D-1: 1 enrolment paused" in shop.run("pause", "D-1").err
    shop.run("tick", "--now", LATER)
    shown = shop.run("show", "D-1").out
    assert "paused since 2026-03-02 10:00, until it is released" in shown and "stands still: after 14d → wait" in shown
    assert "everything of D-1 is paused already" in shop.run("pause", "D-1").err
    assert shop.run("release", "D-1").code == 0
    shop.run("tick", "--now", "2026-03-02T12:00")
    shown = shop.run("show", "D-1").out
    assert "order to release, by kim\n      released\n" in shown and "2026-03-16 11:00  after 14d → wait" in shown


def test_a_pause_ends_on_the_day_that_was_said_with_it(shop):
    told = shop.run("pause", "D-1", "--until", "2026-03-10", "--because", "a new owner there")
    assert "D-1: 1 enrolment paused until 2026-03-10 09:00" in told.err
    shop.run("tick", "--now", LATER)
    shown = shop.run("show", "D-1").out
    assert "order to pause, by kim (until: 2026-03-10 09:00, reason: a new owner there)" in shown
    assert "2026-03-10 09:00  the pause ends (the day that was named)" in shown
    shop.run("tick", "--now", "2026-03-10T12:00")
    assert "released: the time given" in shop.run("show", "D-1").out


def test_a_pause_can_be_given_another_day(shop):
    shop.run("pause", "D-1", "--until", "2026-03-10")
    shop.run("tick", "--now", LATER)
    assert "with --until a pause gets another end" in shop.run("pause", "D-1").err
    assert shop.run("pause", "D-1", "--until", "2026-03-25").code == 0
    shop.run("tick", "--now", "2026-03-02T12:00")
    assert "the pause lasts until 2026-03-25 09:00 now" in shop.run("show", "D-1").out
    shop.run("tick", "--now", "2026-03-11T12:00")
    assert "released: the time given" not in shop.run("show", "D-1").out


def test_what_is_paused_is_marked_on_the_list_and_is_not_overdue(shop):
    shop.run("pause", "D-1")
    shop.run("tick", "--now", LATER)
    late = ("--now", "2026-03-20T10:00")
    [line] = [line for line in shop.run("due", *late).out.splitlines() if "D-1" in line]
    assert "paused" in line and "overdue" not in line
    assert "PAUSED: not now" in shop.run("due", shop.action(), *late).out
    assert [one["paused"] for one in json.loads(shop.run("due", *late, "--format", "json").out)] == [True, False]


def test_a_pause_that_is_still_pending_can_be_released(shop):
    shop.run("pause", "D-1")
    assert shop.run("release", "D-1").code == 0
    assert shop.pending() == ["command.pause", "command.release"]


def test_what_a_person_ends_is_over_with_the_reason_and_is_not_taken_again(shop):
    assert "ending a follow-up needs a reason" in shop.run("end", "D-1").err
    assert "D-1: 1 enrolment to end" in shop.run("end", "D-1", "their lawyer wrote to us").err
    assert "the end of everything of D-1 is ordered already" in shop.run("end", "D-1", "again").err
    shop.run("tick", "--now", LATER)
    assert "D-1" not in shop.run("due").out
    shown = shop.run("show", "D-1").out
    assert re.search(r"Ended on 2026-03-02 10:00( UTC)?: ended_by_hand", shown)
    assert "order to end it, by kim (playbook: check-in, reason: their lawyer wrote to us)" in shown
    shop.run("tick", "--now", "2026-03-05T12:00")
    assert "check-in: ended_by_hand" in shop.run("deals").out
    assert "no playbook runs for D-1" in shop.run("end", "D-1", "again").err


def test_the_order_to_end_it_can_be_taken_back_until_the_next_tick(shop):
    shop.run("end", "D-1", "a mistake")
    assert "taken back: order to end it" in shop.run("undo", "D-1").err
    shop.run("tick", "--now", LATER)
    assert "ended_by_hand" not in shop.run("show", "D-1").out


def test_an_excused_loss_is_no_longer_missing_a_follow_up(shop):
    assert "D-3" in shop.run("deals", "--not-followed").out
    assert shop.run("excuse", "D-3", "duplicate of D-1").code == 0
    told = shop.run("deals", "--not-followed")
    assert told.out == "" and "every loss is followed or excused" in told.err
    assert "excused: duplicate of D-1 (kim, " in shop.run("deals").out
    assert shop.run("excuse", "D-3", "--take-back").code == 0
    assert "D-3" in shop.run("deals", "--not-followed").out


def test_a_person_can_enrol_what_no_playbook_takes(shop):
    assert shop.run("enrol", "D-3", "check-in", "--now", LATER).code == 0
    shop.run("tick", "--now", "2026-03-02T12:00")
    assert "check-in: ask_first" in shop.run("deals", "--lost-since", "2024-01-01", "--owner", "kim").out
    assert "D-3" not in shop.run("deals", "--not-followed").out


def test_an_event_that_a_playbook_waits_for_has_the_deal_examined(shop):
    shop.run("record", "asked_for", "--deal", "D-1", "--now", LATER)
    shop.run("tick", "--now", "2026-03-02T12:00")
    assert "beside: only" in shop.run("deals").out


def test_what_one_pause_ordered_for_two_playbooks_is_taken_back_together(shop):
    shop.run("enrol", "D-1", "beside", "--now", LATER)
    shop.run("tick", "--now", "2026-03-02T12:00")
    assert "D-1: 2 enrolments paused" in shop.run("pause", "D-1").err
    assert shop.run("undo", "D-1").err.count("taken back: order to pause") == 2
    assert shop.pending() == []
    assert "D-1: 1 enrolment paused" in shop.run("pause", "D-1", "--playbook", "beside").err


def test_the_same_key_is_recorded_once(shop):
    command = ("record", "reply", "--deal", "D-1", "--set", "channel=email", "--key", "mail-7")
    assert shop.run(*command).code == 0
    assert "recorded before (same key): nothing changed" in shop.run(*command).err
    assert shop.pending() == ["reply"]


def test_an_outcome_told_by_deal_finds_the_open_action(shop):
    action = shop.action()
    assert shop.run("record", "ask.granted", "--deal", "D-1").code == 0
    with shop.store() as store:
        assert store.pending_events("D-1")[0].event.action == action
    assert "nothing is due" in shop.run("due", "--deal", "D-1").err


def test_an_opt_out_belongs_to_the_deals_only_contact(shop):
    assert shop.run("record", "opted_out", "--deal", "D-1").code == 0
    with shop.store() as store:
        assert store.pending_events("D-1")[0].event.contact == "C1"


def test_an_event_of_a_contact_needs_no_deal(shop):
    assert shop.run("record", "opted_out", "--contact", "C1").code == 0
    shop.run("tick", "--now", LATER)
    assert "Ended on 2026-03-02 10:00 UTC: declined" in shop.run("show", "D-1").out


def test_a_dry_run_records_nothing(shop):
    assert "dry run, nothing was recorded" in shop.run("record", "reply", "--deal", "D-1", "--dry-run").err
    assert shop.pending() == []


# --- lists that come back -------------------------------------------------------------------------------------------

LIST = """event;action;outcome;deal;occurred_at;key;field.channel;note
reply;;;D-1;2026-03-02 09:00;k1;phone;fine
reply;;;D-1;2026-03-02 09:00;k1;phone;fine
;{action};granted;;;k2;;"two
lines"
reply;;;D-9;;k3;;+49 170
reply;;;D-1;;k4;fax;
"""


def test_good_rows_are_recorded_and_bad_ones_told_with_line_and_column(shop):
    file = shop.write("answers.csv", LIST.replace("{action}", shop.action()))
    told = shop.run("record", "--file", file)
    assert told.code == 1
    assert f"{file}:6: rejected (deal): no deal has an id that begins with" in told.err
    assert f"{file}:7: rejected (field.channel): channel: 'fax' is not one of its values" in told.err
    assert "5 rows: 2 recorded, 1 known already, 2 rejected" in told.err
    assert sorted(shop.pending()) == ["ask.granted", "reply"]


def test_the_same_file_again_changes_nothing(shop):
    file = shop.write("answers.csv", LIST.replace("{action}", shop.action()))
    shop.run("record", "--file", file)
    before = shop.pending()
    assert "0 recorded, 3 known already, 2 rejected" in shop.run("record", "--file", file).err
    assert shop.pending() == before


def test_corrected_rejects_are_taken_as_they_are(shop):
    file = shop.write("answers.csv", LIST.replace("{action}", shop.action()))
    shop.run("record", "--file", file)
    rejects = shop.folder / "answers.csv.rejects.csv"
    text = rejects.read_text()
    assert "'+49 170" in text  # no formula to a spreadsheet
    rejects.write_text(text.replace("D-9", "D-2").replace("fax", "email"))
    assert "2 rows: 2 recorded" in shop.run("record", "--file", str(rejects)).err
    with shop.store() as store:
        assert store.pending_events("D-2")[0].event.fields["note"] == "+49 170"


def test_a_dry_run_of_a_list_says_what_it_would_do(shop):
    file = shop.write("answers.csv", LIST.replace("{action}", shop.action()))
    told = shop.run("record", "--file", file, "--dry-run")
    assert told.code == 1 and "2 good, 1 known already, 2 rejected" in told.err
    assert shop.pending() == [] and not (shop.folder / "answers.csv.rejects.csv").exists()


def test_json_lines_are_taken_too(shop):
    rows = [
        json.dumps({"event": "reply", "deal": "D-1", "fields": {"channel": "phone", "amount": 3}, "key": "a"}),
        '{"event": "reply", "deal"',
        json.dumps({"event": "reply", "dael": "D-1"}),
        "[1]",
    ]
    file = shop.write("answers.jsonl", "\n".join(rows))
    told = shop.run("record", "--file", file)
    assert "4 rows: 1 recorded, 0 known already, 3 rejected" in told.err
    assert f"{file}:2: rejected: not JSON" in told.err and "unknown key 'dael'; did you mean deal?" in told.err
    with shop.store() as store:
        assert store.pending_events("D-1")[0].event.fields == {"channel": "phone", "amount": 3}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "the file is empty"),
        ("evnt,deal\n", "unknown column 'evnt'"),
        ("deal,note\n", "neither a column event nor a column action"),
        ("event,deal,deal\n", "two columns are called 'deal'"),
        ('event,deal\nreply,"D-1\n', "no proper CSV"),
    ],
)
def test_a_file_that_is_no_such_list_is_refused_as_a_whole(shop, text, says):
    told = shop.run("record", "--file", shop.write("answers.csv", text))
    assert told.code == 2 and says in told.err


def test_a_file_in_another_encoding_is_named_with_its_line(shop):
    path = shop.folder / "answers.csv"
    path.write_bytes("event,deal,note\nreply,D-1,Grüße\n".encode("cp1252"))
    told = shop.run("record", "--file", str(path))
    assert told.code == 2 and f"{path}:2: the file is not UTF-8" in told.err


def test_what_was_set_aside_is_brought_back(shop):
    with shop.store() as store:
        store.fail_account("A1", "broken", final=True)
    assert shop.run("status").code == 1
    assert "A1: the next tick tries again" in shop.run("retry", "D-1").err
    assert shop.run("status").code == 0


def test_every_command_has_one_line_of_help_and_an_example():
    for name, command in {**acting.COMMANDS, **looking.COMMANDS}.items():
        assert len(command.get_short_help_str(200)) < 130, name
        assert re.match(r"Examples?: playbook ", command.epilog), name


def test_an_event_that_nothing_waits_for_is_kept_and_said_to_move_nothing(shop):
    told = shop.run("record", "reply", "--deal", "D-1", "--set", "channel=phone")
    assert told.code == 0 and "check-in does not wait for reply where D-1 stands" in told.err
    assert "the next tick acts on it" not in told.err
    shop.run("done", shop.action("D-2"), "granted")
    shop.run("tick", "--now", LATER)
    assert "does not wait" not in shop.run("record", "reply", "--deal", "D-2", "--set", "channel=phone").err


def test_a_date_with_points_is_taken_and_what_is_no_date_is_repeated_as_it_was_said(shop):
    told = shop.run("defer", shop.action(), "next week")
    assert told.code == 2 and '"next week" is not a date' in told.err
    assert "comes again on 2026-11-27 09:00" in shop.run("defer", shop.action(), "27.11.2026").err
    file = shop.write("list.csv", "event,deal,at\nreply,D-2,27.02.2026\nreply,D-2,28.02.2026 9:30\n")
    assert "2 recorded" in shop.run("record", "--file", file).err
    with shop.store() as store:
        assert [one.event.occurred_at for one in store.pending_events("D-2")] == [1772150400, 1772271000]
    assert shop.run("tick", "--now", "03.03.2026 10:00").code == 0
    assert "Last tick: 2026-03-03 10:00" in shop.run("status").out


def test_an_opt_out_is_not_told_as_an_event_that_nothing_was_waiting_for(shop):
    shop.run("done", shop.action(), "refused")
    shop.run("tick", "--now", LATER)
    shop.run("record", "opted_out", "--deal", "D-1")
    shop.run("record", "reply", "--deal", "D-1")
    shop.run("tick", "--now", "2026-03-02T12:00")
    lines = shop.run("show", "D-1").out.splitlines()
    assert any("no contact with C1: the contact opted out" in line for line in lines)
    assert [line.endswith("nothing was waiting for it") for line in lines if "opted_out of" in line] == [False]
    assert [line.endswith("nothing was waiting for it") for line in lines if "reply" in line] == [True]


def test_a_dry_run_says_which_playbook_would_take_how_many(shop):
    with shop.store() as store, store.transaction():
        store.upsert_deals([shops.deal("D-8", "A1", "C1"), shops.deal("D-9", "A2", "C2")])
    told = shop.run("tick", "--dry-run", "--now", LATER)
    assert "2 enrolled" in told.err and "would be enrolled: 2 into check-in" in told.err
    assert "no deals yet" not in told.err


def test_a_dry_run_without_deals_says_what_to_do_first(tmp_path, capsys):
    lay(tmp_path, shops.FILES)
    create(tmp_path / "playbook.db").close()
    told = shops.Shop(tmp_path, capsys).run("tick", "--dry-run")
    assert told.code == 0 and "there are no deals yet: playbook import FILE.csv" in told.err


def test_somebody_is_given_an_action_by_name(shop):
    told = shop.run("reassign", shop.action(), "noor VISSER")
    assert told.code == 0 and "goes to noor;" in told.err


def test_what_is_deferred_beyond_its_expiry_is_said_not_to_come_again(shop):
    path = shop.folder / "playbooks/beside.yaml"
    path.write_text(path.read_text().replace("assign: owner, optional: true}", "assign: owner, expires: 3d}"))
    shop.run("record", "asked_for", "--deal", "D-1", "--now", LATER)
    shop.run("tick", "--now", "2026-03-02T12:00")
    with shop.store() as store:
        read = next(row.id for row in store.open_actions(deal="D-1") if row.name == "read")
    told = shop.run("defer", read, "2026-03-09").err
    assert "read expires on 2026-03-05 12:00, before that: it does not come again" in told
    assert "expires" not in shop.run("defer", read, "2026-03-04").err


def test_what_is_given_to_somebody_on_leave_is_said_so(shop):
    roster = shop.folder / "playbooks/library/roster.yaml"
    away = "leave: [{from: 2026-02-20, to: 2026-03-20}]"
    roster.write_text(f"people:\n  kim: {{name: Kim Larsen}}\n  noor: {{name: Noor Visser, {away}}}\n")
    assert "noor is on leave until 2026-03-20" in shop.run("reassign", shop.action(), "noor").err
