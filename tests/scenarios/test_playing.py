"""Scenarios are played by the code that runs every day, and expectations see what is there."""

import time

import pytest

from engine.core.zones import to_local, zone
from engine.scenarios.coverage import _reached
from engine.scenarios.happened import deeds


def test_the_deal_is_enrolled_at_its_loss_and_its_first_action_handed_out(holds):
    holds("""
        - expect: {due: [ask], state: ask_first, open: true, enrolled: true, assignee: {ask: kim}, contact: {ask: C1}}
    """)


def test_the_playbook_need_not_be_in_the_order_of_the_workspace(holds):
    # playbook.toml of these tests lists only another one
    holds("- expect: {enrolled: true}")


@pytest.mark.parametrize(
    ("length", "text"),
    [
        ("30min", "2026-03-02 10:30"), ("4h", "2026-03-02 14:00"), ("2d", "2026-03-04 10:00"),
        ("3w", "2026-03-23 10:00"), ("2mo", "2026-05-02 10:00"), ("1y", "2027-03-02 10:00"),
        ("6bd", "2026-03-10 10:00"), ("8bh", "2026-03-03 10:00"),
    ],
)  # fmt: skip
def test_time_passes_in_every_unit_of_the_language(fails, length, text):
    failure = fails(f"- wait: {length}\n- expect: {{ended: nobody}}".replace("nobody", "won"))
    assert to_local(failure.at, zone("UTC")).strftime("%Y-%m-%d %H:%M") == text


def test_until_takes_the_clock_to_a_time_or_to_the_opening_of_a_day_and_never_back(fails):
    for text, hour in (("2026-03-09T11:30", "11:30"), ("2026-03-09", "09:00")):
        failure = fails(f"- until: {text}\n- expect: {{ended: won}}")
        assert to_local(failure.at, zone("UTC")).strftime("%m-%d %H:%M") == f"03-09 {hour}"
    assert "is past" in fails("- until: 2026-03-01").message


def test_what_is_due_at_the_instant_of_a_step_has_happened_before_it(holds):
    holds("""
        - wait: 14d
        - expect: {state: wait, happened: [ask.expired]}
        - wait: 2d
        - event: review.done
        - expect: {happened: [review.done]}
    """)


def test_every_kind_of_step_does_what_its_command_does(holds):
    holds("""
        - reassign: ask
          to: noor
          by: kim
        - expect: {assignee: {ask: noor}}
        - defer: ask
          until: 2bd
        - expect: {due: []}
        - wait: 2bd
        - expect: {due: [ask]}
        - pause: by_person
        - expect: {paused: true}
        - wait: 30d
        - expect: {state: ask_first, paused: true}
        - release: by_person
        - expect: {paused: false}
        - skip: ask
          because: they moved
        - expect: {due: [], happened: [ask.skipped]}
    """)


def test_an_event_is_recorded_for_the_deal_a_contact_or_the_account(holds):
    for whose in ("", "from: account", "from: contact\n  contact: C1"):
        holds(f"""
- event: ask.granted
- event: reply
  with: {{channel: phone}}
  {whose}
- expect: {{state: ask_first}}
""")


def test_a_colleague_belongs_to_the_account_and_not_to_the_deal(holds):
    holds("""
        - event: opted_out
          from: contact
          contact: C2
        - expect: {open: true}
        - event: opted_out
          from: contact
          contact: C1
        - expect: {ended: declined, happened: [ask.withdrawn]}
    """)


def test_a_change_comes_like_an_import_and_raises_changed(holds):
    holds("""
        - event: ask.granted
        - change: {amount: 9000 EUR, account.industry: steel, contact.phone: "2", name: Roof}
        - expect: {facts: {grew: true, amount: 9000 EUR, account.industry: steel, contact.phone: "2", name: Roof}}
        - change:
            contact.name: Bob
            amount:
          contact: C2
        - expect: {facts: {amount: , contact.name: Ann}}
        - change: {status: won}
        - expect: {ended: won}
    """)


def test_facts_are_read_by_every_name_that_conditions_know(holds):
    holds("""
        - expect: {facts: {answer: , deal.mood: , consent.call: granted, status: lost, track.main: ask_first}}
        - event: ask.granted
        - expect: {facts: {answer: granted, mood: good, visits: 1}}
    """, more='contacts: [{role: decision_maker, phone: "1", consent: {call: granted}}]')  # fmt: skip


def test_refused_consent_and_a_missing_address_take_the_fallback(holds):
    holds("- expect: {kind: {ask: task}}", more="contacts: [{role: decision_maker}]")
    holds(
        "- expect: {kind: {ask: task}}",
        more='contacts: [{role: decision_maker, phone: "1", consent: {call: refused}}]',
    )


def test_text_contains_and_lacks(holds, fails):
    holds("- expect: {text: {ask: {contains: [Call, Roof], lacks: them}}}", more="deal: {name: Roof}")
    failure = fails("- expect: {text: {ask: {contains: Roof}}}")
    assert failure.differences[0].more == ("  | Call them",)


def test_next_names_the_transition_that_comes_if_nobody_does_anything(holds, fails):
    holds("""
        - expect: {next: {on: 2026-03-16, at: 2026-03-16T10:00, to: wait}}
        - wait: 2w
        - expect: {next: {to: kept}}
        - wait: 4w
        - expect: {next: nothing, ended: kept}
    """)
    assert fails("- expect: {next: {on: 2026-03-17}}").differences[0].seen == "at 2026-03-16T10:00 to wait"
    assert fails("- expect: {next: nothing}").differences[0].seen == "at 2026-03-16T10:00 to wait"


def test_an_outcome_is_refused_where_its_action_is_not_open_unless_that_is_meant(holds, fails):
    steps = "- event: ask.granted\n- event: ask.refused\n"
    failure = fails(steps)
    assert "ask was closed on 2026-03-02 10:00 (granted)" in failure.message
    assert "late: true" in failure.hint
    holds(f"{steps}  late: true\n- expect: {{ended: declined}}")
    assert "has not been handed out yet" in fails("- event: review.done").message


def test_a_deal_that_the_condition_refuses_fails_with_the_part_that_does_not_hold(fails):
    failure = fails("- expect: {open: true}", more="start: 2026-09-01T10:00")
    assert failure.message.startswith("check-in does not take the deal: its enrol condition does not hold: ")
    assert "since.deal.lost_at at most 90d (it is 2026-03-02T10:00)" in failure.message
    assert "enrol: by_person" in failure.hint


def test_a_person_enrols_whom_the_condition_refuses(holds):
    holds("- expect: {due: [ask]}", more="start: 2026-09-01T10:00\nenrol: by_person")


def test_a_deal_can_be_taken_later_or_not_at_all(holds):
    holds("""
        - expect: {enrolled: false}
        - wait: 3d
        - change: {status: lost, lost_at: 2026-03-05T09:00}
        - expect: {enrolled: true, due: [ask]}
    """, more="deal: {status: open}\nenrol: later")  # fmt: skip


def test_a_playbook_that_waits_for_an_event_is_entered_when_it_comes(holds):
    holds("""
        - expect: {enrolled: false}
        - wait: 2d
        - event: asked_for
        - expect: {enrolled: true, state: only}
        - wait: 1w
        - expect: {ended: over}
    """, more="playbook: invited")  # fmt: skip


def test_a_deal_that_comes_again_is_seen_in_its_latest_enrolment(holds):
    holds("""
        - event: ask.refused
        - expect: {ended: declined}
        - wait: 7d
        - change: {lost_at: 2026-03-06T10:00}
        - expect: {open: true, due: [ask]}
    """)


def test_never_holds_until_the_end_of_the_scenario(holds, fails):
    steps = "- expect: {never: [wait]}\n- wait: 13d\n"
    holds(steps)
    failure = fails(steps + "- wait: 1d\n")
    assert failure.differences[0].seen == "wait on 2026-03-16 10:00"
    assert failure.location.line == 10
    assert fails("- expect: {never: [ask]}").differences[0].seen == "ask on 2026-03-02 10:00"
    assert "ask.expired on" in fails("- wait: 3w\n- expect: {never: [ask.expired, kept]}").differences[0].seen


def test_happened_names_what_has_not(fails):
    found = fails("- event: ask.granted\n- expect: {happened: [ask, ask.granted, wait, kept, ask.expired]}")
    assert found.differences[0].seen == "has not happened: kept, ask.expired"


def test_a_failure_knows_its_line_its_day_what_was_expected_and_seen_and_the_story(fails):
    failure = fails(
        "- event: ask.granted\n- wait: 2d\n- expect: {due: [ask], state: ask_first}\n- expect: {ended: won}"
    )
    assert (failure.location.file, failure.location.line) == ("playbooks/scenarios/check-in.yaml", 12)
    assert (failure.day, failure.pace) == (2, "immediate")
    due, state = failure.differences
    assert (due.expected, due.seen, due.more) == ("ask", "review", ("missing: ask", "not expected: review"))
    assert (state.expected, state.seen) == ("ask_first", "wait")
    assert [entry.at for entry in failure.story.enrolments[0].history]
    assert failure.why.enrolments[0].coming is not None


def test_one_scenario_that_fails_stops_no_other(play):
    text = """\
playbook: check-in
deal: {lost_at: 2026-03-02T10:00}
scenarios:
  - {scenario: wrong, steps: [{expect: {ended: won}}, {expect: {ended: lost}}]}
  - {scenario: right, steps: [{expect: {due: [ask]}}]}
"""
    wrong, right = play(whole=text)
    assert wrong.failure is not None and right.failure is None


def test_one_scenario_may_stand_alone_in_its_file(holds):
    holds(
        whole="""\
scenario: alone
playbook: check-in
deal: {lost_at: 2026-03-02T10:00}
steps:
  - expect: {due: [ask]}
"""
    )


def test_without_contacts_the_deal_has_none(holds):
    whole = "playbook: check-in\nscenario: none\ndeal: {lost_at: 2026-03-02}\nsteps: [{expect: {contact: {ask: ''}}}]\n"
    holds(whole=whole)


def test_years_of_hourly_ticks_take_no_time_because_ticks_with_nothing_due_are_left_out(play):
    began = time.perf_counter()
    [one] = play("- pause: by_person\n- wait: 2y\n- expect: {paused: true}", paces=("hourly",))
    assert one.failure is None
    assert time.perf_counter() - began < 5  # 17,532 ticks take longer than that


def test_the_histories_are_those_of_the_first_play(play):
    [one] = play("- event: ask.granted\n- wait: 5w")
    assert ("end", "kept") in deeds(one.histories)
    assert ("outcome", "ask.granted") in set(_reached(one.histories[0]))
