"""How often a contact is approached, over every playbook."""

import pytest

from engine.core.account import Touch
from engine.core.calendars import Window, parse_hours
from engine.core.durations import Duration, parse_duration
from engine.core.limits import Later, Now, permit
from engine.core.model import Limit
from engine.core.values import Literal
from tests.core.story import Story, instant, playbook_of, when, world

DAY = 86400


def span(text):
    return Literal(content=parse_duration(text))


def two_calls(limits, first="kind: call", second="kind: call, due: 1h", name="test"):
    return playbook_of(f"""
playbook: {name}
limits: [{limits}]
initial: act
ends: {{over: {{}}}}
states:
  act:
    actions:
      one: {{{first}}}
      two: {{{second}}}
    transitions: [{{after: 52w, end: over}}]
""")


def told(revision, setting=None, contacts=("c1",)):
    story = Story(revision, world=setting)
    story.deal(contacts=contacts)
    story.enrol()
    return story


def test_gap_keeps_two_touches_apart():
    story = told(two_calls("{gap: 2d}"))
    story.live("2026-03-05 10:00")
    assert story.given() == ["2026-03-02 10:00 one", "2026-03-04 10:00 two"]


def test_a_touch_is_at_the_instant_of_its_outcome_once_done():
    story = told(two_calls("{gap: 2d}"))
    story.record("one.done", "2026-03-03 15:00")
    story.live("2026-03-06 10:00")
    assert story.given() == ["2026-03-02 10:00 one", "2026-03-05 15:00 two"]


@pytest.mark.parametrize("closing", ["skipped", "expired"])
def test_an_action_that_closed_otherwise_is_no_touch(closing):
    first = "kind: call, expires: 1h" if closing == "expired" else "kind: call"
    story = told(two_calls("{gap: 2d}", first=first, second="kind: call, due: 2h"))
    if closing == "skipped":
        story.record("one.skipped", "2026-03-02 11:00")
    story.live("2026-03-03 10:00")
    assert story.given() == ["2026-03-02 10:00 one", "2026-03-02 12:00 two"]


def test_so_many_touches_in_any_such_span():
    story = told(two_calls("{touches: 1, per: 7d}"))
    story.live("2026-03-10 10:00")
    assert story.given() == ["2026-03-02 10:00 one", "2026-03-09 10:00 two"]


def test_internal_actions_are_no_touches():
    story = told(two_calls("{gap: 2d}", first="kind: task"))
    story.live("2026-03-02 11:00")
    assert story.given()[-1] == "2026-03-02 11:00 two"


def test_a_limit_on_one_kind_counts_and_holds_only_that_kind():
    story = told(two_calls("{gap: 2d, kind: call}", second="kind: email, due: 1h"))
    story.live("2026-03-02 11:00")
    assert story.given()[-1] == "2026-03-02 11:00 two"
    story = told(two_calls("{gap: 2d, kind: email}", second="kind: email, due: 1h"))
    story.live("2026-03-02 11:00")
    assert story.given()[-1] == "2026-03-02 11:00 two"


def test_touches_of_every_playbook_count():
    story = Story(two_calls("{gap: 2d}"), two_calls("{gap: 3d}", name="beside"))
    story.deal()
    story.enrol()
    story.live("2026-03-02 10:30")
    story.enrol("beside")
    story.live("2026-03-12 10:00")
    assert [line[:10] for line in story.given()] == ["2026-03-02", "2026-03-04", "2026-03-09", "2026-03-12"]


def test_limits_hold_per_contact_and_not_per_account():
    story = Story(two_calls("{gap: 2d}"))
    story.deal("D1", contacts=("c1",))
    story.deal("D2", contacts=("c2",))
    story.enrol(deal="D1")
    story.enrol(deal="D2")
    assert story.given() == ["2026-03-02 10:00 one", "2026-03-02 10:00 one"]


def test_one_contact_of_two_deals_is_one_contact():
    story = Story(two_calls("{gap: 1d}"))
    story.deal("D1")
    story.deal("D2")
    story.enrol(deal="D1")
    story.enrol(deal="D2")
    story.live("2026-03-06 10:00")
    days = [line[:10] for line in story.given()]
    assert days == ["2026-03-02", "2026-03-03", "2026-03-04", "2026-03-05"]


def test_a_deal_without_contacts_has_limits_of_its_own():
    story = Story(two_calls("{gap: 2d}"))
    story.deal("D1", contacts=())
    story.deal("D2", contacts=())
    story.enrol(deal="D1")
    story.enrol(deal="D2")
    story.live("2026-03-05 10:00")
    assert [line[:10] for line in story.given()] == ["2026-03-02", "2026-03-02", "2026-03-04", "2026-03-04"]


def test_the_limits_of_the_workspace_apply_too():
    story = told(two_calls("{gap: 1d}"), world(limits=(Limit(gap=span("3d")),)))
    story.live("2026-03-06 10:00")
    assert story.given()[-1] == "2026-03-05 10:00 two"


def test_a_limit_may_allow_touches_only_in_a_window():
    noon = world(windows={"noon": Window(name="noon", hours=parse_hours({"mon-fri": "12:00-13:00"}))})
    story = told(two_calls("{hours: noon}"), noon)
    story.live("2026-03-02 13:00")
    assert story.given() == ["2026-03-02 12:00 one", "2026-03-02 12:00 two"]


def test_so_many_touches_without_an_answer_and_no_more():
    story = told(two_calls("{unanswered: 1}"))
    story.live("2026-03-03 10:00")
    assert story.closed() == ["2026-03-02 11:00 two skipped"]


def test_an_answer_starts_the_count_of_the_unanswered_anew():
    story = told(two_calls("{unanswered: 1}"))
    story.record("reply", "2026-03-02 10:30", contact="c1")
    story.live("2026-03-03 10:00")
    assert story.given()[-1] == "2026-03-02 11:00 two"


def test_an_outbound_activity_of_an_import_is_a_touch():
    story = Story(two_calls("{gap: 2d}"))
    story.deal()
    story.account.touches.append(Touch("c1", instant("2026-03-01 12:00"), "email"))
    story.enrol()
    story.live("2026-03-06 10:00")
    assert story.given() == ["2026-03-03 12:00 one", "2026-03-05 12:00 two"]


def test_a_limit_that_would_move_an_action_past_its_expiry_skips_it_with_the_reason():
    story = told(two_calls("{gap: 5d}", second="kind: call, due: 1h, expires: 2d"))
    story.live("2026-03-03 10:00")
    assert story.closed() == ["2026-03-02 11:00 two skipped"]
    assert "5d" in story.columns("two")["reason"]


def test_a_limit_that_would_move_an_action_past_its_expiry_brings_its_fallback():
    story = told(two_calls("{gap: 5d, kind: call}", second="kind: call, due: 1h, expires: 2d, fallback: [email]"))
    story.live("2026-03-03 10:00")
    assert story.action("two").kind == "email"


def test_a_limit_that_only_delays_brings_no_fallback():
    story = told(two_calls("{gap: 1d, kind: call}", second="kind: call, due: 1h, expires: 2d, fallback: [email]"))
    story.live("2026-03-03 10:00")
    assert story.action("two").kind == "call"
    assert story.given()[-1] == "2026-03-03 10:00 two"


def test_limits_and_windows_must_allow_together():
    story = told(two_calls("{gap: 10h}"))
    story.live("2026-03-03 10:00")
    assert story.given()[-1] == "2026-03-03 09:00 two"


def test_limits_are_asked_again_when_a_moved_action_is_due():
    story = told(two_calls("{gap: 1d}"))
    story.record("one.done", "2026-03-03 09:30")
    story.live("2026-03-05 10:00")
    assert story.given()[-1] == "2026-03-04 09:30 two"


def test_last_touch_means_what_the_limits_mean():
    story = told(
        playbook_of("""
initial: act
ends: {over: {}, first: {}}
states:
  act:
    actions: {one: {kind: call}}
    transitions:
      - {after: 3d, if: {since.last.touch: {at_most: 48h}}, end: first}
      - {after: 52w, end: over}
""")
    )
    story.record("one.done", "2026-03-03 15:00")
    story.live("2026-03-05 10:00")
    assert story.state() == "end:first"


def test_touches_of_the_account_are_where_the_limits_see_them():
    story = told(two_calls("{gap: 2d}"))
    assert [(touch.key, when(touch.at), touch.kind) for touch in story.account.touches] == [
        ("c1", "2026-03-02 10:00", "call")
    ]


def test_expires_counts_from_the_due_instant_whatever_happens_while_a_limit_holds_the_action_back():
    text = """
limits: [{gap: 1d}]
initial: act
ends: {over: {}}
states:
  act:
    actions: {one: {kind: call}, two: {kind: call, due: renewal_date, expires: 3d}}
    transitions: [{event: signal, stay: true}, {after: 52w, end: over}]
"""
    story = Story(playbook_of(text))
    story.deal(renewal_date="2026-03-03")
    story.enrol()
    story.record("signal", "2026-03-03 09:30")
    story.live("2026-03-07 10:00")
    assert story.given()[-1] == "2026-03-03 10:00 two"
    assert story.closed() == ["2026-03-06 09:00 two expired"]


def test_a_reply_of_one_contact_does_not_answer_for_another():
    story = told(two_calls("{unanswered: 1}"), contacts=("c1", "c2"))
    story.record("reply", "2026-03-02 10:30", contact="c2")
    story.live("2026-03-03 10:00")
    assert story.closed() == ["2026-03-02 11:00 two skipped"]


def test_the_window_of_a_limit_rolls_with_the_touches_that_are_still_in_it():
    limit = Limit(touches=2, per=Literal(content=Duration(amount=10, unit="d")))
    touches = [Touch("c1", day * DAY, "call") for day in (0, 8, 9)]

    def add(at: int, duration: Duration) -> int:
        return at + duration.amount * DAY

    assert permit([limit], touches, "call", 11 * DAY, add) == Later(18 * DAY, "at most 2 touches per 10d")
    assert permit([limit], touches, "call", 18 * DAY, add) == Now()


@pytest.mark.parametrize("gaps", [("3d", "8d"), ("8d", "3d")])
def test_of_two_limits_in_force_the_later_instant_holds_and_says_why(gaps):
    """In whatever order they were written."""

    def add(at: int, duration: Duration) -> int:
        return at + duration.amount * DAY

    limits = [Limit(gap=span(gap)) for gap in gaps]
    asked = permit(limits, [Touch("c1", 10 * DAY, "call")], "call", 11 * DAY, add)
    assert asked == Later(18 * DAY, "at least 8d between two touches")
