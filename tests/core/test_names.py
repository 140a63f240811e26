"""Whom a written name means."""

from engine.core.names import Called, bare

STAFF = Called(
    [("kim", "Kim Larsen", "kim@x.de"), ("k2", "KIM", ""), ("noor", "Noor Ali", "n@x.de"), ("n2", "noor  ali", "")]
)


def test_an_id_goes_before_a_name_and_a_name_before_an_address():
    assert STAFF.find("kim") == ["kim"]
    assert STAFF.find(" Kim ") == ["kim"]
    assert STAFF.find("KIM@x.de") == ["kim"]
    assert STAFF.find("kim larsen") == ["kim"]


def test_of_two_people_with_one_name_both_are_told():
    assert STAFF.find("Noor ALI") == ["noor", "n2"]


def test_an_empty_text_means_nobody():
    assert STAFF.find("") == STAFF.find("  ") == STAFF.find("zoe") == []


def test_two_ways_of_writing_one_letter_are_one_name():
    assert bare("Zoe\u0301  Roth") == bare("zo\u00e9 roth")
