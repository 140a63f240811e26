"""What became of the decision: how many of the deals we lost were never completed, or do not work out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.core.account import Deal
from engine.core.plural import count
from engine.reports.model import Name, Report, Share, Table, columns, filled
from engine.reports.outcomes import NEEDS, outcomes
from engine.reports.reading import Dossier, accounts
from engine.reports.scope import Scope, team_of, text_of
from engine.reports.wording import nothing, share_text

if TYPE_CHECKING:
    from engine.store.base import Store

NOT_COMPLETED = ("stalled", "status_quo")
NOT_WORKING = ("solution_failing", "vendor_failing")
HAPPY, SILENT = "implemented_happy", "no_answer"
HEARD = (*NOT_WORKING, *NOT_COMPLETED, HAPPY)
FIELD = "after_the_loss"  # where the shipped playbooks keep it


@dataclass(slots=True)
class _Tally:
    losses: int = 0
    taken: int = 0
    heard: Counter[str] = field(default_factory=Counter)
    teams: Counter[tuple[str, str]] = field(default_factory=Counter)  # team, outcome


def report(store: Store, scope: Scope) -> Report:
    tally = _Tally()
    for found in accounts(store, scope.world.roster, *NEEDS):
        for deal in found.deals:
            tally.losses += deal.status == "lost"
            if scope.takes_loss(deal):
                tally.taken += 1
                outcome = _outcome(found, deal, scope.playbook)
                if outcome:
                    tally.heard[outcome] += 1
                    tally.teams[(team_of(deal), outcome)] += 1
    return _told(tally)


def _outcome(found: Dossier, deal: Deal, playbook: str) -> str:
    """The last thing heard in a check-in; `no_answer` if there was one and nothing was heard; "" without one."""
    kept = text_of(deal.fields.get(FIELD))
    last = kept if kept in HEARD and not playbook else ""
    asking = {action.name for action, word, _ in outcomes(found, deal, playbook) if word in HEARD}
    for action, word, _ in outcomes(found, deal, playbook):
        if word in HEARD:
            last = word
        elif not last and action.facing and (action.name in asking or _checks_in(action.name)):
            last = SILENT
    return last


def _checks_in(action: str) -> bool:
    return action.startswith(("check_in", "checkin"))


def _told(tally: _Tally) -> Report:
    name, title = "completion", "What became of the customer's decision"
    heard = sum(tally.heard[one] for one in HEARD)
    never = Share(part=sum(tally.heard[one] for one in NOT_COMPLETED), whole=heard)
    opened = Share(part=never.part + sum(tally.heard[one] for one in NOT_WORKING), whole=heard)
    facts = {
        "heard": heard, "no_answer": tally.heard[SILENT], "never_completed": never.part,
        "never_completed_share": never.value, "worth_another_look": opened.part,
    }  # fmt: skip
    if not tally.heard:
        told = "No check-in has been made yet." if tally.taken else nothing(tally.losses)
        return Report(name=name, title=title, verdict=told, facts=facts)
    return Report(name=name, title=title, verdict=_verdict(never), remarks=_remarks(tally, opened),
                  tables=filled(_outcome_table(tally, heard), _team_table(tally)), facts=facts)  # fmt: skip


def _verdict(never: Share) -> str:
    if not never.whole:
        return "Nothing was heard yet: no check-in reached the customer."
    return f"Never completed, as far as we heard: {share_text(never)} lost deals (stalled, or left as it was)."


def _remarks(tally: _Tally, opened: Share) -> tuple[str, ...]:
    told = [f"Counted with solutions and vendors that fail, {share_text(opened)} are worth another look."]
    if not opened.whole:
        told = []
    if tally.heard[SILENT]:
        told.append(f"{count(tally.heard[SILENT], 'deal')} with a check-in that reached nobody, not counted.")
    return tuple(told)


def _outcome_table(tally: _Tally, heard: int) -> Table:
    rows = tuple((Name(name=one), Share(part=tally.heard[one], whole=heard)) for one in HEARD)
    return Table(name="outcomes", title="What was heard in check-ins",
                 columns=columns(outcome="outcome", deals="deals"), rows=rows)  # fmt: skip


def _team_table(tally: _Tally) -> Table:
    rows = []
    for team in sorted({team for team, _ in tally.teams}):
        heard = sum(tally.teams[(team, one)] for one in HEARD)
        never, failing = (sum(tally.teams[(team, one)] for one in some) for some in (NOT_COMPLETED, NOT_WORKING))
        rows.append((team, Share(part=never, whole=heard), Share(part=failing, whole=heard),
                     Share(part=tally.teams[(team, HAPPY)], whole=heard), tally.teams[(team, SILENT)]))  # fmt: skip
    heads = columns(team="team", never_completed="never completed", failing="does not work out", happy="well served",
                    no_answer="not reached")  # fmt: skip
    return Table(name="by_team", title="By team, in alphabetical order", columns=heads, rows=tuple(rows))
