"""S1.1, S4.1: lost deals that nobody has done anything about."""

from datetime import date

from engine.reports.model import Money, Share
from tests.reports.book import rows


def test_a_loss_without_any_action_or_contact_is_untouched(book):
    book.deal("D1", name="Roof", amount=[500000, "EUR"])
    report = book.report("untouched", days=14)
    assert report.facts["untouched"] == 1
    money = Money(minor=500000, currency="EUR")
    assert rows(report, "deals") == [("D1", "Roof", "A", "west", "kim", "2026-03-02", 91, money)]


def test_whatever_was_done_or_came_after_the_loss_touches_it(book):
    for number in range(1, 7):
        book.deal(f"D{number}", account=f"A{number}")
    book.action("D1", "review", kind="task")
    book.event("reply", "D2")
    book.activity("D3", "2026-03-05T10:00", "inbound")
    book.activity("D4", "2026-03-05T10:00", "outbound")
    book.action("D5", "call", status="expired")
    book.event("signal.funding", "D6")
    assert book.report("untouched").facts["untouched"] == 2, "an expired action and a mere event touch nobody"
    assert [row[0] for row in rows(book.report("untouched"), "deals")] == ["D5", "D6"]


def test_what_happened_before_the_loss_does_not_count(book):
    book.deal("D1")
    book.event("reply", "D1", at="2026-03-01T23:59")
    assert book.report("untouched").facts["untouched"] == 1
    book.event("reply", "D1", at="2026-03-02T08:00")
    assert book.report("untouched").facts["untouched"] == 0


def test_a_reply_that_was_taken_back_did_not_happen(book):
    book.deal("D1")
    number = book.event("reply", "D1")
    assert book.report("untouched").facts["untouched"] == 0
    book.store.withdraw_event(number)
    assert book.report("untouched").facts["untouched"] == 1


def test_excused_losses_stand_apart_with_their_reasons(book):
    book.deal("D1", excused="duplicate")
    book.deal("D2", excused="duplicate")
    book.deal("D3")
    report = book.report("untouched")
    assert (report.facts["untouched"], report.facts["excused"]) == (1, 2)
    assert rows(report, "excused") == [("duplicate", 2)]
    assert rows(report, "by_owner") == [("west", "kim", Share(part=1, whole=1), 2)]


def test_a_loss_is_counted_from_the_day_on_which_it_is_old_enough(book):
    book.deal("D1", lost_at="2026-05-18")
    assert book.report("untouched", days=14).facts["untouched"] == 1
    younger = book.report("untouched", days=15)
    assert (younger.facts["untouched"], younger.facts["younger"]) == (0, 1)


def test_the_filters_narrow_by_team_owner_and_day_of_the_loss(book):
    book.deal("D1", team="west", owner="kim", lost_at="2026-01-31")
    book.deal("D2", team="west", owner="lee", lost_at="2026-02-01")
    book.deal("D3", team="east", owner="kim", lost_at="2026-02-28T23:00")

    def count(**scope):
        return book.report("untouched", **scope).facts["untouched"]

    assert (count(team="west"), count(owner="kim"), count(team="east", owner="lee")) == (2, 2, 0)
    assert count(since=date(2026, 2, 1)) == 2
    assert count(until=date(2026, 1, 31)) == 1
    assert count(since=date(2026, 2, 1), until=date(2026, 2, 28)) == 2


def test_owners_stand_in_alphabetical_order_and_not_by_their_numbers(book):
    for number, owner in enumerate(["zoe", "ann", "zoe", "max", "zoe"]):
        book.deal(f"D{number}", owner=owner)
    assert [row[1] for row in rows(book.report("untouched"), "by_owner")] == ["ann", "max", "zoe"]


def test_a_long_list_names_the_longest_waiting_and_counts_the_rest(book):
    for day in range(1, 10):
        book.deal(f"D{day}", lost_at=f"2026-03-0{day}")
    table = book.report("untouched", limit=3).tables[-1]
    assert [row[0] for row in table.rows] == ["D1", "D2", "D3"]
    assert table.left_off == 6


def test_a_deal_without_a_date_of_loss_is_counted_apart(book):
    book.deal("D1", lost_at="")
    book.deal("D2", lost_at="soon")
    assert book.report("untouched").facts["without_date"] == 2
