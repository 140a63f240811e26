import shutil

import pytest

import cli
from tests.console import shop as shops


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made") / "shop"
    shops.make(folder)
    assert cli.run(["--workspace", str(folder), "tick", "--now", shops.START]) == 0
    return folder


@pytest.fixture
def shop(made, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("PLAYBOOK_USER", "kim")
    monkeypatch.setenv("PLAYBOOK_TRACEBACK", "1")
    shutil.copytree(made, tmp_path / "shop")
    return shops.Shop(tmp_path / "shop", capsys)
