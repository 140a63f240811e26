"""A small playbook, its deals, and questions about them: what the tests of the simulation play."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from engine.authoring.workspace import Workspace, load_workspace, revision_content
from engine.core.account import Account, Contact, Deal
from engine.core.building.revision import revision_from, revision_hash
from engine.core.building.teams import teams_of
from engine.simulation.behaviour import Behaviour, Chance, Share
from engine.simulation.question import Simulation, Start, Subject, Way
from engine.simulation.stage import Stage
from engine.simulation.tally import Tally
from engine.simulation.working import merged, work

ROOT = Path(__file__).resolve().parents[2]
MONDAY = 1772442000  # 2026-03-02 09:00 UTC
HOUR, DAY, WEEK = 3_600, 86_400, 604_800
FILES = {
    "playbook.toml": '[workspace]\nzone = "UTC"\nplaybooks = ["letters", "silence"]\n',
    "playbooks/letters.yaml": """
playbook: letters
title: Two letters
enrol: {if: {status: {is: lost}}}
params: {wait: 2w}
ends: {answered: {success: true}, over: {}, gone: {}}
anywhere:
  - {event: opted_out, from: contact, end: gone}
  - {event: reply, from: contact, end: answered}
initial: first
states:
  first:
    actions:
      write: {kind: letter, title: Write, assign: owner, minutes: 20, expires: 10bd}
    transitions:
      - {event: write.done, to: waiting}
      - {event: all_closed, end: over}
  waiting:
    transitions:
      - {after: wait, to: second}
  second:
    actions:
      call: {kind: call, title: Call, assign: owner, minutes: 10, outcomes: [talked, no_answer], expires: 5bd}
    transitions:
      - {event: call.talked, end: answered}
      - {event: all_closed, end: over}
""",
    "playbooks/silence.yaml": """
playbook: silence
title: Nothing
enrol: {if: {status: {is: lost}}}
ends: {over: {}}
initial: only
states:
  only:
    actions:
      note: {kind: notify, title: Leave it, assign: owner, optional: true}
    transitions:
      - {after: 1d, end: over}
""",
    "playbooks/library/roster.yaml": """
people:
  ana: {team: west}
  ben: {team: east}
teams: {west: {}, east: {}}
""",
}


def laid(folder: Path, **more: str) -> Workspace:
    """The workspace in `folder`; `more` are files by name, `__` for a slash."""
    for name, text in {**FILES, **{key.replace("__", "/"): text for key, text in more.items()}}.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    workspace = load_workspace(folder, {})
    assert not [one for one in workspace.problems if one.level == "error"], workspace.problems
    return workspace


def way(workspace: Workspace, name: str, label: str = "", **params) -> Way:
    revisions = {}
    for team in ("", *teams_of(workspace.contents[name])):
        content = revision_content(workspace, name, team, params)
        revisions[team] = revision_from(content, revision_hash(content))
    return Way(name=label or name, playbook=name, revisions=revisions)


def subjects(count: int, at: int = MONDAY, apart: int = 0) -> tuple[Subject, ...]:
    """`count` accounts with one deal and one contact each, the next one `apart` seconds later."""
    return tuple(_subject(number, at + number * apart) for number in range(count))


def _subject(number: int, at: int) -> Subject:
    owner, team = (("ana", "west"), ("ben", "east"))[number % 2]
    deal = Deal(f"D{number}", f"A{number}", {
        "name": "Deal", "status": "lost", "owner": owner, "team": team, "lost_at": "2026-03-02",
    }, [(f"C{number}", "")])  # fmt: skip
    account = Account(deal.account, deals={deal.id: deal}, contacts={f"C{number}": Contact(f"C{number}", deal.account)})
    return Subject(account=account, starts=(Start(deal=deal.id, at=at, team=team),))


def question(workspace: Workspace, *ways: Way, behaviour: Behaviour, cast=None, **more) -> Simulation:
    return Simulation(
        world=workspace.world, ways=ways or (way(workspace, "letters"),), subjects=cast or subjects(40, apart=3 * HOUR),
        behaviour=behaviour, **more,
    )  # fmt: skip


def play(asked: Simulation) -> list[list[Tally]]:
    stage = Stage.of(asked)
    return merged(asked, (work(stage, chunk) for chunk in range(asked.chunks)))


def sure(median: int = 0, share: float = 1.0) -> Chance:
    """It happens to this share, always after `median` seconds."""
    return Chance(share=Share(low=share, high=share), median=median, p90=median)


def likely(low: float, high: float, median: int, p90: int) -> Chance:
    return Chance(share=Share(low=low, high=high), median=median, p90=p90)


LIVELY = Behaviour(
    name="lively",
    reps={"any": likely(0.7, 0.95, DAY // 2, 4 * DAY)},
    outcomes={"any": {"no_answer": 2}},
    replies={"any": likely(0.1, 0.4, 3 * DAY, 12 * DAY)},
    opt_outs={"any": likely(0.01, 0.05, DAY, 4 * DAY)},
    wins={"success": likely(0.2, 0.6, 20 * DAY, 60 * DAY), "by_itself": likely(0.01, 0.04, 60 * DAY, 200 * DAY)},
)


def without(behaviour: Behaviour, *groups: str) -> Behaviour:
    return replace(behaviour, **{group: {} for group in groups})
