"""Experiments in a tick: which deal is drawn, and the draw itself, in the transaction of the enrolment.

A draw stays whatever becomes of the enrolment: were a unit drawn again because its arm failed, the arms would differ in
whom they have.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeAlias

from engine.core.account import Account, Deal, PastEnrolment
from engine.core.assigning import ask_experiment, make_draw
from engine.core.durations import Instant
from engine.core.enrolling import Candidate, Verdict
from engine.core.experiment import Draw, Experiment, InForce, Phase, unit_of
from engine.core.world import World
from engine.runner.shelf import Offer
from engine.store.base import Store

Settled: TypeAlias = dict[tuple[str, str], tuple[int, Offer]]  # (account, deal) -> number of the enrolment, its offer


@dataclass(frozen=True, kw_only=True)
class Trial:
    """An experiment that new deals may enter. `offers` by (arm, team), "" where a team has no values of its own."""

    phase: Phase
    offers: Mapping[tuple[str, str], Offer]
    adopted: str = ""

    @property
    def experiment(self) -> Experiment:
        return self.phase.experiment

    @cached_property
    def in_force(self) -> InForce:
        playbooks = {key: offer.playbook for key, offer in self.offers.items()}
        return InForce(phase=self.phase, playbooks=playbooks, adopted=self.adopted)

    @cached_property
    def playbook_names(self) -> frozenset[str]:
        return frozenset(arm.playbook for arm in self.experiment.arms.values())

    def offer(self, arm: str, team: str) -> Offer:
        """What a deal of `team` in this arm is enrolled in. Raises KeyError."""
        return self.offers.get((arm, team)) or self.offers[arm, ""]


class Drawing:
    """The experiments of one tick."""

    def __init__(self, store: Store, world: World, trials: Sequence[Trial], now: Instant) -> None:
        self.store = store
        self.world = world
        self.now = now
        self.trials = {trial.experiment.name: trial for trial in sorted(trials, key=lambda one: one.experiment.name)}

    def known(self, accounts: Sequence[str]) -> dict[str, list[Draw]]:
        """The draws of these accounts. Also without an experiment now: a window may still run."""
        found: defaultdict[str, list[Draw]] = defaultdict(list)
        for draw in self.store.draws_of(accounts):
            found[draw.account].append(draw)
        return found

    def ask(
        self, account: Account, deal: Deal, past: Sequence[PastEnrolment], draws: Sequence[Draw]
    ) -> tuple[list[Verdict], Trial | None]:
        """What the experiments say to the deal, and the one that takes it: the first by name."""
        verdicts: list[Verdict] = []
        for trial in self.trials.values():
            verdict = ask_experiment(self.world, trial.in_force, account, deal, past, draws, self.now)
            verdicts.append(verdict)
            if verdict.takes:
                return verdicts, trial
        return verdicts, None

    def settle(
        self, candidates: Sequence[Candidate], accounts: Mapping[str, Account], counted: dict[str, int]
    ) -> tuple[Settled, dict[tuple[str, str], Instant]]:
        """Draw the candidates, in the transaction in force: (what each is enrolled in, until when it is locked)."""
        if not candidates:
            return {}, {}
        before = self.store.draws_of(list(accounts))
        own = {(draw.experiment, draw.deal): draw for draw in before}
        known = {(draw.experiment, draw.unit): draw for draw in before if draw.first}
        numbers = self._numbers(list(accounts))
        settled: Settled = {}
        locked: dict[tuple[str, str], Instant] = {}
        draws: list[Draw] = []
        for candidate in candidates:
            deal = accounts[candidate.account].deals.get(candidate.deal)
            if deal is None:
                continue
            trial = self.trials[candidate.experiment]
            arm = trial.adopted
            if not arm:
                draw = own.get((candidate.experiment, deal.id)) or self._draw(trial, candidate, deal, known)
                arm = draw.arm
                locked[candidate.account, candidate.deal] = draw.locked_until
                if (draw.experiment, deal.id) not in own:
                    draws.append(draw)
                    known.setdefault((draw.experiment, draw.unit), draw)
                    counted[draw.experiment] = counted.get(draw.experiment, 0) + draw.first
            offer = trial.offer(arm, candidate.home)
            settled[candidate.account, candidate.deal] = 1 + numbers[candidate.deal, offer.playbook.name], offer
        self.store.put_draws(draws)
        return settled, locked

    def _draw(self, trial: Trial, candidate: Candidate, deal: Deal, known: Mapping[tuple[str, str], Draw]) -> Draw:
        experiment, phase = trial.experiment, trial.phase
        unit = unit_of(experiment.unit, deal.account, deal.id)
        before = known.get((experiment.name, unit))
        position = None
        if before is None and experiment.assign == "blocks":
            position = self.store.next_position(experiment.name, phase.number, candidate.home)
        draw = make_draw(self.world, phase, deal, candidate.home, self.now, position=position, known=before)
        return replace(draw, revision=trial.offer(draw.arm, candidate.home).revision.hash)

    def _numbers(self, accounts: Sequence[str]) -> defaultdict[tuple[str, str], int]:
        """(deal, playbook) -> how many enrolments there were."""
        found: defaultdict[tuple[str, str], int] = defaultdict(int)
        for one in self.store.past_enrolments(accounts):
            found[one.deal, one.playbook] += 1
        return found
