"""Answers recorded straight on a store, with deals enrolled by a real tick."""

from contextlib import closing
from dataclasses import replace

import pytest

from engine.core.questionnaires import answer_fields
from engine.core.vocabulary import vocabulary
from engine.core.world import World
from engine.runner.answering import WrongAnswers
from engine.runner.listing import Wanted, account_of, due
from engine.runner.payload import NotRecordable
from engine.runner.recording import Recording, Said
from engine.runner.returned import rows_of, take_rows
from engine.runner.shelf import RevisionShelf
from engine.runner.tick import Ticking
from engine.store.base import ImportedAccount, ImportedContact, ImportedDeal
from engine.store.sqlite import create
from tests.core.story import EVENTS, FIELDS, _typed, instant
from tests.runner.debrief import DEBRIEF, GOOD, KEPT, ROSTER
from tests.runner.offers import offered

START = instant("2026-03-02 10:00")
HOUR = 3600
TICKED = Said(checked=True)
VOCABULARY = replace(
    vocabulary(FIELDS, EVENTS),
    questionnaires={"debrief": DEBRIEF},
    answers=answer_fields(DEBRIEF),
)
WORLD = World(vocabulary=VOCABULARY, roster=ROSTER)
CONTENT = _typed(
    {
        "playbook": "test",
        "title": "Test",
        "enrol": {"if": {"status": {"is": "lost"}}},
        "ends": {"kept": {}, "dear": {}},
        "initial": "one",
        "states": {
            "one": {
                "actions": {
                    "ask": {
                        "kind": "call", "title": "Ask", "assign": "owner", "outcomes": ["talked", "no_answer"],
                        "questions": {"ask": "debrief", "for": ["talked"]}, "checklist": ["reread your notes"],
                    },
                    "read": {"kind": "task", "title": "Read", "assign": "owner"},
                },
                "transitions": [
                    {"event": "ask.talked", "to": "two"}, {"after": "4w", "end": "kept"},
                ],
            },
            "two": {
                "transitions": [{"if": {"answers.debrief.reason.primary": {"is": "priced_out"}}, "end": "dear"},
                                {"end": "kept"}],
            },
        },
    }
)  # fmt: skip


def offer():
    return offered(CONTENT, VOCABULARY)


@pytest.fixture
def store(tmp_path):
    with closing(create(tmp_path / "playbook.db")) as store:
        with store.transaction():
            store.upsert_accounts([ImportedAccount(id="A1", name="Acme")])
            store.upsert_contacts([ImportedContact(id="C1", account="A1"), ImportedContact(id="C2", account="A1")])
            store.upsert_deals(
                ImportedDeal(
                    id=deal, account="A1", contacts=[("C1", "buyer"), ("C2", "user")], fingerprint="f", examine_at=0,
                    fields={"status": "lost", "owner": "kim", "lost_at": "2026-02-20"},
                )
                for deal in ("D-10", "D-11")
            )  # fmt: skip
        tick(store, 0)
        yield store


def at(store, hours=1, by="kim"):
    return Recording(store=store, world=WORLD, shelf=RevisionShelf(store, [offer()]), now=START + hours * HOUR, by=by)


def tick(store, hours):
    return Ticking(store, WORLD, [offer()], START + hours * HOUR).run()


def named(store, name="ask", deal="D-10"):
    return next(row for row in store.open_actions(deal=deal) if row.name == name)


def pending(store, deal="D-10"):
    return [one.event.name for one in store.pending_events(deal)]


def kept_with(store, deal="D-10"):
    return account_of(store, store.deal(deal), START).deals[deal].answers


# --- what is recorded -----------------------------------------------------------------------------------------------


def test_answers_are_recorded_for_the_deal_with_the_action_they_are_of(store):
    row = named(store)
    told = at(store)
    told.record([told.answers(row, GOOD, TICKED)])
    event = store.pending_events("D-10")[0].event
    assert (event.name, event.deal, event.contact, event.enrolment) == ("answered.debrief", "D-10", "C1", "")
    assert (event.action, event.by) == (row.id, "kim")
    assert event.fields == {"questionnaire": "debrief", "answers": KEPT, "checked": True}


def test_the_next_tick_keeps_answers_with_the_deal_and_leaves_the_action_open(store):
    told = at(store)
    told.record([told.answers(named(store), GOOD, TICKED)])
    tick(store, 2)
    assert kept_with(store) == {"debrief": KEPT}
    assert kept_with(store, "D-11") == {}
    assert named(store).status == "due"


def test_answers_and_their_outcome_take_effect_together_and_the_playbook_reads_them(store):
    told, row = at(store), named(store)
    told.record([told.answers(row, GOOD, TICKED, outcome="talked"), told.outcome(row, "talked")])
    tick(store, 2)
    assert [one.end for one in store.enrolments_of("D-10")] == ["dear"]


def test_who_answered_and_when_may_be_said(store):
    told = at(store)
    said = Said(checked=True, occurred_at=START, note="by mail", key="k")
    prepared = told.answers(named(store), GOOD, said, contact="C2")
    event = prepared.event
    assert (event.contact, event.occurred_at, event.key, event.fields["note"]) == ("C2", START, "k", "by mail")


def test_answers_leave_the_action_on_the_due_list(store):
    told = at(store)
    told.record([told.answers(named(store), GOOD, TICKED)])
    found = due(store, START + HOUR, Wanted(deal="D-10"))
    assert (len(found.actions), found.answered) == (2, 0)


def test_answers_may_come_long_after_the_action_closed(store):
    row, told = named(store), at(store)
    told.record([told.outcome(row, "no_answer", TICKED)])
    tick(store, 2)
    told = at(store, 400)
    told.record([told.answers(store.action(row.id), GOOD, TICKED)])
    tick(store, 401)
    assert kept_with(store) == {"debrief": KEPT}


def test_a_checklist_is_ticked_before_answers_are_taken(store):
    with pytest.raises(NotRecordable, match="reread your notes") as caught:
        at(store).answers(named(store), GOOD)
    assert caught.value.column == "checked"


def test_ticked_once_with_the_answers_is_enough_for_the_outcome(store):
    told = at(store)
    with pytest.raises(NotRecordable, match="checklist"):
        told.outcome(named(store), "no_answer")
    told.record([told.answers(named(store), GOOD, TICKED)])
    later = at(store, 2)
    assert later.outcome(named(store), "talked").event.name == "ask.talked"
    assert at(store, 2).answers(named(store), {"winner": "Beta"}).event.fields["checked"] is True


def test_an_action_without_questions_takes_no_answers(store):
    with pytest.raises(NotRecordable, match="read asks no questions"):
        at(store).answers(named(store, "read"), GOOD)


def test_answers_are_not_recorded_as_an_event_of_their_own(store):
    for name in ("answered.debrief", "answered"):
        with pytest.raises(NotRecordable) as caught:
            at(store).event(name, deal="D-10")
        assert "playbook answer" in caught.value.hint


# --- outcomes that need answers -------------------------------------------------------------------------------------


def test_an_outcome_that_needs_answers_waits_for_all_required_ones(store):
    row = named(store)
    with pytest.raises(NotRecordable) as caught:
        at(store).outcome(row, "talked", TICKED)
    assert "2 required questions are open" in caught.value.message and "Why did we lose?" in caught.value.message
    assert f"playbook answer {row.id}" in caught.value.hint
    assert at(store).outcome(row, "no_answer", TICKED).event.name == "ask.no_answer"


@pytest.mark.parametrize("ticked", [False, True])
def test_answers_recorded_for_this_action_open_the_way_pending_or_handled(store, ticked):
    told = at(store)
    told.record([told.answers(named(store), GOOD, TICKED)])
    if ticked:
        tick(store, 2)
    assert at(store, 3).outcome(named(store), "talked").event.name == "ask.talked"


def test_answers_of_another_deal_do_not(store):
    told = at(store)
    told.record([told.answers(named(store, deal="D-11"), GOOD, TICKED)])
    with pytest.raises(NotRecordable, match="needs answers"):
        at(store).outcome(named(store), "talked", TICKED)


def test_answers_that_were_taken_back_do_not(store):
    told = at(store)
    told.record([told.answers(named(store), GOOD, TICKED)])
    at(store, 2).undo("D-10")
    with pytest.raises(NotRecordable, match="needs answers"):
        at(store, 3).outcome(named(store), "talked", TICKED)


def test_unknown_is_an_answer(store):
    told = at(store)
    told.record([told.answers(named(store), {"reason": "?", "fit": "unknown"}, TICKED)])
    assert store.pending_events("D-10")[0].event.fields["answers"] == {"reason": "unknown", "fit": "unknown"}
    assert at(store, 2).outcome(named(store), "talked").event.name == "ask.talked"


def test_what_was_answered_earlier_need_not_be_answered_again(store):
    told = at(store)
    with pytest.raises(WrongAnswers, match="no answer to 'How well did we fit"):
        told.answers(named(store), {"reason": "priced_out"}, TICKED)
    told.record([told.answers(named(store), GOOD, TICKED)])
    later = at(store, 2)
    later.record([later.answers(named(store), {"winner": "Beta"})])
    tick(store, 3)
    assert at(store, 4).outcome(named(store), "talked").event.name == "ask.talked"
    assert kept_with(store)["debrief"] == {**KEPT, "winner": "Beta"}


# --- undo -----------------------------------------------------------------------------------------------------------


def test_undo_takes_back_answers_with_the_outcome_of_the_same_command(store):
    told, row = at(store), named(store)
    told.record([told.answers(row, GOOD, TICKED, outcome="talked"), told.outcome(row, "talked")])
    taken, too_late = at(store).undo("D-10")
    assert {one.name for one in taken} == {"answered.debrief", "ask.talked"} and too_late is None
    assert pending(store) == []


def test_undo_of_an_outcome_leaves_answers_that_another_command_recorded(store):
    told, row = at(store), named(store)
    told.record([told.answers(row, GOOD, TICKED)])
    again = at(store)
    again.record([again.outcome(row, "talked")])
    at(store).undo("D-10")
    assert pending(store) == ["answered.debrief"]
    at(store).undo("D-10")
    assert pending(store) == []


def test_two_sets_of_answers_are_taken_back_one_by_one(store):
    for winner in ("Alpha", "Beta"):
        told = at(store)
        told.record([told.answers(named(store), {**GOOD, "winner": winner}, TICKED)])
    at(store).undo("D-10")
    assert [one.event.fields["answers"]["winner"] for one in store.pending_events("D-10")] == ["Alpha"]


# --- lists that come back -------------------------------------------------------------------------------------------


def come_back(store, text, hours=1, lines_of_json=False):
    _, rows = rows_of(text.encode(), lines_of_json=lines_of_json)
    return take_rows(at(store, hours), rows)


def test_a_row_may_answer_and_report_at_once(store):
    row = named(store)
    done = come_back(store, f"action,outcome,checked,answer.reason,answer.fit\n{row.id},talked,yes,priced_out,3\n")
    assert (done.recorded, done.rejected) == (1, [])
    assert pending(store) == ["answered.debrief", "ask.talked"]


def test_a_row_without_an_outcome_records_the_answers_alone(store):
    done = come_back(store, f"action;checked;answer.reason;answer.fit\n{named(store).id};x;priced_out;?\n")
    assert (done.recorded, pending(store)) == (1, ["answered.debrief"])


def test_a_bad_answer_rejects_the_whole_row_with_its_column(store):
    row = named(store)
    done = come_back(store, f"action,outcome,checked,answer.reason,answer.fit\n{row.id},talked,yes,priced_uot,9\n")
    assert pending(store) == [] and done.recorded == 0
    assert done.rejected[0].column == "answer.reason"
    assert "did you mean 'priced_out'?" in done.rejected[0].reason and "from 1 to 5" in done.rejected[0].reason


def test_answers_of_a_rejected_row_do_not_open_the_way_for_the_next(store):
    row = named(store)
    done = come_back(
        store,
        f"action,outcome,checked,answer.reason,answer.fit\n{row.id},tlaked,yes,priced_out,3\n{row.id},talked,yes,,\n",
    )
    assert [one.row.line for one in done.rejected] == [2, 3] and pending(store) == []


def test_a_row_may_answer_what_a_later_row_reports(store):
    row = named(store)
    done = come_back(
        store,
        f"action,outcome,checked,answer.reason,answer.fit\n{row.id},,yes,priced_out,3\n{row.id},talked,,,\n",
    )
    assert (done.recorded, done.rejected) == (2, [])


def test_the_same_key_twice_changes_nothing(store):
    text = f"action,outcome,checked,key,answer.reason,answer.fit\n{named(store).id},talked,yes,K1,priced_out,3\n"
    come_back(store, text)
    again = come_back(store, text, hours=2)
    assert (again.known, pending(store)) == (1, ["answered.debrief", "ask.talked"])


def test_answers_of_json_lines_may_be_lists(store):
    line = '{"action": "%s", "checked": true, "answers": {"reason": ["priced_out", "wrong_level"], "fit": 4}}'
    done = come_back(store, line % named(store).id, lines_of_json=True)
    assert done.rejected == []
    assert store.pending_events("D-10")[0].event.fields["answers"] == KEPT


def test_a_row_with_answers_names_its_action(store):
    done = come_back(store, "event,deal,answer.fit\nask.talked,D-10,4\n")
    assert done.rejected[0].column == "action"
