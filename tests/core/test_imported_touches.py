"""An outbound activity from the CRM and the action of a playbook that it is: one approach, whenever the ticks run."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.core.permitting import TOUCH
from tests.core.story import Story, instant, playbook_of, when

TEXT = """
playbook: test
initial: act
ends: {over: {}}
states:
  act:
    actions:
      ask: {kind: call, expires: 10d}
      write: {kind: email, due: 4d}
    transitions:
      - {after: 52w, end: over}
"""
HOUR = 3_600
START = "2026-03-02 10:00"


def told() -> Story:
    story = Story(playbook_of(TEXT))
    story.deal(contacts=("c1", "c2"))
    story.enrol()
    return story


def activity(story: Story, at: str, happened: str, channel: str = "call", contact: str = "c1", by: str = "") -> None:
    story.record(TOUCH, at, contact=contact, by=by, occurred=happened, channel=channel)


def touches(story: Story, kind: str = "call") -> list[str]:
    return sorted(when(touch.at) for touch in story.account.touches if touch.kind == kind)


def test_an_activity_within_a_day_of_an_action_is_that_action() -> None:
    story = told()
    activity(story, "2026-03-02 18:00", "2026-03-02 11:00")
    story.tick("2026-03-02 18:00")
    assert touches(story) == ["2026-03-02 11:00"], "and the CRM says when it was"


def test_an_action_that_is_still_open_takes_an_activity_days_later_and_its_outcome_counts_no_second_time() -> None:
    story = told()
    activity(story, "2026-03-05 18:00", "2026-03-05 11:00")
    story.tick("2026-03-05 18:00")
    assert touches(story) == ["2026-03-05 11:00"]
    story.record("ask.done", "2026-03-06 09:00", action=story.action("ask").id)
    story.tick("2026-03-06 09:00")
    assert touches(story) == ["2026-03-06 09:00"]


def test_an_activity_of_an_action_that_was_done_counts_no_second_time() -> None:
    story = told()
    story.record("ask.done", "2026-03-05 12:00", action=story.action("ask").id)
    activity(story, "2026-03-05 18:00", "2026-03-05 11:00")
    story.tick("2026-03-05 18:00")
    assert touches(story) == ["2026-03-05 12:00"]


def test_a_further_activity_another_channel_another_contact_and_what_people_record_count_by_themselves() -> None:
    story = told()
    activity(story, "2026-03-05 18:00", "2026-03-03 11:00")
    activity(story, "2026-03-05 18:00", "2026-03-05 11:00")
    activity(story, "2026-03-05 18:00", "2026-03-05 11:00", channel="sms")
    activity(story, "2026-03-05 18:00", "2026-03-05 11:00", contact="c2")
    activity(story, "2026-03-05 18:00", "2026-03-05 11:30", by="kim")
    story.tick("2026-03-05 18:00")
    found = sorted((touch.kind, touch.key, when(touch.at)) for touch in story.account.touches)
    assert found == [
        ("call", "c1", "2026-03-03 11:00"), ("call", "c1", "2026-03-05 11:00"), ("call", "c1", "2026-03-05 11:30"),
        ("call", "c2", "2026-03-05 11:00"), ("sms", "c1", "2026-03-05 11:00"),
    ]  # fmt: skip


def test_an_activity_from_before_the_action_was_handed_out_does_not_move_it() -> None:
    story = told()
    activity(story, "2026-03-05 18:00", "2026-02-20 11:00")
    activity(story, "2026-03-05 18:00", "2026-03-01 18:00")
    story.tick("2026-03-05 18:00")
    assert touches(story) == ["2026-02-20 11:00", "2026-03-02 10:00"]


def test_a_touch_has_the_deals_that_it_concerns_examined() -> None:
    story = told()
    story.deal("D2", contacts=("c1",))
    story.deal("D3", contacts=("c2",))
    story.record(TOUCH, "2026-03-03 10:00", deal="", contact="c1", by="kim", channel="call")
    story.record(TOUCH, "2026-03-03 10:00", deal="D3", by="kim", channel="call")
    story.now = instant("2026-03-03 10:00")
    assert story._advancing().run().examine >= {"D1", "D2", "D3"}


imported = st.tuples(st.integers(1, 300), st.integers(0, 120), st.sampled_from(["call", "email"]))
reported = st.tuples(st.integers(1, 300), st.sampled_from(["ask", "write"]))


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    activities=st.lists(imported, max_size=6), outcomes=st.lists(reported, max_size=2, unique_by=lambda one: one[1]),
    ticks=st.lists(st.integers(1, 320), max_size=12),
)  # fmt: skip
def test_when_the_ticks_run_makes_no_difference_to_what_counts(activities, outcomes, ticks) -> None:
    """Hours after the enrolment: an activity is imported, and happened so long before; outcomes are reported."""
    begin, grace = instant(START), 40
    found = []
    for hours in (range(1, 330), sorted({*ticks, *range(grace, 360, grace)})):
        story = told()
        waiting = sorted([(at, index, one) for index, (at, *one) in enumerate([*activities, *outcomes])])
        for hour in hours:
            while waiting and waiting[0][0] <= hour:  # recorded before this tick, in the order of recording
                at, _, what = waiting.pop(0)
                if len(what) == 2:
                    happened = when(begin + (at - what[0]) * HOUR)
                    activity(story, when(begin + at * HOUR), happened, channel=what[1])
                else:
                    identity = next((one.id for one in story.enrolment().actions if one.name == what[0]), "")
                    story.record(f"{what[0]}.done", when(begin + at * HOUR), action=identity)
            story.tick(when(begin + hour * HOUR))
        found.append((touches(story, "call"), touches(story, "email")))
    assert found[0] == found[1]


def test_less_than_a_day_off_is_one_approach_and_exactly_a_day_off_is_another() -> None:
    for happened, counted in [("11:59:59", ["2026-03-05 12:00"]), ("12:00", ["2026-03-05 12:00", "2026-03-06 12:00"])]:
        story = told()
        story.record("ask.done", "2026-03-05 12:00", action=story.action("ask").id)
        activity(story, "2026-03-06 18:00", f"2026-03-06 {happened}")
        story.tick("2026-03-06 18:00")
        assert touches(story) == counted
