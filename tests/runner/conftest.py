"""What most tests of the runner begin with: an empty store on disk."""

from contextlib import closing

import pytest

from engine.store.sqlite import create


@pytest.fixture
def store(tmp_path):
    with closing(create(tmp_path / "playbook.db")) as store:
        yield store
