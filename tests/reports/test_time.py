"""S1.9: time until lost against time until won; S3.2: the win rate as context."""

import pytest

from engine.reports.model import Figure, Money, Share
from tests.reports.book import rows


def ten(book, lost: int, won: int) -> None:
    """Five lost and five won deals that took so many days."""
    for number in range(5):
        book.deal(f"L{number}", created_at="2026-01-01", lost_at=f"2026-01-{1 + lost:02d}")
        book.deal(f"W{number}", status="won", created_at="2026-01-01", won_at=f"2026-01-{1 + won:02d}")


def test_mean_median_and_ratio_are_those_of_the_days(book):
    for number, days in enumerate([1, 2, 3, 4, 20]):
        book.deal(f"L{number}", created_at="2026-01-01", lost_at=f"2026-01-{1 + days:02d}")
    for number, days in enumerate([2, 4, 6, 8, 10, 12]):
        book.deal(f"W{number}", status="won", created_at="2026-01-01T15:00", won_at=f"2026-01-{1 + days:02d}T09:00")
    facts = book.report("time").facts
    assert (facts["lost_days_mean"], facts["lost_days_median"], facts["lost_n"]) == (6, 3, 5)
    assert (facts["won_days_mean"], facts["won_days_median"], facts["won_n"]) == (7, 7, 6)
    assert facts["ratio"] == pytest.approx(6 / 7)


@pytest.mark.parametrize(
    ("lost", "won", "told"),
    [(15, 10, "agrees"), (8, 10, "opposite"), (10, 10, "no difference"), (12, 10, "less than half"), (20, 10, "still")],
)
def test_the_ratio_is_set_against_the_article_in_words(book, lost, won, told):
    ten(book, lost, won)
    report = book.report("time")
    assert f"{lost / won:.2f}" in report.verdict and "1.5" in report.verdict
    assert told in report.remarks[0]


def test_fewer_than_five_deals_are_too_few_to_tell(book):
    for number in range(4):
        book.deal(f"L{number}", created_at="2026-01-01", lost_at="2026-01-09")
        book.deal(f"W{number}", status="won", created_at="2026-01-01", won_at="2026-01-05")
    report = book.report("time")
    assert report.facts["ratio"] is None
    assert "too few to tell" in report.verdict


def test_deals_without_usable_dates_are_left_out_and_counted(book):
    book.deal("D1", created_at="2026-03-03")
    book.deal("D2")
    book.deal("D3", created_at="never")
    book.deal("D4", created_at="2026-03-02")
    report = book.report("time")
    assert (report.facts["left_out"], report.facts["lost_n"], report.facts["lost_days_mean"]) == (3, 1, 0)


def test_deals_lost_before_they_were_created_are_told_apart_from_those_without_dates(book):
    for number in range(3):
        book.deal(f"B{number}", created_at="2026-05-01", lost_at="2026-03-02")
    book.deal("U1")
    report = book.report("time")
    assert report.facts["closed_before_created"] == 3 and report.facts["left_out"] == 4
    assert "usable dates" in report.verdict
    assert report.remarks == (
        "Left out: 1 closed deal without a date of creation and one of closing.",
        "Left out: 3 deals closed before the day of creation. Check created_at in the CRM.",
    )


def test_won_deals_that_took_no_time_give_no_ratio(book):
    ten(book, 5, 0)
    assert book.report("time").facts["ratio"] is None


def test_logged_minutes_are_compared_where_they_are_known(book):
    ten(book, 10, 10)
    for number in range(5):
        book.activity(f"L{number}", "2026-01-02T10:00", minutes=60)
        book.activity(f"L{number}", "2026-01-03T10:00", minutes=30)
        book.activity(f"W{number}", "2026-01-02T10:00", minutes=60)
    report = book.report("time")
    assert (report.facts["lost_minutes_mean"], report.facts["won_minutes_mean"]) == (90, 60)
    told = "1.50 times as much (the article on following up lost deals says 1.5)"
    assert any(told in remark for remark in report.remarks)


def test_the_hours_of_the_crm_count_where_nothing_is_logged(book):
    book.deal("D1", created_at="2026-01-01", cost_hours=2)
    assert book.report("time").facts["lost_minutes_mean"] == 120


def test_teams_are_counted_apart(book):
    book.deal("D1", created_at="2026-03-01", team="east")
    book.deal("D2", created_at="2026-02-28", team="west")
    assert rows(book.report("time"), "by_team") == [
        ("east", "lost", Figure(value=1, n=1), Figure(value=1, n=1), Figure(value=1, n=1), 1),
        ("west", "lost", Figure(value=2, n=1), Figure(value=2, n=1), Figure(value=2, n=1), 1),
    ]


def test_the_win_rate_says_that_losing_is_normal_and_adds_no_currencies(book):
    book.deal("L1", amount=[100, "EUR"])
    book.deal("L2", amount=[200, "USD"], lost_at="2026-04-02")
    book.deal("W1", status="won", won_at="2026-04-03", amount=[300, "USD"])
    book.deal("O1", status="open", amount=[400, "USD"])
    report = book.report("winrate")
    assert report.facts == {"won": 1, "lost": 2, "win_rate": 1 / 3}
    assert "normal" in report.remarks[0]
    assert rows(report, "by_month") == [("2026-03", Share(part=0, whole=1)), ("2026-04", Share(part=1, whole=2))]
    assert rows(report, "amounts") == [
        ("lost", 1, Money(minor=100, currency="EUR")),
        ("lost", 1, Money(minor=200, currency="USD")),
        ("won", 1, Money(minor=300, currency="USD")),
    ]
