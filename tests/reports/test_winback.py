"""S1.16, S4.1: what was won after a loss, traced back for thirty-six months."""

from datetime import date

import pytest

from engine.reports.model import Money
from engine.reports.winback import last_day
from tests.reports.book import rows


def win(book, deal: str, won_at: str = "2026-05-01", amount=(1000, "EUR"), **fields) -> None:
    book.deal(deal, status="won", won_at=won_at, amount=list(amount), **fields)


def traced(book, **scope) -> dict:
    return {row[0]: (row[2], row[5]) for row in rows(book.report("winback", **scope), "wins")}


def test_a_win_in_the_future_is_not_counted_and_is_said(book):
    win(book, "D1", won_at="2026-06-02", lost_at="2026-03-02")
    win(book, "D2", won_at="2026-06-02", follows_deal="D1")
    win(book, "D3", won_at="2026-06-01", lost_at="2026-03-02")
    report = book.report("winback", now="2026-06-01T12:00")
    assert [row[0] for row in rows(report, "wins")] == ["D3"], "today has come"
    assert report.remarks[-1] == "Not counted: 2 deals won on a day that has not come yet. Check the date in the CRM."


def test_a_deal_that_was_lost_and_then_won_is_its_own_win_back(book):
    win(book, "D1", lost_at="2026-03-02")
    assert traced(book) == {"D1": ("D1", "same deal")}


def test_a_loss_that_an_import_has_overwritten_is_known_from_its_enrolment(book):
    win(book, "D1")
    book.enrol("D1", loss="2026-03-02", playbook="debrief")
    assert traced(book) == {"D1": ("D1", "same deal")}
    assert rows(book.report("winback"), "by_playbook") == [("debrief", 1, Money(minor=1000, currency="EUR"))]


def test_a_later_deal_of_the_account_follows_the_most_recent_loss_before_it(book):
    book.deal("L1", lost_at="2025-01-10")
    book.deal("L2", lost_at="2025-06-10")
    book.deal("L3", lost_at="2026-06-10")
    book.deal("L4", lost_at="2025-07-10", account="B")
    win(book, "W1")
    assert traced(book) == {"W1": ("L2", "same account")}


def test_a_deal_that_had_begun_before_the_loss_is_no_later_deal(book):
    book.deal("L1", lost_at="2025-01-10")
    book.deal("L2", lost_at="2025-06-10")
    win(book, "W1", created_at="2025-03-01")
    win(book, "W2", created_at="2024-03-01")
    assert traced(book) == {"W1": ("L1", "same account")}


def test_a_named_link_goes_before_everything_and_leads_into_another_account(book):
    book.deal("L1", lost_at="2025-01-10", account="B")
    book.deal("L2", lost_at="2025-06-10")
    book.deal("L3", lost_at="2025-08-10")
    win(book, "W1", follows_deal="L1", lost_at="2025-09-01")
    win(book, "W2", follows_deal="L2")
    assert traced(book) == {"W1": ("L1", "named link"), "W2": ("L2", "named link")}


def test_each_win_counts_once_however_many_losses_there_are(book):
    for number in range(5):
        book.deal(f"L{number}", lost_at="2025-01-10")
    win(book, "W1")
    win(book, "W2", amount=(500, "EUR"))
    assert book.report("winback").facts["revenue_minor"] == {"EUR": 1500}


def test_thirty_six_months_are_counted_to_the_day(book):
    book.deal("L1", lost_at="2023-05-01")
    win(book, "W1", won_at="2026-05-01")
    win(book, "W2", won_at="2026-05-02")
    win(book, "W3", won_at="2026-05-02", follows_deal="L1")
    report = book.report("winback")
    assert [row[0] for row in rows(report, "wins")] == ["W1"]
    assert report.facts["beyond_horizon"] == 1
    assert last_day(date(2024, 2, 29)) == date(2027, 2, 28)


@pytest.mark.parametrize("link", ["NOBODY", "O1", "W1"])
def test_a_link_that_leads_nowhere_is_said_and_counts_nothing(book, link):
    book.deal("O1", status="open")
    book.deal("L1", lost_at="2026-05-20")
    win(book, "W1", follows_deal=link)
    facts = book.report("winback").facts
    assert facts["wins"] == 0
    assert facts["links_astray"] == (link != "W1")


def test_currencies_and_amounts_that_are_missing_stay_apart(book):
    book.deal("L1", source="rfp")
    win(book, "W1", won_at="2026-04-01")
    win(book, "W2", won_at="2026-04-02", amount=(700, "USD"))
    book.deal("W3", status="won", won_at="2026-04-03")
    report = book.report("winback")
    assert report.facts["revenue_minor"] == {"EUR": 1000, "USD": 700}
    assert rows(report, "by_source") == [
        ("rfp", 1, None), ("rfp", 1, Money(minor=1000, currency="EUR")), ("rfp", 1, Money(minor=700, currency="USD")),
    ]  # fmt: skip


def test_the_playbook_that_approached_the_customer_goes_before_one_that_ran_beside(book):
    book.deal("L1", lost_at="2026-03-02")
    book.enrol("L1", "letter", at="2026-03-03T09:00")
    book.enrol("L1", "beside", at="2026-03-05T09:00", facing=False)
    book.enrol("L1", "too-late", at="2026-05-05T09:00")
    book.enrol("L1", "older", at="2026-03-06T09:00", loss="2025-03-02")
    win(book, "W1")
    assert [row[0] for row in rows(book.report("winback"), "by_playbook")] == ["letter"]
    assert traced(book, playbook="letter") == {"W1": ("L1", "same account")}
    assert traced(book, playbook="beside") == {}


def test_filters_look_at_the_lost_deal(book):
    book.deal("L1", lost_at="2026-03-02", team="west")
    win(book, "W1", team="east")
    assert traced(book, team="west") == {"W1": ("L1", "same account")}
    assert traced(book, team="east") == {}
    assert traced(book, until=date(2026, 3, 1)) == {}
