"""The figures of several hundred deals, counted a second time: from the CSV itself, and by plain SQL."""

import csv
import io
import json
import statistics
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path

import pytest

from tests.crm.maven_like import KEY, TYPO, write_export
from tests.runner.shop import Shop

MAPPING = Path(__file__).parents[2] / "examples" / "maven-mapping.yaml"
NOW = "2018-02-01T10:00"
OLD = date(2018, 1, 18)  # 14 days before


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("export")
    write_export(folder, deals=600)
    shop = Shop(folder / "shop")
    mapping = folder / "mapping.yaml"
    mapping.write_text(MAPPING.read_text(encoding="utf-8").replace("{GTXPro: GTX Pro}", f"{{{TYPO}: {KEY}}}"))
    arguments = ("import", str(folder / "sales_pipeline.csv"), "--mapping", str(mapping), "--now", NOW)
    code, _ = shop.run(*arguments, "--rejects", str(folder / "rejects.csv"))
    assert code == 0, shop.said
    rows = csv.DictReader((folder / "sales_pipeline.csv").open(encoding="utf-8", newline=""))
    shop.export = [row for row in rows if row["close_date"] <= NOW[:10]]  # what closes later has not happened yet
    teams = csv.DictReader((folder / "sales_teams.csv").open(encoding="utf-8", newline=""))
    shop.offices = {row["sales_agent"]: row["regional_office"] for row in teams}
    return shop


def told(shop, name: str, *options: str) -> dict:
    code, out = shop.run("report", name, "--now", NOW, "--format", "json", *options)
    assert code == 0, shop.said
    return json.loads(out)


def table(shop, name: str, which: str, *options: str) -> list[dict]:
    return told(shop, name, *options)["tables"][which]["rows"]


def days(row: dict) -> int:
    return (date.fromisoformat(row["close_date"]) - date.fromisoformat(row["engage_date"])).days


def test_the_days_are_those_of_the_file(shop):
    lost, won = ([days(row) for row in shop.export if row["deal_stage"] == stage] for stage in ("Lost", "Won"))
    facts = told(shop, "time")["facts"]
    assert facts["lost_days_mean"] == pytest.approx(statistics.mean(lost))
    assert facts["won_days_mean"] == pytest.approx(statistics.mean(won))
    assert (facts["lost_days_median"], facts["won_days_median"]) == (statistics.median(lost), statistics.median(won))
    assert (facts["lost_n"], facts["won_n"]) == (len(lost), len(won))
    assert facts["ratio"] == pytest.approx(statistics.mean(lost) / statistics.mean(won))


def test_the_days_of_one_team_are_those_of_its_agents(shop):
    chosen = [row for row in shop.export if shop.offices[row["sales_agent"]] == "Hills"]
    facts = told(shop, "time", "--team", "Hills", "--since", "2017-04-01", "--until", "2017-09-30")["facts"]
    lost = [days(row) for row in chosen if row["deal_stage"] == "Lost" and "2017-04" <= row["close_date"] < "2017-10"]
    assert (facts["lost_n"], facts["lost_days_mean"]) == (len(lost), pytest.approx(statistics.mean(lost)))


def test_untouched_losses_are_those_of_the_file_by_agent(shop):
    expected = Counter(
        (shop.offices[row["sales_agent"]], row["sales_agent"])
        for row in shop.export
        if row["deal_stage"] == "Lost" and date.fromisoformat(row["close_date"]) <= OLD
    )
    rows = table(shop, "untouched", "by_owner")
    assert [(row["team"], row["owner"]) for row in rows] == sorted(expected)
    assert {(row["team"], row["owner"]): row["untouched_part"] for row in rows} == expected
    deals = table(shop, "untouched", "deals")
    assert len(deals) == expected.total()
    assert [row["days"] for row in deals] == sorted((row["days"] for row in deals), reverse=True)


def test_the_win_rate_of_each_month_and_value_is_that_of_the_file(shop):
    closed = [row for row in shop.export if row["deal_stage"] in ("Won", "Lost")]
    won, whole, products = Counter(), Counter(), Counter()
    for row in closed:
        whole[row["close_date"][:7]] += 1
        won[row["close_date"][:7]] += row["deal_stage"] == "Won"
        products[(row["product"], row["deal_stage"])] += 1
    months = {row["month"]: (row["won_part"], row["won_of"]) for row in table(shop, "winrate", "by_month")}
    assert months == {month: (won[month], whole[month]) for month in sorted(whole)[-12:]}
    found = {
        row["value"]: (row["won_part"], row["won_of"])
        for row in table(shop, "criteria", "fields")
        if row["criterion"] == "product"
    }
    assert found == {
        name: (products[(name, "Won")], products[(name, "Won")] + products[(name, "Lost")]) for name, _ in products
    }


def test_win_back_revenue_is_what_a_plain_search_finds(shop):
    lost = defaultdict(list)
    for row in shop.export:
        if row["deal_stage"] == "Lost":
            lost[row["account"]].append((row["close_date"], row["opportunity_id"]))
    store = shop.store()
    amounts = dict(store.session.connection.execute("SELECT id, json_extract(fields, '$.amount[0]') FROM deals"))
    store.close()
    expected = {}
    for row in shop.export:
        before = [one for one in lost[row["account"]] if one[0] <= min(row["engage_date"], row["close_date"])]
        if row["deal_stage"] == "Won" and before:
            expected[row["opportunity_id"]] = (max(before)[0], amounts[row["opportunity_id"]])
    content = told(shop, "winback")
    assert {row["win"]: (row["lost"], row["revenue_minor"]) for row in content["tables"]["wins"]["rows"]} == expected
    assert content["facts"]["revenue_minor"] == {"USD": sum(minor or 0 for _, minor in expected.values())}


def test_the_csv_has_the_rows_of_the_json(shop):
    code, out = shop.run("report", "winrate", "--now", NOW, "--format", "csv", "--table", "by_team")
    assert code == 0
    found = [(row["team"], int(row["won_part"]), int(row["won_of"])) for row in csv.DictReader(io.StringIO(out))]
    assert found == [(row["team"], row["won_part"], row["won_of"]) for row in table(shop, "winrate", "by_team")]
