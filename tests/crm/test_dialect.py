import itertools

import pytest

from engine.crm.dialect import find_dialect
from engine.crm.errors import ImportRefused
from tests.crm.reading import mapping_of, read

COLUMNS = {"Id": "id", "Stage": "status", "Lost on": "lost_at", "Konto": "account_name"}
ROWS = [["Id", "Stage", "Lost on", "Konto"], ["007", "Lost", "2026-03-02", "Müller & Söhne"], ["8", "Open", "", "Acme"]]


def _text(delimiter: str, newline: str, last: bool) -> str:
    return newline.join(delimiter.join(row) for row in ROWS) + (newline if last else "")


@pytest.mark.parametrize(
    ("encoding", "delimiter", "newline", "last"),
    list(
        itertools.product(
            ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"],
            [",", ";", "\t", "|"],
            ["\n", "\r\n", "\r"],
            [True, False],
        )
    ),
)
def test_the_same_rows_are_read_however_the_file_is_written(tmp_path, encoding, delimiter, newline, last) -> None:
    outcome = read(tmp_path, _text(delimiter, newline, last).encode(encoding), mapping_of(COLUMNS))
    assert outcome.deals == [
        {"id": "007", "status": "lost", "lost_at": "2026-03-02", "account": "Müller & Söhne", "name": "Müller & Söhne"},
        {"id": "8", "status": "open", "account": "Acme", "name": "Acme"},
    ]  # fmt: skip
    assert outcome.summary.dialect.delimiter == delimiter
    assert not outcome.rejections


def test_an_excel_sep_line_is_obeyed_and_not_read_as_header(tmp_path) -> None:
    outcome = read(tmp_path, "sep=;\r\n" + _text(";", "\r\n", True), mapping_of(COLUMNS))
    assert [record.line for record in outcome.records] == [3, 4]


def test_the_delimiter_under_which_the_mapped_headings_appear_wins(tmp_path) -> None:
    text = "Id;Stage;A,B,C,D,E,F\n1;Open;x\n"
    assert read(tmp_path, text, mapping_of({"Id": "id", "Stage": "status"})).summary.dialect.delimiter == ";"


def test_headings_match_without_case_and_spaces_and_a_repeated_one_is_numbered(tmp_path) -> None:
    text = "\ufeff ID ,stage  Name,Status,status,\n1,Open,a,b,c\n"
    outcome = read(tmp_path, text, mapping_of({"Id": "id", "Stage name": "status"}))
    assert outcome.deals[0]["custom"] == {"status": "a", "status__2": "b", "column_5": "c"}


def test_a_heading_may_hold_commas_quotes_and_a_line_break(tmp_path) -> None:
    text = 'Id,"Stage, now","Reason ""why""\nin words"\n1,Open,x\n'
    outcome = read(tmp_path, text, mapping_of({"Id": "id", "Stage, now": "status"}))
    assert outcome.deals[0]["custom"] == {"reason_why_in_words": "x"}
    assert outcome.records[0].line == 3


def test_what_was_chosen_is_said(tmp_path) -> None:
    outcome = read(tmp_path, _text(";", "\n", True).encode("cp1252"), mapping_of(COLUMNS))
    assert str(outcome.summary.dialect) == "cp1252, delimiter semicolon, 4 columns"


def test_a_declared_encoding_is_taken_as_it_is(tmp_path) -> None:
    outcome = read(tmp_path, _text(",", "\n", True).encode("latin-1"), mapping_of(COLUMNS, encoding="latin-1"))
    assert outcome.summary.dialect.encoding == "latin-1"
    with pytest.raises(ImportRefused, match="klingon"):
        read(tmp_path, "Id\n", mapping_of(COLUMNS, encoding="klingon"))


@pytest.mark.parametrize("content", [b"", b"\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_refused_by_name(tmp_path, content) -> None:
    with pytest.raises(ImportRefused, match=r"deals\.csv is empty"):
        read(tmp_path, content, mapping_of(COLUMNS))


def test_a_missing_file_is_refused_by_name(tmp_path) -> None:
    with pytest.raises(ImportRefused, match=r"absent\.csv cannot be read"):
        find_dialect(tmp_path / "absent.csv", [])
