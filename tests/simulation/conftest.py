from __future__ import annotations

import shutil

import pytest

import cli
from tests.console import shop as shops
from tests.simulation.lives import laid


@pytest.fixture(scope="session")
def workspace(tmp_path_factory):
    return laid(tmp_path_factory.mktemp("letters"))


@pytest.fixture(scope="session")
def made_shop(tmp_path_factory):
    """The little workspace of the console's tests: three losses, a sandbox database, a first tick."""
    folder = tmp_path_factory.mktemp("made") / "shop"
    shops.make(folder)
    assert cli.run(["--workspace", str(folder), "tick", "--now", shops.START]) == 0
    return folder


@pytest.fixture
def shop(made_shop, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("PLAYBOOK_USER", "kim")
    monkeypatch.setenv("PLAYBOOK_TRACEBACK", "1")
    shutil.copytree(made_shop, tmp_path / "shop")
    return shops.Shop(tmp_path / "shop", capsys)
