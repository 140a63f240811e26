"""The real practice export, where it is at hand: what it says about the article's claim on losing slowly."""

import json
import os
from pathlib import Path

import pytest

from tests.runner.shop import START, Shop

DATA = os.environ.get("MAVEN_DATA", "")
MAPPING = Path(__file__).parents[2] / "examples" / "maven-mapping.yaml"

pytestmark = pytest.mark.skipif(not DATA, reason="MAVEN_DATA does not name the folder of the practice export")


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    shop = Shop(tmp_path_factory.mktemp("maven") / "shop")
    arguments = ("import", str(Path(DATA) / "sales_pipeline.csv"), "--mapping", str(MAPPING), "--now", START)
    code, _ = shop.run(*arguments, "--rejects", str(shop.folder / "rejects.csv"))
    assert code == 0, shop.said
    return shop


def test_lost_deals_are_closed_sooner_than_won_ones_and_the_report_says_so(shop) -> None:
    code, out = shop.run("report", "time", "--now", START, "--format", "json")
    assert code == 0, shop.said
    told = json.loads(out)
    facts = told["facts"]
    assert (round(facts["lost_days_mean"], 1), facts["lost_days_median"], facts["lost_n"]) == (41.5, 14, 2_473)
    assert (round(facts["won_days_mean"], 1), facts["won_days_median"], facts["won_n"]) == (51.8, 57, 4_238)
    assert round(facts["ratio"], 2) == 0.80
    assert "41.5 days on average (median 14, n 2,473)" in told["verdict"] and "0.80" in told["verdict"]
    assert "opposite of the article" in told["remarks"][0]


def test_every_loss_of_the_export_is_untouched(shop) -> None:
    code, out = shop.run("report", "untouched", "--now", START, "--format", "json")
    assert code == 0
    assert json.loads(out)["facts"]["untouched"] == 2_473
