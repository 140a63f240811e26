"""The due list in the order of a score, through the command line."""

import csv
import io
import json
import shutil

import pytest

from tests.console import shop as shops
from tests.console.asked import action, make

SCORES = """
scores:
  worth:
    - {if: {action.kind: {is: call}}, points: 10, because: somebody waits for a call}
    - {if: {answers.debrief.fit: {at_least: 4}}, points: 3, because: we fitted well}
due_list: worth
"""


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("asked") / "shop"
    make(folder)
    return folder


@pytest.fixture(scope="session")
def made_with_scores(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scored") / "shop"
    make(folder, SCORES)
    return folder


@pytest.fixture
def scored(made_with_scores, tmp_path, capsys):
    shutil.copytree(made_with_scores, tmp_path / "shop")
    return shops.Shop(tmp_path / "shop", capsys)


@pytest.fixture(autouse=True)
def somebody(monkeypatch):
    monkeypatch.setenv("PLAYBOOK_USER", "kim")
    monkeypatch.setenv("PLAYBOOK_TRACEBACK", "1")


def test_the_due_list_is_in_the_order_of_the_score(scored):
    lines = scored.run("due").out.splitlines()
    assert lines[1].split()[:2] == ["id", "points"]
    assert [line.split()[1] for line in lines[2:]] == ["10", "10", "0", "0"]
    scored.run("answer", action(scored, deal="D-2"), "--checked", "--set", "reason=priced_out", "--set", "fit=5")
    scored.run("tick", "--now", shops.LATER)
    found = json.loads(scored.run("due", "--format", "json").out)
    assert [(one["deal"], one["rank"]) for one in found] == [("D-2", 13), ("D-1", 10), ("D-2", 3), ("D-1", 0)]
    assert found[0]["rank_because"] == ["+10 somebody waits for a call", "+3 we fitted well"]
    rows = list(csv.DictReader(io.StringIO(scored.run("due", "--format", "csv").out)))
    assert rows[0]["rank"] == "13" and "we fitted well" in rows[0]["rank_because"]


def test_explain_lists_the_points_under_each_line(scored):
    lines = scored.run("due", "--explain").out.splitlines()
    assert lines[3].strip() == "+10 somebody waits for a call" and lines[-1].strip() == "no points"


def test_the_sheet_tells_the_points(scored):
    assert "points    10: +10 somebody waits for a call" in scored.run("due", action(scored)).out


def test_without_a_score_the_due_list_is_as_it_was(shop):
    told = shop.run("due", "--format", "json")
    assert "rank" not in json.loads(told.out)[0]
    assert [one["action"] for one in json.loads(told.out)] == ["think", "think", "debrief", "debrief"]
    explained = shop.run("due", "--explain")
    assert explained.code == 2 and "due_list" in explained.err
