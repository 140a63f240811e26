"""Scores: added up when they are read, with their breakdown beside the decision."""

from dataclasses import replace

import pytest

from engine.core.account import PastEnrolment
from engine.core.building import build_playbook
from engine.core.building.revision import pinned, revision_from
from engine.core.building.scores import score
from engine.core.building.words import Words
from engine.core.enrolling import examine
from engine.core.looking import Looking
from engine.core.model import Revision
from engine.core.scores import scored
from engine.core.view import View
from engine.core.vocabulary import Field
from tests.core.story import VOCABULARY, Story, instant, world

LINES = {
    "readiness": [
        {"if": {"lost_reason": {"is": "price"}}, "points": 3, "because": "It was the price"},
        {"points": 1, "each": 10000, "of": "amount", "at_most": 5, "because": "Size"},
        {"points": 2, "each": "30d", "of": "since.lost_at", "at_most": 3, "because": "Time has passed"},
        {"if": {"owner": {"is": "lee"}}, "points": -4, "because": "Lee has enough to do"},
    ]
}
EUROS = Field(name="deal.amount", type="money", currency="EUR")
WORDS = replace(VOCABULARY, scores=LINES, fields={**VOCABULARY.fields, "deal.amount": EUROS})
WORLD = replace(world(), vocabulary=WORDS)


def playbook(condition, **more):
    content = {
        "playbook": "test", "title": "Test", "ends": {"yes": {}, "over": {}}, "initial": "act", **more,
        "states": {
            "act": {"transitions": [{"event": "reply", "if": condition, "end": "yes"}, {"after": "52w", "end": "over"}]}
        },
    }  # fmt: skip
    built, words = build_playbook(content, WORDS)
    assert words.findings.found == []
    return built, content


def story_with(condition, **fields):
    story = Story(Revision(hash="test", playbook=playbook(condition)[0]), world=WORLD)
    story.deal(**fields)
    story.enrol()
    return story


@pytest.mark.parametrize(
    ("fields", "at", "total"),
    [
        ({}, "2026-03-02 10:00", 0),
        ({"lost_reason": "price"}, "2026-03-02 10:00", 3),
        ({"lost_reason": "timing"}, "2026-03-02 10:00", 0),
        ({"amount": [999_999, "EUR"]}, "2026-03-02 10:00", 0),
        ({"amount": [1_000_000, "EUR"]}, "2026-03-02 10:00", 1),
        ({"amount": [9_000_000, "EUR"]}, "2026-03-02 10:00", 5),
        ({}, "2026-03-31 10:00", 0),
        ({}, "2026-04-01 10:00", 2),
        ({}, "2026-06-02 10:00", 6),
        ({"owner": "lee"}, "2026-04-01 10:00", -2),
        ({"amount": [9_000_000, "JPY"]}, "2026-03-02 10:00", 0),
    ],
)
def test_points_are_added_up_as_of_now(fields, at, total):
    story = story_with({"score.readiness": {"at_least": 0}}, **fields)
    view = View(WORLD, story.account, story.account.deals["D1"], playbook({"status": {"is": "lost"}})[0], instant(at))
    built = score(Words(vocabulary=WORDS), "readiness", LINES["readiness"], ())
    found = scored(built, Looking(view, {"readiness": built}))
    assert found.total == total
    assert sum(points for points, _ in found.breakdown) == total


def test_a_guard_on_a_score_leaves_its_breakdown_in_the_history_and_replays():
    story = story_with({"score.readiness": {"at_least": 4}}, lost_reason="price", amount=[2_500_000, "EUR"])
    story.record("reply")
    story.tick()
    assert story.state() == "end:yes"
    lines = [line for step in story.steps for line in step.did if line[0] == "score"]
    assert lines == [("score", "readiness", 5, [[3, "It was the price"], [2, "Size"]])]


def test_a_score_of_a_running_deal_is_that_of_its_revision_whatever_scores_yaml_says_now():
    built, content = playbook({"score.readiness": {"at_least": 3}})
    kept = pinned(content, WORDS, {})
    assert kept["scores"] == LINES
    assert revision_from(kept, "h").playbook == built


def test_an_enrol_condition_on_a_score_says_when_to_look_again():
    built, _ = playbook({"status": {"is": "lost"}}, enrol={"if": {"score.readiness": {"at_least": 2}}})
    story = story_with({"status": {"is": "lost"}}, lost_at="2026-03-02")
    past: list[PastEnrolment] = []
    verdict = examine(WORLD, {"test": built}, story.account, story.account.deals["D1"], past, story.now)[0]
    assert not verdict.takes
    again = verdict.again_at
    assert again is not None
    later = examine(WORLD, {"test": built}, story.account, story.account.deals["D1"], past, again)[0]
    before = examine(WORLD, {"test": built}, story.account, story.account.deals["D1"], past, again - 1)[0]
    assert later.takes and not before.takes


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ({"points": 1, "each": "30d", "of": "amount", "at_most": 2, "because": "x"}, "wrong-type"),
        ({"points": 1, "each": 5, "of": "since.lost_at", "at_most": 2, "because": "x"}, "bad-duration"),
        ({"points": 1, "each": "1d", "of": "since.owner", "at_most": 2, "because": "x"}, "wrong-type"),
        ({"points": 1, "each": "1y", "of": "since.lost_at", "at_most": 11, "because": "x"}, "bad-duration"),
        ({"if": {"score.readiness": {"at_least": 1}}, "points": 1, "because": "x"}, "score-of-score"),
        ({"if": {"lost_raeson": {"is": "price"}}, "points": 1, "because": "x"}, "unknown-field"),
        ({"if": {"action.kind": {"is": "call"}}, "points": 1, "because": "x"}, "unknown-field"),
    ],
)
def test_a_line_that_cannot_be_counted_is_a_finding(line, rule):
    words = Words(vocabulary=WORDS)
    score(words, "other", [line], ())
    assert [one.rule for one in words.findings.found] == [rule]


def test_a_playbook_cannot_read_the_score_that_reads_the_due_list():
    lines = {"urgency": [{"points": 1, "each": "1d", "of": "since.action.deadline", "at_most": 7, "because": "Late"}]}
    condition = {"score.urgency": {"at_least": 1}}
    content = {
        "playbook": "test", "title": "Test", "ends": {"over": {}}, "initial": "act",
        "states": {"act": {"transitions": [{"after": "1d", "if": condition, "end": "over"}]}},
    }  # fmt: skip
    _, words = build_playbook(content, replace(WORDS, scores=lines))
    assert [one.rule for one in words.findings.found] == ["score-for-the-list"]


@pytest.mark.parametrize(
    ("amount", "points"), [([9_000_000, "JPY"], 5), ([25_000_000, "KWD"], 2), ([25_000, "USD"], 0)]
)
def test_where_no_currency_is_declared_an_amount_counts_in_its_own_units(amount, points):
    words = Words(vocabulary=VOCABULARY)
    built = score(words, "size", [{"points": 1, "each": 10000, "of": "amount", "at_most": 5, "because": "Size"}], ())
    story = story_with({"status": {"is": "lost"}}, amount=amount)
    view = View(world(), story.account, story.account.deals["D1"], playbook({"status": {"is": "lost"}})[0], story.now)
    assert scored(built, Looking(view, {})).total == points


def test_many_spans_cost_few_questions():
    words = Words(vocabulary=WORDS)
    line = {"points": 1, "each": "1d", "of": "since.lost_at", "at_most": 1000, "because": "x"}
    built = score(words, "age", [line], ())
    story = story_with({"status": {"is": "lost"}}, lost_at="2025-01-01")
    view = View(WORLD, story.account, story.account.deals["D1"], playbook({"status": {"is": "lost"}})[0], story.now)
    looking = Looking(view, {})
    assert scored(built, looking).total == 425
    assert len(looking.reads.made) < 15
