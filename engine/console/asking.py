"""A questionnaire at the terminal: how its questions and answers read, and the dialogue that asks them one by one."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import click

from engine.console.tables import clean
from engine.core.questionnaires import Question
from engine.runner.answering import Asked, possible
from engine.runner.payload import NotRecordable

Check = Callable[[str, str], Any]  # (question, what was typed) -> the answer as kept; raises NotRecordable
_BACK, _NOTHING = "<", ""
_KEYS = "Enter keeps what is known or skips, ? is unknown, < goes back, Ctrl-C leaves without recording anything."


def at_terminal() -> bool:
    """Whether somebody sits at a keyboard who can be asked."""
    return sys.stdin is not None and sys.stdin.isatty()  # cron may leave none


# --- how questions and answers read ---------------------------------------------------------------------------------


def answer_text(question: Question, answer: Any) -> str:
    """An answer as people read it; the main one of several comes first."""
    if isinstance(answer, bool):
        return "yes" if answer else "no"
    if isinstance(answer, Mapping):
        answer = [answer["primary"], *answer.get("also", ())]
    if isinstance(answer, (list, tuple)):
        return ", ".join(question.values.get(one, str(one)) for one in answer)
    return question.values.get(str(answer), str(answer))


def question_lines(asked: Asked) -> Iterator[str]:
    """Every question with its help, its choices, and what is answered already."""
    questionnaire = asked.questionnaire
    yield clean(f"Questions ({questionnaire.title}):")
    for number, question in enumerate(questionnaire.questions.values(), 1):
        required = ", required" if question.required else ""
        yield clean(f"  {number}. {question.ask}  ({question.name}: {_kind(question)}{required})")
        yield from (clean(f"     {line}") for line in question.help.splitlines())
        yield from (clean(f"     - {name}: {words}") for name, words in question.values.items())
        if question.name in asked.given.answers:
            yield clean(f"     answered: {answer_text(question, asked.given.answers[question.name])}")


def _kind(question: Question) -> str:
    if question.type == "scale":
        return f"{question.low} to {question.high}"
    listed = {"yes_no": "yes or no", "choices": "several", "reason": "several, the main one first"}
    return listed.get(question.type, question.type)


def question_records(asked: Asked) -> list[dict[str, Any]]:
    """The same as data."""
    given = asked.given.answers
    return [
        {
            "name": one.name, "ask": one.ask, "type": one.type, "required": one.required, "help": one.help,
            "values": dict(one.values), "answer": given.get(one.name),
        }
        for one in asked.questionnaire.questions.values()
    ]  # fmt: skip


# --- the dialogue ---------------------------------------------------------------------------------------------------


def ask_all(asked: Asked, known: Mapping[str, Any], check: Check) -> dict[str, Any]:
    """The answers that were given, as kept, by question. `known` are offered as they are."""
    questions = list(asked.questionnaire.questions.values())
    answers: dict[str, Any] = {}
    at, shown = 0, -1
    click.echo(f"\n{_KEYS}")
    while at < len(questions):
        question = questions[at]
        if at != shown:  # what was refused is typed again below the reason
            _show(question, at + 1, len(questions))
        shown = at
        said = _line(question, {**known, **answers}.get(question.name))
        if said == _BACK:
            at = max(0, at - 1)
        elif _take(question, said, {**known, **answers}, answers, check):
            at += 1
    return answers


def _take(
    question: Question, said: str, known: Mapping[str, Any], answers: dict[str, Any], check: Check
) -> bool:  # fmt: skip
    """Keep what was typed; False, with the reason on the screen, if it has to be asked again."""
    name = question.name
    if said == _NOTHING:
        if name in known:
            answers[name] = known[name]
        elif question.required:
            click.echo("  This one is required; type ? if nobody knows.")
        return name in known or not question.required
    try:
        answers[name] = check(name, _by_number(question, said))
    except NotRecordable as error:
        listed = question.values and error.hint == possible(question)
        hint = f"type a number from 1 to {len(question.values)}, or ?" if listed else error.hint
        click.echo(clean(f"  {error.message}" + (f"; {hint}" if hint else "")))
        return False
    return True


def _show(question: Question, number: int, of: int) -> None:
    required = ", required" if question.required else ""
    click.echo(f"\nQuestion {number} of {of} ({_kind(question)}{required})")
    click.echo(clean(question.ask))
    for line in question.help.splitlines():
        click.echo(clean(f"  {line}"))
    group = ""
    for place, (name, words) in enumerate(question.values.items(), 1):
        if question.branches.get(name, "") != group:
            group = question.branches[name]
            click.echo(clean(f"  {group.replace('_', ' ')}"))
        click.echo(clean(f"  {place:>4}  {words}"))


def _line(question: Question, known: Any) -> str:
    shown = "" if known is None else f"[{clean(answer_text(question, known))}] "
    return str(click.prompt(f"{shown}>", default="", show_default=False, prompt_suffix=" ")).strip()


def _by_number(question: Question, said: str) -> str:
    """`1,3` as the choices with these numbers. A choice that is called so itself comes before that."""
    names = list(question.values)
    parts = [part for part in re.split(r"[,;\s]+", said) if part]
    numbered = all(part.isascii() and part.isdigit() and 1 <= int(part) <= len(names) for part in parts)
    if not names or not numbered or any(part in question.values for part in parts):
        return said
    return ",".join(names[int(part) - 1] for part in parts)


def tick_off(checklist: Sequence[str]) -> str:
    """Ask for each item whether it is so; the first that is not, "" if all are."""
    click.echo("\nFirst:")
    for number, item in enumerate(checklist, 1):
        if not click.confirm(clean(f"  {number} of {len(checklist)}  {item}: done?"), default=None):
            return item
    return ""


def confirmed(asked: Asked, answers: Mapping[str, Any]) -> bool:
    """Show what was answered, and ask whether it is to be recorded."""
    click.echo("\nYour answers:")
    for name, answer in answers.items():
        question = asked.questionnaire.questions[name]
        click.echo(clean(f"  {question.ask}  {answer_text(question, answer)}"))
    return bool(click.confirm("Record this?", default=True))


def ask_outcome(outcomes: Sequence[str]) -> str:
    """How it went; "" if it is not done yet."""
    click.echo("\nHow did it go? Enter if it is not done yet.")
    for number, outcome in enumerate(outcomes, 1):
        click.echo(clean(f"  {number:>4}  {outcome}"))
    while True:
        said = str(click.prompt(">", default="", show_default=False, prompt_suffix=" ")).strip()
        if said.isascii() and said.isdigit() and 1 <= int(said) <= len(outcomes):
            return outcomes[int(said) - 1]
        if not said or said in outcomes:
            return said
        click.echo(clean(f"  {said!r} is not an outcome; type its number"))
