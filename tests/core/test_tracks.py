"""Several tracks side by side."""

from tests.core.story import Story, playbook_of


def two(rep, manager, ends="over: {}, first: {}, second: {}", more=""):
    story = Story(
        playbook_of(f"""
ends: {{{ends}}}
{more}
tracks:
  rep:
    initial: a
    states:
      a: {{transitions: [{rep}, {{after: 52w, end: over}}]}}
      b: {{transitions: [{{after: 52w, end: over}}]}}
  manager:
    initial: c
    states:
      c: {{transitions: [{manager}, {{after: 52w, end: over}}]}}
      d: {{transitions: [{{after: 52w, end: over}}]}}
""")
    )
    story.deal()
    story.enrol()
    return story


def states(story):
    return [story.state("rep"), story.state("manager")]


def test_every_track_has_its_own_position():
    story = two("{event: reply, to: b}", "{event: signal, to: d}")
    assert states(story) == ["a", "c"]
    story.record("signal")
    story.tick()
    assert states(story) == ["a", "d"]


def test_one_event_may_move_every_track():
    story = two("{event: reply, to: b}", "{event: reply, to: d}")
    story.record("reply")
    story.tick()
    assert states(story) == ["b", "d"]
    assert len(story.steps) == 2


def test_each_track_chooses_on_what_held_before():
    story = two(
        "{event: reply, set: {answered: true}, to: b}",
        "{event: reply, if: {answered: {is: true}}, to: d}, {event: reply, if: {track.rep: {is: b}}, to: d}",
    )
    story.record("reply")
    story.tick()
    assert states(story) == ["b", "c"]


def test_each_track_chooses_at_most_one_transition():
    story = two("{event: reply, to: b}, {event: reply, end: first}", "{event: signal, to: d}")
    story.record("reply")
    story.tick()
    assert states(story) == ["b", "c"]


def test_choices_are_carried_out_in_the_order_of_the_file():
    story = two("{event: reply, set: {who: rep}, to: b}", "{event: reply, set: {who: manager}, to: d}")
    story.record("reply")
    story.tick()
    assert story.enrolment().facts == {"who": "manager"}
    assert story.path()[-2:] == ["2026-03-02 10:00 b", "2026-03-02 10:00 d"]


def test_end_wins():
    story = two("{event: reply, to: b}", "{event: reply, end: second}")
    story.record("reply")
    story.tick()
    assert story.state() == "end:second"
    assert not any(line.endswith(" b") for line in story.path())


def test_end_ends_the_whole_enrolment_and_finish_only_its_track():
    story = two("{event: reply, finish: first}", "{event: signal, to: d}")
    story.record("reply")
    story.tick()
    assert states(story) == ["finished:first", "c"]
    story.record("signal")
    story.tick()
    assert states(story) == ["finished:first", "d"]


def test_when_all_tracks_have_finished_the_enrolment_ends_as_the_track_written_first_did():
    story = two("{event: reply, finish: first}", "{event: signal, finish: second}")
    story.record("reply")
    story.record("signal")
    story.tick()
    assert story.state() == "end:first"
    again = two("{event: reply, finish: first}", "{event: signal, finish: second}")
    again.record("signal")
    again.record("reply")
    again.tick()
    assert again.state() == "end:first"


def test_a_finished_track_takes_nothing_any_more():
    story = two("{event: reply, finish: first}, {event: signal, end: over}", "{event: signal, to: d}")
    story.record("reply")
    story.record("signal")
    story.tick()
    assert states(story) == ["finished:first", "d"]


def test_a_track_sees_where_another_stands():
    story = two("{event: reply, to: b}", "{event: signal, if: {track.rep: {is: b}}, to: d}")
    story.record("signal", "2026-03-02 11:00")
    story.record("reply", "2026-03-02 12:00")
    story.live("2026-03-02 13:00")
    assert states(story) == ["b", "c"]
    story.record("signal")
    story.tick()
    assert states(story) == ["b", "d"]


def test_the_anywhere_of_the_playbook_holds_in_every_track_and_is_carried_out_once():
    story = two(
        "{event: signal, to: b}", "{event: signal, to: d}", more="anywhere: [{event: reply, stay: true, note: once}]"
    )
    story.record("reply")
    story.tick()
    assert len(story.lines("note")) == 1


def test_the_anywhere_of_a_track_holds_in_that_track_only():
    story = Story(
        playbook_of("""
ends: {over: {}}
tracks:
  rep:
    initial: a
    anywhere: [{event: reply, to: b}]
    states:
      a: {transitions: [{after: 52w, end: over}]}
      b: {transitions: [{after: 52w, end: over}]}
  manager:
    initial: c
    states: {c: {transitions: [{after: 52w, end: over}]}}
""")
    )
    story.deal()
    story.enrol()
    story.record("reply")
    story.tick()
    assert states(story) == ["b", "c"]


CLOSING = """
ends: {over: {}, first: {}}
tracks:
  rep:
    initial: a
    states:
      a:
        actions: {ask: {kind: call}}
        transitions: [{event: all_closed, finish: first}, {after: 52w, end: over}]
  manager:
    initial: c
    states:
      c:
        actions: {review: {kind: review}}
        transitions: [{event: all_closed, finish: first}, {after: 52w, end: over}]
"""


def test_all_closed_reaches_only_the_track_of_its_state():
    story = Story(playbook_of(CLOSING))
    story.deal()
    story.enrol()
    story.record("ask.done")
    story.tick()
    assert states(story) == ["finished:first", "c"]


def test_the_closing_of_an_action_reaches_every_track():
    story = Story(
        playbook_of(
            CLOSING.replace(
                "event: all_closed, finish: first}, {after: 52w, end: over}]\n",
                "event: ask.done, finish: first}, {after: 52w, end: over}]\n",
            )
        )
    )
    story.deal()
    story.enrol()
    story.record("ask.done")
    story.tick()
    assert story.state() == "end:first"


def test_leaving_a_state_of_one_track_leaves_the_actions_of_another_open():
    story = Story(
        playbook_of(
            CLOSING.replace("finish: first}, {after: 52w", "finish: first}, {event: signal, to: a}, {after: 52w", 1)
        )
    )
    story.deal()
    story.enrol()
    story.record("signal")
    story.tick()
    assert story.closed() == ["2026-03-02 10:00 ask withdrawn"]
    assert sorted(story.due()) == ["ask", "review"]


def test_decisions_of_all_tracks_are_taken_until_none_is_left():
    story = Story(
        playbook_of("""
ends: {over: {}}
tracks:
  rep:
    initial: a
    states:
      a: {transitions: [{event: reply, to: b}, {after: 52w, end: over}]}
      b: {transitions: [{to: e}]}
      e: {transitions: [{after: 52w, end: over}]}
  manager:
    initial: c
    states:
      c: {transitions: [{event: reply, to: d}, {after: 52w, end: over}]}
      d: {transitions: [{if: {track.rep: {is: b}}, to: saw_it}, {to: missed_it}]}
      saw_it: {transitions: [{after: 52w, end: over}]}
      missed_it: {transitions: [{after: 52w, end: over}]}
""")
    )
    story.deal()
    story.enrol()
    story.record("reply")
    story.tick()
    assert states(story) == ["e", "saw_it"]


def test_visits_counts_the_visits_of_this_track():
    story = two("{event: reply, to: a}", "{event: signal, if: {visits: {at_least: 2}}, to: d}, {event: signal, to: c}")
    story.record("reply")
    story.record("reply")
    story.record("signal")
    story.tick()
    assert states(story) == ["a", "c"]
    story.record("signal")
    story.tick()
    assert states(story) == ["a", "d"]
