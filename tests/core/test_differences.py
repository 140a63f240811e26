import copy
import random
from dataclasses import fields

import pytest
import yaml

from engine.core.building import build_playbook
from engine.core.differences import differences
from engine.core.differences.pairing import pairs
from engine.core.model import Action, Revision

from .story import VOCABULARY

TEXT = """\
playbook: check-in
title: Check in
calendar: office
params: {check_in_after: 4w, talk: 10}
enrol: {if: {status: {is: lost}, since.lost_at: {at_most: 90d}}, again: 180d}
limits: [{touches: 4, per: 30d, gap: 2d}]
ends: {kept: {}, won_back: {success: true}, declined: {}}
anywhere:
  - {event: opted_out, from: contact, end: declined}
  - {event: not_now, from: contact, pause: {until: ready_again, at_most: 90d}}
initial: ask_first
states:
  ask_first:
    actions:
      ask:
        kind: call
        contact: decision_maker
        title: Ask
        minutes: 10
        due: 1bd
        template: asking
        do: [thank them, ask one thing]
        avoid: [a discount]
        outcomes: [granted, refused, no_answer]
        if: {visits: {at_most: 3}}
        remind: [{after: 1bd}]
        escalate: [{after: 3bd, to: manager}]
        expires: 5bd
    transitions:
      - {event: ask.granted, to: wait, set: {contact.permission: granted}}
      - {event: ask.no_answer, if: {visits: {less_than: 2}}, to: ask_first}
      - {event: ask.no_answer, to: wait}
      - {event: all_closed, to: wait}
  wait:
    transitions:
      - {event: reply, to: review}
      - {after: check_in_after, to: review}
  review:
    actions:
      look_back: {kind: task, title: Look back}
    transitions:
      - {after: 2w, end: kept}
"""
OLD = yaml.safe_load(TEXT)
TEMPLATES = {"asking": "Hello\n-- one line\nGoodbye\n", "thanking": "Thank you"}


def revision(content, templates=None):
    playbook, _ = build_playbook(content, VOCABULARY)
    return Revision(hash="", playbook=playbook, templates=templates or TEMPLATES)


def told(new, old=OLD, **templates):
    """Each difference in one line."""
    found = differences(revision(old), revision(new, {**TEMPLATES, **templates}))
    return [" | ".join((*each.where, each.kind, each.what, each.old, each.new, *each.lines)) for each in found]


def changed(path, value, old=OLD):
    """`old` with one value changed; None takes the key away."""
    content = copy.deepcopy(old)
    *parents, last = path
    node = content
    for step in parents:
        node = node[step]
    if value is None:
        del node[last]
    else:
        node[last] = value
    return content


ASK = ("states", "ask_first", "actions", "ask")
WAYS = ("states", "ask_first", "transitions")


def test_a_playbook_means_the_same_as_itself_and_as_its_copy_by_another_name():
    assert told(OLD) == []
    assert told(changed(("playbook",), "other")) == []


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        (("title",), "Look in", "in words only | changed | title | Check in | Look in"),
        (("calendar",), None, "playbook | changed | calendar | office | none"),
        (("enrol", "again"), None, "enrolment | changed | again | after 180d | never"),
        (("enrol", "if", "since.lost_at"), {"at_most": "60d"},
         "enrolment | changed | if | since.deal.lost_at at most 90d | since.deal.lost_at at most 60d"),
        (("enrol", "follows"), {"letter": ["b", "a"]}, "enrolment | changed | follows letter | none | a, b"),
        (("enrol", "batch"), {"deals": 50, "per": "1w"}, "enrolment | changed | batch | none | 50 deals per 1w"),
        (("ends", "kept"), {"success": True}, "ends | kept | changed | success | false | true"),
        (("ends", "lost_touch"), {}, "ends | added | end |  | lost_touch"),
        ((*ASK, "kind"), "email", "state ask_first | action ask | changed | kind | call | email"),
        ((*ASK, "contact"), "champion", "state ask_first | action ask | changed | contact | decision_maker | champion"),
        ((*ASK, "assign"), "manager", "state ask_first | action ask | changed | assign | owner | manager"),
        ((*ASK, "minutes"), 5, "state ask_first | action ask | changed | minutes | 10 | 5"),
        ((*ASK, "due"), None, "state ask_first | action ask | changed | due | 1bd | at once"),
        ((*ASK, "due"), "60d before renewal_date",
         "state ask_first | action ask | changed | due | 1bd | 60d before renewal_date"),
        ((*ASK, "escalate"), None, "state ask_first | action ask | changed | escalate | after 3bd, to manager | none"),
        ((*ASK, "expires"), "6bd", "state ask_first | action ask | changed | expires | after 5bd | after 6bd"),
        ((*ASK, "optional"), True, "state ask_first | action ask | changed | optional | false | true"),
        ((*ASK, "on_late"), "skip", "state ask_first | action ask | changed | on_late | none | skip"),
        ((*ASK, "if"), None, "state ask_first | action ask | changed | if | visits at most 3 | always"),
        ((*ASK, "fallback"), ["email", {"kind": "task", "title": "Find out"}],
         'state ask_first | action ask | changed | fallback | none | email, then task "Find out"'),
        ((*ASK, "outcomes"), ["granted", "refused"],
         "state ask_first | action ask | changed | outcomes |  |  | - no_answer"),
        ((*ASK, "avoid"), ["an offer"], "state ask_first | action ask | changed | avoid | a discount | an offer"),
        ((*ASK, "minutes"), {"by": "account.industry", "values": {"software": 5}, "otherwise": 10},
         "state ask_first | action ask | changed | minutes | 10 | by account.industry: software 5, otherwise 10"),
        ((*WAYS, 0, "to"), "review",
         "state ask_first | transition ask.granted | changed | leads to | wait | review"),
        ((*WAYS, 0, "set", "contact.permission"), "refused",
         ("state ask_first | transition ask.granted → wait | changed | set | contact.permission: granted | "
         "contact.permission: refused")),
        ((*WAYS, 1, "if", "visits"), {"less_than": 5},
         ("state ask_first | transition ask.no_answer → ask_first | changed | if | visits less than 2 | "
         "visits less than 5")),
        (("states", "review", "transitions", 0, "after"), "3w",
         "state review | transition → end kept | changed | when | after 2w | after 3w"),
        (("states", "review", "transitions", 0, "note"), "Over",
         "state review | transition after 2w → end kept | changed | note | none | Over"),
        (("anywhere", 1, "pause", "at_most"), "30d",
         ("anywhere | transition not_now (from contact) | changed | leads to | pause until ready_again, at most 90d | "
         "pause until ready_again, at most 30d")),
        (("initial",), "wait", "playbook | changed | initial | ask_first | wait"),
        (("teams",), {"west": {"params": {"talk": 5}}}, "parameters of team west | added | talk |  | 5"),
    ],
)  # fmt: skip
def test_one_change_is_one_difference_in_words(path, value, line):
    assert told(changed(path, value)) == [line]


def test_what_came_and_went_is_told_once():
    assert told(changed((*WAYS, 2), {"event": "signal", "from": "account", "to": "wait"})) == [
        "state ask_first | removed | transition | ask.no_answer → wait | ",
        "state ask_first | added | transition |  | signal (from account) → wait",
    ]
    assert told(changed(("limits",), [{"touches": 3, "per": "30d", "gap": "2d"}, {"gap": "1d", "kind": "call"}])) == [
        "limits | removed | limit | 4 touches per 30d, gap 2d | ",
        "limits | added | limit |  | 3 touches per 30d, gap 2d",
        "limits | added | limit |  | call: gap 1d",
    ]
    assert told(changed((*ASK[:-1], "card"), {"kind": "card", "title": "Thank them", "contact": "champion"})) == [
        "state ask_first | added | action card |  | card to champion, at once: Thank them"
    ]


def test_a_state_that_came_is_told_with_what_stands_in_it():
    state = {
        "actions": {"call_again": {"kind": "call", "title": "Again"}},
        "transitions": [{"after": "1d", "to": "wait"}],
    }
    assert told(changed(("states", "later"), state)) == [
        "state later | added | state |  |  | call_again: call, at once: Again | after 1d → wait"
    ]


# --- parameters -----------------------------------------------------------------------------------------------------


def test_a_parameter_is_told_once_and_where_it_counts():
    assert told(changed(("params", "check_in_after"), "10w")) == [
        "parameters | changed | check_in_after | 4w | 10w | in wait: after check_in_after → review"
    ]


def test_a_name_for_the_same_duration_is_no_difference_where_it_is_used():
    new = changed(("states", "wait", "transitions", 1, "after"), "4w")
    assert told(new) == []
    assert told(changed(("states", "wait", "transitions", 1, "after"), "5w")) == [
        "state wait | transition → review | changed | when | after check_in_after (4w) | after 5w"
    ]


def test_a_parameter_in_a_date_is_told_once_too():
    old = changed(("states", "wait", "transitions", 1), {"at": "talk before renewal_date", "to": "review"})
    old["params"]["talk"] = "60d"
    assert told(changed(("params", "talk"), "90d", old), old) == [
        "parameters | changed | talk | 60d | 90d | in wait: at talk before renewal_date → review"
    ]


# --- what makes no difference ---------------------------------------------------------------------------------------


def test_the_order_of_keys_parts_and_entries_makes_no_difference():
    rng = random.Random(7)

    def shuffled(node, key=""):
        if isinstance(node, dict):
            items = [(name, shuffled(item, name)) for name, item in node.items()]
            if key != "actions":  # of two touches at one instant the first goes out
                rng.shuffle(items)
            return dict(items)
        if isinstance(node, list) and key in ("avoid", "outcomes", "limits"):
            return rng.sample(node, len(node))
        return [shuffled(item) for item in node] if isinstance(node, list) else node

    for _ in range(20):
        assert told(shuffled(OLD)) == []


def test_the_order_of_touches_and_of_what_is_done_is_told():
    old, new = copy.deepcopy(OLD), copy.deepcopy(OLD)
    actions = OLD["states"]["ask_first"]["actions"]
    note = {"note": {"kind": "email", "optional": True}}
    old["states"]["ask_first"]["actions"] = {**actions, **note}
    new["states"]["ask_first"]["actions"] = {**note, **actions}
    names = [name for name, action in actions.items() if action["kind"] in ("call", "email", "card", "letter")]
    before, after = "; ".join([*names, "note"]), "; ".join(["note", *names])
    assert told(new, old) == [f"state ask_first | changed | order of touches | {before} | {after}"]


def test_order_is_told_where_it_decides():
    new = copy.deepcopy(OLD)
    ways = new["states"]["ask_first"]["transitions"]
    ways[0], ways[3] = ways[3], ways[0]
    assert told(new) == []
    ways[1], ways[2] = ways[2], ways[1]
    assert told(new) == [
        (
            "state ask_first | changed | asked first | ask.no_answer → ask_first, then ask.no_answer → wait | "
            "ask.no_answer → wait, then ask.no_answer → ask_first"
        )
    ]


def test_decisions_are_asked_in_their_order():
    old = changed(
        ("states", "wait", "transitions"), [{"if": {"visits": {"is": 1}}, "to": "review"}, {"to": "ask_first"}]
    )
    new = changed(
        ("states", "wait", "transitions"), [{"to": "ask_first"}, {"if": {"visits": {"is": 1}}, "to": "review"}]
    )
    assert told(new, old) == [
        (
            "state wait | changed | asked first | decision: visits is 1 → review, then otherwise → ask_first | "
            "otherwise → ask_first, then decision: visits is 1 → review"
        )
    ]


# --- names ----------------------------------------------------------------------------------------------------------


def with_state_called(name, old=OLD):
    text = yaml.safe_dump(old, sort_keys=False)
    return yaml.safe_load(text.replace("review", name))


def test_a_state_with_another_name_only_is_the_same_state():
    assert told(with_state_called("look_again")) == ["state look_again | renamed | state | review | look_again"]


def test_a_state_with_another_name_and_other_content_is_another_state():
    new = changed(("states", "look_again", "transitions", 0, "after"), "9w", with_state_called("look_again"))
    found = told(new)
    assert [line for line in found if "state" in line.split(" | ")[2:3]] == [
        "state review | removed | state |  |  | after 2w → end kept",
        "state look_again | added | state |  |  | after 9w → end kept",
    ]


def test_two_states_that_are_alike_are_not_taken_for_each_other():
    twin = {"transitions": [{"after": "1d", "to": "wait"}]}
    old = {**OLD, "states": {**OLD["states"], "one": twin, "two": twin}}
    new = {**OLD, "states": {**OLD["states"], "three": twin}}
    assert [line.split(" | ")[1] for line in told(new, old)] == ["removed", "removed", "added"]


def test_an_action_that_stands_in_another_state_has_moved():
    new = copy.deepcopy(OLD)
    new["states"]["wait"]["actions"] = new["states"]["review"].pop("actions")
    new["states"]["wait"]["actions"]["look_back"]["minutes"] = 5
    assert told(new) == [
        "state wait | moved | action look_back | review | wait",
        "state wait | action look_back | changed | minutes | none | 5",
    ]


# --- texts ----------------------------------------------------------------------------------------------------------


def test_the_text_of_a_template_is_told_line_by_line_for_all_that_use_it():
    assert told(OLD, asking="Hello\n-- another line\nGoodbye\n") == [
        (
            "template asking | changed | text of ask |  |  | "
            "@@ -1,3 +1,3 @@ |  Hello | --- one line | +-- another line |  Goodbye"
        )
    ]


def test_a_long_text_is_cut():
    lines = differences(revision(OLD), revision(OLD, {"asking": "\n".join(map(str, range(99)))}))[0].lines
    assert len(lines) == 31 and lines[-1].startswith("… and ")


# --- everything that an action has ----------------------------------------------------------------------------------


def test_no_key_of_an_action_is_forgotten():
    """A key of the model that is not compared would let two playbooks pass as the same."""
    from dataclasses import replace

    from engine.core.differences.actions import action_differences

    action = revision(OLD).playbook.action("ask")
    other = revision(with_state_called("x")).playbook.action("look_back")
    silent = {"name", "place", "path", "due_text"}
    for each in fields(Action):
        value = getattr(other, each.name)
        if each.name in silent or value == getattr(action, each.name):
            continue
        extra = {"due_text": other.due_text} if each.name == "due" else {}
        assert list(action_differences((), action, replace(action, **{each.name: value}, **extra))), each.name


@pytest.mark.parametrize("name", ["answers_for", "questions", "purpose", "window", "priority"])
def test_a_key_without_words_of_its_own_is_told_as_it_stands(name):
    from dataclasses import replace

    from engine.core.differences.actions import action_differences

    action = revision(OLD).playbook.action("ask")
    if not hasattr(action, name):
        pytest.skip("not in this model")
    value = ("granted", "refused") if name == "answers_for" else "something"
    found = list(action_differences((), action, replace(action, **{name: value})))
    assert [(each.what, each.new) for each in found] == [(name, "granted, refused" if name == "answers_for" else value)]


def test_every_transition_is_in_exactly_one_pair():
    rng = random.Random(3)
    ways = list(revision(OLD).playbook.transitions())
    for _ in range(200):
        old, new = rng.sample(ways, rng.randint(0, 8)), rng.sample(ways, rng.randint(0, 8))
        found = pairs(old, new)
        assert sorted(one.place for one, _ in found if one) == sorted(way.place for way in old)
        assert [other for _, other in found if other] == new
        assert {way.place for way in old} & {way.place for way in new} == {
            one.place for one, other in found if one and other and one.place == other.place
        }


def test_a_parameter_that_switches_an_action_off_is_told_at_the_action():
    asked = changed((*ASK, "if"), {"with_call": {"is": True}, "visits": {"at_most": 3}})
    on = changed(("params",), {**OLD["params"], "with_call": True}, asked)
    off = changed(("params", "with_call"), False, on)
    assert told(off, on) == [
        "parameters | changed | with_call | true | false",
        "state ask_first | action ask | changed | with_call | true | false: it falls away",
    ]
    assert told(on, off)[1] == "state ask_first | action ask | changed | with_call | false | true: it comes in"


def test_a_parameter_that_only_counts_switches_nothing():
    assert told(changed(("params", "talk"), 20)) == ["parameters | changed | talk | 10 | 20"]
