"""The real practice export, where it is at hand: MAVEN_DATA names the folder with its files."""

import json
import os
import shutil
from collections import Counter
from pathlib import Path

import pytest

from tests.runner.shop import START, Shop

DATA = os.environ.get("MAVEN_DATA", "")
MAPPING = Path(__file__).parents[2] / "examples" / "maven-mapping.yaml"

pytestmark = pytest.mark.skipif(not DATA, reason="MAVEN_DATA does not name the folder of the practice export")


@pytest.fixture(scope="module")
def imported(tmp_path_factory):
    """(shop, first report, second report)"""
    shop = Shop(tmp_path_factory.mktemp("maven") / "shop")
    return shop, _bring(shop, MAPPING), _bring(shop, MAPPING)


def _bring(shop: Shop, mapping: Path, *options: str) -> dict:
    arguments = ("import", str(Path(DATA) / "sales_pipeline.csv"), "--mapping", str(mapping), "--format", "json")
    code, out = shop.run(*arguments, "--now", START, "--rejects", str(shop.folder / "rejects.csv"), *options)
    assert code == 0, shop.said
    return json.loads(out)


def test_every_row_is_accepted_once_and_unchanged_the_second_time(imported) -> None:
    _, first, second = imported
    assert (first["rows"], first["new"], first["rejected"]) == (8_800, 8_800, 0)
    assert (second["accepted"], second["unchanged"], second["rejected"]) == (0, 8_800, 0)


def test_the_counts_are_those_of_the_file(imported) -> None:
    _, first, _ = imported
    assert (first["status"]["lost"], first["status"]["won"]) == (2_473, 4_238)
    assert first["lost_by_team"] == {"Central": 975, "West": 811, "East": 687}


def test_with_the_alias_every_lost_deal_has_its_list_price(imported) -> None:
    shop, first, _ = imported
    assert first["unmatched"] == []
    store = shop.store()
    rows = store.session.connection.execute("SELECT team, fields FROM deals WHERE status = 'lost'").fetchall()
    store.close()
    amounts = [(team, json.loads(fields)["amount"]) for team, fields in rows]
    assert {currency for _, (_, currency) in amounts} == {"USD"}
    by_team: Counter[str] = Counter()
    for team, (minor, _) in amounts:
        by_team[team] += minor
    assert by_team == {"Central": 222_701_000, "West": 190_901_700, "East": 181_044_100}
    assert by_team.total() == 594_646_800


def test_without_the_alias_the_misspelt_product_is_listed(tmp_path) -> None:
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(MAPPING.read_text(encoding="utf-8").replace("{GTXPro: GTX Pro}", "{}"), encoding="utf-8")
    for name in ("products.csv", "accounts.csv", "sales_teams.csv"):
        shutil.copy(Path(DATA) / name, tmp_path / name)
    told = _bring(Shop(tmp_path / "shop"), mapping, "--dry-run")
    assert told["unmatched"] == [
        {"file": "products.csv", "key": "GTXPro", "rows": 1_480, "lost": 418, "did_you_mean": "GTX Pro"}
    ]
