"""A file of activities as it is read: words for direction and channel, ids, and what is refused."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.crm.activities import read_channel, read_direction
from engine.crm.errors import ImportRefused, MappingError
from engine.crm.load import load_mapping
from engine.crm.people import People
from engine.crm.read import read_side
from engine.crm.rejects import Rejection
from engine.crm.values import Flaw

PLAIN = {"preset": "activities"}


def _read(folder, text, content=PLAIN, **options):
    path = folder / "activities.csv"
    path.write_text(text, encoding="utf-8")
    reading = read_side(path, load_mapping(content), "activities", {}, **options)
    each = list(reading)
    summary = reading.summary
    assert summary.rows == summary.accepted + summary.duplicates + summary.rejected + summary.left_out
    return [one.deal for one in each if not isinstance(one, Rejection)], [
        one for one in each if isinstance(one, Rejection)
    ]


@pytest.mark.parametrize(
    ("word", "meant"),
    [("Inbound", "inbound"), ("incoming email", "inbound"), ("OUT", "outbound"), ("Sent", "outbound")],
)
def test_the_common_words_for_a_direction_are_known(word, meant):
    assert read_direction(word) == meant


@pytest.mark.parametrize(
    ("word", "meant"),
    [("Phone call", "call"), ("E-mail", "email"), ("Visit", "meeting"), ("LinkedIn", "social"), ("Text", "sms")],
)
def test_the_common_words_for_a_channel_are_known(word, meant):
    assert read_channel(word) == meant


@given(st.text(max_size=30))
def test_a_word_is_known_or_rejects_its_row(word):
    for read in (read_direction, read_channel):
        found = read(word)
        assert isinstance(found, str) or (isinstance(found, Flaw) and found.fatal)


def test_a_plain_file_needs_no_mapping_of_its_own(tmp_path):
    text = "When;Direction;Channel;Deal ID;Email;Owner;Duration\n2026-03-02 10:00;in;Call;D1;a@b.example;kim;12\n"
    activities, rejected = _read(tmp_path, text)
    assert rejected == []
    assert {key: item for key, item in activities[0].items() if key != "id"} == {
        "when": "2026-03-02T10:00:00", "direction": "inbound", "channel": "call", "deal": "D1",
        "contact": "a@b.example", "who": "kim", "minutes": 12,
    }  # fmt: skip


def test_the_id_of_a_row_does_not_hang_on_the_form_of_the_file(tmp_path):
    rows = [("2026-03-05", "in", "call", "D1", "Kim Larsen"), ("2026-03-25", "out", "email", "D1", "noor")]
    head = ("when", "direction", "channel", "deal", "who")

    def written(order, delimiter, date):
        stream = io.StringIO()
        writer = csv.writer(stream, delimiter=delimiter)
        writer.writerow([head[place] for place in order])
        for row in rows:
            cells = (date(row[0]), *row[1:])
            writer.writerow([cells[place] for place in order])
        return stream.getvalue()

    def american(day):
        year, month, of_month = day.split("-")
        return f"{month}/{of_month}/{year}"

    people = People([("kim", "Kim Larsen", "")])
    first, _ = _read(tmp_path, written((0, 1, 2, 3, 4), ",", str))
    second, _ = _read(tmp_path, written((3, 1, 4, 2, 0), ";", american), people=people)
    assert [one["id"] for one in first] == [one["id"] for one in second]
    assert len({one["id"] for one in first}) == 2


def test_one_column_may_say_direction_and_channel_at_once(tmp_path):
    content = {
        "mapping": "x",
        "activities": {
            "columns": {"Date": "when", "Type": ["direction", "channel"], "Opp": "deal"},
            "values": {"direction": {"Rückruf": "inbound"}, "channel": {"Rückruf": "call"}},
        },
    }
    activities, rejected = _read(
        tmp_path, "Date,Type,Opp\n2026-03-02,Rückruf,D1\n2026-03-02,Outbound call,D1\n", content
    )
    assert [(one["direction"], one["channel"]) for one in activities] == [("inbound", "call"), ("outbound", "call")]
    assert rejected == []


def test_a_constant_says_what_no_column_does(tmp_path):
    content = {
        "mapping": "sent mail",
        "activities": {
            "columns": {"Sent": "when", "To": "contact"},
            "constants": {"direction": "outbound", "channel": "email"},
        },
    }
    activities, _ = _read(tmp_path, "Sent,To\n2026-03-02,a@b.example\n", content)
    assert (activities[0]["direction"], activities[0]["channel"]) == ("outbound", "email")


def test_ids_are_cut_and_the_first_of_several_is_taken(tmp_path):
    columns = {"Id": "id", "Date": "when", "Dir": "direction", "Type": "channel", "Opp": "deal", "Who": "contact"}
    content = {"mapping": "x", "activities": {"columns": columns, "id_characters": 15, "list_separator": ";"}}
    text = "Id,Date,Dir,Type,Opp,Who\n00T000000000001AAA,2026-03-02,in,call,006000000000001AAA;006000000000002AAA,\n"
    activities, _ = _read(tmp_path, text, content)
    assert (activities[0]["id"], activities[0]["deal"]) == ("00T000000000001", "006000000000001")


def test_an_id_twice_with_other_content_is_rejected(tmp_path):
    text = "id,when,direction,channel,deal\n1,2026-03-02,in,call,D1\n1,2026-03-03,in,call,D1\n1,2026-03-02,in,call,D1\n"
    activities, rejected = _read(tmp_path, text)
    assert (len(activities), [one.kind for one in rejected]) == (1, ["id-twice"])


def test_what_is_missing_is_all_told_at_once(tmp_path):
    with pytest.raises(ImportRefused) as caught:
        _read(tmp_path, "foo,bar\n1,2\n")
    told = [problem.message for problem in caught.value.problems]
    assert [message.split(" for ")[1].split(" (")[0] for message in told] == [
        "when", "direction", "channel", "deal or contact or account",
    ]  # fmt: skip


def test_a_field_that_activities_do_not_have_is_refused_with_the_nearest(tmp_path):
    content = {"mapping": "x", "activities": {"columns": {"A": "whenn", "B": "direction", "C": "channel", "D": "deal"}}}
    with pytest.raises(ImportRefused, match=r"there is no field “whenn”.*when"):
        _read(tmp_path, "A,B,C,D\n2026-03-02,in,call,D1\n", content)


@pytest.mark.parametrize("key", ["status", "flags"])
def test_what_belongs_to_deals_is_refused(key):
    content = {"mapping": "x", "activities": {"columns": {"A": "when"}, key: {"lost": "Lost"}}}
    with pytest.raises(MappingError, match=f"“{key}” is no key of a mapping here"):
        load_mapping(content)


def test_a_mapping_of_activities_alone_is_a_mapping():
    assert load_mapping({"mapping": "x", "activities": {"columns": {"A": "when"}}}).activities is not None
