"""Editing, breaking or deleting files between ticks changes no running enrolment."""

import shutil
from pathlib import Path

import pytest

from tests.torture import story
from tests.torture.killing import difference, picture, tick

RUNNING = ("enrolments", "actions", "history")  # what an edit may not change
EDITED, NEWCOMER = 3, 4  # days: files are touched before the first tick; a new loss comes before the second


def edit_playbook(books: Path) -> None:
    text = (books / "chase.yaml").read_text()
    (books / "chase.yaml").write_text(
        text.replace("due: 2h", "due: 5h").replace("{after: 3d, to: write}", "{after: 1d, to: write}")
    )


def break_playbook(books: Path) -> None:
    (books / "chase.yaml").write_text("playbook: chase\nstates: {call: [\n")


def delete_playbook(books: Path) -> None:
    (books / "chase.yaml").unlink()


def edit_template(books: Path) -> None:
    (books / "library/templates/letter.txt").write_text("Goodbye.\n")


def break_template(books: Path) -> None:
    (books / "library/templates/letter.txt").write_text("Dear {{ contact.name \n{% for x in y %}")


def delete_template(books: Path) -> None:
    (books / "library/templates/letter.txt").unlink()


def break_calendar(books: Path) -> None:
    (books / "library/calendars.yaml").write_text("calendars: {office: {hours: [\n")


def delete_calendar(books: Path) -> None:
    (books / "library/calendars.yaml").unlink()


def break_roster(books: Path) -> None:
    (books / "library/roster.yaml").write_bytes(b"\xff\xfe\x00people")


def delete_roster(books: Path) -> None:
    (books / "library/roster.yaml").unlink()


def break_fields(books: Path) -> None:
    (books / "library/fields.yaml").write_text("deal: {answer: {type: colour}}\n")


def delete_fields(books: Path) -> None:
    (books / "library/fields.yaml").unlink()


def break_events(books: Path) -> None:
    (books / "library/events.yaml").write_text("events:\n\t- no")


def delete_everything(books: Path) -> None:
    shutil.rmtree(books)


HARMLESS = [edit_playbook, edit_template]  # nothing is wrong after these
BROKEN = [break_playbook, break_template, break_calendar, break_roster, break_fields, break_events]
DELETED = [delete_playbook, delete_template, delete_calendar, delete_roster, delete_fields, delete_everything]

LAST_GOOD = [break_playbook, break_template, delete_template, break_calendar]  # new deals do not notice


@pytest.fixture(scope="module")
def running(tmp_path_factory) -> Path:
    """A workspace with deals in the middle of their playbooks."""
    folder = story.make(tmp_path_factory.mktemp("edits") / "running")
    for day in range(EDITED):
        story.between(day, folder)
        assert tick(folder, story.instant(day)) in (0, 1)
    story.between(EDITED, folder)
    return folder


@pytest.fixture(scope="module")
def unedited(running, tmp_path_factory) -> dict:
    """What became of them where nobody touched a file."""
    folder = Path(shutil.copytree(running, tmp_path_factory.mktemp("edits") / "unedited"))
    go_on(folder)
    return picture(folder)


def go_on(folder: Path) -> list[int]:
    """Three more days; exit codes."""
    codes = []
    for day in range(EDITED, EDITED + 3):
        if day == NEWCOMER:
            with story.opened(folder) as store:
                story.arrive(store, ["A11"], lost_at="2026-03-06")
        codes.append(tick(folder, story.instant(day)))
    return codes


def of_running(pictured: dict, running: Path) -> dict:
    """The rows of the enrolments that were open or over already when the files were touched."""
    with story.opened(running) as store:
        ids = [identity for (identity,) in store.session.execute("SELECT id FROM enrolments")]
    return {table: [row for row in pictured[table] if any(f"'{one}'" in row for one in ids)] for table in RUNNING}


@pytest.mark.parametrize("touch", [*HARMLESS, *BROKEN, *DELETED])
def test_a_touched_file_changes_nothing_for_those_that_run(running, unedited, tmp_path, touch):
    folder = Path(shutil.copytree(running, tmp_path / "edited"))
    (folder / "output.txt").unlink()
    touch(folder / "playbooks")
    codes, told = go_on(folder), (folder / "output.txt").read_text()
    assert set(codes) <= {0, 1}, told
    found = picture(folder)
    assert difference(of_running(found, running), of_running(unedited, running)) == []
    if touch in BROKEN:  # reported by each tick, and its last good version goes on for new deals too
        assert codes == [1, 1, 1]
        assert told.count(": error: ") >= len(codes)
    if touch in LAST_GOOD:
        assert {table: found[table] for table in RUNNING} == {table: unedited[table] for table in RUNNING}


def test_new_enrolments_take_the_edited_revision_and_running_ones_keep_theirs(running, tmp_path):
    folder = Path(shutil.copytree(running, tmp_path / "edited"))
    before = revisions(folder)
    edit_playbook(folder / "playbooks")
    go_on(folder)
    after = revisions(folder)
    assert {key: after[key] for key in before} == before
    assert after["DA11", "chase"] not in set(before.values())
    assert after["DA11", "review"] in set(before.values())  # its file was not touched


def test_a_deleted_playbook_takes_no_new_deals(running, tmp_path):
    folder = Path(shutil.copytree(running, tmp_path / "deleted"))
    delete_playbook(folder / "playbooks")
    go_on(folder)
    assert ("DA11", "chase") not in revisions(folder)
    assert ("DA11", "review") in revisions(folder)


def revisions(folder: Path) -> dict[tuple[str, str], str]:
    """The pinned revision of the first enrolment of each deal in each playbook."""
    with story.opened(folder) as store:
        rows = store.session.execute("SELECT deal_id, playbook, revision FROM enrolments WHERE number = 1")
        return {(deal, playbook): revision for deal, playbook, revision in rows}
