"""One bad account among many: the others are all done, it is set aside after three ticks, `retry` brings it back."""

import pytest

from tests.torture import story
from tests.torture.killing import tick

BAD = "A05"


@pytest.fixture
def folder(tmp_path):
    """A workspace in which every deal has been enrolled by the tick of day 1; calls become due two hours later."""
    made = story.make(tmp_path / "poison")
    assert tick(made, story.instant(0)) == 0
    with story.opened(made) as store:
        story.arrive(store, story.ACCOUNTS, lost_at="2026-03-01")
    assert tick(made, story.instant(1)) == 0
    return made


def poison(folder, name: str) -> None:
    """Give one deal a name behind the back of the import, as damage or an older release may leave it."""
    with story.opened(folder) as store, store.transaction():
        store.session.connection.execute(
            "UPDATE deals SET fields = json_set(fields, '$.name', json(?)) WHERE id = ?", (name, f"D{BAD}")
        )


def called(folder) -> set[str]:
    """The accounts in which a call was handed out."""
    with story.opened(folder) as store:
        return {row.account for row in store.open_actions() if row.name == "ask"}


def bad(folder):
    """What `status` says of it."""
    with story.opened(folder) as store:
        return [(one.account, one.failures, one.waits) for one in store.set_aside()]


@pytest.mark.parametrize(
    "name",
    [
        pytest.param('"' + "long " * 20_000 + '"', id="too long to render"),
        pytest.param(r'"half a letter \udce9 here"', id="a lone surrogate"),
        pytest.param(r'"nothing \u0000 at all"', id="a null"),
    ],
)
def test_a_name_that_cannot_be_written_harms_its_own_account_at_most(folder, name):
    poison(folder, name)
    code = tick(folder, story.instant(2))
    assert code in (0, 1), (folder / "output.txt").read_text()[-500:]
    assert called(folder) == {*story.ACCOUNTS} - ({BAD} if code else set())


def test_a_deal_that_cannot_be_asked_about_keeps_no_other_from_being_enrolled(tmp_path):
    made = story.make(tmp_path / "poison")
    for file in (made / "playbooks").glob("*.yaml"):
        text = file.read_text()
        file.write_text(text.replace("status: {is: lost}", "status: {is: lost}, since.lost_at: {at_most: 90d}"))
    assert tick(made, story.instant(0)) == 0
    with story.opened(made) as store:
        story.arrive(store, story.ACCOUNTS, lost_at="2026-03-01")
        with store.transaction():
            broken = "UPDATE deals SET fields = json_set(fields, '$.lost_at', 'the day before') WHERE id = ?"
            store.session.connection.execute(broken, (f"D{BAD}",))
    assert tick(made, story.instant(1)) == 1
    with story.opened(made) as store:
        enrolled = {account for account in story.ACCOUNTS if store.enrolments_of(f"D{account}")}
    assert enrolled == {*story.ACCOUNTS} - {BAD}
    assert bad(made) == [(BAD, 1, False)]


def test_after_three_ticks_it_is_set_aside_and_retry_brings_it_back(folder):
    poison(folder, '"' + "long " * 20_000 + '"')
    for failures in (1, 2, 3):
        assert tick(folder, story.instant(2) + failures) == 1
        assert bad(folder) == [(BAD, failures, failures == 3)]
        assert (" set aside" in (folder / "output.txt").read_text()) == (failures == 3)
        assert called(folder) == {*story.ACCOUNTS} - {BAD}
    assert tick(folder, story.instant(2) + 4) == 1  # it stays in sight
    assert bad(folder) == [(BAD, 3, True)]
    with story.opened(folder) as store:
        error = store.set_aside()[0].error
        store.upsert_deals([story.deal(f"D{BAD}", BAD, "2026-03-01", "Short")])
        assert store.retry_account(BAD)
    assert "longer than" in error
    assert tick(folder, story.instant(2) + 5) == 0
    assert bad(folder) == []
    assert BAD in called(folder)


def test_an_account_whose_first_enrolment_failed_is_tried_again(tmp_path):
    made = story.make(tmp_path / "first")
    chase = made / "playbooks" / "chase.yaml"
    chase.write_text(chase.read_text().replace("        due: 2h\n", ""))
    assert tick(made, story.instant(0)) == 0
    with story.opened(made) as store:
        story.arrive(store, story.ACCOUNTS, lost_at="2026-03-01", poisoned=BAD)
    assert tick(made, story.instant(1)) == 1
    assert called(made) == {*story.ACCOUNTS} - {BAD}
    with story.opened(made) as store:
        store.upsert_deals([story.deal(f"D{BAD}", BAD, "2026-03-01", "Short")])
    assert tick(made, story.instant(1) + 60) == 0
    assert BAD in called(made)
