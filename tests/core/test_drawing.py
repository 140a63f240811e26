"""Drawing an arm: balanced in small teams, not to be foreseen, the same whenever it is asked."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.drawing import draw_by_hash, draw_from_block
from engine.experiments.statistics.mismatch import sample_ratio_mismatch

EVEN = {"a": 1, "b": 1}
names = st.text(min_size=1, max_size=8)


def drawn(count, weights=EVEN, team="west", experiment="timing"):
    return [draw_from_block(experiment, 1, team, weights, position).arm for position in range(count)]


@given(names, names)
def test_of_twenty_units_no_team_is_split_worse_than_eleven_to_nine(experiment, team):
    assert min(Counter(drawn(20, team=team, experiment=experiment)).values()) >= 9


@given(names, st.sampled_from([{"a": 1, "b": 1}, {"a": 2, "b": 1}, {"a": 1, "b": 1, "c": 2}, {"a": 0.9, "b": 0.1}]))
def test_whole_blocks_have_the_shares_of_the_weights_exactly(team, weights):
    found = [draw_from_block("timing", 1, team, weights, position) for position in range(300)]
    last = found[-1].block
    arms = Counter(one.arm for one in found if one.block < last)
    parts = {arm: arms[arm] / weight for arm, weight in weights.items()}
    assert max(parts.values()) == pytest.approx(min(parts.values()))


def test_two_sizes_of_blocks_are_mixed_and_the_order_within_differs():
    found = [draw_from_block("timing", 1, "west", EVEN, position) for position in range(400)]
    blocks: dict[int, str] = {}
    for one in found:
        blocks[one.block] = blocks.get(one.block, "") + one.arm
    whole = list(blocks.values())[:-1]
    assert {len(block) for block in whole} == {4, 6}
    assert len(set(whole)) > 15


def test_teams_phases_and_experiments_draw_apart():
    assert len({tuple(drawn(30, team=team)) for team in ("west", "east", "")}) == 3
    one = [draw_from_block("timing", phase, "west", EVEN, position).arm for phase in (1, 2) for position in range(30)]
    assert one[:30] != one[30:]


def test_what_was_drawn_once_is_drawn_for_ever():
    assert "".join(drawn(24)) == "".join(drawn(24))
    assert "".join(drawn(24, experiment="kept")) == KEPT


KEPT = "babaababaabbbbaaaaabbbba"  # written down: another order would give running experiments other arms


def test_a_hash_gives_the_shares_of_the_weights():
    weights = {"a": 0.5, "b": 0.3, "c": 0.2}
    found = Counter(draw_by_hash("timing", 1, f"unit {number}", weights).arm for number in range(20_000))
    checked = sample_ratio_mismatch(found, weights)
    assert checked.p is not None and checked.p > 0.001


def test_a_hash_forgets_nobody_when_the_weights_stay():
    assert draw_by_hash("timing", 1, "D-1", EVEN) == draw_by_hash("timing", 1, "D-1", EVEN)


@pytest.mark.parametrize("weights", [{}, {"a": 0}, {"a": 1, "b": -1}])
def test_nothing_is_drawn_from_arms_without_weight(weights):
    for draw in (lambda: draw_from_block("x", 1, "", weights, 0), lambda: draw_by_hash("x", 1, "u", weights)):
        with pytest.raises(ValueError, match="weight"):
            draw()


@pytest.mark.parametrize(("arms", "sizes"), [(24, {48, 72}), (25, {25})])
def test_a_set_of_more_than_twenty_four_is_a_block_of_its_own_and_one_of_twenty_four_is_not(arms, sizes):
    weights = {f"arm {number}": 1 for number in range(arms)}
    found = [draw_from_block("timing", 1, "west", weights, position) for position in range(1_000)]
    blocks = Counter(one.block for one in found if one.block < found[-1].block)
    assert set(blocks.values()) == sizes
