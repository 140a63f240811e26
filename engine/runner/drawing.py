"""Experiments in a tick: which deal is drawn, and the draw itself, in the transaction of the enrolment.

A draw stays whatever becomes of the enrolment: were a unit drawn again because its arm failed, the arms would differ in
whom they have.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeAlias

from engine.core.account import Account, Deal, PastEnrolment
from engine.core.assigning import arms_for, ask_experiment, drawn_unit, make_draw, pending
from engine.core.durations import Instant
from engine.core.enrolling import Candidate, Verdict, could_take, lock
from engine.core.experiment import Draw, Experiment, InForce, Phase
from engine.core.world import World
from engine.runner.shelf import Offer, RevisionShelf
from engine.store.base import NewEvent, Store

ADOPTED = "adopted"  # an arm that a person adopted was given to the deal

Key: TypeAlias = tuple[str, str]  # (account, deal)


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """What a candidate is enrolled in; `offer` None: in a revision that was pinned when it was drawn."""

    playbook: str
    revision: str
    number: int
    offer: Offer | None = None


@dataclass(kw_only=True, slots=True)
class Settled:
    """What the draws of a page came to. `locked`: until when no other playbook takes the deal. `left`: candidates that
    something else in this very tick has taken the unit from."""

    entries: dict[Key, Entry] = field(default_factory=dict)
    locked: dict[Key, Instant] = field(default_factory=dict)
    left: set[Key] = field(default_factory=set)
    drawn: Counter[str] = field(default_factory=Counter)  # units, by experiment


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

    def has(self, arm: str) -> bool:
        """Whether its playbook can be used now."""
        return (arm, "") in self.offers

    def offer(self, arm: str, team: str) -> Offer:
        """What a deal of `team` in this arm is enrolled in. Raises KeyError."""
        return self.offers.get((arm, team)) or self.offers[arm, ""]


class Drawing:
    """The experiments of one tick: those that draw before those whose arm was adopted, each by name."""

    def __init__(self, store: Store, world: World, trials: Sequence[Trial], shelf: RevisionShelf, now: Instant) -> None:
        self.store = store
        self.world = world
        self.shelf = shelf
        self.now = now
        ranked = sorted(trials, key=lambda one: (bool(one.adopted), one.experiment.name))
        self.trials = {trial.experiment.name: trial for trial in ranked}

    def known(self, accounts: Sequence[str]) -> dict[str, list[Draw]]:
        """The draws of these accounts. Also without an experiment now: a window may still run."""
        found: defaultdict[str, list[Draw]] = defaultdict(list)
        for draw in self.store.draws_of(accounts):
            found[draw.account].append(draw)
        return found

    def ask(
        self, account: Account, deal: Deal, past: Sequence[PastEnrolment], draws: Sequence[Draw]
    ) -> tuple[list[Verdict], Trial | Draw | None]:
        """What the experiments say to the deal; and the first that takes it, or the draw that still has to be followed.

        `past` and `draws` are those of the account.
        """
        waiting = pending(draws, deal, past, self.now)
        if waiting is not None:
            return self._ask_again(waiting, account, deal, past)
        verdicts: list[Verdict] = []
        for trial in self.trials.values():
            in_force = self._in_force(trial, deal, draws)
            verdict = ask_experiment(self.world, in_force, account, deal, past, draws, self.now)
            verdicts.append(verdict)
            if verdict.takes:
                return verdicts, trial
        return verdicts, None

    def _in_force(self, trial: Trial, deal: Deal, draws: Sequence[Draw]) -> InForce:
        """As the trial has it; and for a deal whose account was drawn into an arm that is no more, with that arm."""
        unit = drawn_unit(trial.in_force, deal, draws)
        if unit is None or trial.in_force.playbook(unit.arm, "") is not None:
            return trial.in_force
        dropped = {(unit.arm, ""): self.shelf.revision(unit.revision).playbook}
        return replace(trial.in_force, playbooks={**trial.in_force.playbooks, **dropped})

    def _ask_again(
        self, draw: Draw, account: Account, deal: Deal, past: Sequence[PastEnrolment]
    ) -> tuple[list[Verdict], Draw | None]:
        """A deal that was drawn and could not be enrolled then: its arm follows, whatever became of the experiment."""
        playbook = self.shelf.revision(draw.revision).playbook
        own = [one for one in past if one.deal == deal.id]
        said = could_take(self.world, playbook, account, deal, own, self.now)
        told = f"it was drawn into the arm {draw.arm}" if said.takes else f"its arm {draw.arm} cannot: {said.why}"
        verdict = Verdict(draw.experiment, said.takes, told, said.again_at, experiment=True)
        return [verdict], draw if said.takes else None

    def settle(self, page: Sequence[Candidate], accounts: Mapping[str, Account]) -> Settled:
        """Draw the candidates of a page, in the transaction in force, and say what each is enrolled in.

        Asked again against the draws of this very tick: two deals of one account may come at once.
        """
        settled = Settled()
        if not any(one.experiment for one in page):
            return settled
        draws = self.known(list(accounts))
        before = {(draw.experiment, draw.deal): draw for found in draws.values() for draw in found}
        numbers = self._numbers(list(accounts))
        for candidate in page:
            if candidate.experiment:
                self._settle(candidate, page, accounts, draws, numbers, settled)
        for candidate in page:
            deal = accounts[candidate.account].deals.get(candidate.deal)
            facing = not candidate.experiment and not candidate.ordered and candidate.facing
            if deal is not None and facing and lock(draws[candidate.account], deal, self.now) is not None:
                settled.left.add((candidate.account, candidate.deal))
        new = [draw for found in draws.values() for draw in found if (draw.experiment, draw.deal) not in before]
        settled.drawn.update(draw.experiment for draw in new if draw.first)
        self.store.put_draws(new)
        return settled

    def _settle(
        self, candidate: Candidate, page: Sequence[Candidate], accounts: Mapping[str, Account],
        draws: Mapping[str, list[Draw]], numbers: Mapping[tuple[str, str], int], settled: Settled,
    ) -> None:  # fmt: skip
        key, own = (candidate.account, candidate.deal), draws[candidate.account]
        deal = accounts[candidate.account].deals.get(candidate.deal)
        if deal is None:
            return
        drawn = next((one for one in own if (one.experiment, one.deal) == (candidate.experiment, deal.id)), None)
        if drawn is not None:
            number = 1 + numbers.get((deal.id, drawn.playbook), 0)
            settled.entries[key] = Entry(playbook=drawn.playbook, revision=drawn.revision, number=number)
            settled.locked[key] = drawn.locked_until
            return
        trial = self.trials[candidate.experiment]
        if self._was_taken(trial, candidate, page, deal, own):
            settled.left.add(key)
            return
        arms = arms_for(trial.in_force, deal, own, candidate.home, self.now)
        unit = drawn_unit(trial.in_force, deal, own)
        if trial.adopted and (unit is None or arms != [unit.arm]):
            self._adopt(candidate, deal, arms[0])
            adopted = trial.offer(arms[0], candidate.home)
            offer: Offer | None = adopted
            playbook, revision = adopted.playbook.name, adopted.revision.hash
        else:
            draw = self._draw(trial, candidate, deal, unit)
            own.append(draw)
            settled.locked[key] = draw.locked_until
            offer = trial.offer(draw.arm, candidate.home) if trial.has(draw.arm) else None
            playbook, revision = draw.playbook, draw.revision
        number = 1 + numbers.get((deal.id, playbook), 0)
        settled.entries[key] = Entry(playbook=playbook, revision=revision, number=number, offer=offer)

    def _was_taken(
        self, trial: Trial, candidate: Candidate, page: Sequence[Candidate], deal: Deal, own: Sequence[Draw]
    ) -> bool:
        """Whether another experiment, or a playbook for another deal of an account that is drawn as a whole, was faster
        in this tick."""
        name = trial.experiment.name
        if lock(own, deal, self.now, but=name) is not None:
            return True
        if trial.experiment.unit != "account" or any(draw.experiment == name for draw in own):
            return False
        beside = (one for one in page if one.account == candidate.account and one.deal != candidate.deal)
        others = any(draw.experiment != name and self.now < draw.locked_until for draw in own)
        return others or any(not one.experiment and one.facing for one in beside)

    def _adopt(self, candidate: Candidate, deal: Deal, arm: str) -> None:
        """On record with the deal: without a draw nothing else would tell why it got this playbook."""
        fields = {"experiment": candidate.experiment, "arm": arm}
        self.store.record([
            NewEvent(account=deal.account, deal=deal.id, name=ADOPTED, recorded_at=self.now, handled=True,
                     key=f"adopted {candidate.experiment} {deal.id} {self.now}", fields=fields)
        ])  # fmt: skip

    def _draw(self, trial: Trial, candidate: Candidate, deal: Deal, unit: Draw | None) -> Draw:
        experiment, phase = trial.experiment, trial.phase
        position = None
        if unit is None and experiment.assign == "blocks":
            position = self.store.next_position(experiment.name, phase.number, candidate.home)
        draw = make_draw(self.world, phase, deal, candidate.home, self.now, position=position, known=unit)
        if unit is not None and not trial.has(unit.arm):
            return replace(draw, revision=unit.revision)  # a change has dropped the arm
        return replace(draw, revision=trial.offer(draw.arm, candidate.home).revision.hash)

    def _numbers(self, accounts: Sequence[str]) -> dict[tuple[str, str], int]:
        """(deal, playbook) -> how many enrolments there were."""
        return Counter((one.deal, one.playbook) for one in self.store.past_enrolments(accounts))
