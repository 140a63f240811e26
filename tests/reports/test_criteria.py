"""S2.13: which deals are strong, which not to pursue; S2.3: how customers like to be approached."""

import pytest

from engine.reports.criteria import AVOID, EITHER, FEW, STRONG
from engine.reports.model import Share
from engine.reports.statistics import Spread, wilson
from tests.reports.book import Book, rows


def many(book, source: str, won: int, lost: int) -> None:
    for number in range(won):
        book.deal(f"W-{source}-{number}", status="won", won_at="2026-03-02", source=source)
    for number in range(lost):
        book.deal(f"L-{source}-{number}", source=source)


def test_a_value_is_judged_by_its_interval_against_all_deals(book):
    many(book, "rfp", 2, 38)
    many(book, "referral", 30, 10)
    many(book, "inbound", 9, 11)
    many(book, "other", 1, 2)
    report = book.report("criteria")
    assert report.facts["win_rate"] == 42 / 103
    verdicts = {row[1]: row[4] for row in rows(report, "fields") if row[0] == "source"}
    assert verdicts == {"rfp": AVOID, "referral": STRONG, "inbound": EITHER, "other": FEW}
    assert report.facts["do_not_pursue"] == ["source: rfp"]
    assert "Do not pursue: source: rfp." in report.verdict


def test_a_field_that_only_lost_deals_have_is_no_criterion(book):
    many(book, "rfp", 5, 5)
    for number in range(10):
        book.deal(f"N{number}", notified_by="phone", source="rfp")
    assert {row[0] for row in rows(book.report("criteria"), "fields")} == {"source"}


@pytest.mark.parametrize("name", ["criteria", "winrate", "time"])
def test_what_closes_in_the_future_is_not_counted_and_is_said(book, name):
    for number, day in enumerate(["2026-03-02", "2026-07-01", "2026-06-01T18:00"]):
        book.deal(f"W{number}", status="won", won_at=day, created_at="2026-01-02")
        book.deal(f"L{number}", lost_at=day, created_at="2026-01-02")
    report = book.report(name, now="2026-06-01T12:00")
    assert {report.facts.get(key) for key in ("won", "won_n")} == {1, None}
    told = "Not counted: 4 deals won or lost on a day that has not come yet. Check the date in the CRM."
    assert report.remarks[-1] == told
    assert told not in book.report(name, now="2026-08-01T12:00").remarks


@pytest.mark.parametrize("name", ["criteria", "winrate", "time"])
def test_as_of_an_earlier_day_later_closings_are_left_out_and_that_is_said_where_nothing_else_is_there(book, name):
    book.deal("L1", lost_at="2026-03-02", created_at="2026-01-02", amount=[100, "EUR"])
    report = book.report(name, now="2026-02-01T12:00")
    assert report.tables == () and "No lost deal fits" in report.verdict
    assert "Not counted: 1 deal won or lost on a day that has not come yet" in report.remarks[0]


def test_few_lines_are_told_how_often_chance_alone_makes_one_stand_out(book):
    many(book, "rfp", 5, 15)
    remark = book.report("criteria").remarks[1]
    assert remark.startswith("1 line has enough deals; each of them would stand out by chance alone one time in twenty")


def test_where_no_line_has_enough_deals_it_says_so_instead_of_no_difference(book):
    for source in ("rfp", "inbound", "referral"):
        many(book, source, 1, 2)
    report = book.report("criteria")
    assert report.verdict == "Of all closed deals 3 of 9 (33 %) were won. By criterion there are too few to tell."


def test_without_won_deals_nothing_can_be_told(book):
    many(book, "rfp", 0, 20)
    report = book.report("criteria")
    assert report.facts["do_not_pursue"] == []
    assert "won deals" in report.verdict


def test_a_free_text_with_too_many_values_is_no_criterion(book):
    for number in range(110):
        book.deal(f"L{number}", product=f"p{number}")
        book.deal(f"W{number}", status="won", won_at="2026-03-02", product=f"p{number}")
    assert rows(book.report("criteria"), "fields") == []


def test_the_lines_of_the_score_hold_or_not_on_the_day_of_closing(tmp_path):
    lines = [
        {"if": {"source": {"is": "rfp"}}, "points": -1, "because": "A tender"},
        {"if": {"contact.decision_maker.name": {"is_empty": False}}, "points": 2, "because": "We knew who decides"},
        {"if": {"since.created_at": {"at_most": "30d"}}, "points": 1, "because": "It went fast"},
        {"if": {"count": {"of": "reply", "at_least": 1}}, "points": 1, "because": "They answered"},
        {"if": {"product": {"is_empty": True}}, "points": 1, "because": "Always so"},
        {"points": 1, "each": 1, "of": "amount", "at_most": 1, "because": "No condition"},
    ]
    book = Book(
        tmp_path, scores={"strength": lines, "other": [{"if": {"source": {"is": "x"}}, "because": "X", "points": 1}]}
    )
    book.contact("K1", name="Ann")
    book.deal("D1", source="rfp", created_at="2026-02-20")
    book.deal("D2", status="won", won_at="2026-03-02", contacts=["K1"], created_at="2025-02-20")
    book.event("reply", "D1", at="2026-03-10T10:00")
    book.event("reply", "D2", at="2026-03-01T10:00")
    found = {row[0]: row[2] for row in rows(book.report("criteria"), "criteria") if row[1] == "yes"}
    assert found == {
        "A tender": Share(part=0, whole=1),
        "We knew who decides": Share(part=1, whole=1),
        "It went fast": Share(part=0, whole=1),
        "They answered": Share(part=1, whole=1),
    }
    book.store.close()


def test_reviews_are_counted_by_the_month_in_which_they_were_done(book):
    book.deal("D1", lost_at="2026-03-02")
    book.action("D1", "discuss_loss", kind="review", at="2026-03-31T23:00")
    book.action("D1", "post_mortem", kind="task", at="2026-04-01T01:00")
    book.action("D1", "ask", at="2026-04-01T01:00")
    assert rows(book.report("criteria"), "trend") == [("2026-03", 1, 1), ("2026-04", 0, 1)]


@pytest.mark.parametrize(
    ("name", "kind", "outcome", "times"),
    [
        ("hold_winloss_call", "call", "our_fault", 1),
        ("hold_winloss_call", "call", "not_held", 0),
        ("schedule_winloss_call", "email", "agreed", 0),
        ("research_meeting", "meeting", "held", 1),
        ("research_meeting", "meeting", "rather_by_phone", 0),
        ("research_call", "call", "held", 1),
        ("research_call", "call", "no_answer", 0),
        ("debrief_meeting", "meeting", "wants_other_business", 1),
        ("debrief_call", "call", "declined", 0),
        ("debrief_email", "email", "", 0),
        ("review_loss", "task", "should_have_won", 1),
        ("approve_review", "approval", "approved", 0),
    ],
)
def test_a_review_counts_if_it_took_place(book, name, kind, outcome, times):
    book.deal("D1", lost_at="2026-03-02")
    book.action("D1", name, kind=kind, outcome=outcome)
    assert rows(book.report("criteria"), "trend") == [("2026-03", 1, times)]


def test_a_letter_is_a_review_once_its_questionnaire_is_answered(book):
    book.deal("D1", lost_at="2026-03-02")
    letter = book.action("D1", "debrief_letter", kind="letter")
    assert rows(book.report("criteria"), "trend") == [("2026-03", 1, 0)]
    book.event("answered.theirs", "D1", action=letter, fields={"answers": {"why": {"primary": "fit"}}})
    assert rows(book.report("criteria"), "trend") == [("2026-03", 1, 1)]


def test_a_review_that_was_not_done_in_time_is_none(book):
    book.deal("D1", lost_at="2026-03-02")
    book.action("D1", "review_loss", kind="review", status="expired")
    assert rows(book.report("criteria"), "trend") == [("2026-03", 1, 0)]


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    # Newcombe 1998 (Statistics in Medicine 17), table I, the Wilson score method without correction
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_is_that_of_the_published_table(part, whole, low, high):
    found = wilson(part, whole)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


def test_spread_agrees_with_the_standard_library():
    import random
    import statistics

    chance = random.Random(3)
    for size in (1, 2, 3, 10, 101):
        values = [chance.randrange(30) for _ in range(size)]
        spread = Spread()
        for value in values:
            spread.add(value)
        assert spread.mean == pytest.approx(statistics.mean(values))
        assert spread.median == statistics.median(values)
        assert spread.percentile(90) == sorted(values)[-(-size * 9 // 10) - 1]


def test_preferred_approaches_are_told_by_industry_and_source(book):
    book.account("S", industry="software")
    for number, told in enumerate(["Trade fairs", " trade  FAIRS", "Peers", "", "unknown"]):
        book.contact(f"K{number}", preferred_approach=told, account="S")
    book.deal("D1", account="S", contacts=[f"K{number}" for number in range(5)], source="rfp")
    report = book.report("approach")
    assert (report.facts["contacts"], report.facts["with_approach"]) == (5, 3)
    assert rows(report, "by_industry") == [
        ("software", "trade fairs", Share(part=2, whole=5)),
        ("software", "peers", Share(part=1, whole=5)),
    ]
    assert [row[0] for row in rows(report, "by_source")] == ["rfp", "rfp"]


def test_an_answer_tells_the_approach_of_the_deals_first_contact(book):
    book.contact("K1")
    book.contact("K2")
    book.deal("D1", contacts=["K1", "K2"], answers={"buying": {"preferred_approach": "By letter"}})
    book.deal("D2", contacts=["K1"])
    report = book.report("approach")
    assert (report.facts["contacts"], report.facts["with_approach"]) == (2, 1)
