import pytest

from engine.runner.clock import ClockError, instant_of_tick
from tests.runner.shop import Shop, deal


@pytest.fixture
def shop(tmp_path) -> Shop:
    made = Shop(tmp_path / "shop")
    settings = made.folder / "playbook.toml"
    settings.write_text(settings.read_text().replace('"UTC"', '"Europe/Berlin"'))
    made.bring([deal("D1")])
    made.tick("2026-03-05T10:00")
    return made


def test_a_sandbox_that_is_further_says_which_time_it_is_already(shop) -> None:
    code, _ = shop.run("tick", "--now", "2026-03-04T08:00")
    assert code != 0
    assert "the sandbox's time is already 2026-03-05 10:00" in shop.said
    assert "UTC" not in shop.said
    assert "give a later --now" in shop.said


def test_a_sandbox_does_not_go_back_behind_what_was_recorded_in_it(shop) -> None:
    shop.run("record", "reply", "--deal", "D1", "--now", "2026-03-05T12:00")
    shop.run("record", "reply", "--deal", "D1")
    shop.run("record", "reply", "--deal", "D1", "--now", "2026-03-05T11:30")
    store = shop.store()
    try:
        told = [one.event.recorded_at - store.last_tick().now for one in store.pending_events("D1")]
        assert told == [7_200] * 3
        last = store.last_tick().now
        assert instant_of_tick(store, last, accept=False, sandbox=False, local=str) == last
    finally:
        store.close()
    code, _ = shop.run("record", "reply", "--deal", "D1", "--now", "2026-03-05T10:30")
    assert code != 0 and "the sandbox's time is already 2026-03-05 12:00" in shop.said
    assert shop.run("tick")[0] == 0
    assert "2026-03-05 12:00" in shop.run("status")[1]


def test_a_real_clock_that_is_behind_is_told_in_whole_days(shop) -> None:
    store = shop.store()
    try:
        last = store.last_tick().now
        for back, said in ((86_400, "1 day behind"), (2 * 86_400, "2 days behind"), (7_200, "2 hours behind")):
            with pytest.raises(ClockError, match=said):
                instant_of_tick(store, last - back, accept=False, sandbox=False, local=str)
    finally:
        store.close()


def test_an_edit_of_the_zone_counts_at_once_and_everywhere(shop) -> None:
    settings = shop.folder / "playbook.toml"
    settings.write_text(settings.read_text().replace("Europe/Berlin", "Asia/Tokyo"))
    assert shop.run("tick", "--now", "2026-03-04T08:00")[0] != 0
    assert "the sandbox's time is already 2026-03-05 18:00" in shop.said
    assert "2026-03-05 18:00" in shop.run("status")[1]
    assert "2026-03-05T18:00:00+09:00" in shop.run("status", "--format", "json")[1]
