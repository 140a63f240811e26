"""Gaps in the record: what is not known about lost deals, and which steps of the playbooks were not taken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.core.account import Deal
from engine.core.building.guards import condition as guard
from engine.core.building.words import Words
from engine.core.conditions import Condition, holds
from engine.core.looking import looking_at
from engine.core.plural import count
from engine.core.questionnaires import Questionnaire
from engine.core.vocabulary import Field, Vocabulary
from engine.reports.answers import REASON_FIELDS, reason_of
from engine.reports.model import Cell, Name, Report, Share, Table, columns, filled
from engine.reports.reading import Dossier, accounts
from engine.reports.scope import Scope, team_of
from engine.reports.wording import nothing, share_text, words

if TYPE_CHECKING:
    from engine.store.base import Store

MISSED = ("expired", "skipped", "missed")
_CLOSED = ("done", *MISSED)
_NOT_ASKED = ("id", "status", "won_at", "modified_at", "zone", "follows_deal")  # no news of a loss, or of other deals
# Every CRM has these.
_BUILT_IN = ("name", "owner", "team", "amount", "created_at", "lost_at")


@dataclass(slots=True)
class _Tally:
    losses: int = 0
    taken: int = 0
    wanted: Counter[str] = field(default_factory=Counter)  # by field: deals that should have it
    empty: Counter[str] = field(default_factory=Counter)  # by field
    filled: Counter[str] = field(default_factory=Counter)  # by team
    asked: Counter[str] = field(default_factory=Counter)  # by team: fields times deals
    steps: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # playbook, action, status


def report(store: Store, scope: Scope) -> Report:
    tally = _Tally()
    asked = asked_of(scope.world.vocabulary)
    for found in accounts(store, scope.world.roster, "actions", statuses=("lost",)):
        for deal in found.deals:
            tally.losses += 1
            if scope.takes(deal):
                tally.taken += 1
                names = [name for name, condition in asked.items() if _is_asked(condition, found, deal, scope)]
                _count_fields(tally, deal, names, scope.questionnaires)
                _count_steps(tally, found, deal, scope.playbook)
    return _told(tally, list(asked))


def asked_of(vocabulary: Vocabulary) -> dict[str, Condition | None]:
    """The fields that should be filled, each with the condition under which (None: always).

    The basic ones, and those that fields.yaml calls required; where it calls none so, all that no playbook fills.
    """
    declared = [one for one in vocabulary.fields.values() if _declared(one)]
    chosen = [one for one in declared if one.required] or declared
    words = Words(vocabulary=vocabulary)
    conditions = {one.bare: guard(words, one.required, ()) if one.required else None for one in chosen}
    return dict.fromkeys(_BUILT_IN) | conditions


def _is_asked(condition: Condition | None, found: Dossier, deal: Deal, scope: Scope) -> bool:
    return holds(condition, looking_at(scope.world, found.account, deal, scope.now))


def _declared(one: Field) -> bool:
    filled_by_people = bool(one.required) or not one.playbooks_may_write
    return one.name.startswith("deal.") and one.bare not in _NOT_ASKED and filled_by_people


def _count_fields(tally: _Tally, deal: Deal, names: Sequence[str], questionnaires: Mapping[str, Questionnaire]) -> None:
    missing = [name for name in names if not _known(deal, name, questionnaires)]
    tally.wanted.update(names)
    tally.empty.update(missing)
    team = team_of(deal)
    tally.asked[team] += len(names)
    tally.filled[team] += len(names) - len(missing)


def _known(deal: Deal, name: str, questionnaires: Mapping[str, Questionnaire]) -> bool:
    """A reason may stand in an answer instead of its field; “unknown” is none."""
    said_by = next((who for who, field in REASON_FIELDS.items() if field == name), "")
    if said_by:
        return bool(reason_of(deal, said_by, questionnaires))
    return deal.fields.get(name) not in (None, "")


def _count_steps(tally: _Tally, found: Dossier, deal: Deal, playbook: str) -> None:
    for action in found.actions(deal):
        if action.status in _CLOSED and playbook in ("", action.playbook):
            tally.steps[(action.playbook, action.name, action.status)] += 1


def _told(tally: _Tally, names: Sequence[str]) -> Report:
    name, title = "gaps", "Gaps in the record"
    complete = Share(part=tally.filled.total(), whole=tally.asked.total())
    missed = sum(times for (_, _, status), times in tally.steps.items() if status in MISSED)
    steps = Share(part=missed, whole=tally.steps.total())
    facts = {
        "lost": tally.taken, "fields": len(names), "filled": complete.part, "completeness": complete.value,
        "steps_closed": steps.whole, "steps_missed": steps.part,
    }  # fmt: skip
    if not tally.taken:
        return Report(name=name, title=title, verdict=nothing(tally.losses), facts=facts)
    return Report(
        name=name, title=title, verdict=_verdict(tally, complete), remarks=_remarks(steps),
        tables=filled(_field_table(tally, names), _team_table(tally), _step_table(tally)), facts=facts,
    )  # fmt: skip


def _verdict(tally: _Tally, complete: Share) -> str:
    told = f"Of what should be known of {count(tally.taken, 'lost deal')}, {share_text(complete)} values are filled"
    if not tally.empty:
        return f"{told}: nothing is missing."
    worst, times = min(tally.empty.items(), key=lambda one: (-one[1], one[0]))
    share = share_text(Share(part=times, whole=tally.wanted[worst]))
    return f"{told}; “{words(worst)}” is missing most often, for {share} deals that should have it."


def _remarks(steps: Share) -> tuple[str, ...]:
    if not steps.whole:
        return ("No action was handed out and closed yet, so no step can have been missed.",)
    return (f"Of the actions that are closed, {share_text(steps)} expired, were skipped or came too late.",)


def _field_table(tally: _Tally, names: Iterable[str]) -> Table:
    rows = sorted(((tally.empty[name], name) for name in names), key=lambda one: (-one[0], one[1]))
    return Table(
        name="fields", title="Empty fields, the emptiest first", columns=columns(field="field", empty="empty"),
        rows=tuple((name, Share(part=times, whole=tally.wanted[name])) for times, name in rows if tally.wanted[name]),
    )  # fmt: skip


def _team_table(tally: _Tally) -> Table:
    rows = tuple((team, Share(part=tally.filled[team], whole=asked)) for team, asked in sorted(tally.asked.items()))
    return Table(name="by_team", title="Values filled by team, in alphabetical order",
                 columns=columns(team="team", filled="values filled"), rows=rows)  # fmt: skip


def _step_table(tally: _Tally) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for playbook, action in sorted({(playbook, action) for playbook, action, _ in tally.steps}):
        times = {status: tally.steps[(playbook, action, status)] for status in _CLOSED}
        missed = Share(part=sum(times[status] for status in MISSED), whole=sum(times.values()))
        rows.append((playbook, Name(name=action), missed, *(times[status] for status in MISSED)))
    heads = columns(playbook="playbook", action="action", not_done="not done", expired="expired", skipped="skipped",
                    missed="too late")  # fmt: skip
    return Table(name="steps", title="Steps that were not taken, by playbook and action", columns=heads,
                 rows=tuple(rows))  # fmt: skip
