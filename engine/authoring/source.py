"""A YAML file as plain content in which every key and every value knows its line and column.

YAML 1.2 scalars only: `on`, `no`, `12:30` and `2026-03-02` stay text. What YAML allows and a playbook has no use for
(tags, merge keys, several documents, keys that are not words) is refused with its place, and so is everything that
could make a file hang the reader: deep nesting, huge files, aliases of aliases.
"""

from __future__ import annotations

from engine.authoring.encoding import decode
from engine.authoring.places import Source
from engine.core.problem import Problem


def read_yaml(path: str, raw: bytes) -> Source | list[Problem]:
    """The content of a YAML file with its places, or everything that is wrong with it as YAML.

    `path` is only named in problems: nothing is opened. Never raises for any bytes.
    """
    text = decode(path, raw)
    if isinstance(text, Problem):
        return [text]
    # PyYAML is needed only when a file has changed: the tick that finds nothing new does not pay for it
    from engine.authoring.composing import compose

    # libyaml loses the blank end of a last line that has no line break
    return compose(path, text if text.endswith("\n") else text + "\n")
