"""docs/sources.md is true: every row has a test, and the test fails without any piece that the row names."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

import pytest

from tests.rows.pieces import PAGE, Piece, rows, without
from tests.rows.shop import Shop

COUNTS = {"S0": 11, "S1": 16, "S2": 14, "S3": 11, "S4": 10, "X": 2}
FIRST = {"S0": 0}  # the others begin with 1
EVERY = [f"{series}.{FIRST.get(series, 1) + number}" for series, count in COUNTS.items() for number in range(count)]
PIECES = [piece for pieces in rows().values() for piece in pieces]


def test_of_row(row: str) -> Callable[[Shop], None]:
    """The one test that is named after a row: S1.4 -> tests/rows/test_s1.py:test_s1_4_…"""
    series, number = row.lower().split(".")
    module = import_module(f"tests.rows.test_{series}")
    prefix = f"test_{series}_{number}_"
    found = [value for name, value in vars(module).items() if name.startswith(prefix)]
    assert len(found) == 1, f"write one test whose name begins with {prefix} in tests/rows/test_{series}.py"
    return found[0]


test_of_row.__test__ = False


def test_the_table_has_the_sixty_four_rows_in_their_order():
    assert len(EVERY) == 64
    assert list(rows()) == EVERY


@pytest.mark.parametrize("row", EVERY)
def test_a_row_has_its_test_and_names_where_it_lives(row):
    assert test_of_row(row)
    assert rows()[row], f"{PAGE.name} does not say where {row} lives"


@pytest.mark.parametrize("piece", PIECES, ids=str)
def test_without_a_piece_that_it_names_the_test_of_a_row_fails(piece: Piece, shop: Shop, monkeypatch):
    with without(piece, shop.folder, monkeypatch), pytest.raises((Exception, SystemExit)):
        test_of_row(piece.row)(shop)
