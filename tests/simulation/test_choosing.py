"""Real losses: which are played, and how they stood on the day of the loss."""

from __future__ import annotations

from datetime import date

from engine.authoring.workspace import load_workspace
from engine.core.conditions import Clause
from engine.core.values import Literal
from engine.simulation.choosing import Period, lost_deals
from tests.simulation.lives import way

NOW = 1773136800  # 2026-03-10 10:00 UTC


def chosen(shop, *names: str, period: Period | None = None, condition=None):
    workspace = load_workspace(shop.folder, {})
    ways = [way(workspace, name) for name in names or ("check-in",)]
    with shop.store() as store:
        return lost_deals(store, workspace.world, ways, period or Period(), NOW, condition)


def test_a_loss_enters_on_its_day_followed_by_nobody_and_untouched(shop):
    found = chosen(shop)
    assert [start.deal for subject in found.subjects for start in subject.starts] == ["D-3", "D-1", "D-2"]
    account = next(subject.account for subject in found.subjects if "D-1" in subject.account.deals)
    assert account.enrolments == {}
    assert account.touches == [], "the call that is open today went out after the loss"
    assert account.events == account.log == []
    assert [start.at for subject in found.subjects for start in subject.starts if start.deal == "D-1"] == [1771578000]


def test_the_deals_of_one_account_are_one_subject(shop):
    found = chosen(shop)
    assert sorted(len(subject.starts) for subject in found.subjects) == [1, 2]


def test_a_deal_that_was_won_back_was_a_loss_once(shop):
    with shop.store() as store, store.transaction():
        from tests.console.shop import deal

        store.upsert_deals([deal("D-8", "A2", "C2", status="won", won_at="2026-03-01")])
        store.upsert_deals([deal("D-9", "A2", "C2", status="won", won_at="2026-03-01", lost_at=None)])
    found = chosen(shop)
    account = next(subject.account for subject in found.subjects if "D-8" in subject.account.deals)
    assert account.deals["D-8"].status == "lost"
    assert not any("D-9" in subject.account.deals for subject in found.subjects)


def test_a_loss_that_nobody_followed_is_still_one_after_the_deal_was_won_back(shop):
    export, mapping = shop.folder / "deals.csv", shop.folder / "ours.yaml"
    mapping.write_text(
        "mapping: ours\ndeals:\n  columns: {id: id, stage: status, lost: lost_at, owner: owner}\n"
        "  status: {lost: [lost], won: [won]}\n  date_format: ISO\n"
    )
    for status, lost, now in (("lost", "2026-02-25", "2026-03-02T09:00"), ("won", "", "2026-03-09T09:00")):
        export.write_text(f"id,stage,lost,owner\nD-7,{status},{lost},kim\n")
        told = shop.run("import", str(export), "--mapping", str(mapping), "--partial", "--now", now)
        assert "1 row = 1 accepted" in told.out, told.err
    starts = [start for subject in chosen(shop).subjects for start in subject.starts]
    assert [start.at for start in starts if start.deal == "D-7"] == [1772010000], "the morning of 25 February"


def test_a_period_holds_its_first_and_its_last_day(shop):
    day = date(2026, 2, 20)
    assert len(chosen(shop, period=Period(since=day, until=day)).subjects) == 2
    assert not chosen(shop, period=Period(since=date(2026, 2, 21))).subjects
    assert not chosen(shop, period=Period(until=date(2024, 2, 19))).subjects
    assert not chosen(shop, period=Period(team="east")).subjects


def test_an_experiment_asks_its_own_condition(shop):
    rich = Clause(name="deal.name", operator="is", operand=Literal(content="Roof"), type="text")
    found = chosen(shop, condition=rich)
    assert [start.deal for subject in found.subjects for start in subject.starts] == ["D-2"]
    assert dict(found.left_out) == {"the experiment does not take it (name is Roof)": 2}
