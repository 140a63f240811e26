from collections import Counter
from pathlib import Path

import pytest
import yaml

from tests.crm.maven_like import (
    IDLE_AGENTS,
    KEY,
    LOST_BY_OFFICE,
    STAGES,
    TYPO,
    TYPO_LOST,
    TYPO_ROWS,
    WITHOUT_ACCOUNT,
    write_export,
)
from tests.crm.reading import read_file

MAPPING = Path(__file__).parents[2] / "examples" / "maven-mapping.yaml"


def _content(alias: dict[str, str]) -> dict:
    content = yaml.safe_load(MAPPING.read_text(encoding="utf-8"))
    return {**content, "joins": [{**content["joins"][0], "alias": alias}, *content["joins"][1:]]}


@pytest.fixture(scope="module")
def export(tmp_path_factory):
    folder = tmp_path_factory.mktemp("export")
    return folder / "sales_pipeline.csv", write_export(folder)


def test_the_generator_keeps_every_promised_count(export) -> None:
    _, expected = export
    assert (expected.rows, expected.won, expected.lost) == (8_800, STAGES["Won"], STAGES["Lost"])
    assert expected.open == STAGES["Engaging"] + STAGES["Prospecting"] == 2_089
    assert (expected.without_account, expected.typo_rows, expected.typo_lost) == (WITHOUT_ACCOUNT, TYPO_ROWS, TYPO_LOST)
    assert expected.lost_by_office == LOST_BY_OFFICE
    assert len(expected.idle_agents) == IDLE_AGENTS
    assert len(expected.look_alikes) == 2


def test_with_an_alias_every_lost_deal_has_its_price_and_its_office(export) -> None:
    path, expected = export
    outcome = read_file(path, _content({TYPO: KEY}), today="2026-01-01")
    lost = [deal for deal in outcome.deals if deal["status"] == "lost"]
    assert outcome.summary.status == {"lost": expected.lost, "won": expected.won, "open": expected.open, "deleted": 0}
    assert sum(deal["amount"] for deal in lost) == expected.lost_list_price * 100
    assert Counter(deal["team"] for deal in lost) == expected.lost_by_office
    assert outcome.summary.unmatched == ()
    assert outcome.findings() == {"account-missing": expected.without_account}
    assert not {deal["owner"] for deal in outcome.deals} & set(expected.idle_agents)
    assert all("lost_at" in deal for deal in lost)
    assert not any("lost_at" in deal for deal in outcome.deals if deal["status"] != "lost")


def test_without_the_alias_no_lost_deal_disappears_and_each_is_counted(export) -> None:
    path, expected = export
    outcome = read_file(path, _content({}))
    assert outcome.summary.lost == expected.lost
    (unmatched,) = outcome.summary.unmatched
    assert (unmatched.key, unmatched.rows, unmatched.lost) == (TYPO, expected.typo_rows, expected.typo_lost)
    assert unmatched.suggestion == KEY


def test_deals_that_look_alike_stay_two_deals(export) -> None:
    path, expected = export
    ids = {deal["id"] for deal in read_file(path, _content({})).deals}
    assert len(ids) == expected.rows
    for first, second in expected.look_alikes:
        assert {first, second} <= ids


def test_a_smaller_export_has_the_same_shape(tmp_path) -> None:
    expected = write_export(tmp_path, deals=88)
    assert (expected.rows, expected.lost, expected.won) == (88, 25, 42)
    assert read_file(tmp_path / "sales_pipeline.csv", _content({TYPO: KEY})).summary.lost == expected.lost
