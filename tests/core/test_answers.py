"""Answers to questionnaires: kept with the deal, read by guards and texts, in the order in which they were recorded."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from engine.core.building import build_playbook
from engine.core.building.revision import pinned, revision_from
from engine.core.conditions import UNKNOWN
from engine.core.model import Revision
from engine.core.questionnaires import answer_fields, answers_schema, kept, read_questionnaire, with_reasons
from tests.core.story import VOCABULARY, Story, world

REASONS = {
    "not_ours": {"title": "Not ours", "reasons": {"poorly_qualified": {"title": "Poorly qualified"}}},
    "ours": {"title": "Ours", "reasons": {"priced_out": {"title": "Priced out"}, "wrong_level": {"title": "Level"}}},
}
CONTENT = {
    "questionnaire": "debrief",
    "title": "Debrief",
    "answered_by": "customer",
    "questions": {
        "factors": {"ask": "What decided it?", "type": "text", "required": True},
        "main": {"ask": "Why?", "type": "reason"},
        "causes": {"ask": "What else?", "type": "choices", "values": ["discovery", "people", "offer"]},
        "stage": {"ask": "Where?", "type": "choice", "values": {"early": "Early on", "late": "At the end"}},
        "fit": {"ask": "How good a fit?", "type": "scale", "from": 1, "to": 5},
        "again": {"ask": "Again?", "type": "yes_no"},
        "seats": {"ask": "How many?", "type": "number"},
        "review_on": {"ask": "When do you review it?", "type": "date"},
        "who": {"ask": "Who takes it on?", "type": "person"},
    },
}
DEBRIEF = read_questionnaire(with_reasons(CONTENT, REASONS))
WORDS = replace(VOCABULARY, questionnaires={"debrief": DEBRIEF}, answers=answer_fields(DEBRIEF))


def playbook(condition, **more):
    return {
        "playbook": "test",
        "title": "Test",
        "ends": {"yes": {}, "over": {}},
        "initial": "act",
        "states": {
            "act": {
                "actions": {"ask": {"kind": "call", "questions": "debrief", **more}},
                "transitions": [{"event": "reply", "if": condition, "end": "yes"}, {"after": "52w", "end": "over"}],
            }
        },
    }  # fmt: skip


def story_of(condition):
    built, words = build_playbook(playbook(condition), WORDS)
    assert words.findings.found == []
    story = Story(Revision(hash="test", playbook=built), world=replace(world(), vocabulary=WORDS))
    story.deal()
    story.enrol()
    return story


def holds_after(condition, **answers):
    story = story_of(condition)
    if answers:
        story.record("answered.debrief", answers=answers)
    story.record("reply")
    story.tick()
    return story.state() == "end:yes"


REASON = {"primary": "priced_out", "also": ["wrong_level"], "branch": "ours"}


@pytest.mark.parametrize(
    ("condition", "answers", "holds"),
    [
        ({"answers.debrief.factors": {"contains": "PRICE"}}, {"factors": "The price."}, True),
        ({"answers.debrief.main": {"contains": "wrong_level"}}, {"main": REASON}, True),
        ({"answers.debrief.main": {"contains": "poorly_qualified"}}, {"main": REASON}, False),
        ({"answers.debrief.main.primary": {"is": "priced_out"}}, {"main": REASON}, True),
        ({"answers.debrief.main.primary": {"is": "wrong_level"}}, {"main": REASON}, False),
        ({"answers.debrief.main.branch": {"any_of": ["ours"]}}, {"main": REASON}, True),
        ({"answers.debrief.main.branch": {"is": "ours"}}, {"main": UNKNOWN}, False),
        ({"answers.debrief.main.branch": {"is": UNKNOWN}}, {"main": UNKNOWN}, True),
        ({"answers.debrief.causes": {"contains": "people"}}, {"causes": ["people", "offer"]}, True),
        ({"answers.debrief.causes": {"contains": "people"}}, {"causes": ["offer"]}, False),
        ({"answers.debrief.causes": {"is": UNKNOWN}}, {"causes": UNKNOWN}, True),
        ({"answers.debrief.fit": {"at_least": 4}}, {"fit": 4}, True),
        ({"answers.debrief.fit": {"at_least": 4}}, {"fit": UNKNOWN}, False),
        ({"answers.debrief.fit": {"less_than": 4}}, {"fit": UNKNOWN}, False),
        ({"answers.debrief.fit": {"is": UNKNOWN}}, {"fit": UNKNOWN}, True),
        ({"answers.debrief.again": {"is": True}}, {"again": True}, True),
        ({"answers.debrief.again": {"is": True}}, {"again": UNKNOWN}, False),
        ({"since.answers.debrief.review_on": {"at_least": "1d"}}, {"review_on": "2026-01-01"}, True),
        ({"since.answers.debrief.review_on": {"at_least": "1d"}}, {"review_on": UNKNOWN}, False),
        ({"answers.debrief.review_on": {"before": "2026-02-01"}}, {"review_on": "2026-01-01"}, True),
        ({"answers.debrief.review_on": {"before": "2026-02-01"}}, {"review_on": UNKNOWN}, False),
        ({"answers.debrief.review_on": {"is": UNKNOWN}}, {"review_on": UNKNOWN}, True),
        ({"answers.debrief.seats": {"is_empty": True}}, {}, True),
        ({"answers.debrief.seats": {"is_empty": True}}, {"seats": 0}, False),
    ],
)  # fmt: skip
def test_a_guard_reads_an_answer(condition, answers, holds):
    assert holds_after(condition, **answers) is holds


def test_an_answer_of_the_same_second_is_known_to_the_event_recorded_after_it():
    story = story_of({"answers.debrief.again": {"is": True}})
    story.record("reply")
    story.record("answered.debrief", answers={"again": True})
    story.tick()
    assert story.state() == "act"


def test_later_answers_take_the_place_of_earlier_ones_question_by_question():
    story = story_of({"answers.debrief.again": {"is": True}})
    deal = story.account.deals["D1"]
    story.record("answered.debrief", answers={"again": True, "fit": 2})
    story.record("answered.debrief", answers={"fit": 3})
    story.tick()
    assert deal.answers == {"debrief": {"again": True, "fit": 3}}


def test_answers_are_not_told_as_an_event_that_came_too_late():
    story = story_of({"answers.debrief.again": {"is": True}})
    story.record("answered.debrief", answers={"again": True})
    advancing = story._advancing()
    changes = advancing.run()
    assert changes.late == []
    assert changes.changed_deals == {"D1"}
    assert changes.examine == {"D1"}


def test_a_misspelt_answer_is_a_finding_with_the_nearest_name():
    _, words = build_playbook(playbook({"answers.debrief.agian": {"is": True}}), WORDS)
    assert "answers.debrief.again" in words.findings.found[0].hint


def test_a_value_that_no_answer_can_have_is_a_finding():
    _, words = build_playbook(playbook({"answers.debrief.main.primary": {"is": "priced"}}), WORDS)
    assert [(one.rule, one.hint) for one in words.findings.found] == [("unknown-value", "did you mean 'priced_out'?")]


def test_a_revision_keeps_the_questionnaires_that_it_asks_or_reads_and_no_others():
    other = read_questionnaire({**CONTENT, "questionnaire": "other", "questions": {"x": {"ask": "X?", "type": "text"}}})
    words = replace(
        WORDS,
        questionnaires={"debrief": DEBRIEF, "other": other},
        answers={**answer_fields(DEBRIEF), **answer_fields(other)},
    )
    plain = playbook({"status": {"is": "lost"}}, template="letter")
    content = json.loads(json.dumps(pinned(plain, words, {"letter": "{{ answers.other.x | default('-') }}"})))
    revision = revision_from(content, "h")
    assert sorted(revision.questionnaires) == ["debrief", "other"]
    assert revision.questionnaires["debrief"] == DEBRIEF
    reading = {**playbook({"answers.debrief.fit": {"at_least": 4}}), "initial": "act"}
    del reading["states"]["act"]["actions"]
    assert sorted(pinned(reading, words, {})["questionnaires"]) == ["debrief"]


# --- what an answer must look like -----------------------------------------------------------------------------------

GOOD = {
    "factors": "The price.", "main": {"primary": "priced_out", "also": ["wrong_level"]}, "causes": ["people"],
    "stage": "late", "fit": 5, "again": False, "seats": 2.5, "review_on": "2026-05-01", "who": "kim",
}  # fmt: skip
BAD = [
    ("factors", ""), ("main", "priced_out"), ("main", {"primary": "price"}), ("causes", []), ("causes", ["x"]),
    ("stage", "Late"), ("fit", 6), ("fit", 2.5), ("again", "yes"), ("seats", "2"), ("review_on", "1 May"), ("who", ""),
    ("nothing_of_the_kind", 1),
]  # fmt: skip


def errors(answers):
    return list(Draft202012Validator(answers_schema(DEBRIEF)).iter_errors(answers))


def test_the_generated_schema_is_a_schema_and_takes_good_answers():
    Draft202012Validator.check_schema(answers_schema(DEBRIEF))
    assert not errors(GOOD)


@pytest.mark.parametrize(("question", "answer"), BAD)
def test_the_generated_schema_refuses(question, answer):
    assert len(errors({**GOOD, question: answer})) == 1


def test_a_required_question_wants_an_answer_and_unknown_is_one():
    without = {name: answer for name, answer in GOOD.items() if name != "factors"}
    assert errors(without)
    assert not errors({**without, "factors": UNKNOWN})


@given(st.dictionaries(st.sampled_from(sorted(GOOD)), st.just(UNKNOWN)))
def test_unknown_answers_every_question(unknown):
    assert not errors({**GOOD, **unknown})


def test_a_reason_is_kept_with_its_branch_and_without_its_main_one_among_the_others():
    given_answer = {"primary": "priced_out", "also": ["priced_out", "wrong_level"]}
    assert kept(DEBRIEF.questions["main"], given_answer) == REASON
    assert kept(DEBRIEF.questions["main"], UNKNOWN) == UNKNOWN
