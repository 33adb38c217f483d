"""A backup is brought back on both databases: everybody is there, and every answer is the same."""

import contextlib
import errno
import fcntl
import gzip
import io
import json
import os
import sqlite3
import stat
import tarfile
import threading
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import URL, make_url, text

from bot.backing_up import backed_up, written_beside
from bot.commands import hallpass
from bot.restoring import restored
from bot.settings import Settings
from portal.backups import postgresql, sqlite
from portal.core.audit import AuditEvent
from portal.core.database import open_engine
from portal.core.errors import SettingsError
from portal.records.answers import Grades
from portal.transaction import Portal
from tests.support.backups import SECRET, grades, is_whole, on


def changed(path: Path, change: Callable[[dict[str, bytes]], None]) -> None:
    """Write an archive anew with other contents."""
    with tarfile.open(path) as archive:
        parts = {each.name: archive.extractfile(each).read() for each in archive}  # type: ignore[union-attr]  # all are files
    change(parts)
    with tarfile.open(path, "w:gz") as archive:
        for name, content in parts.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))


def test_parent_signs_in_and_is_told_the_same_after_a_restore(
    portal: Portal, family: str, settings: Settings, elsewhere: Settings, tmp_path: Path
) -> None:
    before = grades(portal)

    made = backed_up(settings, tmp_path / "backup.tgz", with_key=True)
    told = restored(elsewhere, tmp_path / "backup.tgz")

    assert isinstance(before, Grades)
    assert on(elsewhere, grades) == before
    assert on(elsewhere, is_whole) is True
    assert (elsewhere.var / "secret.key").read_text() == SECRET
    assert stat.S_IMODE((elsewhere.var / "secret.key").stat().st_mode) == 0o600
    assert (elsewhere.var / "districts" / "westborough.yml").exists()
    assert "Whoever has this file can read what families wrote" in made[1]
    assert told[-1].startswith("The audit of westborough is whole")


def test_backup_of_a_database_in_use_is_of_one_moment(
    portal: Portal, family: str, settings: Settings, elsewhere: Settings, tmp_path: Path
) -> None:
    stop, wrote = threading.Event(), threading.Semaphore(0)

    def work() -> None:
        while not stop.is_set():
            with portal.begin() as tx:
                tx.audit.record("westborough", AuditEvent.CASES_SEEN, count=1)
            wrote.release()

    worker = threading.Thread(target=work)
    worker.start()
    wrote.acquire()
    try:
        backed_up(settings, tmp_path / "backup.tgz", with_key=True)
        wrote.acquire()
    finally:
        stop.set()
        worker.join()
    restored(elsewhere, tmp_path / "backup.tgz")

    assert on(elsewhere, is_whole) is True


def test_backup_is_for_its_owner_alone_and_replaces_no_file(
    family: str, settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "backup.tgz"

    backed_up(settings, path, with_key=True)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(SettingsError, match="is there already"):
        backed_up(settings, path, with_key=True)
    assert [each.name for each in tmp_path.glob("backup*")] == ["backup.tgz"]


def test_restore_replaces_no_database_that_holds_anything(
    family: str, settings: Settings, tmp_path: Path
) -> None:
    backed_up(settings, tmp_path / "backup.tgz", with_key=True)

    with pytest.raises(SettingsError, match="holds tables already"):
        restored(settings, tmp_path / "backup.tgz")


def test_backup_without_its_key_needs_the_key_to_be_brought(
    family: str, settings: Settings, elsewhere: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "backup.tgz"
    backed_up(settings, path, with_key=False)

    with pytest.raises(SettingsError, match="key of the backup is not here"):
        restored(elsewhere, path)
    (elsewhere.var / "secret.key").write_text("another secret of at least thirty-two bytes")
    with pytest.raises(SettingsError, match="key of the backup is not here"):
        restored(elsewhere, path)
    (elsewhere.var / "secret.key").write_text(SECRET)
    restored(elsewhere, path)

    assert isinstance(on(elsewhere, grades), Grades)


def test_restore_replaces_no_file_of_a_district(
    family: str, settings: Settings, elsewhere: Settings, tmp_path: Path
) -> None:
    backed_up(settings, tmp_path / "backup.tgz", with_key=True)
    (elsewhere.var / "districts").mkdir()
    (elsewhere.var / "districts" / "westborough.yml").write_text("name: Another\n")

    with pytest.raises(SettingsError, match="is there and is another"):
        restored(elsewhere, tmp_path / "backup.tgz")

    engine = open_engine(elsewhere.database_url)
    with engine.connect() as connection:
        assert not engine.dialect.has_table(connection, "accounts")
    engine.dispose()


def cut(parts: dict[str, bytes]) -> None:
    parts["database"] = parts["database"][:-1]


def swap(parts: dict[str, bytes]) -> None:
    parts["database"] = parts["database"][:-1] + b"?"


def lose(parts: dict[str, bytes]) -> None:
    del parts["database"]


def climb(parts: dict[str, bytes]) -> None:
    told = json.loads(parts["manifest.json"])
    told["parts"].append({"name": "../evil.yml", "size": 0, "sha256": ""})
    parts["manifest.json"] = json.dumps(told).encode()


def age(parts: dict[str, bytes]) -> None:
    told = json.loads(parts["manifest.json"])
    told["revision"] = "9999"
    parts["manifest.json"] = json.dumps(told).encode()


def other(parts: dict[str, bytes]) -> None:
    told = json.loads(parts["manifest.json"])
    told["database"] = "postgresql" if told["database"] == "sqlite" else "sqlite"
    parts["manifest.json"] = json.dumps(told).encode()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (cut, "database in the backup is not what was written"),
        (swap, "database in the backup is not what was written"),
        (lose, "is no whole backup"),
        (climb, "is no whole backup"),
        (age, "of a newer version of Hallpass"),
        (other, "HALLPASS_DATABASE_URL names"),
    ],
)
def test_backup_that_is_not_what_was_written_changes_nothing(
    archive: Path, elsewhere: Settings, change: Callable[[dict[str, bytes]], None], told: str
) -> None:
    changed(archive, change)

    with pytest.raises(SettingsError, match=told):
        restored(elsewhere, archive)

    assert list(elsewhere.var.iterdir()) == []


def test_archive_that_cannot_be_unpacked_half_way_says_so(archive: Path, elsewhere: Settings) -> None:
    content = gzip.decompress(archive.read_bytes())
    packed = zlib.compressobj(wbits=31)
    begun = packed.compress(content[: len(content) // 2]) + packed.flush(zlib.Z_SYNC_FLUSH)
    archive.write_bytes(begun + b"\xff" * 64)

    with pytest.raises(SettingsError, match="is no whole backup"):
        restored(elsewhere, archive)

    assert list(elsewhere.var.iterdir()) == []


def test_two_backups_to_one_file_at_once_do_not_mix(family: str, settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "backup.tgz"
    with written_beside(path) as file:
        file.write(b"the first")

        with pytest.raises(SettingsError, match="is being written"):
            backed_up(settings, path, with_key=True)

    assert path.read_bytes() == b"the first"


def test_backup_finished_while_another_waited_to_begin_is_left_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, beside = tmp_path / "backup.tgz", tmp_path / "backup.tgz.part"
    beside.write_bytes(b"the first, whole")

    def finished_meanwhile(*_: object) -> None:
        beside.rename(path)

    monkeypatch.setattr(fcntl, "flock", finished_meanwhile)

    with pytest.raises(SettingsError, match="is being written"), written_beside(path):
        pass

    assert path.read_bytes() == b"the first, whole"


def test_disk_that_knows_no_second_names_is_backed_up_to(
    family: str, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", refuse)

    backed_up(settings, tmp_path / "backup.tgz", with_key=True)

    assert [each.name for each in tmp_path.glob("backup*")] == ["backup.tgz"]


def test_folder_that_a_web_address_would_read_otherwise_is_backed_up(tmp_path: Path) -> None:
    folder = tmp_path / "100% of #1?"
    folder.mkdir()
    with contextlib.closing(sqlite3.connect(folder / "kept.db")) as kept:
        kept.execute("create table children (name text)")

    sqlite.dump(URL.create("sqlite", database=str(folder / "kept.db")), tmp_path / "copy")

    with contextlib.closing(sqlite3.connect(tmp_path / "copy")) as copy:
        assert copy.execute("select count(*) from children").fetchone() == (0,)


def test_file_that_is_no_archive_is_refused(elsewhere: Settings, tmp_path: Path) -> None:
    path = tmp_path / "backup.tgz"
    path.write_bytes(b"no archive at all")

    with pytest.raises(SettingsError, match="is no whole backup"):
        restored(elsewhere, path)


def test_without_the_programs_of_postgresql_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(SettingsError, match="postgresql-client"):
        postgresql.dump(make_url("postgresql://hallpass@127.0.0.1/hallpass"), tmp_path / "database")


@pytest.mark.parametrize(
    "address", ["hallpass:CANARY@127.0.0.1/hallpass", "hallpass@127.0.0.1/hallpass?password=CANARY"]
)
def test_password_of_the_database_is_no_argument_of_its_programs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    program, heard, given = tmp_path / "pg_dump", tmp_path / "heard", tmp_path / "given"
    program.write_text(f'#!/bin/sh\necho "$*" > {heard}\necho "$PGPASSWORD" > {given}\n')
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    postgresql.dump(make_url(f"postgresql://{address}"), tmp_path / "database")

    assert "hallpass@127.0.0.1" in heard.read_text()
    assert "CANARY" not in heard.read_text()
    assert given.read_text() == "CANARY\n"


def test_database_without_tables_is_not_backed_up(elsewhere: Settings, tmp_path: Path) -> None:
    (elsewhere.var / "secret.key").write_text(SECRET)

    with pytest.raises(SettingsError, match="no tables yet"):
        backed_up(elsewhere, tmp_path / "backup.tgz", with_key=True)


def test_key_that_is_nowhere_is_not_made_up(family: str, settings: Settings, tmp_path: Path) -> None:
    (settings.var / "secret.key").unlink()

    with pytest.raises(SettingsError, match="key is not in"):
        backed_up(settings, tmp_path / "backup.tgz", with_key=True)

    assert not (settings.var / "secret.key").exists()


def test_commands_say_what_they_did(
    family: str, settings: Settings, elsewhere: Settings, tmp_path: Path
) -> None:
    path = str(tmp_path / "backup.tgz")

    def run(where: Settings, *command: str) -> str:
        given = {"HALLPASS_VAR": str(where.var), "HALLPASS_DATABASE_URL": where.database_url}
        done = CliRunner(env=given).invoke(hallpass, command)
        assert done.exit_code == 0, done.output
        return done.output

    made, back = run(settings, "backup", path), run(elsewhere, "restore", path)

    assert "holds the" in made
    assert "is back" in back
    engine = open_engine(elsewhere.database_url)
    with engine.connect() as connection:
        assert connection.scalar(text("select count(*) from accounts")) == 1
    engine.dispose()
