"""Parameters in `enrol.if`: those of the playbook, of playbook.toml and of a team, asked by the tick and by `why`."""

from contextlib import closing
from dataclasses import replace

import pytest

from engine.authoring.report import render
from engine.authoring.workspace import load_workspace
from engine.runner.shelf import RevisionShelf
from engine.runner.tick import Ticking
from engine.runner.why import why
from engine.scenarios.bench import Bench, store_in_memory
from engine.store.base import ImportedAccount, ImportedDeal
from tests.core.story import instant
from tests.small_workspace import CALENDARS, lay, settings

START = instant("2026-03-02 10:00")
PLAYBOOK = """
playbook: big
title: The big ones
params: {with_card: false, smallest: 100000}
teams:
  west: {params: {with_card: true, smallest: 4000}}
enrol:
  if:
    status: {is: lost}
    with_card: {is: true}
    amount: {at_least: {field: smallest}}
ends: {kept: {}}
initial: one
states:
  one:
    actions: {ask: {kind: call, title: Ask}}
    transitions: [{after: 4w, end: kept}]
"""
PEOPLE = """
people:
  kim: {name: Kim, team: west}
  noor: {name: Noor}
"""
AMOUNTS = {"D-west": ("kim", 5_000_00), "D-none": ("noor", 5_000_00), "D-large": ("noor", 100_000_00)}


@pytest.fixture
def folder(tmp_path):
    lay(tmp_path, {
        "playbook.toml": settings("big"), "playbooks/big.yaml": PLAYBOOK,
        "playbooks/library/roster.yaml": PEOPLE, "playbooks/library/calendars.yaml": CALENDARS,
    })  # fmt: skip
    return tmp_path


@pytest.fixture
def store():
    with closing(store_in_memory()) as store:
        with store.transaction():
            store.upsert_accounts(ImportedAccount(id=f"A{deal}") for deal in AMOUNTS)
            store.upsert_deals(
                ImportedDeal(
                    id=deal, account=f"A{deal}", contacts=[], fingerprint="f", examine_at=0,
                    fields={"status": "lost", "owner": owner, "lost_at": "2026-02-20", "amount": [amount, "USD"]},
                )
                for deal, (owner, amount) in AMOUNTS.items()
            )  # fmt: skip
        yield store


def tick(folder, store, hours=0):
    """Which deals are followed after a tick."""
    workspace = load_workspace(folder, {})
    assert render(workspace.problems) == render([])
    bench = Bench.of(workspace, "big")
    Ticking(store, bench.world, bench.offers, START + hours * 3600).run()
    return [deal for deal in AMOUNTS if store.enrolments_of(deal)]


def edit(folder, file, old, new):
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new))


def test_a_team_is_asked_with_its_own_parameters(folder, store):
    assert tick(folder, store) == ["D-west"]


def test_the_parameters_of_the_settings_count(folder, store):
    edit(folder, "playbooks/big.yaml", "teams:\n  west: {params: {with_card: true, smallest: 4000}}\n", "")
    with (folder / "playbook.toml").open("a") as file:
        file.write("\n[params.big]\nwith_card = true\n")
    assert tick(folder, store) == ["D-large"]


def test_an_edit_of_a_parameter_has_the_deals_examined_again(folder, store):
    tick(folder, store)
    edit(folder, "playbooks/big.yaml", "with_card: false", "with_card: true")
    assert tick(folder, store, 1) == ["D-west", "D-large"]


def test_a_playbook_that_joins_the_list_is_asked_for_the_deals_that_were_looked_at(folder, store):
    edit(folder, "playbooks/big.yaml", "with_card: false", "with_card: true")
    listed = replace(load_workspace(folder, {}).world, playbooks=())
    bench = Bench.of(load_workspace(folder, {}), "big")
    Ticking(store, replace(listed, playbooks=("another",)), bench.offers, START).run()
    assert not any(store.enrolments_of(deal) for deal in AMOUNTS)
    assert tick(folder, store, 1) == ["D-west", "D-large"]


def test_an_edit_of_a_parameter_that_another_names_has_the_deals_examined_again(folder, store):
    edit(folder, "playbooks/big.yaml", "with_card: false, smallest: 100000}",
         "with_card: true, smallest: {field: lowest}, lowest: 9000000}")  # fmt: skip
    assert tick(folder, store) == ["D-west"]
    edit(folder, "playbooks/big.yaml", "lowest: 9000000", "lowest: 90000")
    assert tick(folder, store, 1) == ["D-west", "D-large"]


def test_an_owner_who_changes_the_team_has_the_deals_examined_again(folder, store):
    assert tick(folder, store) == ["D-west"]
    edit(folder, "playbooks/library/roster.yaml", "noor: {name: Noor}", "noor: {name: Noor, team: west}")
    assert tick(folder, store, 1) == ["D-west", "D-none", "D-large"]


def test_an_edit_of_a_parameter_that_the_condition_does_not_name_examines_nothing(folder, store):
    edit(folder, "playbooks/big.yaml", "smallest: 100000}", "smallest: 100000, words: Ask}")
    edit(folder, "playbooks/big.yaml", "title: Ask", "title: {field: words}")
    tick(folder, store)
    edit(folder, "playbooks/big.yaml", "words: Ask", "words: Call")
    workspace = load_workspace(folder, {})
    ticking = Ticking(store, workspace.world, Bench.of(workspace, "big").offers, START + 3600)
    before = store.deals_to_examine(START + 3600, 10)
    ticking.run()
    assert before == []
    assert store.meta("enrol blocks").count("words") == 0


def test_why_asks_as_the_tick_does_and_tells_what_the_parameter_is(folder, store):
    workspace = load_workspace(folder, {})
    bench = Bench.of(workspace, "big")
    [verdict] = why(store, bench.world, bench.offers, RevisionShelf(store, bench.offers), "D-west", START).verdicts
    assert verdict.takes
    found = why(store, bench.world, bench.offers, RevisionShelf(store, bench.offers), "D-none", START)
    assert [(part.words, part.value) for part in found.failing["big"]] == [
        ("params.with_card is true", False), ("deal.amount at least 100,000", [500_000, "USD"]),
    ]  # fmt: skip


# --- what does not fit ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "old", "new", "place"),
    [
        ("playbooks/big.yaml", "smallest: 100000", "smallest: a lot", "playbooks/big.yaml:4:38"),
        ("playbooks/big.yaml", "smallest: 4000", "smallest: 4000 USD", "playbooks/big.yaml:6:46"),
        ("playbook.toml", 'zone = "UTC"', 'zone = "UTC"\n[params.big]\nsmallest = "viel"', "playbook.toml:6:1"),
    ],
)
def test_a_parameter_that_is_no_amount_is_told_where_it_stands_and_takes_no_deal(folder, file, old, new, place):
    if file == "playbook.toml":
        text = (folder / file).read_text()
        (folder / file).write_text(text + '[params.big]\nsmallest = "viel"\n')
        place = f"playbook.toml:{text.count(chr(10)) + 2}:1"
    else:
        edit(folder, file, old, new)
    workspace = load_workspace(folder, {})
    [problem] = workspace.problems
    assert (str(problem.location), problem.rule) == (place, "wrong-type")
    assert "smallest is compared with amount: amount is an amount of money" in problem.message
    assert "big" not in workspace.playbooks


def test_a_variant_is_told_of_its_own_parameter(folder):
    variant = "playbook: bigger\nextends: big\nparams:\n  smallest: plenty\n"
    lay(folder, {"playbooks/bigger.yaml": variant, "playbook.toml": settings("big", "bigger")})
    [problem] = load_workspace(folder, {}).problems
    assert (str(problem.location), problem.rule) == ("playbooks/bigger.yaml:4:13", "wrong-type")
