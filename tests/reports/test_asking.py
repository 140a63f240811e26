"""S0.2: permission to stay in touch; S0.8: deals that were never completed; S4.10: answers to debriefs and letters."""

import pytest

from engine.reports.model import Share
from tests.reports.book import rows


def answers(facts):
    return facts["granted"], facts["declined"], facts["no_answer"]


def test_each_deal_that_was_asked_counts_once_with_its_last_yes_or_no(book):
    for number, outcomes in enumerate(
        [["granted", "no_answer"], ["refused"], ["no_answer", "granted"], ["no_answer", "no_answer"]]
    ):
        book.deal(f"D{number}", account=f"A{number}")
        for day, outcome in enumerate(outcomes, 10):
            book.action(f"D{number}", "ask", outcome=outcome, at=f"2026-03-{day}T10:00")
    report = book.report("permission")
    assert answers(report.facts) == (2, 1, 1)
    assert rows(report, "by_team") == [("west", Share(part=2, whole=4), Share(part=1, whole=4), Share(part=1, whole=4))]


def test_an_ask_that_expired_was_not_answered_and_an_open_or_withdrawn_one_not_asked(book):
    for number, status in enumerate(["expired", "skipped", "due", "planned", "withdrawn", "suppressed"]):
        book.deal(f"D{number}", account=f"A{number}")
        book.action(f"D{number}", "ask", status=status)
    assert answers(book.report("permission").facts) == (0, 0, 2)


def test_a_yes_that_came_after_the_ask_had_expired_is_a_yes(book):
    book.deal("D1")
    asked = book.action("D1", "ask", status="expired")
    book.event("ask.granted", "D1", at="2026-03-20T10:00", action=asked, by="kim")
    book.event("answered.debrief", "D1", at="2026-03-21T10:00", action=asked, by="kim")
    assert answers(book.report("permission").facts) == (1, 0, 0), "answers are no outcome"


def test_calls_that_ask_for_something_else_are_no_asks(book):
    book.deal("D1")
    book.action("D1", "debrief_call", outcome="declined")
    book.action("D1", "ask", outcome="granted")
    assert answers(book.report("permission").facts) == (1, 0, 0)


def test_permission_is_told_by_playbook_and_can_be_asked_for_one(book):
    book.deal("D1")
    book.action("D1", "ask", outcome="granted", playbook="one")
    book.deal("D2", team="east")
    book.action("D2", "ask", outcome="declined", playbook="two")
    assert [row[0] for row in rows(book.report("permission"), "by_playbook")] == ["one", "two"]
    assert answers(book.report("permission", playbook="two").facts) == (0, 1, 0)
    assert answers(book.report("permission", team="west").facts) == (1, 0, 0)


def test_consents_are_counted_once_per_contact_of_the_deals_asked_for(book):
    book.contact("K1", consent={"stay_in_touch": {"value": "granted"}, "email": {"value": "refused"}})
    book.contact("K2", consent={"email": {"value": "granted"}})
    book.deal("D1", contacts=["K1"])
    book.deal("D2", contacts=["K1"])
    book.deal("D3", contacts=["K2"], team="east")
    report = book.report("permission", team="west")
    assert rows(report, "consents") == [("email", "refused", 1), ("stay_in_touch", "granted", 1)]


def test_stalled_and_status_quo_deals_were_never_completed(book):
    outcomes = ["stalled", "status_quo", "solution_failing", "vendor_failing", "implemented_happy", "no_answer"]
    for number, outcome in enumerate(outcomes):
        book.deal(f"D{number}", account=f"A{number}")
        book.action(f"D{number}", "check_in_call", outcome=outcome)
    report = book.report("completion")
    assert (report.facts["heard"], report.facts["never_completed"], report.facts["worth_another_look"]) == (5, 2, 4)
    assert report.facts["no_answer"] == 1
    assert "2 of 5 (40 %)" in report.verdict


def test_the_last_thing_heard_of_a_deal_counts(book):
    book.deal("D1", after_the_loss="stalled")
    assert book.report("completion").facts["never_completed"] == 1
    book.action("D1", "check_in_call", outcome="stalled", at="2026-03-10T10:00")
    book.action("D1", "check_in_call", outcome="implemented_happy", at="2026-04-10T10:00")
    book.action("D1", "check_in_call", outcome="no_answer", at="2026-05-10T10:00")
    facts = book.report("completion").facts
    assert (facts["heard"], facts["never_completed"]) == (1, 0)


def test_a_deal_that_came_alive_again_still_tells_what_became_of_it(book):
    book.deal("D1", status="open", lost_at="2026-03-02")
    book.action("D1", "check_in_call", outcome="vendor_failing")
    assert book.report("completion").facts["worth_another_look"] == 1


@pytest.mark.parametrize(
    ("name", "kind", "outcome", "answer"),
    [
        ("debrief_meeting", "meeting", "held", "call"),
        ("debrief_call", "call", "wants_other_business", "call"),
        ("debrief_call", "call", "declined", "declined"),
        ("debrief_call", "call", "no_answer", "no_reply"),
        ("letter", "letter", "done", "no_reply"),
        ("reply_email", "email", "email_answers", "email_answers"),
        ("research_meeting", "meeting", "refused", "declined"),
    ],
)
def test_an_outcome_is_a_talk_an_answer_a_no_or_nothing(book, name, kind, outcome, answer):
    book.deal("D1")
    book.action("D1", name, kind=kind, outcome=outcome)
    facts = book.report("responses").facts
    assert {one: facts[one] for one in ("call", "email_answers", "declined", "no_reply") if facts[one]} == {answer: 1}


def test_a_reply_after_the_letter_is_an_answer_by_its_channel(book):
    book.deal("D1")
    book.action("D1", "letter", kind="letter", at="2026-03-10T10:00")
    book.event("reply", "D1", at="2026-03-09T10:00")
    assert book.report("responses").facts["answered"] == 0, "it came before the letter"
    book.event("reply", "D1", at="2026-03-12T10:00", fields={"channel": "letter"})
    assert book.report("responses").facts["email_answers"] == 1
    book.event("reply", "D1", at="2026-03-13T10:00", fields={"channel": "phone"})
    assert book.report("responses").facts["call"] == 1


def test_who_was_asked_lately_is_not_counted_yet(book):
    book.deal("D1")
    book.action("D1", "letter", kind="letter", at="2026-05-25T10:00")
    facts = book.report("responses").facts
    assert (facts["asked"], facts["waiting"]) == (0, 1)
    assert book.report("responses", now="2026-06-09T12:00").facts["no_reply"] == 1


def test_one_deal_counts_once_per_playbook_over_all_its_asks(book):
    book.deal("D1")
    book.action("D1", "debrief_meeting", kind="meeting", outcome="rather_by_phone", at="2026-03-10T10:00")
    book.action("D1", "debrief_call", outcome="no_answer", at="2026-03-12T10:00")
    book.action("D1", "debrief_email", kind="email", at="2026-03-14T10:00")
    book.action("D1", "note_answer", kind="task", outcome="email_answers", at="2026-03-16T10:00")
    report = book.report("responses")
    assert (report.facts["asked"], report.facts["email_answers"]) == (1, 1)
    assert [row[0] for row in rows(report, "by_kind")] == ["meeting"]


def test_gifts_check_ins_and_asks_that_nobody_made_are_no_asks(book):
    book.deal("D1")
    book.action("D1", "thank_you_email", kind="email")
    book.action("D1", "check_in_call", outcome="stalled")
    book.action("D1", "debrief_call", status="expired")
    assert book.report("responses").facts["asked"] == 0
