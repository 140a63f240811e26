"""A change takes an arm away: what its accounts were promised holds."""

from dataclasses import replace

from tests.runner.trials import DAY, START, experiment, fill, tick, trial

TWO = experiment(unit="account")
ONE = experiment(unit="account", arms={"a": {"playbook": "soon"}, "c": {"playbook": "notes"}})


def test_a_later_deal_of_an_account_whose_arm_is_no_more_gets_the_revision_of_its_account(store):
    fill(store, range(8))
    tick(store, [trial(TWO)])
    drawn = {draw.account: draw for draw in store.draws_of([f"A{number}" for number in range(8)])}
    assert {draw.arm for draw in drawn.values()} == {"a", "b"}
    for number in range(8):
        fill(store, [100 + number], account=f"A{number}")
    tick(store, [replace(trial(ONE, phase=2), adopted="")], days=1)
    later = {draw.deal: draw for draw in store.draws_of(list(drawn)) if not draw.first}
    assert len(later) == 8
    for draw in later.values():
        first = drawn[draw.account]
        assert (draw.arm, draw.revision, draw.locked_until) == (first.arm, first.revision, first.locked_until)
        [enrolment] = store.enrolments_of(draw.deal)
        assert (enrolment.revision, enrolment.enrolled_at) == (first.revision, START + DAY)
