"""S0.5, S1.10: what will be started and stopped, by whom, until when."""

from tests.reports.book import rows


def test_improvements_stand_by_date_with_owner_and_deal(book):
    book.deal(
        "D1", answers={"ours": {"start": "Ask for the budget", "who": "lee", "when": "2026-07-01", "stop": "Guess"}}
    )
    book.deal("D2", team="east", answers={"ours": {"start": "Call back", "who": "ann", "when": "2026-05-01"}})
    report = book.report("improvements")
    assert rows(report, "improvements") == [
        ("start", "Call back", "ann", "2026-05-01", True, "east", "D2", "ours"),
        ("start", "Ask for the budget", "lee", "2026-07-01", False, "west", "D1", "ours"),
        ("stop", "Guess", "kim", "", False, "west", "D1", "ours"),
    ]
    assert (report.facts["improvements"], report.facts["date_passed"], report.facts["without_owner"]) == (3, 1, 1)


def test_an_empty_or_unknown_answer_and_another_questionnaire_name_nothing(book):
    book.deal(
        "D1", answers={"ours": {"start": "unknown", "stop": " "}, "theirs": {"start": "x"}, "gone": {"start": "x"}}
    )
    report = book.report("improvements")
    assert report.facts["improvements"] == 0
    assert "No answer names an improvement yet" in report.verdict


def test_the_filters_narrow_the_list(book):
    book.deal("D1", answers={"ours": {"stop": "a"}})
    book.deal("D2", team="east", answers={"ours": {"stop": "b"}})
    assert [row[1] for row in rows(book.report("improvements", team="east"), "improvements")] == ["b"]
    assert book.report("improvements", limit=1).tables[0].left_off == 1
