"""How often the tick runs does not matter, and an outage is a pause."""

from tests.core.story import Story, playbook_of


def told(text, *others, **fields):
    story = Story(playbook_of(text), *others)
    story.deal(**fields)
    story.enrol()
    return story


def waiting(*transitions, actions=""):
    listed = "\n".join(f"      - {transition}" for transition in transitions)
    return f"""
initial: wait
ends: {{over: {{}}, first: {{}}, second: {{}}}}
states:
  wait:
    actions: {{{actions}}}
    transitions:
{listed}
      - {{after: 52w, end: over}}
  next: {{transitions: [{{after: 2d, end: second}}]}}
  other: {{transitions: [{{after: 52w, end: over}}]}}
"""


def ends(story):
    return [f"{line[0]} {line[2]}" for line in story.lines("ended")]


def test_up_to_late_grace_everything_keeps_its_own_instant():
    story = told(waiting("{after: 1d, to: next}"))
    story.tick("2026-03-05 10:00")  # exactly 48 hours late
    assert story.path()[-1] == "2026-03-03 10:00 next"
    assert ends(story) == ["2026-03-05 10:00 second"]


def test_what_is_later_than_late_grace_happens_now_and_the_plan_shifts():
    story = told(waiting("{after: 1d, to: next}"))
    story.tick("2026-03-20 10:00")
    assert story.path()[-1] == "2026-03-20 10:00 next"
    story.live("2026-03-30 10:00")
    assert ends(story) == ["2026-03-22 10:00 second"]


def test_other_running_things_keep_what_was_left_at_the_missed_instant():
    story = told(
        waiting(
            "{after: 1d, stay: true, note: missed}",
            "{after: 4d, end: first}",
            actions="ask: {kind: task, due: 3d}, early: {kind: task, expires: 2d, remind: [{after: 36h}]}",
        )
    )
    story.tick("2026-03-20 10:00")
    assert [line[0] for line in story.lines("note")] == ["2026-03-20 10:00"]
    assert story.given() == ["2026-03-02 10:00 early"]
    story.live("2026-03-30 10:00")
    assert [line[0] for line in story.lines("remind")] == ["2026-03-20 22:00"]
    assert story.closed()[0] == "2026-03-21 10:00 early expired"
    assert story.given()[-1] == "2026-03-22 10:00 ask"
    assert ends(story) == ["2026-03-23 10:00 first"]


def test_what_was_left_is_kept_in_the_unit_it_was_written_in():
    story = told(waiting("{after: 1d, stay: true}", "{after: 4bd, end: first}"))
    story.tick("2026-03-20 10:00")  # a Friday; three business days were left on Tuesday
    story.live("2026-03-30 10:00")
    assert ends(story) == ["2026-03-25 10:00 first"]


def test_a_late_action_is_handed_out_at_the_first_minute_that_its_window_allows():
    story = told(waiting(actions="ask: {kind: call, due: 1d, expires: 2d}"))
    story.tick("2026-03-21 12:00")  # a Saturday
    assert story.given() == []
    story.live("2026-03-23 10:00")
    assert story.given() == ["2026-03-23 09:00 ask"]


def test_nothing_is_withdrawn_that_nobody_saw():
    story = told(waiting("{after: 5d, end: first}", actions="ask: {kind: call, due: 1d}"))
    story.tick("2026-03-20 10:00")
    assert story.given() == ["2026-03-20 10:00 ask"]
    assert story.state() == "wait"
    story.live("2026-03-30 10:00")
    assert ends(story) == ["2026-03-24 10:00 first"]


def test_an_outage_never_bunches_a_plan():
    story = told(
        waiting(actions="one: {kind: task, due: 1d}, two: {kind: task, due: 3d}, three: {kind: task, due: 5d}")
    )
    story.tick("2026-03-20 10:00")
    story.live("2026-03-30 10:00")
    assert story.given() == ["2026-03-20 10:00 one", "2026-03-22 10:00 two", "2026-03-24 10:00 three"]


def test_events_of_the_outage_come_first_at_their_own_instants():
    story = told(waiting("{event: reply, to: other}", "{after: 1d, end: first}"))
    story.record("reply", "2026-03-10 10:00")
    story.tick("2026-03-20 10:00")
    assert story.path()[-1] == "2026-03-10 10:00 other"
    assert story.state() == "other"


def test_after_an_event_the_rule_is_asked_again():
    story = told(waiting("{event: reply, to: next}", "{after: 1d, end: first}"))
    story.record("reply", "2026-03-10 10:00")
    story.tick("2026-03-20 10:00")
    assert ends(story) == ["2026-03-20 10:00 second"]
    soon = told(waiting("{event: reply, to: next}", "{after: 1d, end: first}"))
    soon.record("reply", "2026-03-17 10:00")
    soon.tick("2026-03-20 10:00")
    assert ends(soon) == ["2026-03-19 10:00 second"]


def test_what_was_armed_in_the_outage_keeps_what_was_left_when_it_was_armed():
    story = told(waiting("{event: reply, stay: true}", "{after: 1d, stay: true}", actions="ask: {kind: task}"))
    story.record("ask.done", "2026-03-03 09:00")
    again = told("""
ends: {over: {}, first: {}}
tracks:
  rep: {initial: a, states: {a: {transitions: [{after: 1d, stay: true}, {after: 52w, end: over}]}}}
  manager:
    initial: b
    states:
      b: {transitions: [{event: reply, to: c}, {after: 52w, end: over}]}
      c: {transitions: [{after: 3d, end: first}]}
""")
    again.record("reply", "2026-03-10 10:00")
    again.tick("2026-03-20 10:00")
    again.live("2026-03-30 10:00")
    assert ends(again) == ["2026-03-23 10:00 first"]


def test_dates_do_not_move():
    story = told(waiting("{after: 1d, stay: true}", "{at: renewal_date, end: first}"), renewal_date="2026-03-23")
    story.tick("2026-03-20 10:00")
    story.live("2026-03-24 10:00")
    assert ends(story) == ["2026-03-23 09:00 first"]


def test_a_date_that_passed_meanwhile_happens_now_after_the_late_thing():
    story = told(
        waiting("{after: 1d, stay: true, note: late}", "{at: renewal_date, end: first}"), renewal_date="2026-03-10"
    )
    story.tick("2026-03-20 10:00")
    assert story.lines("note", "ended") == [
        ("2026-03-20 10:00", "note", "late"),
        ("2026-03-20 10:00", "ended", "first"),
    ]


def test_a_date_that_passed_shortly_before_the_end_of_the_outage_happens_now_too():
    story = told(
        waiting("{after: 1d, stay: true, note: late}", "{at: renewal_date, end: first}"), renewal_date="2026-03-19"
    )
    story.tick("2026-03-20 10:00")
    assert ends(story) == ["2026-03-20 10:00 first"]


def test_a_date_that_passed_meanwhile_is_dropped_if_its_state_was_left():
    story = told(waiting("{after: 1d, to: other}", "{at: renewal_date, end: first}"), renewal_date="2026-03-10")
    story.tick("2026-03-20 10:00")
    assert story.state() == "other"


def test_no_step_goes_back_in_time():
    story = told(waiting("{after: 1d, to: next}", "{at: renewal_date, end: first}"), renewal_date="2026-03-19")
    story.record("signal", "2026-03-12 10:00")
    story.tick("2026-03-20 10:00")
    assert [step.at for step in story.steps] == sorted(step.at for step in story.steps)


def test_on_late_skip_drops_a_transition_as_missed():
    story = told(waiting("{after: 1d, on_late: skip, end: first}", "{after: 3d, end: second}"))
    story.tick("2026-03-20 10:00")
    assert story.state() == "wait"
    assert story.lines("missed")
    story.live("2026-03-22 10:00")
    assert ends(story) == ["2026-03-22 10:00 second"]


def test_on_late_skip_drops_an_action_as_missed_and_raises_that():
    story = told(waiting("{event: ask.missed, end: first}", actions="ask: {kind: call, due: 1d, on_late: skip}"))
    story.tick("2026-03-20 10:00")
    assert story.closed() == ["2026-03-20 10:00 ask missed"]
    assert ends(story) == ["2026-03-20 10:00 first"]


def test_on_late_skip_changes_nothing_within_late_grace():
    story = told(waiting("{after: 1d, on_late: skip, end: first}", actions="ask: {kind: task, due: 1h, on_late: skip}"))
    story.tick("2026-03-04 10:00")
    assert story.given() == ["2026-03-02 11:00 ask"]
    assert ends(story) == ["2026-03-03 10:00 first"]


def test_an_outage_of_one_enrolment_is_none_of_another():
    late = playbook_of("playbook: late\n" + waiting("{after: 1d, to: next}"))
    story = told(waiting("{after: 17d, end: first}"), late)
    story.enrol("late")
    story.tick("2026-03-20 10:00")
    assert ends(story) == ["2026-03-19 10:00 first"]


def test_a_touch_of_an_outage_counts_when_it_happened():
    text = "limits: [{gap: 2d}]\n" + waiting(actions="one: {kind: call, due: 1d}, two: {kind: call, due: 2d}")
    story = told(text)
    story.tick("2026-03-17 10:00")
    story.live("2026-03-20 10:00")
    assert story.given() == ["2026-03-17 10:00 one", "2026-03-19 10:00 two"]


def test_a_second_outage_is_an_outage_too():
    story = told(waiting(actions="ask: {kind: call, due: 1d, expires: 5d}"))
    story.tick("2026-03-21 12:00")  # a Saturday: it moves to Monday
    story.tick("2026-04-02 10:00")
    assert story.given() == ["2026-04-02 10:00 ask"]
    assert story.closed() == []
