"""Importing from the command line: what a terminal sees meanwhile, and one set after the other."""

import io
import sys
from pathlib import Path

import pytest

from bot.importing import import_set, progress, report
from portal.core.errors import ImportRefusedError
from portal.sis.source import Kind
from portal.sis.watching import OFTEN
from portal.transaction import Portal
from tests.support.changes import Changes
from tests.support.portals import make_district
from tests.support.rosters import Roster, small_roster
from tests.support.rosters_v12 import folder_in_v12


class Terminal(io.StringIO):
    """Be a terminal that keeps what it shows."""

    def isatty(self) -> bool:
        return True


def many_absences(count: int) -> Roster:
    roster = small_roster()
    for _ in range(count):
        roster.absence("NS1", "2026-09-09")
    return roster


def test_terminal_is_told_of_each_file_and_of_the_writing(
    portal: Portal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    make_district(portal)
    path = many_absences(OFTEN + 1).folder(tmp_path / "set")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)

    import_set(portal, "westborough", path, dry_run=False)

    shown = [line.removeprefix("\x1b[2K") for line in terminal.getvalue().split("\r")]
    assert shown.index("reading users.csv: 0 rows") < shown.index("reading x_attendance.csv: 0 rows")
    assert f"reading x_attendance.csv: {OFTEN:,} rows" in shown
    assert f"writing attendance: {OFTEN + 1:,} rows" in shown
    assert shown[-1] == ""


def test_line_is_cleared_before_a_refusal_is_shown(
    portal: Portal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    make_district(portal)
    broken = small_roster().enroll("S9", "ALG").folder(tmp_path / "set")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)

    with pytest.raises(ImportRefusedError):
        import_set(portal, "westborough", broken, dry_run=False)

    assert terminal.getvalue().endswith("\r\x1b[2K")


def test_where_nobody_looks_nothing_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with progress() as watch:
        watch("reading users.csv", 0)

    assert capsys.readouterr().err == ""


def test_changes_follow_a_whole_set(portal: Portal, tmp_path: Path) -> None:
    make_district(portal)
    import_set(portal, "westborough", small_roster().folder(tmp_path / "whole"), dry_run=False)
    changes = Changes().gone("enrollments", "E-S1-ALG").person("S2", "Diego", "Lopez", "student")

    tried = import_set(portal, "westborough", changes.folder(tmp_path / "changes"), dry_run=True)
    done = import_set(portal, "westborough", tmp_path / "changes", dry_run=False)
    again = import_set(portal, "westborough", tmp_path / "changes", dry_run=False)

    assert tried.counts == done.counts
    assert done.counts[Kind.ENROLLMENTS].retired == 1
    assert done.counts[Kind.STUDENTS].changed == 1
    assert not any(count.touched for count in again.counts.values())
    assert list(report(tried))[-1] == "Nothing was changed: this was a dry run of OneRoster 1.1, delta."
    assert list(report(done))[-1] == "Imported OneRoster 1.1, delta."


def test_next_version_of_the_same_set_changes_nothing(portal: Portal, tmp_path: Path) -> None:
    make_district(portal)
    path = small_roster().folder(tmp_path / "v11")
    import_set(portal, "westborough", path, dry_run=False)

    done = import_set(portal, "westborough", folder_in_v12(path, tmp_path / "v12"), dry_run=False)

    assert not any(count.touched for count in done.counts.values())
    assert list(report(done))[-1] == "Imported OneRoster 1.2, bulk."
