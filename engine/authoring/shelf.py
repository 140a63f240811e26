"""Everything beside the playbooks that a workspace has: its settings, its library, its templates.

Each file is read, parsed only if it changed, and turned into what the engine uses; a file with an error is replaced by
its last good version, so that it stops nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from engine.authoring import content_rules as content_files
from engine.authoring import library
from engine.authoring.broken import Broken, shortened, unreadable
from engine.authoring.calendar_files import Calendars, check_schedules, read_calendars, with_dates
from engine.authoring.known import KnownSource, SeenFile, parse_yaml, read_file
from engine.authoring.questionnaires import read_questions, read_scores, with_questions
from engine.authoring.settings import Settings, build_settings, parse_settings
from engine.core.building.findings import Findings
from engine.core.building.playbook import limits
from engine.core.building.words import Words
from engine.core.calendars import Calendar
from engine.core.content import ContentRule
from engine.core.questionnaires import Questionnaire
from engine.core.roster import Roster
from engine.core.vocabulary import EventKind, Field, Vocabulary, vocabulary
from engine.core.world import OFFICE, World

SETTINGS = "playbook.toml"
LIBRARY = "playbooks/library"
EXPERIMENTS = "playbooks/experiments"
QUESTIONNAIRES = f"{LIBRARY}/questionnaires"
TEMPLATES = f"{LIBRARY}/templates"
Built = TypeVar("Built")
Breached: TypeAlias = tuple[str, int, str, str, str]  # file, line, rule, message, hint: what a text is told of once


@dataclass(kw_only=True, slots=True, eq=False)
class Shelf:
    """What was read; `template_names` are the names that each template mentions."""

    folder: Path
    known: Mapping[str, KnownSource]
    schemas: Path
    seen: dict[str, SeenFile] = field(default_factory=dict)
    settings: Settings = field(default_factory=Settings)
    world: World = field(default_factory=World)
    templates: dict[str, str] = field(default_factory=dict)
    template_names: dict[str, tuple[str, ...]] = field(default_factory=dict)
    missing_templates: set[str] = field(default_factory=set)  # deleted; their last text goes on
    missing_questionnaires: set[str] = field(default_factory=set)  # the same
    intents: dict[str, str] | None = None  # what an action can be for; None: there are no content rules
    template_files: dict[str, str] = field(default_factory=dict)  # name -> path
    breaches: dict[Breached, dict[str, list[str]]] = field(default_factory=dict)  # -> actions by playbook
    unread: frozenset[str] = frozenset()  # playbooks whose files are there and were never readable

    @property
    def contact_roles(self) -> list[str] | None:
        """The roles that fields.yaml lists; None if it lists none, and then every role is allowed."""
        seen = self.seen.get(f"{LIBRARY}/fields.yaml")
        return seen.effective.get("contact_roles") if seen is not None and seen.effective is not None else None

    @property
    def broken(self) -> Broken:
        """What is there and cannot be used in any version."""
        return _broken(self, self.world.vocabulary)


def read_shelf(folder: Path, known: Mapping[str, KnownSource], schemas: Path) -> Shelf:
    """Settings, library and templates of the workspace in `folder`. Never raises for what stands in the files."""
    shelf = Shelf(folder=folder, known=known, schemas=schemas)
    words = _vocabulary(shelf)
    calendars = _calendars(shelf)
    roster = _roster(shelf)
    shelf.settings = _settings(shelf)
    no_reasons: dict[str, Any] = {}
    reasons = _yaml(shelf, "loss-reasons", lambda content, _: content["reasons"], no_reasons)
    words = with_questions(words, _questionnaires(shelf, reasons))
    words, due_list = _scores(shelf, words)
    _templates(shelf)
    rules = _content_rules(shelf)
    shelf.world = replace(_world(shelf.settings, words, calendars, roster), due_list=due_list, content_rules=rules)
    return shelf


def _broken(shelf: Shelf, words: Vocabulary) -> Broken:
    seen = shelf.seen.values()
    return Broken(
        questionnaires=unreadable(seen, QUESTIONNAIRES, words.questionnaires),
        templates=unreadable(seen, TEMPLATES, shelf.templates),
    )


def _world(settings: Settings, words: Vocabulary, calendars: Calendars, roster: Roster) -> World:
    named: Mapping[str, Calendar] = calendars.calendars or {"office": OFFICE}
    return World(
        zone=settings.zone,
        calendar=settings.calendar,
        playbooks=settings.playbooks,
        late_grace=settings.late_grace,
        limits=limits(Words(vocabulary=words), settings.limits, ("limits",)),
        consent=settings.consent,
        calendars=named,
        windows=calendars.windows,
        schedules=calendars.schedules,
        roster=roster,
        vocabulary=words,
    )


# --- one file -------------------------------------------------------------------------------------------------------


def _yaml(shelf: Shelf, kind: str, build: Callable[[Any, Findings], Built], without: Built) -> Built:
    """What `build` makes of `library/KIND.yaml`; `without` if there is no such file and never was."""
    path = f"{LIBRARY}/{kind}.yaml"
    seen = _look(shelf, path)
    if seen is None:
        return without
    parse_yaml(seen, kind, shelf.schemas)
    return _built(shelf, seen, build, without)


def _look(shelf: Shelf, path: str) -> SeenFile | None:
    """The file, or its last good version if somebody deleted it; None if there is neither."""
    if (shelf.folder / path).exists():
        seen = read_file(shelf.folder, path, shelf.known)
    elif path in shelf.known and shelf.known[path].content is not None:
        seen = SeenFile(path=path, hash="", last_good=shelf.known[path].content, fresh=True)
        seen.complain("deleted-file", "this file is gone; its last good version is still used", "restore it")
    else:
        return None
    shelf.seen[path] = seen
    return seen


def _built(shelf: Shelf, seen: SeenFile, build: Callable[[Any, Findings], Built], without: Built) -> Built:
    if seen.content is not None:
        findings = Findings()
        built = build(seen.content, findings)
        seen.report(findings.found, shelf.folder)
        if not seen.broken or seen.last_good is None or seen.last_good == seen.content:
            return built
    return build(seen.last_good, Findings()) if seen.last_good is not None else without


# --- the files ------------------------------------------------------------------------------------------------------


def _vocabulary(shelf: Shelf) -> Vocabulary:
    no_events: list[EventKind] = []
    events = _yaml(shelf, "events", library.read_events, no_events)
    no_fields: list[Field] = []
    return vocabulary(_yaml(shelf, "fields", library.read_fields, no_fields), events)


def _questionnaires(shelf: Shelf, reasons: Mapping[str, Any]) -> dict[str, Questionnaire]:
    """Those of `library/questionnaires/`, by name."""
    found = {}
    known = (path for path in shelf.known if path.startswith(f"{QUESTIONNAIRES}/"))
    for path in sorted({*known, *_files_in(shelf.folder, QUESTIONNAIRES, ".yaml")}):
        seen = _look_where_some_are_dropped(shelf, path)
        if seen is None:
            continue
        parse_yaml(seen, "questionnaire", shelf.schemas)
        build = partial(_questionnaire, path=path, reasons=reasons)
        one = _built(shelf, seen, build, None)
        if one is not None:
            found[one.name] = one
            if path not in shelf.seen:
                shelf.missing_questionnaires.add(one.name)
    return found


def _questionnaire(content: Any, findings: Findings, path: str, reasons: Mapping[str, Any]) -> Questionnaire | None:
    return read_questions(content, path, reasons, findings)


def _scores(shelf: Shelf, words: Vocabulary) -> tuple[Vocabulary, str]:
    """The vocabulary with the scores in it, and the one that orders the due list."""

    def build(content: Any, findings: Findings) -> tuple[dict[str, Any], str]:
        found = read_scores(content, words, findings)
        findings.found[:] = shortened(findings.found, _broken(shelf, words))
        return found

    none: tuple[dict[str, Any], str] = ({}, "")
    scores, due_list = _yaml(shelf, "scores", build, none)
    return replace(words, scores=scores), due_list


def _calendars(shelf: Shelf) -> Calendars:
    path = f"{LIBRARY}/calendars.yaml"
    seen = _look(shelf, path)
    if seen is None:
        return Calendars()
    parse_yaml(seen, "calendars", shelf.schemas)
    if seen.fresh and seen.content is not None:
        findings = Findings()
        check_schedules(seen.content, findings)
        seen.content = with_dates(seen.content, findings)
        seen.report(findings.found, shelf.folder)
    return _built(shelf, seen, read_calendars, Calendars())


def _content_rules(shelf: Shelf) -> tuple[ContentRule, ...]:
    """The rules, and into `shelf.intents` what an action can be for."""
    seen = _look(shelf, f"{LIBRARY}/content-rules.yaml")
    if seen is None:
        return ()
    parse_yaml(seen, "content-rules", shelf.schemas)
    if seen.fresh and seen.content is not None:
        findings = Findings()
        content_files.check_content_rules(seen.content, findings)
        seen.report(findings.found, shelf.folder)
    # a phrase that cannot be read would stop every text: without a last good version there are no rules
    content = seen.last_good if seen.broken else seen.content
    shelf.intents = content_files.intents_of(content) if content is not None else None
    return content_files.read_content_rules(content) if content is not None else ()


def _roster(shelf: Shelf) -> Roster:
    def build(content: Any, findings: Findings) -> Roster:
        return library.read_roster(content, _rows(shelf, content.get("people_from"), findings), findings)

    return _yaml(shelf, "roster", build, Roster())


def _rows(shelf: Shelf, people_from: Mapping[str, str] | None, findings: Findings) -> list[dict[str, str]]:
    """The rows of the CSV with people, beside roster.yaml or else in the workspace's folder."""
    if not people_from:
        return []
    where = ("people_from", "file")
    name = people_from["file"]
    if Path(name).is_absolute() or ".." in Path(name).parts:
        findings.add(where, "unreadable", f"{name!r} is outside the workspace", "put it beside roster.yaml")
        return []
    beside = f"{LIBRARY}/{name}"
    seen = _look(shelf, beside) or _look(shelf, name)
    if seen is None:
        findings.add(where, "unreadable", f"there is no file {name!r}", "put it beside roster.yaml")
        return []
    wanted = {key: column for key, column in people_from.items() if key != "file"}
    if seen.content and not isinstance(seen.content, bytes) and not set(wanted.values()) <= seen.content[0].keys():
        seen.content = (shelf.folder / seen.path).read_bytes()  # it was read for others: what columns does it have?
    _parse_rows(seen, wanted, findings)
    return list(seen.effective or [])


def _parse_rows(seen: SeenFile, wanted: Mapping[str, str], findings: Findings) -> None:
    """Rows from the bytes of a CSV; `wanted`: what of a person -> the column with it."""
    from engine.core.separated import Unreadable, decoded, separated

    if not isinstance(seen.content, bytes):
        return
    raw, seen.content = seen.content, None
    try:
        heads, rows = separated(decoded(raw))
    except Unreadable as error:
        message = f"this file cannot be read as CSV: {error.message}"
        seen.complain("bad-csv", message, error.hint, max(error.line, 1))
        return
    seen.content = [dict(zip(heads, cells, strict=False)) for _, cells in rows]
    for key, column in wanted.items():
        if column not in heads:
            columns = f"its columns are {', '.join(heads)}" if heads else "it is empty"
            findings.add(("people_from", key), "unknown-column", f"{seen.path} has no column {column!r}", columns)


def _settings(shelf: Shelf) -> Settings:
    seen = _look(shelf, SETTINGS)
    if seen is None:
        seen = shelf.seen[SETTINGS] = SeenFile(path=SETTINGS, hash="", fresh=True)
        seen.complain("no-workspace", "this folder has no playbook.toml", "`playbook init` writes one")
        return Settings()
    parse_settings(seen, shelf.schemas)
    return _built(shelf, seen, build_settings, Settings())


def _templates(shelf: Shelf) -> None:
    """The texts of `library/templates/`, by their file names without the ending."""
    known = (path for path in shelf.known if path.startswith(f"{TEMPLATES}/"))
    for path in sorted({*known, *_files_in(shelf.folder, TEMPLATES)}):
        seen = _look_at_template(shelf, path)
        content = seen.effective if seen else None
        if content:
            name = Path(path).stem
            shelf.templates[name] = content["text"]
            shelf.template_names[name] = tuple(content["names"])
            shelf.template_files[name] = path
            if path not in shelf.seen:
                shelf.missing_templates.add(name)


def _files_in(folder: Path, place: str, ending: str = "") -> Iterator[str]:
    if (folder / place).is_dir():
        for file in (folder / place).iterdir():
            if file.is_file() and not file.name.startswith(".") and file.name.endswith(ending):
                yield f"{place}/{file.name}"


def take_last_texts(shelf: Shelf, names: Collection[str]) -> bool:
    """Go back to the last good texts of those templates that are new; whether there were any.

    A template that reads well may still spoil the playbook that names it.
    """
    taken = False
    for path, seen in shelf.seen.items():
        name = Path(path).stem
        new = seen.fresh and seen.last_good is not None and path.startswith(f"{TEMPLATES}/") and name in names
        if new and seen.last_good["text"] != shelf.templates.get(name):
            shelf.templates[name] = seen.last_good["text"]
            shelf.template_names[name] = tuple(seen.last_good["names"])
            seen.set_back = taken = True
    return taken


def _look_where_some_are_dropped(shelf: Shelf, path: str) -> SeenFile | None:
    """As `_look`; whether a deleted file is missed depends on the playbooks, and a rule says so."""
    if (shelf.folder / path).exists():
        return _look(shelf, path)
    last = shelf.known[path].content
    return SeenFile(path=path, hash="", content=last) if last else None


def _look_at_template(shelf: Shelf, path: str) -> SeenFile | None:
    seen = _look_where_some_are_dropped(shelf, path)
    if seen is not None and isinstance(seen.content, bytes):
        _parse_template(seen)
    return seen


def _parse_template(seen: SeenFile) -> None:
    from engine.authoring.encoding import decode
    from engine.authoring.template_words import in_words
    from engine.core.problem import Problem
    from engine.core.templates import TemplateError, mentions

    text = decode(seen.path, seen.content)
    seen.content = None
    if isinstance(text, Problem):
        seen.problems.append(text)
        return
    try:
        names = sorted({mention.name for mention in mentions(text)})
    except TemplateError as error:
        seen.complain("bad-template", *in_words(error, text), error.line)
        return
    seen.content = {"text": text, "names": names}
