"""`playbook answer`: answers to the questions of an action, typed, set one by one, or from a file."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from engine.authoring.places import Source
from engine.console.asking import answer_text, ask_all, ask_outcome, at_terminal, confirmed, question_lines, tick_off
from engine.console.desk import FINE, Desk, Refused
from engine.console.options import (
    RECORDED_BEFORE,
    at_option,
    by_option,
    looking_at,
    now_option,
    refusing,
    say_notices,
    writing,
)
from engine.console.tables import as_json, clean, clean_lines
from engine.core.answering import is_answers
from engine.core.durations import Instant
from engine.core.plural import count
from engine.core.questionnaires import answers_schema
from engine.core.roster import Roster
from engine.runner.answering import Asked, WrongAnswers, asked_of, checked_answer
from engine.runner.listing import account_of
from engine.runner.lookup import Lookup
from engine.runner.payload import NotRecordable
from engine.runner.recording import Prepared, Recording, Said
from engine.runner.returned import WrittenTwice, written_once

_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Filled:
    """What one command says: `answers` by question as written, or as kept where they were typed at the terminal."""

    answers: Mapping[str, Any]
    outcome: str = ""
    checked: bool = False
    contact: str = ""
    note: str = ""
    at: str | None = None
    key: str | None = None
    source: Source | None = None  # the file that the answers stand in, where it knows its lines


@click.command("answer", epilog="Examples: playbook answer 3f9a    playbook answer 3f9a --set fit=4 --set why=price"
                                "    playbook answer 3f9a --file answers.yaml --outcome talked")  # fmt: skip
@click.argument("action")
@click.option("--set", "pairs", multiple=True, metavar="QUESTION=VALUE", help="One answer (may be repeated).")
@click.option("--file", "file", help="Answers by question, as .json or .yaml; - reads standard input.")
@click.option("--outcome", default="", help="How the action went: it is closed with the answers.")
@click.option("--checked", is_flag=True, help="Everything on its checklist is so.")
@click.option("--contact", default="", help="Who answered, if not the contact of the action.")
@click.option("--note", default="", help="What is worth remembering.")
@click.option("--key", help="Makes it safe to repeat: the same key is recorded once.")
@click.option("--dry-run", is_flag=True, help="Check only; record nothing.")
@click.option("--show", is_flag=True, help="Print the questions, with what is answered already.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True,
              help="With --show: json is the JSON Schema of a file of answers.")  # fmt: skip
@at_option
@by_option
@now_option
@click.pass_obj
def answer(
    desk: Desk, action: str, pairs: tuple[str, ...], file: str | None, outcome: str, checked: bool, contact: str,
    note: str, key: str | None, dry_run: bool, show: bool, form: str, at: str | None, by: str | None, now: str | None,
) -> int:  # fmt: skip
    """Answer the questions of an action: one by one at the terminal, with --set, or from a file.

    ACTION is its id or the beginning of it, open or closed long ago. `?` and `unknown` are answers to every question.
    """
    asked = _asked(desk, action, looking_at(desk, now))
    if show:
        schema = answers_schema(asked.questionnaire)
        click.echo(as_json(schema) if form == "json" else "\n".join([*_heading(asked), *question_lines(asked)]))
        return FINE
    source = _read(file) if file is not None else {}
    content = source.content if isinstance(source, Source) else source
    said = Filled(
        answers={**content, **_pairs(pairs)}, outcome=outcome, checked=checked, contact=contact, note=note, at=at,
        key=key, source=source if isinstance(source, Source) else None,
    )  # fmt: skip
    if not said.answers:
        said = _in_dialogue(desk, asked, said)
    return _record(desk, asked, said, by, dry_run=dry_run)


def _asked(desk: Desk, action: str, at: Instant) -> Asked:
    lookup = Lookup(store=desk.store, world=desk.world, shelf=desk.shelf, now=at)
    with refusing():
        row = lookup.action(action)
    asked = asked_of(lookup, row)
    if asked is None:
        raise Refused(f"{row.name} asks no questions", f"`playbook done {row.id}` says how it went")
    return asked


def _heading(asked: Asked) -> list[str]:
    row = asked.row
    whom = ", ".join(part for part in (f"{row.deal} {row.deal_name}".strip(), row.account_name) if part)
    return [clean(f"{row.kind}: {row.title} ({whom})"), *clean_lines(asked.questionnaire.intro).splitlines()]


# --- answers that came with the command -----------------------------------------------------------------------------


def _pairs(pairs: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in pairs:
        name, sign, text = one.partition("=")
        if not sign or not name.strip():
            raise Refused(f"{one!r} sets nothing", "write --set question=answer")
        if name.strip() in found:
            raise Refused(f"{name.strip()} is set twice", "several answers go behind one sign: --set why=first,second")
        found[name.strip()] = text
    return found


def _read(file: str) -> Source | dict[str, Any]:
    """A file of answers: JSON where it ends in .json or begins like it, else YAML."""
    try:
        raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise Refused(f"{file} cannot be read: {error.strerror}") from None
    named = "standard input" if file == "-" else file
    is_json = file.lower().endswith(".json") or raw.lstrip().startswith(b"{")
    read = _read_json(named, raw) if is_json else _read_yaml(named, raw)
    content = read.content if isinstance(read, Source) else read
    if not isinstance(content, dict):
        raise Refused(f"{named} holds no answers", "write one line for each question, such as `fit: 4`")
    return read


def _read_json(file: str, raw: bytes) -> Any:
    from engine.authoring.encoding import decode

    text = decode(file, raw)
    if not isinstance(text, str):
        raise Refused(f"{text.location}: {text.message}", text.hint)
    try:
        content = json.loads(text, object_pairs_hook=written_once)
    except WrittenTwice as error:
        raise Refused(f"{file}: {error}", "keep one of the two") from None
    except json.JSONDecodeError as error:
        raise Refused(f"{file}:{error.lineno}:{error.colno}: this is no JSON: {error.msg}") from None
    except (ValueError, RecursionError):
        raise Refused(f"{file} is no JSON that answers can be read from") from None
    if _SURROGATE.search(json.dumps(content, ensure_ascii=False)):
        raise Refused(f"{file} has half a character in it", "write letters as they are, without \\u")
    return content


def _read_yaml(file: str, raw: bytes) -> Source:
    from engine.authoring.source import read_yaml

    source = read_yaml(file, raw)
    if isinstance(source, Source):
        return source
    listed = "\n  ".join(f"{one.location}: {one.message}" for one in source)
    raise Refused(listed, source[0].hint)


# --- answers that are typed -----------------------------------------------------------------------------------------


def _in_dialogue(desk: Desk, asked: Asked, said: Filled) -> Filled:
    """Ask at the terminal. Raises Refused, or click.Abort on Ctrl-C: then nothing was recorded."""
    if not at_terminal():
        raise Refused("what are the answers?" + _examples(asked), _how_to_answer(asked))
    try:
        for line in [clean(asked.questionnaire.title), *_heading(asked)]:
            click.echo(line)
        return _typed(desk, asked, said)
    except (click.Abort, KeyboardInterrupt):
        desk.say("\nnothing was recorded")
        raise


def _typed(desk: Desk, asked: Asked, said: Filled) -> Filled:
    if asked.unchecked and not said.checked:
        undone = tick_off(asked.declared.checklist)
        if undone:
            raise Refused(f"not yet: {undone}", f"`playbook answer {asked.row.id}` goes on when it is done")
    roster = desk.world.roster
    known = _fitting(asked, {**_known_of_deal(desk, asked), **asked.given.answers}, roster)
    answers = ask_all(asked, known, lambda name, text: checked_answer(asked, name, text, roster))
    if not answers or not confirmed(asked, answers):
        raise Refused("nothing was recorded", f"`playbook answer {asked.row.id}` asks again")
    return Filled(
        answers=answers, outcome=said.outcome or _outcome(desk, asked), checked=True, contact=said.contact,
        note=said.note, at=said.at, key=said.key,
    )  # fmt: skip


def _known_of_deal(desk: Desk, asked: Asked) -> dict[str, Any]:
    """What was answered for the deal, in whatever action."""
    row = desk.store.deal(asked.row.deal)
    deal = account_of(desk.store, row, desk.clock(dry_run=True)).deals[row.deal.id]
    return dict(deal.answers.get(asked.questionnaire.name, {}))


def _fitting(asked: Asked, known: Mapping[str, Any], roster: Roster) -> dict[str, Any]:
    """Those of the known answers that could be given again: questions, choices and people come and go."""
    found = {}
    for name, item in known.items():
        with suppress(NotRecordable):
            found[name] = checked_answer(asked, name, item, roster)
    return found


def _outcome(desk: Desk, asked: Asked) -> str:
    """How it went, where that is open and there is a choice."""
    row, outcomes = asked.row, asked.declared.outcomes
    reported = any(
        one.event.action == row.id and not one.event.name.startswith("command.") and not is_answers(one.event.name)
        for one in desk.store.pending_events(row.deal)
    )
    return ask_outcome(outcomes) if row.closed_at is None and len(outcomes) > 1 and not reported else ""


def _examples(asked: Asked) -> str:
    return "".join(f"\n  {line}" for line in question_lines(asked))


def _how_to_answer(asked: Asked) -> str:
    first = next(iter(asked.questionnaire.questions))
    short = asked.row.id
    return f"playbook answer {short} --set {first}=…   or   playbook answer {short} --file answers.yaml"


# --- recording ------------------------------------------------------------------------------------------------------


def _record(desk: Desk, asked: Asked, said: Filled, by: str | None, *, dry_run: bool) -> int:
    """In one transaction, the outcome behind the answers; what cannot be recorded changes nothing."""
    with writing(desk, by, desk.now_text) as told:
        if said.key and told.store.known_keys([said.key]):
            desk.say(RECORDED_BEFORE)
            return FINE
        try:
            prepared = _prepared(told, asked, said)
        except WrongAnswers as error:
            raise Refused(_located(error, said), error.hint) from None
        if not dry_run:
            told.record(prepared)
    _tell(desk, asked, prepared, dry_run=dry_run)
    return FINE


def _prepared(told: Recording, asked: Asked, said: Filled) -> list[Prepared]:
    row = told.action(asked.row.id)
    occurred = told.occurred(said.at) if said.at else None
    contact = told.contact(said.contact, row.account).id if said.contact else ""
    beside = Said(occurred_at=occurred, key=said.key, note=said.note, checked=said.checked)
    prepared = [told.answers(row, said.answers, beside, contact=contact, outcome=said.outcome)]
    if said.outcome:
        key = f"{said.key} {said.outcome}" if said.key else None
        prepared.append(told.outcome(row, said.outcome, replace(beside, key=key, note="")))
    return prepared


def _located(error: WrongAnswers, said: Filled) -> str:
    """What is wrong, each with its line in the file if it has one."""
    if said.source is None:
        return error.message
    head, _, _ = error.message.partition("\n")
    lines = [head]
    for one in error.wrong:
        known = one.question in said.source.content and said.answers[one.question] is said.source.content[one.question]
        lines.append(f"  - {said.source.where((one.question,))}: {one}" if known else f"  - {one}")
    return "\n".join(lines)


def _tell(desk: Desk, asked: Asked, prepared: Sequence[Prepared], *, dry_run: bool) -> None:
    row, answers = asked.row, prepared[0].event.fields["answers"]
    if dry_run:
        for name, item in answers.items():
            desk.say(clean(f"{name}: {answer_text(asked.questionnaire.questions[name], item)}"))
    say_notices(desk, prepared)
    number = f"{count(len(answers), 'answer')} to {asked.questionnaire.name} for {row.deal}"
    also = f", and {prepared[1].event.name}" if len(prepared) > 1 else ""
    if dry_run:
        desk.say(clean(f"dry run, nothing was recorded: {number}{also} would be"))
        return
    desk.say(clean(f"{number} recorded{also}; the next tick acts on it"))
    if not also and row.closed_at is None:
        desk.say(f"`playbook done {row.id}` says how it went")


COMMANDS = {"answer": answer}
