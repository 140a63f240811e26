"""Behaviour files: what is wrong is told at its line, what is drawn has the shape that the file says, luck is luck."""

from __future__ import annotations

import math
import random
from itertools import takewhile
from statistics import median, quantiles

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.authoring.workspace import load_workspace
from engine.console.behaviours import problems, read_behaviour
from engine.simulation.behaviour import Behaviour, Share, chosen
from engine.simulation.luck import Luck
from tests.simulation.lives import DAY, ROOT, laid, likely, sure


def wrong(folder, text: str) -> list[str]:
    """`line rule: message / hint` of everything that is wrong in a behaviour file of a workspace."""
    workspace = laid(folder)
    place = folder / "playbooks" / "behaviours"
    place.mkdir(exist_ok=True)
    (place / "ours.yaml").write_text(text, encoding="utf-8")
    return [f"{one.location.line} {one.level} {one.rule}: {one.message} / {one.hint}" for one in problems(workspace)]


def test_the_example_that_is_shipped_is_sound():
    workspace = load_workspace(ROOT, {})
    behaviour, found = read_behaviour(workspace, ROOT, "playbooks/behaviours/example.yaml")
    assert found == []
    assert behaviour is not None
    assert behaviour.name == "example"
    assert all(chances for _, chances in behaviour.chances())


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("replies: {email: {share: 1.2}}", "2 error out-of-range"),
        ("replies: {email: {share: [0.3]}}", "2 error"),
        ("replies: {email: {share: [0.3, 0.1]}}",
         "2 error wrong-value: the range goes from 0.3 down to 0.1 / swap the two"),
        ("replies: {email: {share: 0.1, median: 2d, p90: 1d}}",
         "2 error wrong-value: nine of ten come within 1d, but half of them only within 2d"),
        ("replies: {email: {share: 0.1, median: two days}}", '2 error bad-duration: "two days" is not a duration'),
        ("reps: {any: {share: 0.1, median: 2bd}}", "2 error bad-duration: 2bd counts business time"),
        ("replies: {email: {share: 0.1, p90: 2d}}", "2 error missing-key: 'median' is missing"),
        ("replies: {email: 0.1}", "2 error wrong-type"),
        ("reply: {email: {share: 0.1}}", "2 error unknown-key: unknown key 'reply'"),
        ("happens: {won: {share: 0.1}}", "2 error reserved-event: a win has a place of its own / write it"),
        ("happens: {all_closed: {share: 0.1}}", "2 error reserved-event: all_closed comes from the engine"),
        ("outcomes: {call: {talked: 0}}", "2 error wrong-value: every weight is 0"),
        ("replies: {fax: {share: 0.1}}", "2 warning unknown-action: there is no action 'fax'"),
        ("outcomes: {call: {talkd: 1}}",
         "2 warning unknown-outcome: there is no outcome 'talkd' / did you mean 'talked'?"),
        ("wins: {replyy: {share: 0.1}}",
         "2 warning unknown-action: there is no event, outcome or end 'replyy' / did you mean 'reply'?"),
        ("replies: {email: {share: 80%}}", "2 error wrong-type: a number belongs here, not the text '80%' / write 0.8"),
        ("replies: {email: {share: 4}}", "2 error out-of-range: 4 is not at most 1 / write 0.04 for 4 %"),
        ("reps: {cal: {share: 1}}", "2 error unknown-action: there is no kind of action 'cal' / did you mean 'call'?"),
        ("wins: {call.talkd: {share: 0.1}}",
         "2 warning unknown-action: there is no event, outcome or end 'call.talkd' / did you mean 'call.talked'?"),
        ("happens: {signal.moon: {share: 0.1}}", "2 warning unknown-event: there is no event 'signal.moon'"),
        ("fields: {opted_out: {chanel: {email: 1}}}",
         "2 warning unknown-field: there is no field of that event 'chanel'"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_at_its_line(line, told, tmp_path):
    found = wrong(tmp_path, f"behaviour: ours\n{line}\n")
    assert len(found) == 1, found
    assert found[0].startswith(told), found


VISITED = """
events:
  visited:
    means: Somebody was there
    recorded_by: rep
    fields:
      again: {type: yes_no}
      times: {type: number}
      on: {type: date}
      paid: {type: money}
      lasting: {type: duration}
      where: {type: zone}
      who: {type: choice, values: [a, b]}
"""


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("again: {maybe: 1, yes: 2}",
         "2 error wrong-type: again is true or false, not 'maybe' / write yes or no"),
        ("times: {ten: 1}", "2 error wrong-type: times is a number, 'ten' is not / write the number alone"),
        ("on: {someday: 1}", '2 error bad-date: on is a date: "someday" is not a date / write 2026-03-02'),
        ("paid: {much: 1}", "2 error wrong-type: paid is an amount of money, 'much' is not / write 5000"),
        ("lasting: {long: 1}", '2 error bad-duration: lasting is a duration: "long" is not a duration'),
        ("where: {home: 1}", '2 error wrong-value: "home" is not a time zone / '),
        ("times: {1: 0, 2: 0}", "2 error wrong-value: every weight is 0 / give one of them more"),
        ("who: {c: 1}", "2 warning unknown-value: there is no value 'c'"),
    ],
)  # fmt: skip
def test_what_an_event_says_has_to_fit_its_field(said, told, tmp_path):
    laid(tmp_path)
    (tmp_path / "playbooks/library/events.yaml").write_text(VISITED)
    found = wrong(tmp_path, f"behaviour: ours\nfields: {{visited: {{{said}}}}}\n")
    assert len(found) == 1, found
    assert found[0].startswith(told), found


def test_what_an_event_says_comes_as_its_field_has_it(tmp_path):
    laid(tmp_path)
    (tmp_path / "playbooks/library/events.yaml").write_text(VISITED)
    said = "again: {yes: 3, True: 1, no: 0}, times: {1.5: 1}, on: {2026-03-02: 1}, paid: {5000: 1}, where: {UTC: 1}"
    place = tmp_path / "playbooks" / "behaviours"
    place.mkdir()
    (place / "ours.yaml").write_text(f"behaviour: ours\nfields: {{visited: {{{said}}}}}\n", encoding="utf-8")
    behaviour, found = read_behaviour(load_workspace(tmp_path, {}), place, "ours.yaml")
    assert found == []
    assert behaviour.fields["visited"]["again"] == {True: 4, False: 0}
    assert behaviour.drawn(1, 0).with_fields(Luck(1, 0, "D1"), "visit", "visited") == {
        "again": True, "times": 1.5, "on": "2026-03-02", "paid": [500000, ""], "where": "UTC",
    }  # fmt: skip


def test_what_may_be_named_is_named_without_a_word(tmp_path):
    text = """
behaviour: ours
reps: {write: {share: 1}, call: {share: 0.5, median: 1d}, any: {share: 1}}
outcomes: {any: {no_answer: 2}, call: {talked: 1, no_answer: 3}}
wins: {talked: {share: 0.1}, call.talked: {share: 0.1}, answered: {share: 0.1}, success: {share: 1}}
happens: {reply: {share: 0.1, median: 30d, p90: 90d}}
"""
    assert wrong(tmp_path, text) == []


@given(low=st.floats(0, 1), high=st.floats(0, 1))
def test_a_range_gives_shares_around_its_middle(low, high):
    share = Share(low=min(low, high), high=max(low, high))
    found = [share.draw(random.Random(seed)) for seed in range(20)]
    assert all(0 <= one <= 1 for one in found)
    if share.certain:
        assert set(found) == {share.low}


def test_nine_of_ten_shares_lie_in_their_range():
    numbers = random.Random(1)
    found = [Share(low=0.05, high=0.15).draw(numbers) for _ in range(4_000)]
    inside = sum(1 for one in found if 0.05 <= one <= 0.15) / len(found)
    assert abs(inside - 0.9) < 0.02
    assert abs(sum(found) / len(found) - 0.1) < 0.002


def test_delays_have_the_median_and_the_p90_of_the_file():
    chance = likely(0.6, 0.6, 2 * DAY, 9 * DAY).drawn(random.Random(1))
    lucks = [Luck(1, 0, f"D{number}") for number in range(6_000)]
    found = [delay for luck in lucks if (delay := chance.delay(luck, "reply 1")) is not None]
    assert abs(len(found) / len(lucks) - 0.6) < 0.02
    assert math.isclose(median(found), 2 * DAY, rel_tol=0.06)
    assert math.isclose(quantiles(found, n=10)[-1], 9 * DAY, rel_tol=0.08)


def test_each_replicate_believes_something_else_and_every_playbook_the_same():
    behaviour = Behaviour(name="one", replies={"email": likely(0.1, 0.4, DAY, DAY)}, wins={"reply": sure(share=0.3)})
    believed = [behaviour.drawn(7, replicate) for replicate in range(5)]
    assert len({one.replies["email"].share for one in believed}) == 5
    assert {one.wins["reply"].share for one in believed} == {0.3}
    assert behaviour.drawn(7, 3) == believed[3]


def test_the_numbers_of_luck_are_spread_evenly_and_fall_apart():
    lucks = [Luck(3, 1, f"D{number}") for number in range(5_000)]
    pairs = [luck.pair("reply 1") for luck in lucks]
    for numbers in zip(*pairs, strict=True):
        assert all(0 < one < 1 for one in numbers)
        assert abs(sum(numbers) / len(numbers) - 0.5) < 0.015
    together = sum((one - 0.5) * (other - 0.5) for one, other in pairs) / len(pairs)
    assert abs(together) < 0.004
    assert lucks[0].pair("reply 1") == pairs[0]
    assert lucks[0].pair("reply 2") != pairs[0]


def test_outcomes_come_as_often_as_they_are_weighed():
    believed = Behaviour(name="one", outcomes={"ask": {"yes": 3, "no": 1}, "any": {"no_answer": 0}}).drawn(1, 0)
    lucks = [Luck(1, 0, f"D{number}") for number in range(2_000)]
    found = [believed.outcome(luck, "outcome 1", "ask", ("yes", "no", "perhaps")) for luck in lucks]
    assert "perhaps" not in found, "an entry of its own holds alone"
    assert abs(found.count("yes") / len(found) - 0.75) < 0.03
    usual = [believed.outcome(luck, "outcome 1", "other", ("done_well", "no_answer")) for luck in lucks]
    assert set(usual) == {"done_well"}
    assert believed.outcome(lucks[0], "outcome 1", "other", ("done",)) == "done"


def test_the_entry_of_an_action_comes_before_that_of_its_kind():
    table = Behaviour(name="one", reps={"ask": sure(1), "call": sure(2), "any": sure(3)}).drawn(1, 0).reps
    assert [chosen(table, name, kind).median for name, kind in (("ask", "call"), ("b", "call"), ("b", "email"))] == [
        1, 2, 3,
    ]  # fmt: skip
    assert chosen({}, "ask", "call") is None


def test_the_behaviour_in_the_documentation_is_sound(tmp_path):
    text = (ROOT / "docs" / "simulate.md").read_text(encoding="utf-8")
    lines = text[text.index("    behaviour: ours") :].splitlines()
    block = "\n".join(line.removeprefix("    ") for line in takewhile(lambda line: line.startswith("    "), lines))
    assert "by_itself" in block
    found = wrong(tmp_path, block + "\n")
    assert [line for line in found if " error " in line] == []


def test_a_wrong_shape_hides_nothing_else(tmp_path):
    found = wrong(tmp_path, "behaviour: ours\nreps: {any: {share: 80%}}\nreplies: {email: {share: [0.3, 0.1]}}\n")
    assert [line.split(":")[0] for line in found] == ["2 error wrong-type", "3 error wrong-value"]
