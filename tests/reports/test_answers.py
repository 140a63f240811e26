"""What was answered: every question of every questionnaire, an own one like a shipped one."""

import pytest

from engine.core.questionnaires import read_questionnaire
from engine.reports.model import Figure, Name, Share
from tests.reports.book import rows

SURVEY = {
    "questionnaire": "survey", "answered_by": "customer",
    "questions": {
        "why": {"ask": "Why?", "type": "reason", "values": {"price": "Price", "fit": "Fit"},
                "branches": {"price": "won", "fit": "chased"}},
        "fit": {"ask": "How well do we fit?", "type": "scale"},
        "again": {"ask": "Again?", "type": "yes_no"},
        "seen": {"ask": "Where did you see us?", "type": "choices", "values": {"fair": "Fair", "web": "Web"}},
        "hours": {"ask": "How many hours?", "type": "number"},
        "words": {"ask": "In your words?", "type": "text"},
    },
}  # fmt: skip


@pytest.fixture
def survey(book):
    book.world.vocabulary.questionnaires["survey"] = read_questionnaire(SURVEY)
    return book


def counted(report, question, table="choices"):
    return [row[2:] for row in rows(report, table) if row[1].name == question]


def test_choices_scales_and_yes_or_no_are_counted_with_their_share_of_those_who_answered(survey):
    for number, (fit, again) in enumerate([(5, True), (5, False), (2, True), ("unknown", True)]):
        survey.deal(f"D{number}", answers={"survey": {"fit": fit, "again": again}})
    report = survey.report("answers")
    assert counted(report, "fit") == [
        (Name(name="5"), Share(part=2, whole=3), None),
        (Name(name="2"), Share(part=1, whole=3), None),
    ]
    assert counted(report, "again")[0] == (Name(name="yes"), Share(part=3, whole=4), None)
    assert (report.facts["answers"], report.facts["unknown"]) == (7, 1)


def test_unknown_and_not_asked_are_told_apart(survey):
    survey.deal("D1", answers={"survey": {"fit": 3, "words": "unknown"}})
    survey.deal("D2", answers={"survey": {"words": "good"}})
    asked = {row[1].name: (row[2], row[3], row[4]) for row in rows(survey.report("answers"), "questions")}
    assert asked["words"] == (Share(part=1, whole=2), 1, "In your words?")
    assert asked["fit"] == (Share(part=1, whole=2), 0, "How well do we fit?")
    assert asked["hours"] == (Share(part=0, whole=2), 0, "How many hours?"), "a question that nobody answered is shown"


def test_the_main_one_of_several_is_counted_and_the_others_are_named_besides(survey):
    survey.deal("D1", answers={"survey": {"why": {"primary": "price", "also": ["fit"], "branch": "won"}}})
    survey.deal("D2", answers={"survey": {"why": {"primary": "price", "also": [], "branch": "won"}}})
    assert counted(survey.report("answers"), "why") == [
        (Name(name="price"), Share(part=2, whole=2), None),
        (Name(name="fit"), Share(part=0, whole=2), 1),
    ]


def test_unknown_as_the_main_one_is_no_known_answer(survey):
    survey.deal("D1", answers={"survey": {"why": {"primary": "price", "also": []}}})
    survey.deal("D2", answers={"survey": {"why": {"primary": "unknown", "also": ["fit"]}}})
    report = survey.report("answers")
    assert counted(report, "why") == [
        (Name(name="price"), Share(part=1, whole=1), None),
        (Name(name="fit"), Share(part=0, whole=1), 1),
    ]
    assert (report.facts["answers"], report.facts["unknown"]) == (1, 1)


def test_of_several_choices_without_a_main_one_each_is_counted(survey):
    survey.deal("D1", answers={"survey": {"seen": ["fair", "web"]}})
    survey.deal("D2", answers={"survey": {"seen": ["web"]}})
    assert counted(survey.report("answers"), "seen") == [
        (Name(name="web"), Share(part=2, whole=2), None),
        (Name(name="fair"), Share(part=1, whole=2), None),
    ]


def test_teams_stand_in_alphabetical_order_with_shares_of_their_own(survey):
    for number, (team, again) in enumerate([("west", True), ("east", False), ("west", False), ("west", True)]):
        survey.deal(f"D{number}", team=team, answers={"survey": {"again": again}})
    assert counted(survey.report("answers"), "again", "choices_by_team") == [
        ("east", Name(name="no"), Share(part=1, whole=1), None),
        ("west", Name(name="yes"), Share(part=2, whole=3), None),
        ("west", Name(name="no"), Share(part=1, whole=3), None),
    ]
    assert len(rows(survey.report("answers", team="east"), "choices")) == 1


def test_numbers_have_a_mean_and_a_median_for_all_and_by_team(survey):
    for number, (team, hours) in enumerate([("west", 1.5), ("west", 2.5), ("east", 11)]):
        survey.deal(f"D{number}", team=team, answers={"survey": {"hours": hours}})
    assert [row[2:] for row in rows(survey.report("answers"), "numbers")] == [
        ("all teams", Figure(value=5.0, n=3), Figure(value=2.5, n=3), 3),
        ("east", Figure(value=11.0, n=1), Figure(value=11.0, n=1), 1),
        ("west", Figure(value=2.0, n=2), Figure(value=2.0, n=2), 2),
    ]


def test_texts_are_listed_with_deal_and_day_the_latest_first(survey):
    survey.deal("D1")
    survey.deal("D2")
    survey.event("answered.survey", "D1", at="2026-03-10T10:00", fields={"answers": {"words": "too slow"}})
    survey.event("answered.survey", "D2", at="2026-03-12T10:00", fields={"answers": {"words": "too dear"}})
    survey.event("answered.survey", "D1", at="2026-03-11T10:00", fields={"answers": {"words": "much too slow"}})
    report = survey.report("answers")
    assert [row[2:] for row in rows(report, "texts")] == [
        ("too dear", "D2", "west", "2026-03-12"),
        ("much too slow", "D1", "west", "2026-03-11"),
    ], "the latest answer of each deal, although no tick has seen it yet"


def test_one_questionnaire_can_be_asked_for_and_one_that_is_gone_is_named(survey):
    survey.deal("D1", answers={"survey": {"fit": 3}, "theirs": {"why": {"primary": "fit"}}, "gone": {"x": "y"}})
    report = survey.report("answers")
    assert report.facts["questionnaires"] == 2
    assert "not in the library any more: gone." in report.remarks[-1]
    only = survey.report("answers", questionnaire="survey")
    assert {row[0].name for row in rows(only, "questions")} == {"survey"}
    assert "none has an answer to the questionnaire ours" in survey.report("answers", questionnaire="ours").verdict
