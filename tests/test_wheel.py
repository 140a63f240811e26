"""The wheel, installed into an empty environment with whatever versions the index has, does its job from anywhere."""

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
NO_INDEX = ("No matching distribution", "Connection", "Temporary failure", "Max retries", "Network is unreachable")


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    surroundings = {name: text for name, text in os.environ.items() if not name.startswith(("PYTHON", "PLAYBOOK"))}
    return subprocess.run(
        [str(part) for part in command], cwd=cwd, env=surroundings, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """The folder of the programs of an environment that holds the wheel and what it asks for, nothing else."""
    pytest.importorskip("hatchling", reason="building the wheel needs hatchling (make test installs it)")
    home = tmp_path_factory.mktemp("wheel")
    built = run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", home / "dist", cwd=ROOT)
    assert built.returncode == 0, built.stderr
    wheel = next((home / "dist").glob("*.whl"))
    venv.create(home / "empty", with_pip=True)
    programs = home / "empty" / ("Scripts" if os.name == "nt" else "bin")
    quiet = ("--quiet", "--disable-pip-version-check", "--retries", "1", "--timeout", "10")
    done = run(programs / "python", "-m", "pip", "install", *quiet, wheel, cwd=home)
    if done.returncode and any(sign in done.stderr for sign in NO_INDEX):
        pytest.skip(f"no package index can be reached: {done.stderr.strip().splitlines()[-1]}")
    assert done.returncode == 0, done.stderr
    return programs


def test_an_editable_installation_runs_the_tree_and_copies_no_code(tmp_path):
    pytest.importorskip("hatchling", reason="building needs hatchling (make test installs it)")
    build = "import hatchling.build, sys; hatchling.build.build_editable(sys.argv[1])"
    made = run(sys.executable, "-c", build, tmp_path, cwd=ROOT)
    assert made.returncode == 0, made.stderr
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        names = wheel.namelist()
        (path,) = (wheel.read(name).decode().strip() for name in names if name.endswith(".pth"))
    assert Path(path) == ROOT
    assert [name for name in names if name.endswith(".py")] == []


def test_init_validate_and_tick_run_from_another_directory(installed, tmp_path):
    program, elsewhere = installed / "playbook", tmp_path / "elsewhere"
    elsewhere.mkdir()
    made = run(program, "init", "followups", cwd=elsewhere)
    assert made.returncode == 0, made.stderr
    assert (elsewhere / "followups" / "playbooks" / "four-week-check-in.yaml").exists()
    for command in (["validate"], ["tick"], ["tick", "--dry-run"], ["due"], ["status"], ["--version"]):
        done = run(program, "--workspace", "followups", *command, cwd=elsewhere)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"


def test_the_demo_runs_out_of_the_wheel(installed, tmp_path):
    done = run(installed / "playbook", "demo", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "playbook" in done.stdout


def test_the_engine_is_the_installed_one_and_needs_nothing_that_is_not_declared(installed, tmp_path):
    found = run(installed / "python", "-c", "import engine, cli; print(engine.__file__, cli.__file__)", cwd=tmp_path)
    assert found.returncode == 0, found.stderr
    assert str(ROOT) not in found.stdout
    checked = run(installed / "python", "-m", "pip", "check", "--disable-pip-version-check", cwd=tmp_path)
    assert checked.returncode == 0, checked.stdout
