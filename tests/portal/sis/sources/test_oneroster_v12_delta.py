"""In 1.2 who somebody is and what they do stand in two files, and either may change alone."""

from pathlib import Path

import pytest
from sqlalchemy import select

from portal.sis.models import Contact, School, Student
from portal.sis.outcomes import Counts, Imported
from portal.sis.report import ImportFailedError
from portal.sis.source import Kind
from portal.transaction import Portal
from tests.support import rosters
from tests.support.changes import WHEN
from tests.support.rosters import Import, small_roster
from tests.support.rosters_v12 import HEADERS, folder_in_v12, written


def touched(done: Imported) -> dict[str, int]:
    return {kind.value: count.touched for kind, count in done.counts.items() if count.touched}


def changes(path: Path, **files: list[dict[str, str]]) -> Path:
    """Write a set of changes in 1.2."""
    path.mkdir()
    rows = {"manifest.version": "1.0", "oneroster.version": "1.2"} | {
        f"file.{name}": "delta" for name in files
    }
    manifest = [{"propertyName": name, "value": value} for name, value in rows.items()]
    (path / "manifest.csv").write_bytes(written("propertyName,value", manifest))
    for name, found in files.items():
        rows_now = [{"status": "active", "dateLastModified": WHEN} | row for row in found]
        (path / f"{name}.csv").write_bytes(written((rosters.HEADERS | HEADERS)[name], rows_now))
    return path


def user(key: str, given: str, family: str, **cells: str) -> dict[str, str]:
    row = {"sourcedId": key, "enabledUser": "true", "givenName": given, "familyName": family}
    return row | {"identifier": f"N{key}"} | cells


def role(key: str, school: str, what: str = "student", **cells: str) -> dict[str, str]:
    row = {"sourcedId": f"R-{key}-{school}", "userSourcedId": key, "roleType": "primary"}
    return row | {"role": what, "orgSourcedId": school} | cells


@pytest.fixture
def district(run: Import, tmp_path: Path) -> None:
    run(folder_in_v12(small_roster().folder(tmp_path / "v11"), tmp_path / "v12"))


def student(portal: Portal, key: str) -> Student:
    with portal.begin(read_only=True) as tx:
        return tx.session.scalars(select(Student).where(Student.source_id == key)).one()


@pytest.mark.usefixtures("district")
def test_changed_and_new_users_come_with_their_roles(portal: Portal, run: Import, tmp_path: Path) -> None:
    path = changes(
        tmp_path / "changes",
        users=[user("S1", "Maya", "López", grades="10"), user("S3", "Iris", "Okafor", agentSourcedIds="P1")],
        roles=[role("S1", "HS"), role("S3", "MS")],
    )

    done = run(path)
    again = run(path)

    assert done.counts[Kind.STUDENTS] == Counts(added=1, changed=1)
    assert done.counts[Kind.RELATIONSHIPS] == Counts(added=1, unchanged=1)
    assert student(portal, "S1").grade == "10"
    assert touched(again) == {}


@pytest.mark.usefixtures("district")
def test_user_without_a_role_in_the_set_stays_what_it_is_where_it_is(
    portal: Portal, run: Import, tmp_path: Path
) -> None:
    before = student(portal, "S1")
    people = [
        user("S1", "Maya", "López-Ruiz", agentSourcedIds="P1"),
        user("P1", "Ana", "López", phone="508-555-0199", agentSourcedIds="S1,S2"),
        user("T1", "Ruth", "Kline-Ames"),
    ]

    done = run(changes(tmp_path / "changes", users=people))

    assert touched(done) == {"students": 1, "contacts": 1, "staff": 1, "relationships": 1}
    after = student(portal, "S1")
    assert (after.family_name, after.school_ids) == ("López-Ruiz", before.school_ids)
    with portal.begin(read_only=True) as tx:
        mother = tx.session.scalars(select(Contact)).one()
    assert (mother.phone, mother.role) == ("508-555-0199", "parent")


@pytest.mark.usefixtures("district")
def test_child_moves_to_another_school_by_its_role_alone(portal: Portal, run: Import, tmp_path: Path) -> None:
    moved = changes(tmp_path / "changes", roles=[role("S1", "MS"), role("S1", "HS", status="tobedeleted")])

    done = run(moved)

    assert touched(done) == {"students": 1}
    assert done.warnings == ()
    after = student(portal, "S1")
    with portal.begin(read_only=True) as tx:
        school = tx.session.get_one(School, ("westborough", after.school_id))
    assert school.source_id == "MS"
    assert after.school_ids == [after.school_id]
    assert after.given_name == "Maya"


@pytest.mark.usefixtures("district")
def test_role_that_only_ends_is_said(run: Import, tmp_path: Path) -> None:
    done = run(changes(tmp_path / "changes", roles=[role("S1", "HS", status="tobedeleted")]))

    assert touched(done) == {}
    assert [(each.file, each.row, each.value) for each in done.warnings] == [("roles.csv", 2, "S1")]


@pytest.mark.usefixtures("district")
def test_deleted_user_and_roles_go_without_a_word(run: Import, tmp_path: Path) -> None:
    done = run(
        changes(
            tmp_path / "changes",
            users=[user("S2", "", "", status="tobedeleted")],
            roles=[role("S2", "HS", status="tobedeleted")],
            enrollments=[{"sourcedId": "E-S2-BIO", "status": "tobedeleted"}],
        )
    )

    assert touched(done) == {"students": 1, "enrollments": 1, "relationships": 1}
    assert done.warnings == ()


@pytest.mark.usefixtures("district")
@pytest.mark.parametrize(
    ("files", "named"),
    [
        ({"users": [user("S9", "Nobody", "Known")]}, ("users.csv", 2, "sourcedId", "S9")),
        ({"roles": [role("S9", "HS")]}, ("roles.csv", 2, "userSourcedId", "S9")),
        ({"roles": [role("S1", "HS", "teacher")]}, ("roles.csv", 2, "role", "teacher")),
        ({"roles": [role("S1", "XS")]}, ("roles.csv", 2, "orgSourcedId", "XS")),
        ({"roles": [role("S1", "MS", roleType="secondary")]}, ("roles.csv", 2, "roleType", "S1")),
        (
            {"users": [user("S1", "Maya", "López")], "roles": [role("S1", "MS", roleType="secondary")]},
            ("users.csv", 2, "sourcedId", "S1"),
        ),
        (
            {"users": [user("T1", "Ruth", "Kline", agentSourcedIds="S1")]},
            ("users.csv", 2, "agentSourcedIds", "S1"),
        ),
        (
            {"roles": [role("S1", "HS", dateLastModified="today")]},
            ("roles.csv", 2, "dateLastModified", "today"),
        ),
    ],
)
def test_half_that_fits_nothing_is_named(
    run: Import, tmp_path: Path, files: dict[str, list[dict[str, str]]], named: tuple[str, int, str, str]
) -> None:
    with pytest.raises(ImportFailedError) as caught:
        run(changes(tmp_path / "changes", **files))

    said = [(each.file, each.row, each.column, each.value) for each in caught.value.problems]
    assert said == [named]


@pytest.mark.usefixtures("district")
def test_users_and_roles_are_both_whole_or_neither(run: Import, tmp_path: Path) -> None:
    path = changes(tmp_path / "changes", users=[user("S1", "Maya", "López")], roles=[role("S1", "HS")])
    manifest = path / "manifest.csv"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace("file.users,delta", "file.users,bulk"))

    with pytest.raises(
        ImportFailedError, match=r"users\.csv and roles\.csv must both be bulk, or both be delta"
    ):
        run(path)
