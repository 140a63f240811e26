"""The fast estimate says the same as the real step, as far as chance lets one see."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from engine.core.durations import parse_duration
from engine.core.experiment import Metric
from engine.simulation.behaviour import Behaviour
from engine.simulation.estimate import NotEstimable, estimated
from engine.simulation.summary import MEASURES, share_of, summed_up
from tests.simulation.lives import DAY, FILES, LIVELY, laid, likely, play, question, subjects, sure, way

pytest.importorskip("numpy", reason="the extra `compare` is not installed")

METRICS = tuple(
    Metric(event=event, within=parse_duration(within))
    for event, within in (("won", "90d"), ("won", "300d"), ("reply", "21d"), ("opted_out", "60d"))
)
BEHAVIOURS = {
    "lively": replace(LIVELY, wins={**LIVELY.wins, "reply": likely(0.1, 0.3, 30 * DAY, 90 * DAY)}),
    "quick": Behaviour(
        name="quick", reps={"any": likely(0.9, 0.9, DAY, 3 * DAY)}, replies={"any": sure(3 * DAY, 0.5)},
        opt_outs={"any": sure(2 * DAY, 0.3)}, wins={"talked": sure(DAY, 0.5), "by_itself": sure(10 * DAY, 0.3)},
    ),
    "buying": Behaviour(
        name="buying", reps={"any": sure(DAY)}, replies={"any": likely(0.3, 0.3, 8 * DAY, 30 * DAY)},
        wins={"answered": likely(0.4, 0.4, 5 * DAY, 20 * DAY), "over": likely(0.2, 0.2, 5 * DAY, 20 * DAY)},
    ),
    "leaving": Behaviour(
        name="leaving", reps={"any": likely(0.9, 0.9, DAY, 3 * DAY)}, replies={"any": sure(9 * DAY, 0.3)},
        opt_outs={"any": sure(4 * DAY, 0.5)}, wins={"opted_out": sure(5 * DAY, 0.4), "gone": sure(20 * DAY, 0.3)},
    ),
}  # fmt: skip


def fixed(behaviour: Behaviour) -> Behaviour:
    """Every share a number, so that replicates differ by chance alone."""

    def settle(table):
        return {
            key: replace(one, share=replace(one.share, low=one.share.middle, high=one.share.middle))
            for key, one in table.items()
        }  # fmt: skip

    return replace(behaviour, **{group: settle(table) for group, table in behaviour.chances()})


PLANS = 8


@pytest.mark.parametrize(("name", "wait"), [("lively", "2w"), ("quick", "2w"), ("buying", "9w"), ("leaving", "2w")])
def test_fast_and_real_agree_within_three_standard_errors(name, wait, workspace):
    asked = question(
        workspace, way(workspace, "letters", wait=wait), behaviour=fixed(BEHAVIOURS[name]),
        cast=subjects(120, apart=20 * 3_600), replicates=PLANS, metrics=METRICS, weeks=44,
    )  # fmt: skip
    # real lives and plans have different luck, as the formula for the error of a difference wants it
    real = [one for [one] in play(replace(asked, seed=99))]
    fast = [one for [one] in estimated(replace(asked, replicates=10 * PLANS), plans=PLANS)]
    figures = {key: MEASURES[key] for key in ("replied", "opted_out", "wins", "actions_per_deal", "hours")}
    for number, metric in enumerate(METRICS):
        figures[metric.name] = lambda tally, number=number: share_of(tally, number)
    for key, measure in figures.items():
        mine = [measure(one) for one in real]
        theirs = [_mean([measure(one) for one in fast[plan::PLANS]]) for plan in range(PLANS)]
        error = math.hypot(_error(mine), _error(theirs)) + 1e-9
        assert abs(_mean(mine) - _mean(theirs)) <= 3 * error, (key, _mean(mine), _mean(theirs), error)


def _mean(values):
    return sum(values) / len(values)


def _error(values) -> float:
    middle = _mean(values)
    return math.sqrt(sum((one - middle) ** 2 for one in values) / (len(values) - 1) / len(values))


def test_where_all_is_certain_both_are_equal(workspace):
    behaviour = Behaviour(
        name="sure", reps={"any": sure(DAY)}, outcomes={"call": {"no_answer": 1}}, replies={"call": sure(DAY)},
        wins={"reply": sure(30 * DAY)},
    )  # fmt: skip
    asked = question(workspace, behaviour=behaviour, cast=subjects(9), metrics=METRICS)
    [[real]], [[fast]] = play(asked), estimated(asked)
    for one in (real, fast):
        assert (one.lives, one.replied, one.wins, one.opted_out, one.minutes) == (9, 9, 9, 0, 270)
        assert dict(one.names) == {"write": 9, "call": 9}
    assert real.metrics == fast.metrics


def test_the_same_seed_gives_the_same_estimate_and_it_can_be_summed_up(workspace):
    asked = question(workspace, behaviour=LIVELY, replicates=4, metrics=METRICS)
    found = [[one.to_json() for one in tallies] for tallies in estimated(asked)]
    assert found == [[one.to_json() for one in tallies] for tallies in estimated(asked)]
    assert found != [[one.to_json() for one in tallies] for tallies in estimated(replace(asked, seed=2))]
    assert summed_up(asked, estimated(asked)).played[0].figures["wins"].high > 0


@pytest.mark.parametrize(
    ("behaviour", "cast", "said"),
    [
        (replace(LIVELY, happens={"reply": sure(DAY)}), None, "`happens` by itself"),
        (LIVELY, 2, "customers with several losses"),
    ],
)
def test_what_cannot_be_estimated_is_refused_in_words(behaviour, cast, said, workspace):
    chosen = subjects(2)
    if cast:
        chosen = (replace(chosen[0], starts=(*chosen[0].starts, *chosen[1].starts)),)
    with pytest.raises(NotEstimable) as refused:
        estimated(question(workspace, behaviour=behaviour, cast=chosen))
    assert said in refused.value.message


def test_a_playbook_that_goes_on_after_a_reply_is_refused(workspace, tmp_path):
    with pytest.raises(NotEstimable) as refused:
        estimated(question(workspace, way(workspace, "silence"), behaviour=LIVELY))
    assert refused.value.message == "silence does not end in every state with reply"
    asked_first = FILES["playbooks/letters.yaml"].replace(
        "{event: reply, from: contact, end: answered}",
        "{event: reply, from: contact, end: answered, if: {team: {is: west}}}",
    )
    edited = laid(tmp_path, **{"playbooks__letters.yaml": asked_first})
    with pytest.raises(NotEstimable, match="letters does not end in every state with reply"):
        estimated(question(edited, behaviour=LIVELY))


def test_what_happens_unheard_is_passed_over(workspace):
    behaviour = replace(LIVELY, happens={"market.crash": sure(DAY)})
    plain = question(workspace, behaviour=LIVELY, replicates=2)
    assert [[one.to_json() for one in found] for found in estimated(replace(plain, behaviour=behaviour))] == [
        [one.to_json() for one in found] for found in estimated(plain)
    ]


def test_replicates_take_turns_with_the_plans(workspace):
    """Nobody answers or buys: what is handed out differs by the luck of the reps alone, which is that of the plan, and
    that of the first replicates of the simulation."""
    asked = question(workspace, behaviour=Behaviour(name="half", reps={"any": sure(DAY, 0.5)}), replicates=6)
    played = [dict(tally.names) for [tally] in play(replace(asked, replicates=3))]
    assert played[0] != played[2]
    assert [dict(tally.names) for [tally] in estimated(asked, plans=3)] == played + played
