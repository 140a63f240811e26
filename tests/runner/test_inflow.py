"""How many units an experiment could draw: what it says before it is started, held against what ticks then draw."""

from datetime import date, timedelta

import pytest

from engine.core.assigning import ask_experiment
from engine.runner import inflow as forecast
from engine.runner.inflow import inflow
from engine.store.base import ImportedAccount, ImportedContact, ImportedDeal
from tests.runner.trials import (
    DAY,
    OFFERS,
    START,
    WORLD,
    draws,
    experiment,
    fill,
    imported,
    offer,
    playbook,
    tick,
    trial,
)

TODAY = date(2026, 3, 2)
PRICE = {"status": {"is": "lost"}, "lost_reason": {"is": "price"}}


def lose(store, ages, account="A{}", **fields):
    """A deal for each age in days, numbered, lost so long before today."""
    with store.transaction():
        for number, age in enumerate(ages):
            home = account.format(number)
            lost_at = str(TODAY - timedelta(days=age))
            store.upsert_accounts([ImportedAccount(id=home)])
            store.upsert_contacts([ImportedContact(id=f"C{number}", account=home)])
            store.upsert_deals([ImportedDeal(
                id=f"D{number:03}", account=home, contacts=[(f"C{number}", "buyer")], fingerprint="f", examine_at=0,
                fields={"status": "lost", "owner": "kim", "team": "west", "lost_at": lost_at,
                        **{name: of(number) for name, of in fields.items()}},
            )])  # fmt: skip


def asked(store, one=None, now=START):
    return inflow(store, WORLD, (one or trial()).in_force, now)


WEEKLY = range(0, 26 * 7, 7)  # a loss a week, for half a year


def test_a_loss_counts_only_if_every_arm_would_take_it(store):
    lose(store, WEEKLY, lost_reason=lambda number: "price" if number % 2 else "product")
    assert sum(asked(store).per_week.values()) == pytest.approx(1.0, abs=0.05)
    narrow = {("a", ""): OFFERS["soon"], ("b", ""): offer(playbook("late", "10w", condition=PRICE))}
    assert asked(store, trial(offers=narrow)).total == pytest.approx(0.5, abs=0.05)


def test_a_team_counts_with_its_own_arms_only(store):
    lose(store, WEEKLY)
    narrow = {("a", ""): OFFERS["soon"], ("b", ""): offer(playbook("late", "10w", condition=PRICE))}
    assert asked(store, trial(offers=narrow)).total == 0
    alone = trial(experiment(teams={"west": {"arms": ["a"]}}), offers=narrow)
    assert asked(store, alone).per_week == {"west": pytest.approx(1.0, abs=0.05)}
    assert asked(store, trial(experiment(teams={"west": {"arms": []}}))).per_week == {}


def test_a_holdout_whose_playbook_waits_for_an_event_takes_every_loss(store):
    lose(store, WEEKLY)
    arms = {"a": {"playbook": "soon"}, "none": {"playbook": "nothing", "holdout": True}}
    assert asked(store, trial(experiment(arms=arms))).total == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize("age", ["5d", "90d"])
def test_a_condition_that_comes_true_days_after_the_loss_is_asked_on_these_days_too(store, age):
    lose(store, WEEKLY)
    later = {"if": {"status": {"is": "lost"}, "since.lost_at": {"more_than": age}}}
    assert asked(store, trial(experiment(enrol=later))).total == pytest.approx(1.0, abs=0.05)


def test_the_arms_conditions_are_asked_on_later_days_too(store):
    lose(store, WEEKLY)
    patient = playbook("late", "10w", condition={"status": {"is": "lost"}, "since.lost_at": {"more_than": "9d"}})
    offers = {("a", ""): OFFERS["soon"], ("b", ""): offer(patient)}
    assert asked(store, trial(offers=offers)).total == pytest.approx(1.0, abs=0.05)


def test_two_conditions_that_never_hold_on_one_day_take_nothing(store):
    lose(store, WEEKLY)
    late, soon = ({"status": {"is": "lost"}, "since.lost_at": {how: "9d"}} for how in ("more_than", "at_most"))
    offers = {
        ("a", ""): offer(playbook("soon", "4w", condition=soon)),
        ("b", ""): offer(playbook("late", "10w", condition=late)),
    }
    found = asked(store, trial(offers=offers))
    assert (found.total, found.at_once) == (0, 0)


def test_what_happened_after_a_day_is_not_known_on_it(store):
    """A reply of today does not hinder a loss of last month that nobody had answered then."""
    lose(store, WEEKLY)
    before = asked(store, trial(experiment(enrol=SILENT)))
    for number in range(10):
        imported(store, f"D{number:03}", 0, name="reply")
    after = asked(store, trial(experiment(enrol=SILENT)), START + DAY)
    assert before.total == pytest.approx(1.0, abs=0.05) == after.total
    assert (before.at_once, after.at_once) == (26, 16)


SILENT = {"if": {"status": {"is": "lost"}, "count": {"of": "reply", "is": 0}}}


def test_a_condition_that_may_change_every_day_is_asked_a_bounded_number_of_times(store, monkeypatch):
    lose(store, [100])
    instants = []

    def counted(world, one, account, deal, past, draws, now):
        instants.append(now)
        return ask_experiment(world, one, account, deal, past, draws, now)

    monkeypatch.setattr(forecast, "ask_experiment", counted)
    talking = {"if": {"status": {"is": "lost"}, "count": {"of": "reply", "at_least": 1}}}
    assert asked(store, trial(experiment(enrol=talking))).total == 0
    assert len(instants) <= 50 and max(instants) - min(instants) > 170 * DAY


def test_what_the_first_tick_would_draw_at_once_is_what_it_draws(store):
    lose(store, range(0, 360, 10), lost_reason=lambda number: "price" if number % 3 else "product")
    content = experiment(enrol={"if": {**PRICE, "since.lost_at": {"more_than": "15d"}}})
    expected = asked(store, trial(content)).at_once
    tick(store, [trial(content)])
    assert len(draws(store)) == expected == 23


def test_what_is_followed_or_drawn_already_is_not_drawn_at_once(store):
    fill(store, range(6))
    assert asked(store).at_once == 6
    tick(store, [trial(experiment(experiment="another"))])
    assert asked(store).at_once == 0 and asked(store).total > 0


def test_an_account_that_is_drawn_as_a_whole_is_one_unit(store):
    lose(store, [3, 10, 17], account="A")
    found = asked(store, trial(experiment(unit="account")))
    assert (found.total * found.weeks, found.at_once) == (pytest.approx(1), 1)


def test_before_its_first_day_the_first_tick_is_that_of_its_first_day(store):
    lose(store, [1, 5])
    fresh = {"if": {"status": {"is": "lost"}, "since.lost_at": {"at_most": "9d"}}}
    soon, late = (trial(experiment(enrol=fresh, starts=day)) for day in ("2026-03-05", "2026-03-08"))
    assert (asked(store, soon).at_once, asked(store, late).at_once) == (2, 1)


@pytest.mark.parametrize("starts", ["2026-03-02", "2026-05-01"])
def test_losses_of_before_its_first_day_are_asked_as_if_it_had_drawn_then(store, starts):
    lose(store, WEEKLY)
    fresh = {"if": {"status": {"is": "lost"}, "since.lost_at": {"at_most": "9d"}}}
    assert asked(store, trial(experiment(enrol=fresh, starts=starts))).total == pytest.approx(1.0, abs=0.05)
