"""Whatever is wrong with a set of any kind: it is refused by name, and the district stays as it was."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from portal.sis.models import ImportRow
from portal.sis.report import ImportFailedError
from portal.sis.tables import MODELS
from portal.transaction import Portal
from tests.support.changes import Changes
from tests.support.rosters import Import, small_roster
from tests.support.rosters_v12 import in_v12

Files = dict[str, bytes]
Damage = Callable[[Files], None]


def bulk_v11() -> Files:
    return small_roster().student("S3", "Iris", "Okafor", agentSourcedIds="P1").files()


def bulk_v12() -> Files:
    return in_v12(bulk_v11())


def delta() -> Files:
    changes = Changes().person("S3", "Iris", "Okafor", "student", agentSourcedIds="P1")
    return changes.person("S1", "Maya", "López", "student").files()


KINDS = {"1.1": bulk_v11, "1.2": bulk_v12, "delta": delta}


def everything(portal: Portal) -> list[list[tuple[object, ...]]]:
    tables = [model.__table__ for model in (*MODELS.values(), ImportRow)]
    with portal.begin(read_only=True) as tx:
        return [[tuple(row) for row in tx.session.execute(select(*table.c))] for table in tables]


def zipped(files: Files, path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def swap(file: str, old: str, new: str) -> Damage:
    def damage(files: Files) -> None:
        text = files[file].decode()
        assert old in text, text
        files[file] = text.replace(old, new).encode()

    return damage


def latin(files: Files) -> None:
    files["users.csv"] = files["users.csv"].decode().encode("latin-1")


def twice(files: Files) -> None:
    lines = files["users.csv"].decode().splitlines()
    line = next(line for line in lines if line.startswith("S3,"))
    files["users.csv"] += line.encode() + b"\r\n"


ATTACKS = (
    ("../users.csv", b"x", r"\.\./users\.csv: files must lie at the top of the ZIP"),
    ("C:\\users.csv", b"x", "files must lie at the top of the ZIP"),
    ("results.csv", b"0" * 20_000_000, r"results\.csv: .* looks like a ZIP bomb"),
)
FAULTS = (
    (swap("users.csv", "S3,", "S 3,"), "sourcedId", "a sourcedId is"),
    (twice, "sourcedId", "is the same one already"),
    (latin, "familyName", "not UTF-8"),
    (swap("users.csv", "Iris", "=cmd|' /C calc'!A0"), "givenName", "formula"),
    (swap("users.csv", "Iris", "@SUM(A1)"), "givenName", "formula"),
    (swap("users.csv", "Iris", "Ir\x00is"), "givenName", "control character"),
    (swap("users.csv", ",P1,", ",P9,"), "agentSourcedIds", "no parent, guardian or relative"),
    (swap("users.csv", ",P1,", ",T1,"), "agentSourcedIds", "this is a teacher"),
    (swap("users.csv", ",P1,", ",S1,"), "agentSourcedIds", "exactly one must be a student"),
    (swap("users.csv", "enabledUser", "EnabledUser"), "enabledUser", "column 4 must be enabledUser"),
    (
        swap("users.csv", "sourcedId,status", "status,sourcedId"),
        "sourcedId",
        "column 1 must be sourcedId",
    ),
    (swap("users.csv", "password", "metadata.password"), "password", "must be password"),
)


@pytest.fixture(params=sorted(KINDS))
def files(request: pytest.FixtureRequest, run: Import) -> Files:
    """Return a right set of each kind, for a district that has had its first one."""
    run(small_roster())
    return KINDS[request.param]()


@pytest.mark.parametrize("fault", FAULTS)
def test_wrong_cell_or_header_is_named(
    portal: Portal, run: Import, tmp_path: Path, files: Files, fault: tuple[Damage, str, str]
) -> None:
    before = everything(portal)
    damage, column, text = fault
    damage(files)

    with pytest.raises(ImportFailedError) as caught:
        run(zipped(files, tmp_path / "set.zip"))

    named = [each for each in caught.value.problems if text in each.text]
    assert [(each.file, each.column) for each in named][:1] == [("users.csv", column)], caught.value
    assert named[0].row >= 1
    assert everything(portal) == before


@pytest.mark.parametrize("share", [0.3, 0.95])
def test_cut_zip_is_named(portal: Portal, run: Import, tmp_path: Path, files: Files, share: float) -> None:
    before = everything(portal)
    path = zipped(files, tmp_path / "set.zip")
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])

    with pytest.raises(ImportFailedError, match=r"set\.zip: this is not a whole ZIP file"):
        run(path)

    assert everything(portal) == before


@pytest.mark.parametrize("attack", ATTACKS)
def test_member_that_attacks_is_named(
    portal: Portal, run: Import, tmp_path: Path, files: Files, attack: tuple[str, bytes, str]
) -> None:
    before = everything(portal)
    name, content, text = attack

    with pytest.raises(ImportFailedError, match=text):
        run(zipped(files | {name: content}, tmp_path / "set.zip"))

    assert everything(portal) == before


def test_password_is_imported_from_no_kind_of_set(
    portal: Portal, run: Import, tmp_path: Path, files: Files
) -> None:
    head, *lines = files["users.csv"].decode().splitlines()
    place = head.split(",").index("password")
    rows = [line.split(",") for line in lines if '"' not in line]
    for row in rows:
        row[place] = "CANARY-5f1d"
    quoted = [line for line in lines if '"' in line]
    files["users.csv"] = "\r\n".join([head, *map(",".join, rows), *quoted]).encode()

    done = run(zipped(files, tmp_path / "set.zip"))

    assert any(count.added for count in done.counts.values())
    assert "CANARY" not in repr(everything(portal))
