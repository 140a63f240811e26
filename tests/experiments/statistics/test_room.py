from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import engine.experiments.statistics

FOLDER = Path(engine.experiments.statistics.__file__).parent
MODULES = [f"engine.experiments.statistics.{path.stem}" for path in sorted(FOLDER.glob("*.py"))]


def imported_by(code: str) -> str:
    root = FOLDER.parents[2]
    asked = f"import sys\n{code}\nprint('numpy' in sys.modules)"
    return subprocess.run([sys.executable, "-c", asked], cwd=root, check=True, capture_output=True, text=True).stdout


def test_neither_the_commands_nor_the_arithmetic_import_numpy_before_they_need_it() -> None:
    assert imported_by(f"import cli, {', '.join(MODULES)}").strip() == "False"


def test_all_but_the_boundaries_do_without_numpy() -> None:
    used = [path.name for path in FOLDER.glob("*.py") if "import numpy" in path.read_text(encoding="utf-8")]
    assert used == ["recursion.py"]
