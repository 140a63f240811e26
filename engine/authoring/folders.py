"""A folder of a workspace in which every file is one thing with a name: playbooks, experiments."""

from __future__ import annotations

from engine.authoring.known import SeenFile, parse_yaml, read_file
from engine.authoring.shelf import Shelf


def read_folder(shelf: Shelf, place: str, kind: str) -> dict[str, SeenFile]:
    """The YAML files in `place` (`playbooks`), by file name without its ending, checked against the schema of `kind`.

    A file that ends in .yml is complained of in `shelf.seen`, and not read.
    """
    found: dict[str, SeenFile] = {}
    folder = shelf.folder / place
    for file in sorted(folder.iterdir()) if folder.is_dir() else ():
        path = f"{place}/{file.name}"
        if file.name.startswith(".") or not file.is_file():
            continue
        if file.suffix == ".yaml":
            seen = read_file(shelf.folder, path, shelf.known)
            parse_yaml(seen, kind, shelf.schemas)
            found[file.stem] = seen
        elif file.suffix == ".yml":
            seen = shelf.seen[path] = SeenFile(path=path, hash="", fresh=True)
            seen.complain("wrong-file-name", "this file is not read", f"rename it to {file.stem}.yaml")
    return found
