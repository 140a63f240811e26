"""Recording straight on a store, with deals enrolled by a real tick."""

from contextlib import closing
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.enrolment import Event
from engine.core.roster import Person, Roster
from engine.core.vocabulary import EventKind, Field, vocabulary
from engine.core.world import World
from engine.runner.listing import Wanted, answers, due, short_ids
from engine.runner.payload import NotRecordable, payload
from engine.runner.recording import Recording
from engine.runner.returned import Row, rows_of, take_rows
from engine.runner.shelf import RevisionShelf
from engine.runner.tick import Ticking
from engine.store.base import ImportedAccount, ImportedContact, ImportedDeal
from engine.store.sqlite import create
from tests.core.story import EVENTS, FIELDS, instant
from tests.runner.offers import offered, one_state

START = instant("2026-03-02 10:00")
HOUR = 3600
KINDS = {
    name: Field(name=f"event.{name}", type=kind, values=values, currency="EUR" if kind == "money" else "")
    for name, kind, values in (
        ("channel", "choice", ("phone", "email")), ("amount", "money", ()), ("count", "number", ()),
        ("sure", "yes_no", ()), ("on", "date", ()), ("wait", "duration", ()), ("zone", "zone", ()),
        ("person", "person", ()), ("text", "text", ()),
    )
}  # fmt: skip
TOLD = EventKind(name="told", fields=KINDS)
VOCABULARY = vocabulary(FIELDS, [*EVENTS, TOLD])
WORLD = World(vocabulary=VOCABULARY, roster=Roster(people={"kim": Person(id="kim"), "noor": Person(id="noor")}))
CONTENT = one_state(
    {
        "ask": {"kind": "call", "title": "Ask", "assign": "owner", "outcomes": ["granted", "refused"]},
        "read": {"kind": "task", "title": "Read", "assign": "owner"},
    },
    [{"event": "ask.granted", "end": "kept"}, {"after": "4w", "end": "kept"}],
)


def offer():
    return offered(CONTENT, VOCABULARY)


@pytest.fixture
def store(tmp_path):
    with closing(create(tmp_path / "playbook.db")) as store:
        with store.transaction():
            store.upsert_accounts([ImportedAccount(id="A1", name="Acme"), ImportedAccount(id="A2")])
            store.upsert_contacts([ImportedContact(id="C1", account="A1"), ImportedContact(id="C2", account="A2")])
            store.upsert_deals(
                ImportedDeal(
                    id=deal, account=account, contacts=[(contact, "buyer")], fingerprint="f", examine_at=0,
                    fields={"status": "lost", "owner": "kim", "lost_at": "2026-02-20"},
                )
                for deal, account, contact in (("D-10", "A1", "C1"), ("D-11", "A1", "C1"), ("E-1", "A2", "C2"))
            )  # fmt: skip
        Ticking(store, WORLD, [offer()], START).run()
        yield store


def at(store, hours=1, by="kim"):
    return Recording(store=store, world=WORLD, shelf=RevisionShelf(store, [offer()]), now=START + hours * HOUR, by=by)


def named(store, name, deal="D-10"):
    return next(row for row in store.open_actions(deal=deal) if row.name == name)


def tick(store, hours):
    return Ticking(store, WORLD, [offer()], START + hours * HOUR).run()


def test_what_is_prepared_is_not_written_before_record(store):
    told = at(store)
    prepared = told.outcome(named(store, "ask"), "granted")
    assert store.pending_events("D-10") == []
    assert told.record([prepared]) == [1]
    event = store.pending_events("D-10")[0].event
    assert (event.name, event.recorded_at, event.by, event.contact) == ("ask.granted", START + HOUR, "kim", "C1")


def test_an_outcome_ends_only_its_own_enrolment(store):
    told = at(store)
    told.record([told.outcome(named(store, "ask"), "granted")])
    assert tick(store, 2).ended == 1
    assert [one.end for deal in ("D-10", "D-11") for one in store.enrolments_of(deal)] == ["kept", ""]


def test_done_is_always_a_permitted_outcome(store):
    assert at(store).outcome(named(store, "ask"), "done").event.name == "ask.done"


@pytest.mark.parametrize("outcome", ["skipped", "expired", "suppressed", "missed"])
def test_what_only_the_engine_or_skip_says_is_no_outcome(store, outcome):
    with pytest.raises(NotRecordable):
        at(store).outcome(named(store, "ask"), outcome)


def test_one_command_cannot_report_an_action_twice(store):
    told = at(store)
    told.outcome(named(store, "ask"), "granted")
    with pytest.raises(NotRecordable, match="further up already"):
        told.outcome(named(store, "ask"), "refused")


def test_an_id_that_begins_several_lists_them(store):
    with pytest.raises(NotRecordable) as caught:
        at(store).deal("D-1")
    assert "D-10" in caught.value.message and "D-11" in caught.value.message


def test_a_mistyped_id_names_the_nearest(store):
    with pytest.raises(NotRecordable) as caught:
        at(store).deal("D10")
    assert caught.value.hint == "did you mean D-10?" and caught.value.column == "deal"


def test_an_outcome_by_deal_without_an_open_action_is_left_to_the_engine(store):
    told = at(store)
    told.record([told.skip(named(store, "ask"), "no time")])
    tick(store, 2)
    prepared = at(store, 3).event("ask.refused", deal="D-10")
    assert prepared.event.action == "" and prepared.event.enrolment and "may be kept as late" in prepared.notices[0]


def test_a_pause_of_a_deal_reaches_no_other_deal_of_its_account(store):
    told = at(store)
    told.record(told.pause("D-10"))
    tick(store, 2)
    paused = {deal: store.enrolments_of(deal)[0].paused is not None for deal in ("D-10", "D-11")}
    assert paused == {"D-10": True, "D-11": False}


def test_an_enrolment_can_be_paused_by_its_own_id(store):
    enrolment = store.enrolments_of("E-1")[0]
    assert at(store).pause(enrolment.id[:8])[0].event.enrolment == enrolment.id


def test_a_contact_of_another_account_is_not_taken(store):
    with pytest.raises(NotRecordable, match="no contact of this account"):
        at(store).event("reply", deal="D-10", contact="C2")


def test_a_deal_of_another_account_is_not_taken(store):
    with pytest.raises(NotRecordable, match="belongs to the account A1"):
        at(store).event("reply", deal="D-10", account="A2")


def test_a_date_that_something_is_deferred_to_means_its_opening_minute(store):
    assert at(store).later("2026-03-04") == instant("2026-03-04 09:00")
    assert at(store).later("2bd") == instant("2026-03-04 11:00")
    assert at(store).later("1000d") == instant("2028-11-26 11:00")


def test_a_date_on_which_something_happened_is_not_in_the_future_before_its_opening(store):
    told = at(store, hours=-2)  # 08:00
    assert told.occurred("2026-03-02") == instant("2026-03-02 00:00")


def test_the_payload_takes_each_type_and_leaves_out_what_is_empty():
    said = {"channel": "phone", "amount": "1200.50", "count": "3", "sure": "No", "on": "2026-04-01", "wait": "3bd",
            "zone": "Europe/Berlin", "person": "noor", "text": ""}  # fmt: skip
    assert payload(TOLD, said, WORLD.roster) == {
        "channel": "phone", "amount": [120050, "EUR"], "count": 3, "sure": False, "on": "2026-04-01", "wait": "3bd",
        "zone": "Europe/Berlin", "person": "noor",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("channel", "Phone", "did you mean 'phone'"), ("amount", "1.200,50", "without separators"),
        ("count", "inf", "without separators"), ("sure", "maybe", "yes or no"), ("on", "01.04.26", "2026-03-02"),
        ("wait", "3m", "3mo"), ("zone", "Berlin", "Europe/Berlin"), ("person", "nor", "noor"), ("txt", "x", "text"),
    ],
)  # fmt: skip
def test_a_value_that_does_not_fit_says_what_to_write(name, text, says):
    with pytest.raises(NotRecordable) as caught:
        payload(TOLD, {name: text}, WORLD.roster)
    assert says in caught.value.hint and caught.value.column == f"field.{name}"


@given(st.dictionaries(st.sampled_from(sorted(KINDS)), st.text(max_size=12)))
def test_no_payload_ends_in_anything_but_values_or_a_reason(said):
    try:
        payload(TOLD, said, WORLD.roster)
    except NotRecordable as error:
        assert error.message and error.column.startswith("field.")


def test_a_row_says_who_reported_it(store):
    _, rows = rows_of(b"event,deal,by\nreply,D-10,noor\n", lines_of_json=False)
    assert take_rows(at(store), rows).recorded == 1
    assert store.pending_events("D-10")[0].event.by == "noor"


def test_a_row_whose_event_does_not_fit_its_action_is_rejected(store):
    action = named(store, "read").id
    said = {"event": "ask.granted", "action": action}
    done = take_rows(at(store), [Row(line=2, said=said), Row(line=3, said={"action": action, "deal": "E-1"})])
    assert [one.column for one in done.rejected] == ["event", "deal"] and done.recorded == 0


def test_in_a_list_the_beginning_of_an_id_is_not_enough(store):
    rows = [Row(line=2, said={"event": "reply", "deal": "E"}), Row(line=3, said={"event": "reply", "deal": "E-1"})]
    done = take_rows(at(store), rows)
    assert done.recorded == 1 and "did you mean E-1?" in done.rejected[0].reason


def test_a_text_that_is_no_proper_unicode_rejects_its_line():
    _, rows = rows_of(b'{"event": "reply", "deal": "D-10", "note": "\\ud800"}', lines_of_json=True)
    assert "no proper text" in rows[0].broken


def test_a_short_row_is_taken_and_a_long_one_rejected(store):
    _, rows = rows_of(b"event,deal,note\nreply,D-10\nreply,D-10,a,b\n", lines_of_json=False)
    done = take_rows(at(store), rows)
    assert done.recorded == 1 and done.rejected[0].reason == "4 cells, but the heading has 3"


def test_lines_are_counted_through_cells_with_line_breaks():
    _, rows = rows_of(b'event,deal,note\nreply,D-10,"a\nb"\n\nreply,D-11,c\n', lines_of_json=False)
    assert [row.line for row in rows] == [2, 5]


@given(st.binary(max_size=80), st.booleans())
def test_no_file_ends_in_anything_but_rows_or_a_reason(content, lines_of_json):
    from engine.runner.returned import Unreadable

    try:
        columns, rows = rows_of(b"event,deal\n" + content, lines_of_json=lines_of_json)
    except Unreadable as error:
        assert error.message
    else:
        assert isinstance(columns, list) and all(row.line >= 1 for row in rows)


@given(st.sets(st.text("abc0", min_size=6, max_size=8), max_size=30))
def test_short_ids_are_unique_beginnings(ids):
    short = short_ids(ids)
    for one, shown in short.items():
        assert one.startswith(shown) and len(shown) >= 4
        assert [other for other in ids if other.startswith(shown)] == [one] or shown == one


def test_an_outcome_that_names_no_action_answers_the_one_of_that_name_in_its_enrolment(store):
    row = named(store, "ask")
    event = Event("ask.granted", START, 9, "D-10", enrolment=row.enrolment)
    assert answers(event, row)
    assert not answers(event, named(store, "read"))
    assert not answers(replace(event, enrolment="another"), row)
    assert not answers(replace(event, action=row.id, name="command.reassign"), row)


def test_what_is_answered_by_deal_is_hidden_too(store):
    told = at(store)
    told.record([told.event("ask.granted", deal="D-10")])
    found = due(store, START + 2 * HOUR, Wanted(deal="D-10"))
    assert [one.row.name for one in found.actions] == ["read"] and found.answered == 1
