import os
import signal
import subprocess
import sys
from contextlib import closing

import pytest

from engine.store.base import Busy, StoreError
from engine.store.sqlite import create

HOLDER = """
import sys
from pathlib import Path
from engine.store.sqlite import open_store
with open_store(Path(sys.argv[1])).tick_lock():
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def store(tmp_path):
    with closing(create(tmp_path / "playbook.db")) as store:
        yield store


def holder(path):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_tick_is_told_at_once_and_the_lock_dies_with_its_process(store):
    with holder(store.path) as process:
        with pytest.raises(Busy, match="another tick is running"), store.tick_lock():
            pass
        store.put_meta("commands", "still write")
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    with store.tick_lock():
        pass


def test_the_lock_is_given_back_after_an_exception(store):
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), store.tick_lock():
            raise ZeroDivisionError


def test_the_same_process_cannot_hold_it_twice(store):
    with store.tick_lock(), pytest.raises(Busy), store.tick_lock():
        pass


def test_cannot_lock_is_something_else_than_busy(store):
    store.path.with_name("playbook.db.lock").mkdir()
    with pytest.raises(StoreError, match="cannot be locked") as found, store.tick_lock():
        pass
    assert not isinstance(found.value, Busy)


def test_an_old_lock_file_without_a_process_holds_nobody_up(store):
    store.path.with_name("playbook.db.lock").write_text("left by a machine that lost power")
    with store.tick_lock():
        pass
