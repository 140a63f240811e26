"""S3.10, S4.7: how long customers wait for an answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.account import Account, Deal
from engine.reports.model import Share
from engine.reports.reading import Dossier
from engine.reports.scope import Scope
from engine.reports.waiting import waits
from engine.store.reported import ReportedAccount, ReportedActivity
from tests.reports.book import instant, rows, world


def test_the_wait_runs_from_the_notice_to_our_next_approach(book):
    book.deal("D1", notified_at="2026-03-02T10:00")
    book.activity("D1", "2026-03-02T12:30", "outbound")
    facts = book.report("latency").facts
    assert (facts["answered"], facts["median_hours"], facts["within"]) == (1, 2.5, 1)


def test_of_several_messages_in_a_row_the_first_one_waits(book):
    book.deal("D1")
    for at in ("10:00", "11:00"):
        book.event("reply", "D1", at=f"2026-03-02T{at}")
    book.action("D1", "call", at="2026-03-02T14:00")
    assert book.report("latency").facts["median_hours"] == 4


def test_only_hours_in_which_people_work_count_towards_the_four(book):
    book.deal("D1", notified_at="2026-03-06T16:00")  # a Friday
    book.activity("D1", "2026-03-09T12:00", "outbound")  # 1 + 3 hours later
    book.deal("D2", notified_at="2026-03-06T16:00")
    book.activity("D2", "2026-03-09T12:01", "outbound")
    facts = book.report("latency").facts
    assert (facts["within"], facts["judged"]) == (1, 2)


def test_one_who_still_waits_is_listed_and_late_only_after_four_business_hours(book):
    book.deal("D1", notified_at="2026-06-01T09:00")  # three hours ago
    book.deal("D2", notified_at="2026-05-29T09:00")
    report = book.report("latency")
    assert (report.facts["waiting"], report.facts["within"], report.facts["judged"]) == (2, 0, 1)
    assert rows(report, "waiting") == [
        ("A", "D2", "west", "kim", "2026-05-29", 3),
        ("A", "D1", "west", "kim", "2026-06-01", 0),
    ]


def test_one_mail_of_a_contact_with_five_deals_counts_once_and_names_them(book):
    book.contact("K1", name="Ann Bell")
    for number in range(7):
        book.deal(f"D{number}", contacts=["K1"], team="east" if number else "west")
    book.event("reply", contact="K1", at="2026-03-02T10:00")
    book.activity("D3", "2026-03-02T12:00", "outbound")
    report = book.report("latency")
    assert (report.facts["answered"], report.facts["waiting"]) == (1, 0)
    assert rows(report, "answers") == [
        ("Ann Bell, A", "D0, D1, D2, D3, D4, 2 more", "west", "kim", "2026-03-02 10:00", "2026-03-02 12:00", 2.0, True)
    ]
    assert [(row[0], row[3]) for row in rows(report, "by_team")] == [("east", 1), ("west", 1)], "each team hears of it"


def test_the_same_mail_logged_for_each_deal_counts_once(book):
    book.contact("K1")
    for deal in ("D1", "D2"):
        book.deal(deal, contacts=["K1"], notified_at="2026-03-01T09:00")
        book.activity(deal, "2026-03-02T10:00", contact="K1")
    report = book.report("latency")
    assert report.facts["waiting"] == 1
    assert rows(report, "waiting") == [("K1, A", "D1, D2", "west", "kim", "2026-03-01", 92)]


def test_what_goes_to_the_same_contact_for_another_deal_answers_too_but_not_what_goes_to_another_about_another(book):
    for contact in ("K1", "K2"):
        book.contact(contact)
    book.deal("D1", contacts=["K1"])
    book.deal("D2", contacts=["K2"])
    book.event("reply", "D1", contact="K1", at="2026-03-02T10:00")
    book.activity("D2", "2026-03-02T12:00", "outbound", contact="K2")
    assert book.report("latency").facts["waiting"] == 1
    book.activity("D2", "2026-03-02T15:00", "outbound", contact="K1")
    assert book.report("latency").facts["median_hours"] == 5


def test_two_contacts_of_one_deal_wait_each_for_themselves_and_an_answer_for_the_deal_answers_both(book):
    for contact in ("K1", "K2"):
        book.contact(contact)
    book.deal("D1", contacts=["K1", "K2"])
    book.event("reply", "D1", contact="K1", at="2026-03-02T10:00")
    book.event("reply", "D1", contact="K2", at="2026-03-02T11:00")
    book.activity("D1", "2026-03-02T12:00", "outbound")
    assert [row[6] for row in rows(book.report("latency"), "answers")] == [2.0, 1.0]


def test_an_internal_action_or_one_that_was_not_done_answers_nobody(book):
    book.deal("D1", notified_at="2026-03-02T10:00")
    book.action("D1", "review", kind="task", at="2026-03-02T10:30")
    book.action("D1", "call", status="skipped", at="2026-03-02T10:40")
    assert book.report("latency").facts["answered"] == 0


def test_what_a_person_says_of_the_time_of_an_answer_goes_before_the_closing(book):
    book.deal("D1", notified_at="2026-03-02T10:00")
    done = book.action("D1", "call", at="2026-03-04T10:00")
    book.event("call.done", "D1", at="2026-03-04T10:00", action=done, occurred_at=instant("2026-03-02T11:00"), by="kim")
    assert book.report("latency").facts["median_hours"] == 1


def test_a_touch_of_the_contact_answers_too(book):
    from engine.core.account import Touch

    book.contact("K1")
    book.deal("D1", contacts=["K1"], notified_at="2026-03-02T10:00")
    book.store.record_touches([("A", Touch("K1", instant("2026-03-02T13:00"), "call"))])
    assert book.report("latency").facts["median_hours"] == 3


def test_teams_are_told_apart_with_how_many(book):
    book.deal("D1", team="east", notified_at="2026-03-02T10:00")
    book.activity("D1", "2026-03-02T11:00", "outbound")
    book.deal("D2", team="west")
    ((team, median, ninety, answered, share, waiting),) = rows(book.report("latency"), "by_team")
    assert (team, median.value, ninety.value, answered, waiting) == ("east", 1, 1, 1, 0)
    assert share == Share(part=1, whole=1)


@given(st.lists(st.integers(0, 60)), st.lists(st.integers(0, 60)))
def test_every_wait_begins_with_an_open_message_and_ends_with_the_next_answer(came, went):
    came, went = set(came), set(went)
    slow = []
    for at in sorted(came):
        answered = min((one for one in went if one >= at), default=None)
        before = max((one for one in came if one < at), default=None)
        open_already = before is not None and not any(before <= one < at for one in went)
        if not open_already:
            slow.append((at, answered))
    assert [(wait.asked, wait.answered) for wait in waits_of(came, went)] == slow


def waits_of(came, went):
    """The waits of one deal without contacts."""
    deal = Deal("D1", "A")
    account = ReportedAccount(Account("A", deals={"D1": deal}))
    for direction, instants in (("inbound", came), ("outbound", went)):
        account.activities += [ReportedActivity("D1", "", at, direction, "email", "kim", None) for at in instants]
    return list(waits(Dossier(account), [deal], Scope(world=world(), now=60)))


@pytest.mark.parametrize("days", [1, 200])
def test_a_wait_of_any_length_costs_the_same(book, days):
    book.deal("D1", notified_at="2020-01-06T10:00")
    book.activity("D1", "2026-03-02T11:00", "outbound")
    assert book.report("latency").facts["within"] == 0
