import os
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

from engine.store import migrations
from engine.store.base import Busy, NotOurs, ReadOnly, StorageFull, StoreError, TooNew
from engine.store.drive import kind_of_drive
from engine.store.migrations import Migration, shipped
from engine.store.sqlite import APPLICATION_ID, create, journal_for, open_store
from tests.store.contract_experiments import DRAW
from tests.store.samples import DAY, NOW, enrol, enrolment, fill, in_child, loaded, moved


@pytest.fixture
def path(tmp_path):
    return tmp_path / "playbook.db"


def test_what_was_written_is_there_when_opened_again(path):
    with closing(create(path)) as store:
        store.put_meta("zone", "UTC")
    with closing(open_store(path)) as store:
        assert store.meta("zone") == "UTC"


def test_the_file_says_whose_it_is(path):
    create(path).close()
    first = path.read_bytes()[:100]
    assert int.from_bytes(first[68:72], "big") == APPLICATION_ID
    assert int.from_bytes(first[60:64], "big") == migrations.SCHEMA == shipped()[-1].number


def test_only_create_makes_a_database(path):
    with pytest.raises(StoreError, match="there is no database"):
        open_store(path)
    assert not path.exists()


def test_an_empty_file_is_not_a_database(path):
    path.touch()
    with pytest.raises(NotOurs, match="is empty"):
        open_store(path)
    assert path.stat().st_size == 0


@pytest.mark.parametrize("content", [b"id,status\nD1,lost\n", b"SQLite format 2\x00", b"\x00" * 5000])
def test_a_file_of_another_kind_is_refused_and_left_alone(path, content):
    path.write_bytes(content)
    for opening in (open_store, create):
        with pytest.raises(NotOurs):
            opening(path)
    assert path.read_bytes() == content


def test_a_database_of_another_program_is_refused_and_left_alone(path):
    with closing(sqlite3.connect(path)) as foreign:
        foreign.execute("CREATE TABLE bookmarks (url)")
    before = path.read_bytes()
    for opening in (open_store, create):
        with pytest.raises(NotOurs, match="another program"):
            opening(path)
    assert path.read_bytes() == before


def test_create_does_not_touch_a_store_that_is_there(path):
    create(path).close()
    with pytest.raises(StoreError, match="already"):
        create(path)


def test_a_newer_schema_is_refused_with_both_versions_named(path):
    create(path).close()
    with closing(sqlite3.connect(path)) as newer:
        newer.execute("PRAGMA user_version = 99")
    with pytest.raises(TooNew, match="schema 99, this release knows up to"):
        open_store(path)


def test_a_directory_instead_of_a_file_is_refused_in_words(tmp_path):
    with pytest.raises(StoreError, match="cannot be read"):
        open_store(tmp_path)


def test_a_missing_directory_is_refused_in_words(tmp_path):
    with pytest.raises(StoreError, match="cannot be opened"):
        create(tmp_path / "nowhere" / "playbook.db")


def test_a_path_with_strange_characters_is_one_path(tmp_path):
    path = tmp_path / "50% of wins? #1 ü.db"
    create(path).close()
    open_store(path).close()
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize(
    ("version", "journal"),
    [
        ((3, 40, 1), "delete"),
        ((3, 44, 5), "delete"),
        ((3, 44, 6), "wal"),
        ((3, 45, 0), "delete"),
        ((3, 50, 6), "delete"),
        ((3, 50, 7), "wal"),
        ((3, 51, 2), "delete"),
        ((3, 51, 3), "wal"),
        ((3, 52, 0), "wal"),
    ],
)
def test_write_ahead_logging_is_used_only_where_it_is_mended(version, journal):
    assert journal_for(version) == journal


def test_write_ahead_logging_is_never_used_on_a_network_drive():
    assert journal_for((3, 52, 0), network="nfs4") == "delete"


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/home/kim/p.db", "ext4"), ("/mnt/sales team/p.db", "nfs4"), ("/mnt/sales/p.db", "ext4"), ("/data/p.db", "cifs")],
)
def test_the_kind_of_drive_is_that_of_the_longest_mount_point(path, kind):
    mounts = "a / ext4 rw 0 0\nb:/x /mnt/sales\\040team nfs4 rw 0 0\nc /data xfs rw 0 0\n//d /data cifs rw 0 0\n"
    assert kind_of_drive(mounts, Path(path)) == kind


@pytest.mark.parametrize("journal", ["wal", "delete"])
def test_the_journal_follows_the_library_at_the_next_opening(path, monkeypatch, journal):
    create(path).close()
    monkeypatch.setattr("engine.store.sqlite.journal_for", lambda version, network="": journal)
    with closing(open_store(path)) as store:
        assert store.session.execute("PRAGMA journal_mode").fetchone() == (journal,)
        assert store.session.execute("PRAGMA synchronous").fetchone() == (2,)


def test_create_killed_at_any_statement_can_be_run_again(path):
    from engine.store import crash

    def killed(passage):
        crash.arm(f"migration:{passage}")
        create(path)

    passage = 1
    while in_child(lambda: killed(passage)) == -9:  # noqa: B023
        create_again = in_child(lambda: create(path).close())
        assert create_again == 0, f"after passage {passage}"
        open_store(path).close()
        path.unlink()
        passage += 1
    assert passage > 20


NEXT = Migration(
    number=migrations.SCHEMA + 1,
    sql="""ALTER TABLE deals ADD COLUMN colour TEXT NOT NULL DEFAULT 'blue';
    UPDATE deals SET colour = 'red'; -- a comment; with a semicolon
    CREATE INDEX deals_colour ON deals (colour);""",
)


@pytest.fixture
def next_release(monkeypatch):
    monkeypatch.setattr(migrations, "shipped", lambda release=shipped(): [*release, NEXT])  # noqa: B008
    monkeypatch.setattr(migrations, "SCHEMA", NEXT.number)


def test_a_migration_killed_at_any_statement_leaves_the_old_schema_and_runs_again(path, request):
    from engine.store import crash

    with closing(create(path)) as store:
        fill(store, "D1")
    old = path.read_bytes()
    request.getfixturevalue("next_release")

    def killed(passage):
        crash.arm(f"migration:{passage}")
        open_store(path)

    for passage in (1, 2, 3, 4):
        path.write_bytes(old)
        assert in_child(lambda: killed(passage)) == -9  # noqa: B023
        with closing(sqlite3.connect(path)) as raw:
            assert raw.execute("PRAGMA user_version").fetchone() == (NEXT.number - 1,)
        with closing(open_store(path)) as store:
            assert store.session.execute("SELECT colour FROM deals").fetchall() == [("red",)]
    assert in_child(lambda: killed(5)) == 0


def test_a_database_of_the_first_schema_is_brought_up_with_what_it_holds(path, monkeypatch):
    """Draws of then get the contacts that their deals have now."""
    with monkeypatch.context() as earlier:
        first = shipped()[:1]
        earlier.setattr(migrations, "shipped", lambda: first)
        earlier.setattr(migrations, "SCHEMA", 1)
        with closing(create(path)) as store:
            fill(store, "D1")
            store.session.execute("ALTER TABLE draws ADD COLUMN contacts TEXT")  # as `put_draws` writes them now
            store.put_draws([DRAW])
            store.session.execute("ALTER TABLE draws DROP COLUMN contacts")
    with closing(open_store(path)) as store:
        assert store.draws_of(["A1"]) == [DRAW]
        assert [name for _, name, *_ in store.session.execute("PRAGMA table_info(events)")][-1] == "handled_at"


def test_a_copy_is_kept_before_a_migration(path, request):
    with closing(create(path)) as store:
        fill(store, "D1")
    request.getfixturevalue("next_release")
    open_store(path).close()
    with closing(sqlite3.connect(path.with_name(f"playbook.db.schema-{NEXT.number - 1}"))) as copy:
        assert copy.execute("PRAGMA user_version").fetchone() == (NEXT.number - 1,)
        assert copy.execute("SELECT id FROM deals").fetchall() == [("D1",)]


def test_a_migration_that_fails_changes_nothing(path, monkeypatch):
    create(path).close()
    broken = Migration(number=NEXT.number, sql="CREATE TABLE extra (a);\nCREATE TABLE extra (a);")
    monkeypatch.setattr(migrations, "shipped", lambda: [broken])
    monkeypatch.setattr(migrations, "SCHEMA", NEXT.number)
    with pytest.raises(sqlite3.OperationalError):
        open_store(path)
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'extra'").fetchone() == (0,)


def test_a_full_disk_is_named_with_the_room_left_and_loses_nothing(path):
    with closing(create(path)) as store:
        fill(store, "D1")
        one = enrol(store, enrolment())
        pages = store.session.execute("PRAGMA page_count").fetchone()[0]
        store.session.execute(f"PRAGMA max_page_count = {pages}")
        big = moved(one, NOW + DAY)
        big.enrolments[one.id].facts = {"story": "x" * 100_000}
        with pytest.raises(StorageFull, match=r"playbook\.db.* MB are free"):
            store.save([big], {"A1": loaded(store)})
        assert loaded(store).enrolments == {one.id: one}
        assert not store.session.connection.in_transaction
        store.put_meta("still", "here")


def test_a_second_writer_is_told_that_the_database_is_locked(path):
    with closing(create(path)) as first, closing(open_store(path)) as second:
        second.session.execute("PRAGMA busy_timeout = 0")
        with first.transaction(), pytest.raises(Busy, match="locked"):
            second.put_meta("a", "b")
        second.put_meta("a", "b")


def test_damage_is_said_to_be_damage(path):
    with closing(create(path)) as store:
        fill(store, *[f"D{number}" for number in range(200)])
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(StoreError, match="damaged"), closing(open_store(path)) as store:
        store.open_actions()


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="Windows has other permissions")
@pytest.mark.parametrize(("file_mode", "folder_mode"), [(0o444, 0o777), (0o666, 0o555)])
def test_a_file_or_directory_that_may_not_be_written_is_named(file_mode, folder_mode):
    folder = Path(tempfile.mkdtemp())
    path = folder / "playbook.db"
    create(path).close()
    path.chmod(file_mode)
    folder.chmod(folder_mode)

    def write():
        if os.geteuid() == 0:
            os.setuid(65534)
        with pytest.raises(ReadOnly), closing(open_store(path)) as store:
            store.put_meta("a", "b")

    try:
        assert in_child(write) == 0
    finally:
        folder.chmod(0o777)
        shutil.rmtree(folder)


def test_a_backup_is_complete_and_overwrites_nothing(path, tmp_path):
    copy = tmp_path / "copy.db"
    with closing(create(path)) as store:
        fill(store, "D1")
        store.backup(copy)
        with pytest.raises(StoreError, match="already"):
            store.backup(copy)
        with pytest.raises(StoreError):
            store.backup(tmp_path / "nowhere" / "copy.db")
    with closing(open_store(copy)) as store:
        assert store.deal("D1").deal.id == "D1"
        assert store.check() == []
    assert not list(tmp_path.glob("*.unfinished"))
