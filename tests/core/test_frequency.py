"""How often the tick runs does not matter: random playbooks, random events, random ticks."""

from itertools import accumulate, pairwise

import yaml
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from engine.core.durations import parse_duration
from engine.core.enrolment import Event
from engine.core.model import Limit
from engine.core.step import Runaway, trigger_json
from engine.core.values import Literal
from tests.core.story import Story, instant, playbook_of, world

START = instant("2026-03-02 10:00")
HOUR, DAY = 3600, 86_400
GAP = 30 * HOUR
SETTING = world(limits=(Limit(gap=Literal(content=parse_duration("30h"))),))
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
SLOW = settings(QUICK, max_examples=12)

delays = st.sampled_from(["1h", "5h", "1d", "2d", "3d", "1bd", "2bd", "4bh", "12bh", "1w"])
elapsed = st.sampled_from(["1h", "5h", "26h", "1d", "2d", "3d", "1w"])


# --- playbooks ------------------------------------------------------------------------------------------------------


@st.composite
def actions(draw, state, plain):
    """Up to two actions; `plain` ones never close by themselves."""
    found = {}
    for index in range(draw(st.integers(plain, 2))):
        action = {"kind": draw(st.sampled_from(["task", "call", "email"])), "outcomes": ["yes_please", "no_thanks"]}
        if plain or draw(st.booleans()):
            action["due"] = draw(elapsed if plain else delays)
        if draw(st.booleans()):
            action["remind"] = [{"after": draw(delays)}]
        if not plain and draw(st.booleans()):
            action["expires"] = draw(delays)
        if not plain and draw(st.booleans()):
            action["keep"] = True
        if not plain and draw(st.booleans()):
            action["fallback"] = ["sms", "task"]
        found[f"{state}_{'ab'[index]}"] = action
    return found


@st.composite
def waiting(draw, index, count, acting, plain):
    """A state with actions and triggers. Its last way out is certain and leads on."""
    name, later = f"s{index}", [f"s{one}" for one in range(index + 1, count)]
    content = {"actions": draw(actions(name, plain))}
    anywhere_else = st.sampled_from([f"s{one}" for one in acting])
    transitions = []
    for action in content["actions"]:
        if not plain and draw(st.booleans()):
            transitions.append({"event": f"{action}.yes_please", "to": draw(anywhere_else)})
        if not plain and draw(st.booleans()):
            transitions.append({"event": f"{action}.expired", "stay": True, "set": {"unheard": True}})
    if not plain:
        events = draw(st.lists(st.sampled_from(["reply", "signal", "not_now", "changed"]), max_size=2))
        transitions += [{"event": event, **draw(targets(anywhere_else))} for event in events]
        if content["actions"] and draw(st.booleans()):
            transitions.append(
                {"event": "all_closed", "to": later[0]} if later else {"event": "all_closed", "end": "over"}
            )
    if draw(st.booleans()):
        guard = {"visits": {"at_least": 2}}
        transitions.append({"after": draw(elapsed if plain else delays), "if": guard, "end": "early"})
    out = {"to": draw(st.sampled_from(later))} if later else {"end": "over"}
    transitions.append({"after": draw(elapsed if plain else delays), **out})
    return {**content, "transitions": transitions}


def targets(states):
    return st.one_of(
        st.builds(lambda state: {"to": state}, states),
        st.builds(
            lambda reason: {"stay": True, "set": {"deal.renewal_date": reason}},
            st.sampled_from(["2026-05-01", "2026-05-02"]),
        ),
        st.just({"pause": {"until": "ready_again", "at_most": "3d"}}),
    )


def deciding(index, count, back):
    """Loops back to an acting state at most once more."""
    on = {"to": f"s{index + 1}"} if index + 1 < count else {"end": "over"}
    return {"transitions": [{"if": {"visits": {"at_most": 1}}, "to": f"s{back}"}, on]}


@st.composite
def playbooks(draw, name="test", plain=False):
    count = draw(st.integers(2, 5))
    kinds = [True, *(draw(st.booleans()) for _ in range(count - 1))]
    acting = [index for index, acts in enumerate(kinds) if acts]
    states = {}
    for index, acts in enumerate(kinds):
        before = [one for one in acting if one < index]
        states[f"s{index}"] = (
            draw(waiting(index, count, acting, plain))
            if acts
            else deciding(index, count, draw(st.sampled_from(before)))
        )
    content = {"playbook": name, "initial": "s0", "ends": {"over": {}, "early": {}}, "states": states}
    if not plain and draw(st.booleans()):
        content["anywhere"] = [
            {"event": "opted_out", "from": "contact", "end": "early"},
            {"after": "2w", "stay": True, "note": "still"},
        ]
    return playbook_of(yaml.safe_dump(content, sort_keys=False))


# --- what happens, and the ticks ------------------------------------------------------------------------------------


@st.composite
def scripts(draw):
    """Events at any minute of two weeks, on two deals of one contact."""
    names = st.sampled_from(
        ["reply", "signal.funding", "not_now", "ready_again", "opted_out", "imported"]
        + [
            f"s{state}_{action}.{outcome}"
            for state in range(3)
            for action in "ab"
            for outcome in ("yes_please", "no_thanks", "skipped")
        ]
    )
    found = draw(st.lists(st.tuples(st.integers(1, 14 * 24 * 60), names, st.sampled_from(["D1", "D2"])), max_size=14))
    return sorted(found)


def ticks(gap, horizon):
    return list(range(START, START + horizon + 1, gap))


@st.composite
def random_ticks(draw, most, horizon):
    now, found = START, []
    while now < START + horizon:
        now += draw(st.integers(60, most))
        found.append(now)
    return [*(one for one in found if one < START + horizon), START + horizon]


def lived(revisions, script, instants):
    """A story told under one schedule of ticks."""
    story = Story(*revisions, world=SETTING)
    for index, revision in enumerate(revisions):
        story.deal(f"D{index + 1}")
        story.enrol(revision.hash, f"D{index + 1}")
    for number, (minutes, name, deal) in enumerate(script, 1):
        fields = (
            {"deal": {"amount": [number, "EUR"]}}
            if name == "imported"
            else {"channel": "email"}
            if name == "opted_out"
            else {}
        )
        story.account.events.append(
            Event(name, START + 60 * minutes, id=number, deal=deal, contact="c1", fields=fields)
        )
    for now in instants:
        story.now = now
        story.tick()
    return story


def history(story):
    """What the order of all entries is, and what each says."""
    return [(step.before.id, step.at, trigger_json(step.trigger), step.did) for step in story.steps]


def same(revisions, script, *schedules):
    try:
        stories = [lived(revisions, script, instants) for instants in schedules]
    except Runaway:
        assume(False)
    first = stories[0]
    for other in stories[1:]:
        assert history(other) == history(first)
        assert other.account.enrolments == first.account.enrolments
        assert sorted((touch.key, touch.at, touch.kind) for touch in other.account.touches) == sorted(
            (touch.key, touch.at, touch.kind) for touch in first.account.touches
        )


HORIZON = 21 * DAY


@QUICK
@given(playbooks("one"), playbooks("two"), scripts(), random_ticks(48 * HOUR, HORIZON))
def test_ticks_within_late_grace_give_the_same_history(one, two, script, instants):
    same(
        [one, two],
        script,
        ticks(6 * HOUR, HORIZON),
        ticks(DAY, HORIZON),
        [*ticks(48 * HOUR, HORIZON), START + HORIZON],
        instants,
    )


@SLOW
@given(playbooks("one"), scripts(), random_ticks(48 * HOUR, 7 * DAY))
def test_ticks_every_five_minutes_give_the_same_history_as_rare_ones(one, script, instants):
    script = [event for event in script if event[2] == "D1" and event[0] < 7 * 24 * 60]
    same([one], script, ticks(300, 7 * DAY), ticks(HOUR, 7 * DAY), instants)


rare_gaps = st.lists(st.integers(HOUR, 10 * DAY), min_size=1, max_size=12)


def rare_ticks(gaps, days):
    """Ticks that far apart, then daily ones for so many days."""
    found = list(accumulate(gaps, initial=START))[1:]
    return [*found, *range(found[-1] + DAY, found[-1] + days * DAY, DAY)]


def closings(story):
    return sorted((line[1], line[3]) for step in story.steps for line in step.did if line[0] == "closed")


def plan(story):
    """What happens by elapsed time alone: states entered and tasks handed out, with their instants."""
    return [
        (line[0], line[2], step.at)
        for step in story.steps
        for line in step.did
        if line[0] in ("entered", "ended") or (line[0] == "due" and line[5] == "task")
        for line in [(*line, "")]
    ]


@QUICK
@given(playbooks(plain=True), rare_gaps)
def test_an_outage_shifts_a_plan_and_never_changes_or_bunches_it(one, gaps):
    often, rarely = lived([one], [], ticks(DAY, 100 * DAY)), lived([one], [], rare_ticks(gaps, 100))
    planned, happened = plan(often), plan(rarely)
    assert [what[:2] for what in happened] == [what[:2] for what in planned]
    assert closings(rarely) == closings(often)
    for (before, then), (before_late, then_late) in zip(pairwise(planned), pairwise(happened), strict=True):
        assert then_late[2] - before_late[2] >= then[2] - before[2]


@QUICK
@given(playbooks("one"), playbooks("two"), rare_gaps)
def test_no_contact_is_touched_twice_within_its_gap_however_long_the_outage(one, two, gaps):
    story = lived([one, two], [], [])
    for story.now in rare_ticks(gaps, 30):
        story.tick()
        touched = sorted(touch.at for touch in story.account.touches)
        assert all(later - earlier >= GAP for earlier, later in pairwise(touched))


@QUICK
@given(playbooks("one"), playbooks("two"), scripts(), rare_gaps)
def test_no_history_goes_back_in_time(one, two, script, gaps):
    story = lived([one, two], script, rare_ticks(gaps, 20))
    for enrolment in {step.before.id for step in story.steps}:
        own = [step.at for step in story.steps if step.before.id == enrolment]
        assert own == sorted(own)


@QUICK
@given(playbooks("one"), playbooks("two"), scripts(), rare_gaps)
def test_every_action_handed_out_or_planned_has_at_most_one_closing(one, two, script, gaps):
    story = lived([one, two], script, rare_ticks(gaps, 20))
    closed = [line[2] for step in story.steps for line in step.did if line[0] == "closed"]
    planned = [line[2] for step in story.steps for line in step.did if line[0] == "planned"]
    still_open = [action.id for one in story.account.enrolments.values() for action in one.actions]
    assert len(set(closed)) == len(closed) and len(set(planned)) == len(planned)
    assert sorted(planned) == sorted([*closed, *still_open])
