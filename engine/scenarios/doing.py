"""What a step does: time passes, people say something, the CRM changes. One function for each keyword."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.runner.recording import Prepared, Said
from engine.scenarios.model import Step, Unmet
from engine.scenarios.playing import Play
from engine.scenarios.typed import typed
from engine.store.base import ActionRow


def wait(play: Play, step: Step) -> None:
    view = play.view()
    play.advance(view.after(str(step.said["wait"]), play.now, ""))


def until(play: Play, step: Step) -> None:
    at = play.instant(str(step.said["until"]))
    if at < play.now:
        raise Unmet(f"{step.said['until']} is past: it is {play.words(play.now)} here", "write a later time")
    play.advance(at)


def event(play: Play, step: Step) -> None:
    """Recorded for the deal, or only for a contact or the account (`from`); `ACTION.OUTCOME` is an outcome."""
    said, whose = step.said, step.said.get("from", "deal")
    head, dot, _ = str(said["event"]).partition(".")
    if dot and play.bench.playbook.has_action(head) and not said.get("late"):
        _open(play, head, "if it comes too early or too late on purpose, write `late: true` beside `event`")
    prepared = play.recording(_by(step)).event(
        str(said["event"]), Said(note=str(said.get("note", "")), checked=True),
        deal=play.export.deal if whose == "deal" else "", contact=str(said.get("contact", "")),
        account=play.export.account if whose == "account" else "", fields=said.get("with") or {},
    )  # fmt: skip
    _record(play, prepared)


def change(play: Play, step: Step) -> None:
    """As an import would: deal fields, `account.X`, and `contact.X` of the deal's first contact or of `contact:`."""
    told: dict[str, dict[str, Any]] = {"deal": {}, "account": {}, "contact": {}}
    for name, value in step.said["change"].items():
        entity, _, bare = str(name).rpartition(".")
        told[entity or "deal"][bare] = value
    found = {entity: typed(entity, said, play.bench.world) for entity, said in told.items()}
    contacts = []
    if told["contact"]:
        number = str(step.said.get("contact") or play.view().contact(""))
        if not number:
            raise Unmet("the deal has no contact whose field could change", "give the scenario `contacts:`")
        contacts = [{"id": number, **found["contact"]}]
    play.export.tell(
        play.store, play.bench.world, play.now, deal=found["deal"], account=found["account"], contacts=contacts
    )


def skip(play: Play, step: Step) -> None:
    _record(play, play.recording(_by(step)).skip(_open(play, str(step.said["skip"])), str(step.said["because"])))


def defer(play: Play, step: Step) -> None:
    recording = play.recording(_by(step))
    row = _open(play, str(step.said["defer"]))
    _record(play, recording.defer(row, recording.later(str(step.said["until"]))))


def reassign(play: Play, step: Step) -> None:
    _record(play, play.recording(_by(step)).reassign(_open(play, str(step.said["reassign"])), str(step.said["to"])))


def pause(play: Play, step: Step) -> None:
    _record(play, *play.recording(_by(step)).pause(play.export.deal))


def release(play: Play, step: Step) -> None:
    _record(play, *play.recording(_by(step)).release(play.export.deal))


def enrol(play: Play, _step: Step) -> None:
    play.enrol()


def answer(play: Play, step: Step) -> None:
    """The questionnaire of an action is answered; also after the action was closed."""
    name, said = str(step.said["answer"]), step.said
    rows = play.rows(name)
    row = rows[-1] if rows else _open(play, name)
    prepared = play.recording(_by(step)).answers(
        row, said["with"], Said(note=str(said.get("note", "")), checked=True), contact=str(said.get("contact", ""))
    )
    _record(play, prepared)


def _by(step: Step) -> str:
    return str(step.said.get("by", ""))


def _record(play: Play, *prepared: Prepared) -> None:
    with play.store.transaction():
        play.recording("").record(prepared)


def _open(play: Play, name: str, advice: str = "") -> ActionRow:
    """The action of that name that is handed out or deferred. `advice` is for where none is."""
    rows = play.rows(name)
    if not rows:
        raise Unmet(f"{name} has not been handed out yet", _due_now(play, advice))
    if rows[-1].closed_at is not None:
        how = rows[-1].outcome or rows[-1].status
        raise Unmet(f"{name} was closed on {play.words(rows[-1].closed_at)} ({how})", _due_now(play, advice))
    return rows[-1]


def _due_now(play: Play, advice: str) -> str:
    names = sorted(row.name for row in play.store.open_actions(deal=play.export.deal))
    return f"due then: {', '.join(names) or 'nothing'}" + (f"; {advice}" if advice else "")


DO: Mapping[str, Callable[[Play, Step], None]] = {
    "wait": wait, "until": until, "event": event, "change": change, "skip": skip, "defer": defer,
    "reassign": reassign, "pause": pause, "release": release, "enrol": enrol,
    "answer": answer,
}  # fmt: skip
