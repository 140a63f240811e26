"""Where the files that come with the program are: in a checkout beside `engine/`, in a wheel under `engine/_data/`."""

from __future__ import annotations

from pathlib import Path

_ENGINE = Path(__file__).resolve().parent


def data_dir(name: str) -> Path:
    """The folder `playbooks`, `schemas` or `examples`. Raises FileNotFoundError if the installation lacks it."""
    return _found(name)


def starter_settings() -> Path:
    """The playbook.toml with which a new workspace begins. Raises FileNotFoundError."""
    return _found("playbook.toml")


def _found(name: str) -> Path:
    for place in (_ENGINE / "_data" / name, _ENGINE.parent / name):
        if place.exists():
            return place
    raise FileNotFoundError(f"this installation lacks {name}: install the program again")
