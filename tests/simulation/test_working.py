"""The same question has the same answer, whoever works at it, in whatever pieces, and however often it is stopped."""

from __future__ import annotations

import json
import sys
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.simulation.question import Simulation, unpacked
from engine.simulation.saving import Kept, OtherQuestion, asked_first
from engine.simulation.simulating import played_out, simulate
from engine.simulation.stage import Stage
from engine.simulation.tally import Tally
from engine.simulation.workers import NoCluster, alone, cluster, processes
from engine.simulation.working import content_of, merged, part_from, work
from tests.simulation.lives import LIVELY, play, question, subjects, way


@pytest.fixture
def small(monkeypatch):
    """Pieces so small that there are many of them; other processes do not know, so they are for this one alone."""
    monkeypatch.setattr("engine.simulation.question._LIVES", 25)


@pytest.fixture(scope="session")
def asked(workspace) -> Simulation:
    ways = (way(workspace, "letters"), way(workspace, "letters", "slow", wait="6w"))
    return question(workspace, *ways, behaviour=LIVELY, replicates=6, seed=11)


def told(tallies: list[list[Tally]]) -> str:
    return json.dumps([[tally.to_json() for tally in one] for one in tallies])


@pytest.fixture(scope="session")
def answer(asked) -> str:
    return told(play(asked))


def test_the_size_of_the_pieces_does_not_matter(asked, answer, small):
    assert asked.chunks > 10
    assert told(play(asked)) == answer
    assert told(played_out(asked)) == answer


def test_the_order_of_the_pieces_does_not_matter(asked, answer, small):
    stage = Stage.of(asked)
    parts = [work(stage, chunk) for chunk in reversed(range(asked.chunks))]
    assert told(merged(asked, iter(parts))) == answer


def test_every_turn_stands_in_exactly_one_piece(asked, small):
    turns = [turn for chunk in range(asked.chunks) for turn in asked.turns_of(chunk)]
    assert turns == list(range(asked.turns))


def test_two_processes_come_to_the_same(workspace, answer, asked):
    """With enough lives for several pieces of the usual size."""
    many = replace(asked, subjects=subjects(120, apart=3600), replicates=14)
    assert many.chunks > 2
    here, there = simulate(many), simulate(many, processes(2))
    assert here == there


def test_a_dask_cluster_comes_to_the_same(asked):
    distributed = pytest.importorskip("distributed", reason="the extra `distributed` is not installed")
    many = replace(asked, subjects=subjects(120, apart=3600), replicates=14)
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None, protocol="tcp"
    ) as local:
        assert simulate(many, cluster(local.scheduler_address)) == simulate(many)


def test_a_cluster_that_is_not_there_is_said_in_words(asked, monkeypatch):
    pytest.importorskip("distributed", reason="the extra `distributed` is not installed")
    monkeypatch.setattr("engine.simulation.workers._PATIENCE", 1)
    with pytest.raises(NoCluster, match=r"no cluster answers at tcp://127\.0\.0\.1:9"):
        list(cluster("tcp://127.0.0.1:9")(asked, [0]))


def test_without_its_library_a_cluster_says_what_to_install(asked, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(NoCluster) as refused:
        list(cluster("tcp://127.0.0.1:9")(asked, [0]))
    assert refused.value.hint == 'from the checkout of this program: pip install ".[distributed]"'


def test_what_crosses_to_another_machine_comes_back_as_it_was(asked):
    back = unpacked(asked.packed())
    assert back == asked
    assert back.fingerprint() == asked.fingerprint()
    part = work(Stage.of(asked), 0)
    assert part_from(json.loads(json.dumps(content_of(part)))) == part


def test_another_seed_is_other_luck_and_the_same_seed_the_same(asked, answer):
    assert told(play(asked)) == answer
    assert told(play(replace(asked, seed=12))) != answer


def test_a_deal_has_the_same_luck_whoever_else_is_played(workspace):
    whole = question(workspace, behaviour=LIVELY, cast=subjects(30, apart=3600))
    parts = [replace(whole, subjects=whole.subjects[:13]), replace(whole, subjects=whole.subjects[13:])]
    together = merged(whole, iter([{0: play(one)[0]} for one in parts]))
    assert told(together) == told(play(whole))


# --- going on -------------------------------------------------------------------------------------------------------


class Stopped(Exception):
    pass


def stopping_after(pieces: int):
    def run(question, chunks):
        for done, found in enumerate(alone(question, chunks)):
            if done == pieces:
                raise Stopped
            yield found

    return run


@given(stops=st.lists(st.integers(0, 3), max_size=3), torn=st.integers(0, 40))
@settings(max_examples=8)
def test_it_goes_on_where_it_was_stopped(tmp_path_factory, workspace, asked, answer, stops, torn):
    state = tmp_path_factory.mktemp("state") / "simulation.jsonl"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("engine.simulation.question._LIVES", 50)
        for pieces in stops:
            with pytest.raises(Stopped):
                played_out(asked, stopping_after(pieces), state)
            raw = state.read_bytes()
            lines = raw.count(b"\n")
            if lines > 1 and torn:  # killed in the middle of a line
                state.write_bytes(raw[: -min(torn, len(raw.splitlines()[-1]))])
        assert told(played_out(asked, alone, state)) == answer
        kept = Kept(asked, state)
        assert kept.missing(asked.chunks) == []
        assert told(played_out(asked, stopping_after(0), state)) == answer, "nothing is played a second time"


def test_the_state_of_another_simulation_is_refused(asked, tmp_path):
    state = tmp_path / "simulation.jsonl"
    played_out(asked, alone, state)
    for other in (
        replace(asked, seed=12), replace(asked, weeks=51),
        replace(asked, behaviour=replace(LIVELY, within_hours=False)),
        replace(asked, subjects=asked.subjects[:-1]), replace(asked, ways=asked.ways[:1]),
    ):  # fmt: skip
        with pytest.raises(OtherQuestion, match="belongs to another simulation"):
            played_out(other, alone, state)
    state.write_text("no json at all\n", encoding="utf-8")
    with pytest.raises(OtherQuestion, match="is no state of a simulation"):
        played_out(asked, alone, state)


def test_what_is_live_in_the_workspace_is_part_of_the_question(asked):
    for world in (
        replace(asked.world, zone="Europe/Berlin"), replace(asked.world, limits=()), replace(asked.world, late_grace=1),
        replace(asked.world, roster=replace(asked.world.roster, people={})), replace(asked.world, calendars={}),
    ):  # fmt: skip
        assert world == asked.world or replace(asked, world=world).fingerprint() != asked.fingerprint()


def test_progress_tells_every_life_once(asked, tmp_path, small):
    state, seen = tmp_path / "simulation.jsonl", []
    with pytest.raises(Stopped):
        played_out(asked, stopping_after(3), state, seen.append)
    seen.clear()
    played_out(asked, alone, state, seen.append)
    assert sum(seen) == asked.lives
    assert seen[0] > 0, "what was kept counts at once"


def test_a_damaged_state_is_told_with_its_line_and_a_torn_first_line_is_begun_anew(asked, tmp_path):
    state, told = tmp_path / "simulation.jsonl", []
    played_out(asked, alone, state)
    good = state.read_bytes()
    for line in (b"[]", b'{"chunk":0}', b'{"chunk":9999,"part":{}}', b'{"chunk":0,"part":{"0":[]}}'):
        state.write_bytes(good.splitlines(keepends=True)[0] + line + b"\n")
        with pytest.raises(OtherQuestion, match="is damaged: line 2 is no piece of this simulation"):
            Kept(asked, state)
    state.write_bytes(good[:20])
    played_out(asked, alone, state, notice=told.append)
    assert told == [f"{state} ended within its first line: all is played from the beginning"]
    assert state.read_bytes() == good


def test_a_state_keeps_when_it_was_asked_first_however_little_of_it_was_written(asked, tmp_path):
    state = tmp_path / "simulation.jsonl"
    assert asked_first(state) is None
    Kept(asked, state, -1_772_442_000)
    assert asked_first(state) == -1_772_442_000
    whole = state.read_bytes()
    for length in range(1, len(whole)):  # killed in the middle of the first line
        state.write_bytes(whole[:length])
        begun = asked_first(state)
        assert begun in (None, -1_772_442_000)
        assert Kept(asked, state, begun or 5).begun_anew, whole[:length]
    state.write_text('{"as": 1}', encoding="utf-8")
    with pytest.raises(OtherQuestion, match="is no state of a simulation"):
        Kept(asked, state, 5)


def test_a_killed_worker_is_said_in_words(asked, monkeypatch):
    from concurrent.futures.process import BrokenProcessPool

    def killed(*_):
        raise BrokenProcessPool("gone")

    monkeypatch.setattr("engine.simulation.workers.as_completed", killed)
    with pytest.raises(NoCluster, match="a worker process was killed, or ran out of memory"):
        list(processes(1)(asked, []))
