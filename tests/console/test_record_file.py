"""`record --file`: many things that happened, as one list with columns that people would think of."""

import json


def _file(shop, text: str, *options: str, name: str = "said.csv"):
    return shop.run("record", "--file", shop.write(name, text), *options)


def _events(shop, deal: str = "D-1"):
    with shop.store() as store:
        return [one.event for one in store.pending_events(deal)]


def test_the_fields_of_events_are_columns_by_their_own_name(shop):
    answer = _file(
        shop,
        "Event,Deal,At,By,Note,Key,Channel,Amount\n"
        "reply,D-1,2026-03-01,noor,called back,k1,phone,5\n"
        "touch,D-2,2026-03-01T15:00,,,k2,email,\n",
    )
    assert answer.code == 0, answer.err
    reply = _events(shop)[0]
    assert (reply.by, dict(reply.fields)) == ("noor", {"channel": "phone", "amount": 5, "note": "called back"})
    assert reply.occurred_at is not None
    assert [(one.name, dict(one.fields)) for one in _events(shop, "D-2")] == [("command.touch", {"channel": "email"})]


def test_each_row_is_checked_and_the_good_ones_are_recorded_together(shop):
    text = "event,deal,at,channel\nreply,D-1,2026-03-01,fax\nreply,D-9,2026-03-01,\nreply,D-1,2026-03-01,email\n"
    answer = _file(shop, text)
    assert (answer.code, "3 rows: 1 recorded" in answer.err) == (1, True)
    rejected = (shop.folder / "said.csv.rejects.csv").read_text(encoding="utf-8")
    assert "field.channel" in rejected
    assert "'fax' is not one of its values" in rejected
    assert [one.name for one in _events(shop)] == ["reply"]


def test_the_same_file_again_changes_nothing(shop):
    text = "event,deal,at,channel\ntouch,D-1,2026-03-01,call\n"
    assert _file(shop, text).code == 0
    assert "1 known already" in _file(shop, text).err
    assert len(_events(shop)) == 1


def test_a_dry_run_records_nothing(shop):
    assert "1 good" in _file(shop, "event,deal,channel\ntouch,D-1,call\n", "--dry-run").err
    assert _events(shop) == []


def test_lines_of_json_may_be_as_flat(shop):
    line = json.dumps({"event": "reply", "deal": "D-1", "at": "2026-03-01", "channel": "phone"})
    assert _file(shop, line + "\n", name="said.jsonl").code == 0
    assert dict(_events(shop)[0].fields) == {"channel": "phone"}


def test_a_column_that_no_event_has_is_refused(shop):
    answer = _file(shop, "event,deal,chanel\nreply,D-1,phone\n")
    assert (answer.code, "unknown column 'chanel'" in answer.err) == (2, True)


def test_a_field_and_its_short_name_are_one_column(shop):
    answer = _file(shop, "event,deal,channel,field.channel\nreply,D-1,phone,email\n")
    assert (answer.code, "two columns are called 'field.channel'" in answer.err) == (2, True)


def test_a_list_that_a_german_excel_saved_is_recorded(shop):
    text = 'sep=;\r\n"Event, of any kind";x\r\n'
    assert "unknown column" in _file(shop, text).err
    text = "Event;Deal;At;Note\r\nreply;D-1;2026-03-01;called back, twice\r\n;;;\r\nreply;D-9;2026-03-01;\r\n"
    answer = _file(shop, text)
    assert "2 rows: 1 recorded" in answer.err
    assert ":4: rejected (deal)" in answer.err
    assert _events(shop)[0].fields["note"] == "called back, twice"


def test_the_due_list_comes_back_with_what_was_done_and_the_rest_stays_due(shop):
    heading, *rows = shop.run("due", "--format", "csv").out.splitlines()
    told = [f"{heading},outcome,note", f"{rows[0]},granted,glad to", *(f"{row},," for row in rows[1:])]
    answer = _file(shop, "\n".join(told) + "\n")
    assert (answer.code, "1 row: 1 recorded" in answer.err) == (0, True), answer.err
    with shop.store() as store:
        pending = [one.event.name for deal in ("D-1", "D-2") for one in store.pending_events(deal)]
    assert (pending, len(rows)) == (["ask.granted"], 2)


def test_what_is_wrong_in_a_due_list_can_be_corrected_and_sent_again(shop):
    heading, row, *_ = shop.run("due", "--format", "csv").out.splitlines()
    assert _file(shop, f"{heading},outcome\n{row},grnted\n").code == 1
    rejects = shop.folder / "said.csv.rejects.csv"
    rejects.write_text(rejects.read_text(encoding="utf-8").replace("grnted", "granted"), encoding="utf-8")
    assert shop.run("record", "--file", str(rejects)).code == 0


def test_a_due_list_that_comes_back_untouched_reports_nothing_whatever_fields_events_have(shop):
    events = shop.folder / "playbooks/library/events.yaml"
    said = "\ncomplaint: {means: They complained, recorded_by: rep, fields: {priority: {type: number}}}\n"
    events.write_text(events.read_text() + said)
    answer = _file(shop, shop.run("due", "--format", "csv").out)
    assert (answer.code, "0 rows: 0 recorded" in answer.err) == (0, True), answer.err


def test_a_list_of_ones_own_is_no_due_list_because_it_has_an_id(shop):
    answer = _file(shop, f"id,action,outcome\n1,{shop.action()},granted\n")
    assert (answer.code, "unknown column 'id'" in answer.err) == (2, True)
    answer = _file(shop, f"action,outcome\n{shop.action()[:5]},granted\n")
    assert (answer.code, "no action has the id" in answer.err) == (1, True)
