"""Variants: a playbook that `extends` another and says only what is different, by a patch and by parameters.

A variant is merged in memory each time it is loaded; what is remembered of its file is what stands in it. So an edit of
the base is an edit of all its variants.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.core.building.findings import Finding, did_you_mean
from engine.core.model import Path
from engine.core.problem import Level

OWN_KEYS = ("playbook", "title", "description", "source")  # a variant says these beside `patch`
MOST_BASES = 8

Content = Mapping[str, Any]  # a playbook as plain data


def merge_patch(target: Any, patch: Any) -> Any:
    """`target` changed by a JSON Merge Patch (RFC 7396); neither is changed itself.

    A key that was there keeps its place; a new one comes last.
    """
    if not isinstance(patch, Mapping):
        return patch
    merged = dict(target) if isinstance(target, Mapping) else {}
    for key, change in patch.items():
        if change is None:
            merged.pop(key, None)
        else:
            merged[key] = merge_patch(merged.get(key), change)
    return merged


def with_params(content: Content, given: Mapping[str, Any]) -> Content:
    """`content` with the parameters in `given` over its own."""
    return {**content, "params": {**content.get("params", {}), **given}} if given else content


def with_arm(content: Content, params: Mapping[str, Any]) -> Content:
    """`content` with the parameters of an experiment's arm over everything else: a team's own values of them count no
    more."""
    if not params:
        return content
    merged = dict(with_params(content, params))
    if "teams" in content:
        teams = {team: _without(own, params) for team, own in content["teams"].items()}
        merged["teams"] = {team: own for team, own in teams.items() if own}
    return merged


def _without(own: Any, params: Mapping[str, Any]) -> dict[str, Any]:
    """What a team has of its own beside these parameters."""
    kept = {name: value for name, value in ((own or {}).get("params") or {}).items() if name not in params}
    return {"params": kept} if kept else {}


def merged_variant(base: Content, variant: Content) -> Content:
    """The playbook that `variant` (as written) stands for; `base` extends nothing any more."""
    patched = merge_patch(base, variant.get("patch", {}))
    own = {key: variant[key] for key in OWN_KEYS if key in variant}
    return with_params({**patched, **own}, variant.get("params", {}))


class NoBaseError(Exception):
    """A variant without a base to stand on; `finding` says why, at its `extends`."""

    def __init__(self, rule: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.finding = at_extends(rule, message, hint)


def at_extends(rule: str, message: str, hint: str, level: Level = "error") -> Finding:
    return Finding(path=("extends",), rule=rule, message=message, hint=hint, level=level)


@dataclass(kw_only=True, slots=True, eq=False)
class Family:
    """The playbooks of a workspace by the names of their files.

    `written` is what stands in the files, `gone` what stood in files that were deleted, `there` names all files, the
    unreadable ones included. While playbooks are checked, bases first, `used` gets those that can be used, merged,
    `unfit` those that have not even the shape of a playbook once they are merged, and `found` what is told of each.
    """

    written: Mapping[str, Content]
    gone: Mapping[str, Content] = field(default_factory=dict)
    there: Collection[str] = ()
    used: dict[str, Content] = field(default_factory=dict)
    unfit: set[str] = field(default_factory=set)
    found: dict[str, frozenset[tuple[str, Path, str]]] = field(default_factory=dict)  # rule, path, message

    def depth(self, name: str) -> int:
        """On how many others it stands, for the order in which they are checked."""
        try:
            return len(self.bases(name, self.written[name]))
        except NoBaseError:
            return MOST_BASES + 1

    def wholes(self) -> dict[str, Content]:
        """Every playbook as merged from what stands in the files; those without their bases are left out."""
        found: dict[str, Content] = {}
        for name, content in self.written.items():
            try:
                found[name] = self.whole(name, content)
            except NoBaseError:
                continue
        return found

    def use(self, name: str, whole: Content) -> None:
        """`whole` is what deals can enter, and what others stand on."""
        self.used[name] = whole
        self.unfit.discard(name)

    def bases(self, name: str, content: Content) -> list[str]:
        """The names of the playbooks that `content`, from the file `name`, stands on; the nearest first.

        Raises NoBaseError.
        """
        found: list[str] = []
        while "extends" in content:
            base = str(content["extends"])
            if base == name:
                raise _loop([name, *found, base])
            if base in found:
                raise _broken(found[0])
            known = self._known(base)
            if known is None:
                raise _broken(found[0] if found else base) if found or base in self.there else self._unknown(base)
            found.append(base)
            if len(found) > MOST_BASES:
                raise _too_many(found)
            content = known
        return found

    def base_of(self, name: str, content: Content) -> Content:
        """The whole playbook that the variant `content` extends. Raises NoBaseError."""
        whole: Content = {}
        for base in reversed(self.bases(name, content)):
            written = self._known(base) or {}
            whole = self.used.get(base) or (merged_variant(whole, written) if "extends" in written else written)
        return whole

    def whole(self, name: str, content: Content) -> Content:
        """The playbook that `content` stands for: merged onto its bases, if it has any. Raises NoBaseError."""
        return merged_variant(self.base_of(name, content), content) if "extends" in content else content

    def is_gone(self, base: str) -> bool:
        return base in self.gone and base not in self.there

    def _known(self, name: str) -> Content | None:
        if name in self.unfit:
            return None
        return self.written.get(name) or (self.gone.get(name) if name not in self.there else None)

    def _unknown(self, base: str) -> NoBaseError:
        return NoBaseError("unknown-base", f"there is no playbook {base!r}", did_you_mean(base, self.written))


def _loop(names: list[str]) -> NoBaseError:
    if len(names) == 2:
        return NoBaseError("extends-loop", f"{names[0]!r} extends itself", "name another playbook, or delete `extends`")
    told = " extends ".join(names)
    return NoBaseError("extends-loop", f"{told}: this never ends", "let one of them stand for itself")


def _broken(base: str) -> NoBaseError:
    message = f"{base!r} cannot be used, so this variant cannot either"
    return NoBaseError("broken-base", message, f"mend playbooks/{base}.yaml first")


def _too_many(names: list[str]) -> NoBaseError:
    message = f"{len(names)} playbooks or more stand below this one; at most {MOST_BASES} may"
    return NoBaseError("too-many-bases", message, f"extend {names[-1]!r} directly, or write this playbook out")
