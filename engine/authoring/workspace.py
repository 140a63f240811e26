"""A workspace: a folder with settings, a library and playbooks, loaded with everything that is wrong in it.

Broken and deleted files stop nothing: their last good version goes on, and a playbook that cannot be used takes no new
deals. A file whose hash is known is neither parsed nor checked again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from engine.authoring.consequences import without_consequences
from engine.authoring.experiments import read_experiments, usable_experiments
from engine.authoring.fingerprint import CHECKED, combined
from engine.authoring.folders import read_folder
from engine.authoring.known import KnownSource, SeenFile, SourceRow
from engine.authoring.places import Source
from engine.authoring.settings import Settings
from engine.authoring.shelf import LIBRARY, Shelf, read_shelf, take_last_texts
from engine.authoring.variants import Family, NoBaseError, with_params
from engine.core.building.findings import Finding
from engine.core.building.playbook import build_playbook
from engine.core.building.revision import Asked, named_templates, pinned
from engine.core.building.teams import for_team, teams_of
from engine.core.building.words import Words
from engine.core.experiment import Experiment
from engine.core.model import Playbook
from engine.core.problem import Location, Problem
from engine.core.vocabulary import Field
from engine.core.world import World
from engine.data_dir import data_dir

if TYPE_CHECKING:
    from engine.authoring.arms import Playbooks


@dataclass(frozen=True, kw_only=True, slots=True)
class Workspace:
    """`playbooks` take new enrolments; `contents` are theirs, with the workspace's parameters merged in.

    `bases` are the same before the workspace's parameters: what a file that extends one of them stands on.
    `sources` are the rows that the store does not have yet. `names_used` are the fields that each playbook reads,
    those of its templates included, by canonical name. `experiments` can be started; `experiment_contents` is what
    stands in their files. `unread` are the files of the library that cannot be read, and never could.
    """

    folder: Path
    settings: Settings = field(default_factory=Settings)
    world: World = field(default_factory=World)
    playbooks: Mapping[str, Playbook] = field(default_factory=dict)
    contents: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    bases: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    templates: Mapping[str, str] = field(default_factory=dict)
    problems: Sequence[Problem] = ()
    sources: Sequence[SourceRow] = ()
    names_used: Mapping[str, Mapping[str, Field]] = field(default_factory=dict)
    experiments: Mapping[str, Experiment] = field(default_factory=dict)
    experiment_contents: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    unread: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Usable:
    playbook: Playbook
    content: Mapping[str, Any]
    names: Mapping[str, Field]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Around:
    """All playbooks: their files, what they extend, their ends, and how often each role of a contact is used."""

    ends: Mapping[str, tuple[str, ...]]
    roles: Mapping[str, int]
    files: Mapping[str, SeenFile]
    family: Family
    asked: frozenset[str] | None = None  # the questionnaires that their actions ask; None where one cannot be read


def load_workspace(folder: Path, known: Mapping[str, KnownSource]) -> Workspace:
    """The workspace in `folder`; `known` is what the store remembers of its files, {} to check everything.

    Never raises for what stands in the files: that is in `problems`, sorted.
    """
    shelf = read_shelf(folder, known, data_dir("schemas"))
    files = read_folder(shelf, "playbooks", "playbook")
    experiment_files = read_experiments(shelf)
    hashed = _combined([*shelf.seen.values(), *files.values()])
    unchanged = _unchanged(shelf, files, hashed)
    family = _family(shelf, files)
    contents = family.wholes()
    if not unchanged:
        from engine.authoring.crossing import check_shelf

        shelf.unread = frozenset(files.keys() - contents.keys())
        check_shelf(shelf, contents)
    ends = {name: tuple(content.get("ends", {})) for name, content in contents.items()}
    roles = {} if unchanged else _roles(shelf, family.written)
    asked = None if unchanged or len(family.written) < len(files) else _asked([*family.written.values()])
    around = _Around(ends=ends, roles=roles, files=files, family=family, asked=asked)
    usable = _all_usable(shelf, around, unchanged)
    stand_on = None if unchanged else _for_experiments(shelf, usable, around)
    experiments = usable_experiments(shelf, experiment_files, stand_on)
    all_seen = [*shelf.seen.values(), *files.values()]
    unread = _unread(shelf)
    problems = sorted(without_consequences({one for seen in all_seen for one in seen.problems}, unread))
    rows = [] if unchanged else _rows(known, all_seen, hashed, problems)
    return Workspace(
        folder=folder,
        settings=shelf.settings,
        world=shelf.world,
        playbooks={name: found.playbook for name, found in usable.items()},
        contents={name: found.content for name, found in usable.items()},
        bases=family.used,
        templates=shelf.templates,
        problems=[_problem(item) for item in known[CHECKED].content] if unchanged else problems,
        sources=rows,
        names_used={name: found.names for name, found in usable.items()},
        experiments=experiments.built,
        experiment_contents=experiments.contents,
        unread=unread,
    )


def revision_content(
    workspace: Workspace, name: str, team: str = "", params: Mapping[str, Any] = MappingProxyType({})
) -> dict[str, Any]:
    """What is pinned when a deal of `team` enters the playbook `name`; core.building.revision.revision_hash names it.

    `params` of an experiment's arm go over all others.
    """
    content = with_params(for_team(workspace.contents[name], team), params)
    return pinned(content, workspace.world.vocabulary, workspace.templates)


def _unread(shelf: Shelf) -> frozenset[str]:
    """The files right in library/ that are there and have no version to go on with."""
    library = (seen for path, seen in shelf.seen.items() if path.rpartition("/")[0] == LIBRARY)
    return frozenset(seen.path for seen in library if seen.effective is None)


# --- what has changed -----------------------------------------------------------------------------------------------


def _combined(seen: Sequence[SeenFile]) -> str:
    return combined((file.path, file.hash) for file in seen)


def _unchanged(shelf: Shelf, files: Mapping[str, SeenFile], hashed: str) -> bool:
    checked = shelf.known.get(CHECKED)
    all_known = not any(seen.fresh for seen in (*shelf.seen.values(), *files.values()))
    return checked is not None and checked.hash == hashed and all_known


def _rows(
    known: Mapping[str, KnownSource], seen: Sequence[SeenFile], hashed: str, problems: Sequence[Problem]
) -> list[SourceRow]:
    rows = [file.row() for file in seen]
    rows.append(SourceRow(path=CHECKED, hash=hashed, content=[asdict(problem) for problem in problems], good=True))
    return [row for row in rows if not _remembered(known.get(row.path), row)]


def _remembered(last: KnownSource | None, row: SourceRow) -> bool:
    return last is not None and last.hash == row.hash and last.good == row.good


def _problem(item: Mapping[str, Any]) -> Problem:
    return Problem(**{**item, "location": Location(**item["location"])})


# --- playbooks ------------------------------------------------------------------------------------------------------


def _family(shelf: Shelf, files: Mapping[str, SeenFile]) -> Family:
    """The playbooks as written, and the last good contents of those whose files were deleted."""
    written = {name: seen.effective for name, seen in files.items() if seen.effective is not None}
    gone = {
        stem: last.content
        for path, last in shelf.known.items()
        if (stem := _stem(path)) and stem not in files and last.content is not None
    }
    return Family(written=written, gone=gone, there=files.keys())


def _stem(path: str) -> str:
    """The name of a playbook's file; "" for every other file."""
    folder, _, file = path.rpartition("/")
    return file.removesuffix(".yaml") if folder == "playbooks" and file.endswith(".yaml") else ""


def _all_usable(shelf: Shelf, around: _Around, unchanged: bool) -> dict[str, _Usable]:
    """Those that can be used, by name in the order of the files. Bases are looked at before what extends them."""
    family = around.family
    names = sorted(family.written, key=family.depth)
    found = {name: _usable(shelf, name, around, unchanged) for name in names}
    for name in () if unchanged else names:
        if found[name] is None and take_last_texts(shelf, _texts_of(shelf, name, around)):
            found[name] = _usable(shelf, name, around, unchanged, tell=False)
    _tell_of_texts(shelf)
    return {name: usable for name in family.written if (usable := found[name]) is not None}


def _texts_of(shelf: Shelf, name: str, around: _Around) -> set[str]:
    """The templates that the playbook names, as it is written now."""
    content = around.files[name].effective
    whole = _whole(shelf, name, content, around, unchanged=False) if content is not None else None
    if whole is None:
        return set()
    built, words, _ = _build(shelf, whole)
    return named_templates(built, words.vocabulary, shelf.templates)


def _usable(shelf: Shelf, name: str, around: _Around, unchanged: bool, tell: bool = True) -> _Usable | None:
    """The playbook of a file, or that of its last good version; None if neither can be used."""
    seen = around.files[name]
    candidates = [seen.content] if seen.content is not None else []
    if seen.fresh and seen.last_good is not None and seen.last_good != seen.content:
        candidates.append(seen.last_good)
    for content in candidates:
        whole = _whole(shelf, name, content, around, unchanged)
        if whole is None:
            continue
        built, words, merged = _build(shelf, whole)
        findings = [] if unchanged else _findings(shelf, seen, (built, words, merged), whole, around)
        if tell and not unchanged:
            _report(shelf, name, content, merged, findings, around)
        if not any(finding.level == "error" for finding in findings):
            around.family.use(name, whole)
            return _Usable(playbook=built, content=merged, names=_names(shelf, built, words))
    return None


def _whole(
    shelf: Shelf, name: str, content: Mapping[str, Any], around: _Around, unchanged: bool
) -> Mapping[str, Any] | None:
    """`content` merged onto what it extends; None, and that is reported, if that gives no playbook."""
    seen, family = around.files[name], around.family
    try:
        whole = family.whole(name, content)
    except NoBaseError as error:
        if content is seen.content:
            seen.report([error.finding], shelf.folder)
        return None
    return whole if unchanged or "extends" not in content or _fits(shelf, name, content, around) else None


def _report(
    shelf: Shelf, name: str, content: Mapping[str, Any], merged: Mapping[str, Any], findings: Sequence[Finding],
    around: _Around,
) -> None:  # fmt: skip
    """Tell what was found, of new content only; what a base tells already is not told again."""
    seen, family = around.files[name], around.family
    from engine.authoring.broken import shortened
    from engine.authoring.given import tell_in_settings
    from engine.authoring.patching import key_of, report

    findings = list(shortened(findings, shelf.broken))
    family.found[name] = family.found.get(name, frozenset()) | {key_of(each) for each in findings}
    if content is seen.content:
        findings = tell_in_settings(shelf, name, merged, _tell_elsewhere(shelf, name, content, findings, family))
    if content is seen.content and "extends" in content:
        report(name, findings, family, around.files, shelf.folder)
    elif content is seen.content:
        seen.report(findings, shelf.folder)


def _tell_elsewhere(
    shelf: Shelf, name: str, content: Mapping[str, Any], findings: Sequence[Finding], family: Family
) -> list[Finding]:  # fmt: skip
    """Keep what stands in the templates that a playbook names, unless its base tells it; give back the rest."""
    from engine.authoring.patching import key_of

    of_base = family.found.get(str(content.get("extends", "")), frozenset())
    for each in findings:
        if each.file and key_of(each) not in of_base:
            known = shelf.breaches.setdefault((each.file, each.line, each.rule, each.message, each.hint), {})
            known.setdefault(name, []).append(str(each.path[each.path.index("actions") + 1]))
    return [each for each in findings if not each.file]


def _tell_of_texts(shelf: Shelf) -> None:
    """Tell at its line what is wrong in a text, once for all playbooks that name it."""
    for (file, line, rule, message, hint), users in shelf.breaches.items():
        told = "; ".join(f"playbook {name}, {_actions_in_words(actions)}" for name, actions in users.items())
        shelf.seen[file].complain(rule, f"{message} ({told})", hint, line)


def _actions_in_words(names: Sequence[str]) -> str:
    listed = list(dict.fromkeys(names))
    return f"{'actions' if len(listed) > 1 else 'action'} {', '.join(listed)}"


def _fits(shelf: Shelf, name: str, content: Mapping[str, Any], around: _Around) -> bool:
    """Whether a variant, merged, is a playbook; asked again only when its file or one that it stands on is new."""
    seen, family, files = around.files[name], around.family, around.files
    if not any(file not in files or files[file].fresh for file in (name, *family.bases(name, content))):
        return True
    from engine.authoring.patching import misfits, new_names

    own = seen.places(shelf.folder) if content is seen.content else None
    base = family.base_of(name, content)
    found = misfits(own or Source(file=seen.path, content=content), base, shelf.schemas)
    if content is seen.content:
        seen.problems += found
        seen.report(new_names(content, base) if found else (), shelf.folder)  # a misspelt name lacks what the base has
    if found:
        family.unfit.add(name)
    return not found


def _build(shelf: Shelf, content: Mapping[str, Any]) -> tuple[Playbook, Words, Mapping[str, Any]]:
    given = shelf.settings.params.get(content["playbook"], {})
    return _build_merged(shelf, with_params(content, given))


def _build_merged(shelf: Shelf, merged: Mapping[str, Any]) -> tuple[Playbook, Words, Mapping[str, Any]]:
    vocabulary = replace(shelf.world.vocabulary, fields=Asked(shelf.world.vocabulary.fields))
    return *build_playbook(merged, vocabulary), merged


def _findings(
    shelf: Shelf, seen: SeenFile, built: tuple[Playbook, Words, Mapping[str, Any]], whole: Mapping[str, Any],
    around: _Around,
) -> list[Finding]:  # fmt: skip
    # the rules are imported only when something has to be checked
    from engine.authoring.rules import RULES
    from engine.authoring.rules.context import Context

    playbook, words, content = built
    context = Context(
        file=seen.path,
        words=words,
        world=shelf.world,
        templates=shelf.templates,
        template_files={name: path for name, path in shelf.template_files.items() if path in shelf.seen},
        intents=shelf.intents,
        missing_templates=shelf.missing_templates,
        missing_questionnaires=shelf.missing_questionnaires,
        ends=around.ends,
        unread=shelf.unread,
        content=content,
        roles=around.roles,
        asked=around.asked,
        contact_roles=shelf.contact_roles,
    )
    found = [*words.findings.found, *(finding for rule in RULES.values() for finding in rule(playbook, context))]
    return _once([*found, *_findings_of_teams(shelf, whole, found)])


def _for_experiments(shelf: Shelf, usable: Mapping[str, _Usable], around: _Around) -> Playbooks:
    """What the arms of experiments stand on."""
    from engine.authoring.arms import Playbooks

    def look(name: str, content: Mapping[str, Any]) -> tuple[Playbook, Sequence[Finding]]:
        built = _build_merged(shelf, content)
        return built[0], _findings(shelf, around.files[name], built, content, around)

    return Playbooks(
        usable={name: found.playbook for name, found in usable.items()},
        contents={name: found.content for name, found in usable.items()},
        there=around.files.keys(),
        look=look,
        told=around.family.found,
    )


def _roles(shelf: Shelf, contents: Mapping[str, Mapping[str, Any]]) -> Mapping[str, int]:
    from engine.authoring.rules.contact_roles import count

    return count(contents.values(), shelf.template_names.values())


def _asked(written: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    from engine.authoring.rules.unasked_answer import asked_in

    return frozenset(name for content in written for name in asked_in(content))


def _findings_of_teams(shelf: Shelf, content: Mapping[str, Any], found: Sequence[Finding]) -> Iterator[Finding]:
    """What only a team's own parameters make wrong, said where they are written."""
    known = {each.message for each in found}
    merged = with_params(content, shelf.settings.params.get(content["playbook"], {}))
    for team in teams_of(content):
        _, words, _ = _build_merged(shelf, for_team(merged, team))
        for each in words.findings.found:
            if each.message not in known:
                path = each.path if each.path[:1] == ("params",) else ("params",)  # found where it is used
                yield replace(each, path=("teams", team, *path))


def _once(found: Sequence[Finding]) -> list[Finding]:
    """A parameter is read again wherever it is used: what is wrong with it is said where it is written."""
    written = {(each.rule, each.message) for each in found if each.path[:1] == ("params",)}
    return [each for each in found if each.path[:1] == ("params",) or (each.rule, each.message) not in written]


def _names(shelf: Shelf, playbook: Playbook, words: Words) -> dict[str, Field]:
    """Every field that is read: by conditions, values and delays, by the templates, and by who has a role."""
    found = dict(words.used)
    asked = words.vocabulary.fields
    if isinstance(asked, Asked):
        found.update((name, shelf.world.vocabulary.fields[name]) for name in asked.asked)
    for template in named_templates(playbook, words.vocabulary, shelf.templates):
        found.update(_found(words, shelf.template_names[template]))
    found.update(_found(words, [role.by for role in shelf.world.roster.roles.values() if role.by]))
    return found


def _found(words: Words, names: Sequence[str]) -> dict[str, Field]:
    fields = [field for name in names if (field := words.vocabulary.find(name)) is not None]
    return {field.name: field for field in fields}
