"""Answers as people and files write them: read, or refused with all that is wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from engine.core.questionnaires import answers_schema, kept
from engine.runner.answering import WrongAnswers, checked_answer, checked_answers
from engine.runner.payload import NotRecordable
from tests.runner.debrief import DEBRIEF, ROSTER, WRONG_LEVEL, asked


def read(**said):
    return checked_answers(asked({"reason": "unknown", "fit": "unknown"}), said, ROSTER)


def wrong(**said):
    with pytest.raises(WrongAnswers) as caught:
        read(**said)
    return {one.question: str(one) for one in caught.value.wrong}


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"fit": 4}, {"fit": 4}),
        ({"fit": "4"}, {"fit": 4}),
        ({"open": "yes"}, {"open": True}),
        ({"open": False}, {"open": False}),
        ({"size": "12.5"}, {"size": 12.5}),
        ({"when": "2026-05-01"}, {"when": "2026-05-01"}),
        ({"who": "noor"}, {"who": "noor"}),
        ({"stage": "late"}, {"stage": "late"}),
        ({"stage": "Late"}, {"stage": "late"}),
        ({"missed": "boss, user"}, {"missed": ["boss", "user"]}),
        ({"missed": ["boss"]}, {"missed": ["boss"]}),
        ({"reason": "Wrong level, too low"}, {"reason": WRONG_LEVEL}),
        ({"reason": {"primary": "wrong_level"}}, {"reason": WRONG_LEVEL}),
        ({"winner": 42}, {"winner": "42"}),
        ({"winner": None}, {}),
        ({"size": "?", "when": "unknown"}, {"size": "unknown", "when": "unknown"}),
    ],
)  # fmt: skip
def test_an_answer_is_read_as_people_and_files_write_it(said, found):
    assert read(**said) == found


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"fit": "9"}, "write a whole number from 1 to 5"),
        ({"fit": "2.5"}, "write a whole number from 1 to 5"),
        ({"fit": "four"}, "write a whole number from 1 to 5"),
        ({"open": "perhaps"}, "write yes or no, or unknown"),
        ({"size": float("nan")}, "write a number"),
        ({"when": "2026-02-30"}, "does not exist"),
        ({"when": "2026-05-01T10:00Z"}, "write a date"),
        ({"who": "nor"}, "did you mean 'noor'?"),
        ({"stage": "lat"}, "did you mean 'late'?"),
        ({"stage": "zzz"}, "write one of early, late, or unknown"),
        ({"missed": "boss,boss"}, "stands there twice"),
        ({"missed": []}, "the answer is empty"),
        ({"missed": {"primary": "boss"}}, "a list of choices"),
        ({"stage": {"primary": "late"}}, "one choice is asked for"),
        ({"stage": ["late"]}, "one choice is asked for"),
        ({"reason": {"also": ["priced_out"]}}, "the main one is missing"),
        ({"winner": ""}, "the answer is empty"),
        ({"winner": "x" * 10_001}, "10,001 characters"),
        ({"winner": ["a"]}, "several values"),
        ({"winner": "\ud800"}, "cannot be read"),
        ({"wniner": "Beta"}, "did you mean 'winner'?"),
    ],
)
def test_a_wrong_answer_says_what_is_possible(said, words):
    assert words in wrong(**said)[next(iter(said))]


def test_all_that_is_wrong_is_said_at_once():
    with pytest.raises(WrongAnswers) as caught:
        checked_answers(asked(), {"fit": "9", "stage": "lat", "winner": "fine"}, ROSTER)
    assert {one.question for one in caught.value.wrong} == {"reason", "fit", "stage"}
    assert caught.value.message.startswith("3 answers cannot be recorded:\n  - ")


def test_one_answer_is_checked_without_the_others():
    assert checked_answer(asked(), "fit", "3", ROSTER) == 3
    with pytest.raises(NotRecordable, match="9 does not fit"):
        checked_answer(asked(), "fit", "9", ROSTER)


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30).map(str.strip).filter(bool)
REASON = st.sampled_from(list(DEBRIEF.questions["reason"].values))
FITTING = st.fixed_dictionaries(
    {
        "reason": st.builds(lambda main, also: {"primary": main, "also": also}, REASON, st.lists(REASON, unique=True)),
        "fit": st.integers(1, 5),
    },
    optional={
        "winner": TEXTS,
        "open": st.booleans(),
        "size": st.integers(-(10**9), 10**9),
        "when": st.dates().filter(lambda day: 1900 <= day.year <= 2199).map(str),
        "who": st.sampled_from(["kim", "noor"]),
        "stage": st.sampled_from(["early", "late"]),
        "missed": st.lists(st.sampled_from(["buyer", "user", "boss"]), min_size=1, unique=True),
    },
)


@given(FITTING)
def test_whatever_fits_the_schema_is_taken_as_it_is_and_reads_back_the_same(answers):
    assert Draft202012Validator(answers_schema(DEBRIEF)).is_valid(answers)
    found = checked_answers(asked(), answers, ROSTER)
    questions = DEBRIEF.questions
    expected = {name: kept(questions[name], "unknown" if item == "?" else item) for name, item in answers.items()}
    assert found == expected
    assert checked_answers(asked(), found, ROSTER) == found


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from([*DEBRIEF.questions, "stranger"]), ANYTHING, max_size=4))
def test_whatever_is_said_is_kept_or_refused_with_its_question(said):
    try:
        found = read(**said)
    except WrongAnswers as error:
        assert {one.question for one in error.wrong} <= set(said)
    else:
        assert set(found) <= set(said)
