"""One piece of the work: some accounts in some replicates, through every playbook. The same on any machine."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

from engine.collector import without_collector
from engine.simulation.behaviour import Believed
from engine.simulation.living import Life
from engine.simulation.question import Simulation, unpacked
from engine.simulation.stage import Stage
from engine.simulation.tally import Tally

# replicate -> one tally per playbook of the question, in its order
Part = dict[int, list[Tally]]

_ready = threading.local()  # the question that this thread works at, made ready: machines are nobody else's


def work(stage: Stage, chunk: int) -> Part:
    """Play one chunk. Nothing but the question and the number of the chunk has an influence on what comes out."""
    question = stage.question
    part: Part = {}
    believed: dict[int, Believed] = {}
    with without_collector():
        for turn in question.turns_of(chunk):
            replicate, place = divmod(turn, len(question.subjects))
            if replicate not in part:
                part[replicate] = [Tally() for _ in question.ways]
                believed[replicate] = question.behaviour.drawn(question.seed, replicate)
            for way, tally in zip(question.ways, part[replicate], strict=True):
                Life(stage, way, question.subjects[place], believed[replicate], replicate, tally).run()
    return part


def work_elsewhere(fingerprint: str, packed: bytes, chunk: int) -> tuple[int, Any]:
    """The same in another process: the number of the chunk and what came of it, as plain content."""
    if getattr(_ready, "fingerprint", "") != fingerprint:
        _ready.stage, _ready.fingerprint = Stage.of(unpacked(packed)), fingerprint
    return chunk, content_of(work(_ready.stage, chunk))


def content_of(part: Part) -> Any:
    """`part` as JSON may have it."""
    return {str(replicate): [tally.to_json() for tally in tallies] for replicate, tallies in sorted(part.items())}


def part_from(content: Any) -> Part:
    return {int(replicate): [Tally.from_json(one) for one in tallies] for replicate, tallies in content.items()}


def merged(question: Simulation, parts: Iterator[Part]) -> list[list[Tally]]:
    """By replicate and playbook."""
    found = [[Tally() for _ in question.ways] for _ in range(question.replicates)]
    for part in parts:
        for replicate, tallies in part.items():
            for whole, tally in zip(found[replicate], tallies, strict=True):
                whole.add(tally)
    return found
