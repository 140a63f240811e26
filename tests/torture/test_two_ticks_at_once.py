"""Cron starts a tick while another still runs: one works, the others say so and go away."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.store.errors import Busy
from engine.store.lock import process_lock
from tests.torture import story
from tests.torture.killing import ROOT, arguments, cold_tick, difference, picture, tick

AT_ONCE = 20
BUSY = 4


@pytest.fixture(scope="module")
def ready(tmp_path_factory) -> Path:
    """A workspace with losses that a tick has to enrol."""
    folder = story.make(tmp_path_factory.mktemp("two") / "ready")
    assert tick(folder, story.instant(0)) in (0, 1)
    story.between(1, folder)
    return folder


def start(folder: Path, at: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, str(ROOT / "cli.py"), *arguments(folder, at)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def copy(ready: Path, name: Path) -> Path:
    return Path(shutil.copytree(ready, name))


def test_twenty_ticks_started_at_once_do_the_work_of_one(ready, tmp_path):
    alone, crowded = copy(ready, tmp_path / "alone"), copy(ready, tmp_path / "crowded")
    assert cold_tick(alone, story.instant(1)) in (0, 1)
    crowd = [start(crowded, story.instant(1)) for _ in range(AT_ONCE)]
    told = [one.communicate()[1].decode()[-300:] for one in crowd]
    codes = [one.returncode for one in crowd]
    assert set(codes) <= {0, 1, BUSY}, told
    assert codes.count(BUSY) < AT_ONCE
    assert difference(picture(crowded), picture(alone)) == []


def test_of_twenty_ticks_released_together_exactly_one_works(ready, tmp_path):
    """They share one starting pistol, and the first in holds the lock until all have tried."""
    folder = copy(ready, tmp_path / "pistol")
    fire, ready_to_go = os.pipe()
    children = [_waiting_tick(folder, fire, ready_to_go) for _ in range(AT_ONCE)]
    os.close(fire)
    os.close(ready_to_go)  # the pistol: every child's read ends now
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    assert sorted(codes) == [0] + [BUSY] * (AT_ONCE - 1)


def _waiting_tick(folder: Path, fire: int, ready_to_go: int) -> int:
    """Fork a process that ticks when the pipe ends, and whose tick lasts until the others have been refused."""
    child = os.fork()
    if child:
        return child
    code = 70
    try:
        os.close(ready_to_go)
        os.read(fire, 1)
        try:
            with process_lock(folder / "playbook.db.lock"):
                _wait_for_the_others(folder)
                code = 0
        except Busy:
            code = BUSY
            os.close(os.open(folder / f"refused-{os.getpid()}", os.O_CREAT))
    finally:
        os._exit(code)


def _wait_for_the_others(folder: Path) -> None:
    signal.alarm(30)  # a lock that let two in would never come to an end
    while len(list(folder.glob("refused-*"))) < AT_ONCE - 1:
        time.sleep(0.01)  # in the holder only: nothing is decided by how long it is


def test_a_tick_beside_a_running_one_exits_4_and_changes_nothing(ready, tmp_path):
    folder = copy(ready, tmp_path / "beside")
    before = picture(folder)
    with story.opened(folder) as running, running.tick_lock():
        refused = start(folder, story.instant(1))
        output, errors = refused.communicate()
        quiet = subprocess.run(
            [sys.executable, str(ROOT / "cli.py"), *arguments(folder, story.instant(1)), "--quiet-if-running"],
            capture_output=True, check=False,
        )  # fmt: skip
    assert (refused.returncode, output) == (BUSY, b""), errors
    assert b"another tick is running" in errors
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, b"", b"")
    assert picture(folder) == before


def test_the_lock_of_a_killed_tick_is_free_at_once(ready, tmp_path):
    folder = copy(ready, tmp_path / "killed")
    program = (
        "import sys, pathlib\nfrom engine.store.sqlite import open_store\n"
        "with open_store(pathlib.Path(sys.argv[1])).tick_lock():\n    print('held', flush=True)\n    sys.stdin.read()\n"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", program, str(folder / "playbook.db")], cwd=ROOT,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert holder.stdout.readline() == b"held\n"
    assert tick(folder, story.instant(1)) == BUSY
    holder.kill()
    holder.wait()
    assert tick(folder, story.instant(1)) in (0, 1)
