"""What is wrong with a variant: at its place in the variant's own file, and without repeating what its base tells.

What a base says of itself is told in the base's file. All else that is wrong in the merged playbook comes from the
variant: from its patch, even where the words that do not fit any more stand in the base.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path as FilePath
from typing import Any

from engine.authoring.known import SeenFile, problem_of
from engine.authoring.places import Path, Place, Source
from engine.authoring.schema import check
from engine.authoring.spelling import nearest_word
from engine.authoring.taken_states import told_once
from engine.authoring.variants import OWN_KEYS, Family, at_extends, merged_variant
from engine.core.building.findings import Finding
from engine.core.problem import Problem

NAMED = {"states": "state", "actions": "action", "ends": "end", "tracks": "track", "params": "parameter"}
_ALMOST_THE_SAME = 0.85  # ask and ask_again are two actions, ask_permision is a misspelling
_NOTHING = object()
_OF_PARAMETERS = frozenset({"bad-duration", "bad-date", "wrong-type"})


# --- what is told of a variant --------------------------------------------------------------------------------------


def report(
    name: str, findings: Iterable[Finding], family: Family, files: Mapping[str, SeenFile], folder: FilePath
) -> None:
    """Add to the file of the variant `name` what is wrong in the merged playbook and not told of its base already."""
    seen = files[name]
    base = family.base_of(name, seen.content)
    warned = list(doubts(seen.content, base))
    misspelt = {each.path for each in warned if each.rule == "new-name"}
    told = family.found.get(seen.content["extends"], frozenset())
    own = seen.places(folder)
    source = merged_source(own, base) if own is not None else None
    listed = list(findings)
    inherited = any(key_of(each) in told and each.level == "error" for each in listed)
    new = [each for each in listed if key_of(each) not in told]
    new, taken = told_once(
        new, seen.content, base, lambda each: source is not None and not is_placed(source, each.path)
    )
    for each in new:
        if each.rule != "unused-param" or each.path not in misspelt:
            here = _of_parameter(each, seen.content, source)
            its_own = source is None or is_placed(source, here.path)
            located = here if its_own else _of_base(each, name, family, files, folder)
            seen.problems.append(problem_of(located, seen.path, source))
    seen.report([*taken, *warned, *_state_of_base(seen.content["extends"], family, files, inherited=inherited)], folder)


def key_of(finding: Finding) -> tuple[str, Path, str]:
    """What makes the finding in a variant the same as that in its base."""
    return finding.rule, finding.path, finding.message


def _of_parameter(finding: Finding, written: Mapping[str, Any], source: Source | None) -> Finding:
    """What is wrong with a parameter is found where it is used; a variant's own is shown where it is written."""
    node: Any = source.content if source is not None and finding.rule in _OF_PARAMETERS else None
    try:
        for step in finding.path:
            node = node[step]
    except (LookupError, TypeError):  # what is missing has no words
        return finding
    named = isinstance(node, str) and node in written.get("params", {})
    return replace(finding, path=("params", node)) if named else finding


def _of_base(finding: Finding, name: str, family: Family, files: Mapping[str, SeenFile], folder: FilePath) -> Finding:
    """A finding about the base's words, which were right until they were patched; it says where they stand."""
    for base in family.bases(name, files[name].content):
        own = files[base].places(folder) if base in files else None
        if own is None or not isinstance(own.content, Mapping):
            continue
        source = merged_source(own, family.base_of(base, own.content)) if "extends" in own.content else own
        if is_placed(source, finding.path):
            where = f"{own.file}:{source.where_key(finding.path).line}"
            return replace(finding, message=f"{finding.message} (taken over from {where})", on="key")
    return replace(finding, on="key")


def _state_of_base(base: str, family: Family, files: Mapping[str, SeenFile], *, inherited: bool) -> Iterator[Finding]:
    mend = f"mend playbooks/{base}.yaml"
    if inherited:
        yield at_extends("broken-base", f"{base!r} has errors, so this variant takes no deals either", f"{mend} first")
    elif family.is_gone(base):
        restore = f"restore playbooks/{base}.yaml, or write this playbook out"
        told = f"the playbook {base!r} is gone; its last good version is still used"
        yield at_extends("unknown-base", told, restore, "warning")
    elif base in family.used and files[base].broken:
        message = f"{base!r} is broken; this variant goes on with its last good version"
        yield at_extends("broken-base", message, mend, "warning")


# --- places ---------------------------------------------------------------------------------------------------------


def merged_source(own: Source, base: Mapping[str, Any]) -> Source:
    """The playbook that the variant in `own` stands for, in which its own words know their places.

    What comes from `base` has none: a finding there is shown at the nearest key of the patch.
    """
    whole = merged_variant(base, own.content)
    if id(own.content) not in own.places:  # an earlier version of the file: nobody knows where it stood
        return Source(file=own.file, content=whole)
    places: dict[int, dict[str | int, Place]] = {key: dict(value) for key, value in own.places.items()}
    written = own.content
    _lay(written, whole, [key for key in OWN_KEYS if key in written], own, places)
    for key in ("patch", "params"):
        if key in written:
            below = whole if key == "patch" else whole["params"]
            _lay(written[key], below, list(written[key]), own, places)
    if "params" in written:
        places.setdefault(id(whole), {}).setdefault("params", own.places[id(written)]["params"])
    first = next(key for key in ("patch", "params", "extends") if key in written)
    return Source(file=own.file, content=whole, start=own.places[id(written)][first][:2], places=places)


def _lay(written: Any, whole: Any, keys: list[str], own: Source, places: dict[int, dict[str | int, Place]]) -> None:
    """Give the entries `keys` of `whole` the places that they have in `written`."""
    for key in keys:
        if key not in whole:
            continue
        places.setdefault(id(whole), {})[key] = own.places[id(written)][key]
        if isinstance(written[key], Mapping) and whole[key] is not written[key]:
            _lay(written[key], whole[key], list(written[key]), own, places)


def is_placed(source: Source, path: Path) -> bool:
    """Whether all of `path` stands in this file, and not in a base."""
    node = source.content
    for step in path:
        if step not in source.places.get(id(node), {}):
            return False
        node = node[step]
    return True


def misfits(own: Source, base: Mapping[str, Any], schemas: FilePath) -> list[Problem]:
    """What the schema refuses in the merged playbook, at the lines of the variant."""
    return check(merged_source(own, base), "playbook", schemas)


# --- what a patch probably does not mean ----------------------------------------------------------------------------


def doubts(written: Mapping[str, Any], base: Mapping[str, Any]) -> Iterator[Finding]:
    """Warnings about `patch` and `params`, by their paths in the variant's file."""
    name, patch, params = written["extends"], written.get("patch", {}), written.get("params", {})
    yield from new_names(written, base)
    idle = list(_idle(name, base, patch, ("patch",)))
    known = base.get("params", {})
    idle += [_same(("params", key)) for key in params if key in known and known[key] == params[key]]
    if len(idle) == _leaves(patch) + len(params):
        message = f"nothing is different from {name!r}: a variant needs a patch or parameters that change something"
        yield at_extends("patch-without-effect", message, "write what is different under `patch:`", "warning")
    else:
        yield from idle


def new_names(written: Mapping[str, Any], base: Mapping[str, Any]) -> Iterator[Finding]:
    """A warning for each name that the variant adds and that looks like one of the base."""
    name, params = written["extends"], written.get("params", {})
    yield from _misspelt(name, base, written.get("patch", {}), ("patch",))
    yield from _misspelt(name, {"params": base.get("params", {})}, {"params": params} if params else {}, ())


def _misspelt(name: str, base: Any, patch: Any, path: Path) -> Iterator[Finding]:
    """A name that the base does not have, and that looks like one it has."""
    if not isinstance(patch, Mapping) or not isinstance(base, Mapping):
        return
    word = NAMED.get(str(path[-1])) if path else None
    for key, change in patch.items():
        near = _near(key, base) if word and key not in base and change is not None else ""
        if near:
            message = f"{name} has no {word} {key!r}; this adds one"
            yield _warning((*path, key), "new-name", message, f"did you mean {near!r}?")
        yield from _misspelt(name, base.get(key, {}), change, (*path, key))


def _near(key: str, base: Mapping[str, Any]) -> str:
    close = difflib.get_close_matches(key, list(base), n=1, cutoff=_ALMOST_THE_SAME)
    return close[0] if close and _spelled(close[0]) == _spelled(key) else ""


def _spelled(name: str) -> str:
    """step_1 and step_2 look alike and are not."""
    return "".join(letter for letter in name if letter.isdigit())


def _idle(name: str, base: Any, patch: Any, path: Path) -> Iterator[Finding]:
    """The parts of a patch that leave the base as it is."""
    if not isinstance(patch, Mapping):
        return
    known = base if isinstance(base, Mapping) else {}
    for key, change in patch.items():
        if change is None and key not in known:
            near = nearest_word(str(key), [str(each) for each in known])
            hint = f"did you mean {near!r}?" if near else "delete this line"
            yield _warning((*path, key), "patch-without-effect", f"{name} has no {key!r} here to take away", hint)
        elif isinstance(change, Mapping) and change:
            yield from _idle(name, known.get(key), change, (*path, key))
        elif known.get(key, _NOTHING) == change or (change == {} and isinstance(known.get(key), Mapping)):
            yield _same((*path, key))


def _same(path: Path) -> Finding:
    message = f"{path[-1]!r} is so already in what this extends"
    return _warning(path, "patch-without-effect", message, "delete this line")


def _leaves(patch: Any) -> int:
    """How many single changes a patch makes."""
    return sum(_leaves(change) if isinstance(change, Mapping) and change else 1 for change in patch.values())


def _warning(path: Path, rule: str, message: str, hint: str) -> Finding:
    return Finding(path=path, rule=rule, message=message, hint=hint, level="warning", on="key")
