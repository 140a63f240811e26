import pytest

from engine.store.sqlite import create
from tests.store.contract import StoreContract


class TestSqliteStore(StoreContract):
    @pytest.fixture
    def store(self, tmp_path):
        store = create(tmp_path / "playbook.db")
        yield store
        store.close()
