import csv
import io
import json
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from engine.console.tables import Column, as_csv, as_json, cell, clean, csv_text, cut, pad, table, text_table, width

ANY = st.text(st.characters(codec="utf-8"), max_size=30)


def column(name, **more):
    return Column(title=name, show=lambda record: record[name], **more)


def test_wide_letters_take_two_places_and_accents_none():
    assert width("山田") == 4
    assert width("e\u0301") == 1
    assert pad("山", 4) == "山  "


@given(ANY, st.integers(1, 20))
def test_what_is_cut_fits_and_what_fits_is_not_cut(text, wide):
    text = clean(text)
    shown = cut(text, wide)
    assert width(shown) <= wide
    assert (shown == text) == (width(text) <= wide)


def test_columns_are_narrowed_until_the_line_fits():
    records = [{"id": "1", "what": "a long title that goes on", "who": "somebody with a name"}]
    columns = [column("id"), column("what", shrinks=True), column("who", shrinks=True)]
    lines = table(records, columns, 30).splitlines()
    assert all(width(line) <= 30 for line in lines) and "…" in lines[1]
    assert "a long title that goes on" in table(records, columns, 0)


def test_a_column_that_is_empty_throughout_is_left_out():
    assert table([{"id": "1", "note": ""}], [column("id"), column("note")]) == "id\n1"


@given(ANY)
def test_nothing_that_steers_a_terminal_is_left(text):
    assert not any(unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp") for letter in clean(text))


def test_colours_are_taken_out_as_a_whole():
    assert clean("Ann\x1b[1;31m Bell\u202e") == "Ann Bell"
    assert clean("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\") == "link"


@given(ANY)
def test_json_reads_back_unchanged_and_steers_nothing(text):
    shown = as_json({"a": text})
    assert json.loads(shown) == {"a": text}
    assert not any(unicodedata.category(letter) in ("Cc", "Cf", "Cs") for letter in shown if letter != "\n")


def test_numbers_stay_numbers_in_csv_and_formulas_do_not_stay_formulas():
    assert [cell(one) for one in (5, -2.5, "-12", "+49 170", "=1+1", "@x", " =1", None, True)] == [
        5, -2.5, "-12", "'+49 170", "'=1+1", "'@x", "' =1", "", "yes",
    ]  # fmt: skip


@given(ANY)
def test_no_text_becomes_a_formula(text):
    found = str(cell(text))
    assert found.lstrip()[:1] not in tuple("=@\t\r") or not found


def test_csv_reads_back():
    text = as_csv(["a", "b"], [["x, y", "line\nbreak"], [1, ["p", "q"]]])
    assert list(csv.reader(io.StringIO(text))) == [["a", "b"], ["x, y", "line\nbreak"], ["1", "p; q"]]


def test_a_table_of_plain_records_takes_its_keys_as_headings():
    rows = [{"who": "kim", "n": 5}, {"who": "noor", "n": 12}]
    assert text_table(rows) == "who    n\nkim    5\nnoor  12"
    assert csv_text(rows) == "who,n\nkim,5\nnoor,12\n"
    assert text_table([]) == csv_text([]) == ""


def test_a_narrow_terminal_loses_whole_columns_before_the_rest_becomes_unreadable():
    columns = [
        Column(title="id", show=lambda record: record["id"]),
        Column(title="what", show=lambda record: record["what"], shrinks=True),
        Column(title="account", show=lambda record: record["account"], shrinks=True, spare=1),
        Column(title="playbook", show=lambda record: record["playbook"], shrinks=True, spare=2),
    ]
    record = {"id": "ab12", "what": "Ask for permission to stay in touch", "account": "A" * 30, "playbook": "p" * 22}
    assert table([record], columns, 120).split("\n")[0].split() == ["id", "what", "account", "playbook"]
    narrow = table([record], columns, 60).split("\n")
    assert narrow[0].split() == ["id", "what", "account"] and max(map(len, narrow)) <= 60
    assert table([record], columns, 40).split("\n")[0].split() == ["id", "what"]
