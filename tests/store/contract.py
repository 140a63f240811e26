"""What every store promises. A backend subclasses `StoreContract` and gives it a fixture `store`: new and empty."""

import pytest

from engine.store.base import (
    Revision,
    Source,
    StoreError,
)
from tests.store.contract_activities import ActivityContract
from tests.store.contract_experiments import ExperimentsContract
from tests.store.contract_people import PeopleContract
from tests.store.contract_reports import ReportsContract
from tests.store.contract_tick import TickContract
from tests.store.samples import (
    NOW,
    enrol,
    enrolled,
    enrolment,
    fill,
    moved,
)


class StoreContract(TickContract, PeopleContract, ActivityContract, ReportsContract, ExperimentsContract):
    # -- transactions

    def test_an_exception_takes_the_whole_transaction_back(self, store):
        with pytest.raises(RuntimeError), store.transaction():
            store.put_meta("zone", "Europe/Berlin")
            raise RuntimeError
        assert store.meta("zone") is None

    def test_a_savepoint_takes_back_only_its_own_block(self, store):
        with store.transaction():
            store.put_meta("before", "1")
            with pytest.raises(RuntimeError), store.savepoint('account "7"'):
                store.put_meta("inside", "1")
                raise RuntimeError
            store.put_meta("after", "1")
        assert [store.meta(key) for key in ("before", "inside", "after")] == ["1", None, "1"]

    def test_a_transaction_inside_a_transaction_is_refused(self, store):
        with pytest.raises(RuntimeError), store.transaction(), store.transaction():
            pass

    # -- workspace

    def test_a_setting_is_the_one_put_last(self, store):
        store.put_meta("zone", "UTC")
        store.put_meta("zone", "Europe/Berlin")
        assert store.meta("zone") == "Europe/Berlin"

    def test_ticks_are_remembered_whether_or_not_they_finish(self, store):
        assert store.last_tick() is None
        first = store.begin_tick(NOW, NOW + 1)
        store.finish_tick(first, {"moved": 3}, NOW + 2)
        store.begin_tick(NOW + 60, NOW + 60)
        assert store.last_tick().now == NOW + 60
        assert store.last_tick().finished_at is None
        found = store.ticks_since(NOW)
        assert (found[0].now, found[0].started_at, found[0].finished_at) == (NOW, NOW + 1, NOW + 2)
        assert found[0].counts == {"moved": 3}
        assert len(store.ticks_since(NOW + 1)) == 1

    def test_a_broken_file_keeps_its_last_good_content(self, store):
        store.put_sources([Source(path="a.yaml", hash="1", content={"playbook": "ä"}, good=True)])
        broken = [Source(path=path, hash="2", content=None, good=False) for path in ("a.yaml", "b.yaml")]
        store.put_sources(broken)
        found = store.sources()
        assert (found["a.yaml"].hash, found["a.yaml"].content, found["a.yaml"].good) == ("2", {"playbook": "ä"}, False)
        assert found["b.yaml"].content is None
        store.forget_sources(["a.yaml"])
        assert list(store.sources()) == ["b.yaml"]

    def test_a_known_revision_stays_as_it_is(self, store):
        first = Revision(hash="h", playbook="p", content={"states": {}}, created_at=NOW, facing=False)
        store.put_revision(first)
        store.put_revision(Revision(hash="h", playbook="p", content={}, created_at=NOW + 9, facing=True))
        assert store.revision("h") == first
        assert store.revision("unknown") is None

    def test_revisions_in_use_are_those_of_open_enrolments(self, store):
        fill(store, "D1", "D2", "D3")
        for deal, end in (("D1", ""), ("D2", ""), ("D3", "won")):
            enrol(store, enrolment(deal=deal, end=end))
        assert store.revisions_in_use() == {"r1": 2}

    # -- the whole

    def test_half_a_character_is_refused_in_words(self, store):
        with pytest.raises(StoreError, match="Unicode"):
            store.put_meta("name", "\ud800")

    def test_a_new_store_finds_nothing_wrong_with_itself(self, store):
        fill(store, "D1")
        assert store.check() == []

    def test_many_accounts_are_saved_in_one_go(self, store):
        ones = [enrolment(f"A{number}", f"D{number}", id=f"e{number}") for number in range(300)]
        for one in ones:
            fill(store, one.deal, account=one.account)
        accounts = {account.id: account for account in store.load_accounts([one.account for one in ones], NOW, set())}
        store.save([enrolled(one) for one in ones], accounts)
        assert len(store.due_accounts(NOW, 1000)) == 300
        store.save([moved(one, None) for one in ones], accounts)
        assert store.due_accounts(NOW, 1000) == []
