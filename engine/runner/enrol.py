"""Enrolment in a tick: examine the deals that ask for it, queue them, start what the batches let through.

O(asked), not O(all): a deal is examined when it changed, when an enrol block changed, or at its stored `examine_at`.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from engine.core import delays, time
from engine.core.account import Account, Deal, PastEnrolment
from engine.core.advance import Advancing
from engine.core.assigning import team_of
from engine.core.durations import Instant
from engine.core.enrolling import Candidate, Verdict, begin, examine, rank, take
from engine.core.experiment import Draw
from engine.core.looking import Looking
from engine.core.model import Playbook
from engine.core.values import resolve
from engine.core.view import View, duration_from
from engine.core.world import World
from engine.core.zones import zone
from engine.runner.drawing import Drawing, Settled, Trial
from engine.runner.shelf import Offer, RevisionShelf, playbooks_of
from engine.store.base import Revision, Store

Offers: TypeAlias = Mapping[tuple[str, str], Offer]  # by playbook and team; "" for the teams without their own
Fail: TypeAlias = Callable[[str, str], None]  # told (account, error)
PAGE = 500  # deals examined at once


class Enrolling:
    """One tick's enrolments. `examine` fills the queue; `pages` and `start` empty it."""

    def __init__(
        self, store: Store, world: World, offers: Offers, trials: Sequence[Trial], shelf: RevisionShelf, now: Instant,
        failed: Collection[str], fail: Fail,
    ) -> None:  # fmt: skip
        self.store = store
        self.world = world
        self.offers = offers
        self.now = now
        self.playbooks: dict[str, Playbook] = {
            name: offer.playbook for (name, team), offer in offers.items() if not team
        }
        self._by_team: dict[str, dict[str, Playbook]] = {}
        self.drawing = Drawing(store, world, trials, shelf, now)
        self.waiting: dict[str, int] = {}
        self._queue: dict[str, list[Candidate]] = defaultdict(list)  # by playbook
        self._chosen: dict[str, list[Candidate]] = defaultdict(list)  # by account
        self._again: dict[tuple[str, str], Instant | None] = {}  # when to look again once enrolled
        self._failed = failed
        self._fail = fail
        self._opened: dict[str, Instant] = {}  # campaigns open now, and when they open next
        self._settled = Settled()  # what the draws of this page came to

    # --- examining --------------------------------------------------------------------------------------------------

    def examine(self) -> None:
        """Ask every playbook about every deal that is to be examined."""
        while keys := self.store.deals_to_examine(self.now, PAGE):
            self._examine_page(keys)
        self._choose()

    def _examine_page(self, keys: Sequence[tuple[str, str]]) -> None:
        ids = sorted({account for account, _ in keys})
        past: dict[str, list[PastEnrolment]] = defaultdict(list)  # by deal
        running: dict[str, list[PastEnrolment]] = defaultdict(list)  # by account: what approaches customers now
        for one in self.store.past_enrolments(ids):
            past[one.deal].append(one)
            if one.customer_facing and not one.end:
                running[one.account].append(one)
        accounts = {one.id: one for one in self.store.load_accounts(ids, self.now, {"log", "touches"}, keys)}
        draws = self.drawing.known(ids)
        examined: list[tuple[str, str, Instant | None]] = []
        refused: list[tuple[str, str]] = []
        for account_id, deal_id in keys:
            account = accounts.get(account_id)
            deal = account.deals.get(deal_id) if account else None
            if account is None or deal is None or account_id in self._failed or account.events:
                examined.append((account_id, deal_id, self.now + 1))  # not now: what is pending comes first
                continue
            try:
                taken, again_at = self._examine_one(
                    account, deal, past[deal_id], running[account_id], draws.get(account_id, ())
                )
            except Exception as error:  # one deal that cannot be asked about stops no other
                self._fail(account_id, f"{type(error).__name__}: {error}")
                taken, again_at = True, self.now + 1
            examined.append((account_id, deal_id, again_at))
            if deal.asked and not taken:
                refused.append((account_id, deal_id))
        with self.store.transaction():
            self.store.set_examined(examined)
            self.store.forget_asked(refused)

    def _examine_one(
        self, account: Account, deal: Deal, own: Sequence[PastEnrolment], running: Sequence[PastEnrolment],
        draws: Sequence[Draw],
    ) -> tuple[bool, Instant | None]:  # fmt: skip
        """Queue the deal where a playbook takes it; and when to look again (queued: the next tick).

        `own` are the deal's enrolments, `running` those of its account that approach customers now.
        """
        told, asked_for = _asked(deal)
        playbooks = self._playbooks_of(team_of(self.world, deal))
        verdicts = examine(self.world, playbooks, account, deal, own, self.now, asked_for, told, draws)
        taken = take(verdicts, self.playbooks, asked_for)
        if not asked_for:  # a person's order goes before an experiment
            asked, into = self.drawing.ask(account, deal, [*own, *running], draws)
            verdicts += asked
            if into is not None:
                taken = [name for name in taken if self._may_run_beside(name, into)]
                self._chosen[account.id].append(self._to_be_drawn(account, deal, into))
        for name in taken:
            candidate = self._candidate(name, account, deal, own, ordered=name == asked_for)
            if candidate.ordered:  # it waits for no batch
                self._chosen[account.id].append(candidate)
            else:
                self._queue[name].append(candidate)
        if asked_for and asked_for not in taken:
            return False, self.now + 1  # without the order, others may take the deal
        return self._looked_at(account, deal, verdicts)

    def _playbooks_of(self, team: str) -> dict[str, Playbook]:
        """What asks a deal of `team`: its parameters count in `enrol.if` too."""
        if team not in self._by_team:
            self._by_team[team] = playbooks_of(self.offers.values(), team)
        return self._by_team[team]

    def _candidate(
        self, name: str, account: Account, deal: Deal, own: Sequence[PastEnrolment], *, ordered: bool
    ) -> Candidate:
        """`deal` as a playbook takes it."""
        home = team_of(self.world, deal)
        number = 1 + sum(1 for one in own if one.playbook == name)
        playbook = self._playbooks_of(home)[name]
        view = View(self.world, account, deal, playbook, self.now)
        place = rank(playbook.enrol.order, deal, Looking(view, playbook.scores).value)
        return Candidate(
            account.id, deal.id, name, number, _loss(deal), place, home if (name, home) in self.offers else "",
            facing=playbook.customer_facing, ordered=ordered,
        )  # fmt: skip

    def _to_be_drawn(self, account: Account, deal: Deal, into: Trial | Draw) -> Candidate:
        """`deal` as an experiment draws it, or has drawn it: the playbook is settled with the draw."""
        name = into.experiment if isinstance(into, Draw) else into.experiment.name
        loss = _loss(deal)
        return Candidate(
            account.id, deal.id, "", 0, loss, (loss, deal.id), experiment=name, home=team_of(self.world, deal)
        )  # fmt: skip

    def _looked_at(self, account: Account, deal: Deal, verdicts: Sequence[Verdict]) -> tuple[bool, Instant | None]:
        again_at = min((verdict.again_at for verdict in verdicts if verdict.again_at is not None), default=None)
        if not any(verdict.takes for verdict in verdicts):
            return False, again_at
        self._again[account.id, deal.id] = again_at
        return True, self.now + 1

    def _may_run_beside(self, name: str, into: Trial | Draw) -> bool:
        """What has actions inside the house only, and is no arm itself."""
        arms = into.rivals if isinstance(into, Draw) else into.playbook_names
        return not self.playbooks[name].customer_facing and name not in arms

    # --- choosing -----------------------------------------------------------------------------------------------------

    def _choose(self) -> None:
        """Let through what schedule and batch of each playbook allow, in its order; the rest waits and is counted."""
        later: list[tuple[str, str, Instant | None]] = []
        for name, queued in self._queue.items():
            room, again_at = self._room(self.playbooks[name])
            queued.sort(key=lambda candidate: candidate.rank)
            through, rest = (queued, []) if room is None else (queued[:room], queued[room:])
            for candidate in through:
                self._chosen[candidate.account].append(candidate)
            if rest:
                self.waiting[name] = len(rest)
                later += [self._wait(candidate, again_at) for candidate in rest]
        if later:
            with self.store.transaction():
                self.store.set_examined(later)

    def _wait(self, candidate: Candidate, again_at: Instant | None) -> tuple[str, str, Instant | None]:
        """The deal is looked at again when there may be room, also if another playbook takes it now."""
        key = candidate.account, candidate.deal
        instants = [at for at in (self._again.get(key), again_at) if at is not None]
        self._again[key] = min(instants, default=None)
        return (*key, again_at)

    def _room(self, playbook: Playbook) -> tuple[int | None, Instant | None]:
        """How many deals `playbook` may take now (None: any number), and when there may be room again."""
        opens = self._campaign(playbook)
        if opens is not None:
            return 0, opens
        batch = playbook.enrol.batch
        if batch is None:
            return None, None
        per = duration_from(str(resolve(batch.per, lambda _name: None)))
        where, calendar = zone(self.world.zone), self.world.calendar_named(playbook.calendar)
        recent = self.store.enrolments_since(playbook.name, delays.subtract(self.now, per, where, calendar))
        frees = delays.add(recent[0], per, where, calendar) if recent else delays.add(self.now, per, where, calendar)
        return max(0, batch.deals - len(recent)), max(frees, self.now + 1)

    def _campaign(self, playbook: Playbook) -> Instant | None:
        """When the campaign opens next; None if it takes deals now. What it waits for is remembered in the store."""
        name = playbook.enrol.schedule
        schedule = self.world.schedules.get(name or "")
        if name is None or schedule is None:
            return None
        where, calendar = zone(self.world.zone), self.world.calendar_named(playbook.calendar)
        known = self.store.meta(_campaign(playbook.name))
        opens = int(known) if known else time.next_match(schedule, self.now - 1, where, calendar, "")
        if opens > self.now:
            if not known:
                self.store.put_meta(_campaign(playbook.name), str(opens))
            return opens
        self._opened[playbook.name] = time.next_match(schedule, self.now, where, calendar, "")
        return None

    def close_campaigns(self) -> None:
        """All deals of the campaigns that were open are enrolled: what comes now waits for the next opening."""
        for name, opens in self._opened.items():
            self.store.put_meta(_campaign(name), str(opens))

    # --- starting -----------------------------------------------------------------------------------------------------

    def pages(self, size: int) -> Iterator[list[str]]:
        ids = sorted(self._chosen)
        for start in range(0, len(ids), size):
            yield ids[start : start + size]

    def deals_of(self, page: Sequence[str]) -> list[tuple[str, str]]:
        return [(candidate.account, candidate.deal) for account in page for candidate in self._chosen[account]]

    def settle(self, accounts: Sequence[Account]) -> Counter[str]:
        """Make the draws of this page, and pin the revisions that it enrols in: both before anything is enrolled.

        Returns how many units were drawn, by experiment.
        """
        by_id = {account.id: account for account in accounts}
        page = [one for account in by_id for one in self._chosen[account]]
        self._settled = settled = self.drawing.settle(page, by_id)
        for key, until in settled.locked.items():
            self._again[key] = min(self._again.get(key) or until, until)
        for key in settled.left:
            self._again[key] = self.now + 1
        chosen = {(one.playbook, one.team) for one in page if not one.experiment}
        pinned = {offer.revision.hash: offer for offer in (self.offers[key] for key in sorted(chosen))}
        pinned |= {entry.revision: entry.offer for entry in settled.entries.values() if entry.offer is not None}
        for offer in pinned.values():
            self.store.put_revision(
                Revision(
                    hash=offer.revision.hash, playbook=offer.playbook.name, content=offer.content,
                    created_at=self.now, facing=offer.playbook.customer_facing,
                )
            )  # fmt: skip
        return settled.drawn

    def start(self, advancing: Advancing, counted: Counter[str]) -> None:
        """Enrol the chosen deals of one account."""
        chosen = [one for one in self._chosen[advancing.account.id] if self._may_start(one)]
        advancing.starting = len(chosen)
        for candidate in chosen:
            deal = advancing.account.deals.get(candidate.deal)
            if deal is None:
                continue
            if deal.asked:
                deal.asked.clear()
                advancing.changes.changed_deals.add(deal.id)
            if candidate.experiment:
                entry = self._settled.entries[candidate.account, candidate.deal]
                candidate, revision = replace(candidate, playbook=entry.playbook, number=entry.number), entry.revision
            else:
                revision = self.offers[candidate.playbook, candidate.team].revision.hash
            advancing.start(begin(candidate, revision, self.now))
            counted[candidate.playbook] += 1

    def _may_start(self, candidate: Candidate) -> bool:
        """Not where something else in this tick took the deal; playbooks inside the house go on beside."""
        key = candidate.account, candidate.deal
        if candidate.experiment:
            return key in self._settled.entries
        return key not in self._settled.left or candidate.ordered or not candidate.facing

    def finish(self, page: Sequence[str]) -> None:
        """These deals were examined; what follows from their enrolment asks again by itself. Those of an account that
        could not be advanced are looked at again."""
        self.store.set_examined(
            [(*key, self.now + 1 if key[0] in self._failed else self._again.get(key)) for key in self.deals_of(page)]
        )


def ask_again(store: Store, offers: Offers, world: World) -> None:
    """Have the deals examined when an enrol block, the list of playbooks or who is in which team changed: once after
    each edit, never at each tick."""
    blocks = {f"{name} {team}".strip(): _block(offer.content) for (name, team), offer in sorted(offers.items())}
    asked = json.dumps(blocks)
    by_team = any(team for _, team in offers) or '"team"' in asked or "deal.team" in asked
    teams = {person.id: person.team for person in world.roster.people.values()} if by_team else {}
    text = json.dumps({"playbooks": list(world.playbooks), "enrol": blocks, "teams": teams}, sort_keys=True)
    if store.meta("enrol blocks") == text:
        return
    only_lost = all(block.get("if", {}).get("status") == {"is": "lost"} for block in blocks.values())
    with store.transaction():
        store.examine_all("lost" if only_lost else None)
        store.put_meta("enrol blocks", text)


def _block(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """The `enrol` block of what is pinned, with the parameters and scores that it may name."""
    playbook: Mapping[str, Any] = content["playbook"]
    enrol: Mapping[str, Any] = playbook.get("enrol", {})
    said = {**playbook.get("params", {}), **content.get("scores", {})}
    named: dict[str, Any] = {}
    words = _words(enrol)
    while new := {name: one for name, one in said.items() if name in words and name not in named}:
        named |= new
        words = _words(new)  # a parameter may name another
    return {**enrol, "named": named} if named else enrol


def _words(content: Any) -> set[str]:
    return set(re.findall(r"\w+", json.dumps(content)))


def _asked(deal: Deal) -> tuple[frozenset[str], str]:
    """The events that may enrol the deal, and the playbook that a person ordered."""
    orders = [told.partition(" ")[2] for told in deal.asked if told.startswith("command.enrol ")]
    return frozenset(deal.asked), orders[-1] if orders else ""


def _loss(deal: Deal) -> str:
    return str(deal.fields.get("lost_at") or "")


def _campaign(playbook: str) -> str:
    return f"campaign {playbook}"
