from pathlib import Path

import pytest

from tests.rows.shop import Shop, copy_of_the_shipped


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """The shipped workspace as it is."""
    monkeypatch.setenv("PLAYBOOK_USER", "kim")
    monkeypatch.setenv("PLAYBOOK_TRACEBACK", "1")
    return Shop(copy_of_the_shipped(tmp_path))
