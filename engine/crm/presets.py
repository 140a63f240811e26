"""The presets that come with the program: mappings for the exports of well-known CRMs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

PRESETS = Path(__file__).parent / "presets"


def preset_names(folder: Path | None = None) -> list[str]:
    """The names that `preset:` may have, sorted."""
    return sorted(path.stem for path in (folder or PRESETS).glob("*.yaml"))


def preset_content(name: str, folder: Path | None = None) -> dict[str, Any]:
    """The plain content of one preset. Raises FileNotFoundError where there is none of that name."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    with ((folder or PRESETS) / f"{name}.yaml").open(encoding="utf-8") as stream:
        content = yaml.load(stream, Loader=loader)
    return content if isinstance(content, dict) else {}
