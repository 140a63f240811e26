import csv
import io

import pytest

from engine.crm.rejects import HEADER, Rejection, RejectsFile, spreadsheet_safe


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "  =1", "＝1", "\u00a0＋1", "－2", "＠x"])
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe(text) -> None:
    assert spreadsheet_safe(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "Acme", "007", "a=b", "'=1"])
def test_other_text_stays(text) -> None:
    assert spreadsheet_safe(text) == text


def test_a_rejects_file_is_read_back_by_any_csv_reader() -> None:
    stream = io.StringIO(newline="")
    rejects = RejectsFile(stream)
    rejects.write(
        Rejection(
            line=3, column="Close, date", value='=HYPERLINK("x")\n2', reason="no", kind="date-unreadable", id="\udc80"
        )
    )
    stream.getvalue().encode("utf-8")
    rows = list(csv.reader(io.StringIO(stream.getvalue(), newline="")))
    assert rows == [list(HEADER), ["3", "Close, date", '\'=HYPERLINK("x")\n2', "no", "?", "date-unreadable"]]
    assert rejects.count == 1
