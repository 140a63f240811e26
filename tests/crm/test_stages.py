"""Which words of a status column sound like a deal that is over."""

import pytest

from engine.crm.stages import sounds_like
from tests.crm.reading import mapping_of, read

LOST = (
    "Lost", "Closed - Lost", "closedlost", "CLOSED_LOST", "Verloren", "Verloren an Wettbewerb", "Perdu", "Perdida",
    "Affaire perdue", "Perso", "Förlorad", "Tabt", "Przegrana", "Dead", "Went dark", "Rejected", "Cancelled",
    "No decision",
)  # fmt: skip
OPEN = ("Qualified", "Demo", "Negotiation", "Proposal sent", "Angebot", "Window shopping", "Closing", "Personal demo")


@pytest.mark.parametrize("word", LOST)
def test_a_loss_is_heard_in_many_languages(word: str) -> None:
    assert sounds_like(word, "open") == "lost"


@pytest.mark.parametrize("word", OPEN)
def test_an_ordinary_stage_sounds_like_nothing(word: str) -> None:
    assert sounds_like(word, "open") == ""


def test_what_was_taken_rightly_or_deleted_is_no_news() -> None:
    assert [sounds_like("Lost", status) for status in ("lost", "deleted", "open")] == ["", "", "lost"]
    assert sounds_like("Gewonnen", "open") == "won"


def test_words_that_only_the_star_took_are_counted_by_word(tmp_path) -> None:
    status = {"lost": ["Lost"], "won": ["Won"], "open": ["New", "*"]}
    columns = {"Id": "id", "Stage": "status"}
    text = "Id,Stage\n1,Lost\n2,Demo\n3,Verloren\n4,Demo\n5,New\n6,verloren\n6,verloren\n,Verloren\n"
    outcome = read(tmp_path, text, mapping_of(columns) | {"deals": {"columns": columns, "status": status}})
    listed = [(one.word, one.status, one.rows, one.looks) for one in outcome.summary.unlisted]
    assert listed == [("Verloren", "open", 1, "lost"), ("verloren", "open", 1, "lost"), ("Demo", "open", 2, "")]
    assert outcome.findings()["status-looks-lost"] == 2


def test_a_flag_that_decides_makes_the_stage_no_matter(tmp_path) -> None:
    text = "Id,Stage,Gone\n1,Verloren,true\n2,Verloren,false\n"
    part = {"columns": {"Id": "id", "Stage": "status"}, "flags": {"lost": "Gone"}, "status": {"open": ["*"]}}
    outcome = read(tmp_path, text, {"mapping": "test", "deals": part})
    assert [(one.word, one.rows) for one in outcome.summary.unlisted] == [("Verloren", 1)]
