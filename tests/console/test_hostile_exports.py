"""Whatever stands in an export, the import accounts for it."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.runner.shop import HEADER, START, Shop

_HOSTILE = st.sampled_from(
    ["", " ", "=1+1", "\x00", "\x1b[31m", "\u202eabc", "a\nb", '"', "ÄÖ", "😀", "9" * 400, "Lost", "1e400", "nan",
     "2026-02-30", "0000-00-00", "{}", "[]", "null", "' OR 1=1", "Acme", "D1", "-5", "\ufeff"]
)  # fmt: skip


@pytest.fixture(scope="module")
def new_shop(tmp_path_factory) -> Callable[[], Shop]:
    """Makes an empty shop: one for each example, because a fixture is made once for all of them."""
    return lambda: Shop(tmp_path_factory.mktemp("hostile") / "shop")


@settings(max_examples=15, deadline=None)
@given(rows=st.lists(st.fixed_dictionaries(dict.fromkeys(HEADER, _HOSTILE)), min_size=1, max_size=6))
def test_whatever_stands_in_the_cells_every_row_is_accounted_for(new_shop, rows) -> None:
    shop = new_shop()
    for _ in range(2):
        code, out = shop.run("import", str(shop.write(rows)), "--now", START, "--format", "json")
        assert code in (0, 1), shop.said
        told = json.loads(out)
        assert told["rows"] == told["accepted"] + told["unchanged"] + told["rejected"]
    assert told["accepted"] == 0


@pytest.fixture(scope="module")
def lasting(tmp_path_factory) -> Shop:
    shop = Shop(tmp_path_factory.mktemp("bytes") / "shop")
    columns = "{Id: id, Stage: status, Account: account}"
    (shop.folder / "mapping.yaml").write_text(
        f"mapping: x\ndeals:\n  columns: {columns}\n  status: {{lost: [Lost], open: ['*']}}\n"
    )
    return shop


@settings(max_examples=40, deadline=None)
@given(raw=st.binary(max_size=300))
def test_no_bytes_end_in_a_traceback(lasting, raw) -> None:
    path = lasting.folder / "deals.csv"
    path.write_bytes(b"Id,Stage,Account\n" + raw)
    code, _ = lasting.run("import", str(path), "--now", START)
    assert code in (0, 1, 2), lasting.said
