import pytest

from tests.crm.reading import mapping_of, read

COLUMNS = {"Id": "id", "Stage": "status"}
MAPPING = mapping_of(COLUMNS)
HEADER = "Id,Stage,Note\n"


def _ids(outcome) -> list[str]:
    return [deal["id"] for deal in outcome.deals]


def test_an_unclosed_quote_costs_one_row_and_not_the_rest_of_the_file(tmp_path) -> None:
    text = HEADER + '1,Open,a\n2,Open,"never closed\n' + "".join(f"{number},Open,x\n" for number in range(3, 3_000))
    outcome = read(tmp_path, text, MAPPING)
    assert _ids(outcome) == ["1", *(str(number) for number in range(3, 3_000))]
    assert [(each.line, each.value) for each in outcome.rejections] == [(3, '2,Open,"never closed')]
    assert "not closed" in outcome.rejections[0].reason
    assert outcome.records[-1].line == 3_000


def test_an_unclosed_quote_that_a_later_quote_seems_to_close_costs_one_row(tmp_path) -> None:
    text = HEADER + '1,Open,"oops\n2,Open,b\n3,Open,"fine"\n4,Open,d\n'
    outcome = read(tmp_path, text, MAPPING)
    assert _ids(outcome) == ["2", "3", "4"]
    assert [each.line for each in outcome.rejections] == [2]


def test_an_unclosed_quote_in_the_last_row_costs_that_row(tmp_path) -> None:
    outcome = read(tmp_path, HEADER + '1,Open,a\n2,Open,"b', MAPPING)
    assert _ids(outcome) == ["1"]
    assert [each.line for each in outcome.rejections] == [3]


def test_a_cell_may_hold_line_breaks_and_the_row_has_the_line_on_which_it_begins(tmp_path) -> None:
    text = HEADER + '1,Open,"one\ntwo\r\nthree"\n2,Open,"said ""no"", twice"\n'
    outcome = read(tmp_path, text, MAPPING)
    assert [(record.line, record.deal["custom"]["note"]) for record in outcome.records] == [
        (2, "one\ntwo\r\nthree"),
        (5, 'said "no", twice'),
    ]


def test_a_cell_beyond_128_kib_rejects_its_row_and_the_others_go_on(tmp_path) -> None:
    for long in ("x" * 140_000, '"' + "x" * 140_000 + '"'):
        outcome = read(tmp_path, HEADER + f"1,Open,a\n2,Open,{long}\n3,Open,c\n", MAPPING)
        assert _ids(outcome) == ["1", "3"]
        assert [each.line for each in outcome.rejections] == [3]
        assert "128 KiB" in outcome.rejections[0].reason


@pytest.mark.parametrize(
    ("line", "reason"),
    [("2,Op\0en,b", "NUL"), ('2,Open,"b"c', "closing quote"), ("2,Open", "2 cells"), ("2,Open,b,c", "4 cells")],
)
def test_a_broken_line_is_rejected_with_its_number_and_reason(tmp_path, line, reason) -> None:
    outcome = read(tmp_path, HEADER + f"1,Open,a\n{line}\n3,Open,c\n", MAPPING)
    assert _ids(outcome) == ["1", "3"]
    assert [each.line for each in outcome.rejections] == [3]
    assert reason in outcome.rejections[0].reason


def test_one_line_that_is_not_utf8_is_rejected_where_the_others_are(tmp_path) -> None:
    text = (HEADER + "1,Open,Müller Ähre Öl\n").encode() + b"2,Open,M\xfcller\n" + "3,Open,Çà\n".encode()
    outcome = read(tmp_path, text, MAPPING)
    assert _ids(outcome) == ["1", "3"]
    assert "not valid utf-8" in outcome.rejections[0].reason


def test_blank_lines_are_counted_and_are_no_rows(tmp_path) -> None:
    outcome = read(tmp_path, HEADER + "\n1,Open,a\n\n,,\n2,Open,b\n\n", MAPPING)
    assert _ids(outcome) == ["1", "2"]
    assert outcome.summary.blank_lines == 4
    assert outcome.summary.rows == 2


def test_lines_are_numbered_right_over_many_batches_with_and_without_quotes(tmp_path) -> None:
    lines = [
        f'{number},Open,"quo""ted"' if number % 1_200 == 7 else f"{number},Open,plain" for number in range(2, 5_000)
    ]
    outcome = read(tmp_path, HEADER + "\n".join(lines), MAPPING)
    assert [(record.deal["id"], record.line) for record in outcome.records] == [(str(n), n) for n in range(2, 5_000)]
