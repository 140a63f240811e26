"""A text that breaks a content rule when it is handed out: wherever it is shown, it says so."""

import csv
import io
import json
import shutil

import pytest

import cli
from tests.console import shop as shops

RULES = """
rules:
  no_price_offer:
    means: No price is offered after a loss
    instead: leave the price out
    finds: [lower price]
"""


@pytest.fixture(scope="module")
def made_with_a_rule(tmp_path_factory):
    folder = tmp_path_factory.mktemp("held") / "shop"
    shops.make(folder)
    library = folder / "playbooks" / "library"
    (library / "templates").mkdir()
    (library / "templates" / "hello.txt").write_text('About {{ phone_note | default("you") }}.\n')
    (library / "fields.yaml").write_text("deal:\n  phone_note: {type: text}\naccount: {}\ncontact: {}\n")
    (library / "content-rules.yaml").write_text(RULES)
    playbook = folder / "playbooks" / "check-in.yaml"
    playbook.write_text(
        playbook.read_text().replace("outcomes: [granted", "template: hello\n        outcomes: [granted")
    )
    shop = shops.Shop(folder, None)
    with shop.store() as store, store.transaction():
        store.upsert_deals([shops.deal("D-2", "A2", "C2", name="Roof", phone_note="a lower price for you")])
    assert cli.run(["--workspace", str(folder), "tick", "--now", shops.START]) == 0
    return folder


@pytest.fixture
def shop(made_with_a_rule, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("PLAYBOOK_USER", "kim")
    shutil.copytree(made_with_a_rule, tmp_path / "shop")
    return shops.Shop(tmp_path / "shop", capsys)


def test_the_due_list_marks_it_and_no_other(shop):
    lines = {line.split()[0]: line for line in shop.run("due").out.splitlines()[2:]}
    assert "held back" in lines[shop.action("D-2")[:4]]
    assert "held back" not in lines[shop.action("D-1")[:4]]


def test_json_and_csv_say_which_words_break_which_rule(shop):
    held = {row["deal"]: row["held"] for row in json.loads(shop.run("due", "--format", "json").out)}
    assert held == {"D-1": "", "D-2": '"lower price" breaks no_price_offer'}
    rows = csv.DictReader(io.StringIO(shop.run("due", "--format", "csv").out))
    assert {row["deal"]: row["held"] for row in rows} == held


def test_the_sheet_says_it_above_the_text(shop):
    told = shop.run("due", shop.action("D-2")).out
    warning = told.index('Do not send as it stands: "lower price" breaks no_price_offer')
    assert warning < told.index("| About a lower price for you.")
    assert "Do not send" not in shop.run("due", shop.action("D-1")).out
    assert 'held back: "lower price" breaks no_price_offer' in shop.run("show", "D-2").out
