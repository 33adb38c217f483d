"""Every set here is wrong: it must be refused, the fault named, and nothing changed."""

import zipfile
from pathlib import Path

import pytest
from sqlalchemy import func, select

from portal.sis.models import School
from portal.sis.report import SHOWN, ImportFailedError, Problem, Report
from portal.sis.source import Kind
from portal.sis.sources.oneroster_csv import OneRosterFolderOrZip
from portal.transaction import Portal
from tests.support.rosters import Import, Refusal, Roster, small_roster


def place(refusal: ImportFailedError) -> tuple[str, int, str, str]:
    problem = refusal.problems[0]
    return problem.file, problem.row, problem.column, problem.value


def only(refusal: ImportFailedError) -> str:
    assert refusal.total == 1, refusal
    return refusal.problems[0].text


@pytest.mark.parametrize(
    ("broken", "file", "column", "value"),
    [
        (small_roster().enroll("S9", "ALG"), "enrollments.csv", "userSourcedId", "S9"),
        (small_roster().enroll("S1", "CHEM"), "enrollments.csv", "classSourcedId", "CHEM"),
        (small_roster().school_class("X", "C-X"), "classes.csv", "courseSourcedId", "C-X"),
        (small_roster().school_class("X", "C-ALG", "WINTER"), "classes.csv", "termSourcedIds", "WINTER"),
        (small_roster().student("S3", "A", "B", orgSourcedIds="XS"), "users.csv", "orgSourcedIds", "XS"),
        (small_roster().parent("P3", "A", "B", "S9"), "users.csv", "agentSourcedIds", "S9"),
        (small_roster().change("orgs", 3, parentSourcedId="Z"), "orgs.csv", "parentSourcedId", "Z"),
        (small_roster().absence("N9", "2026-09-09"), "x_attendance.csv", "studentIdentifier", "N9"),
        (
            small_roster().absence("NS1", "2026-09-09", sectionIdentifier="CHEM"),
            "x_attendance.csv",
            "sectionIdentifier",
            "CHEM",
        ),
        (small_roster().absence("NS1", "2026-09-09", schoolId="7"), "x_attendance.csv", "schoolId", "7"),
        (small_roster().grade("NS1", "CHEM", "A"), "x_term_grades.csv", "classSourcedId", "CHEM"),
    ],
)
def test_dangling_reference_is_named(
    refused: Refusal, broken: Roster, file: str, column: str, value: str
) -> None:
    refusal = refused(broken)

    last = len(broken.rows[file.removesuffix(".csv")]) + 1
    row = 3 if file == "orgs.csv" else last
    assert place(refusal) == (file, row, column, value)
    assert refusal.total == 1


@pytest.mark.parametrize(
    ("broken", "text"),
    [
        (small_roster().student("S3", "A", "B", agentSourcedIds="T1"), "this is a teacher or other member"),
        (small_roster().parent("P3", "A", "B", "T1"), "this is a teacher or other member"),
        (small_roster().student("S3", "A", "B", agentSourcedIds="S1"), "exactly one must be a student"),
        (small_roster().parent("P3", "A", "B", "P1"), "this is a parent, guardian or relative"),
        (small_roster().teacher("T3", "A", "B", agentSourcedIds="S1"), "a teacher is no agent"),
        (small_roster().enroll("T1", "ALG", role="student", sourcedId="X"), "not a student"),
        (small_roster().enroll("P1", "ALG", role="teacher"), "not a teacher"),
    ],
)
def test_wrong_kind_of_person_is_named(refused: Refusal, broken: Roster, text: str) -> None:
    assert text in only(refused(broken))


@pytest.mark.parametrize(
    ("broken", "file", "row"),
    [
        (small_roster().student("S1", "Maya", "Again"), "users.csv", 6),
        (small_roster().parent("S1", "Maya", "Again"), "users.csv", 6),
        (small_roster().enroll("S1", "ALG"), "enrollments.csv", 7),
        (small_roster().grade("NS1", "ALG", "A").grade("NS1", "ALG", "B"), "x_term_grades.csv", 3),
    ],
)
def test_duplicate_id_is_named(refused: Refusal, broken: Roster, file: str, row: int) -> None:
    refusal = refused(broken)

    assert "is the same one already" in only(refusal)
    assert place(refusal)[:2] == (file, row)


def test_link_described_twice_is_named(refused: Refusal) -> None:
    roster = small_roster()
    for _ in range(2):
        roster.add("x_relationships", parentIdentifier="NP1", studentIdentifier="NS1")

    assert "row 2 is about the same two already" in only(refused(roster))


def test_access_of_two_who_are_not_linked_is_named(refused: Refusal) -> None:
    roster = small_roster().parent("P2", "Luis", "López")
    roster.add(
        "x_portal_access",
        parentIdentifier="NP2",
        studentIdentifier="NS1",
        portalAccess="true",
        receivesEmail="true",
    )

    assert "not linked" in only(refused(roster))


def test_identifier_that_two_students_carry_is_ambiguous(refused: Refusal) -> None:
    roster = small_roster().student("S3", "Noa", "Berg", identifier="NS1").absence("NS1", "2026-09-09")

    assert only(refused(roster)) == "more than one student has this identifier"


@pytest.mark.parametrize(
    ("file", "column", "value", "text"),
    [
        ("users", "sourcedId", "S 1", "a sourcedId is"),
        ("users", "sourcedId", "", "a sourcedId is"),
        ("users", "sourcedId", "x" * 256, "a sourcedId is"),
        ("users", "givenName", "", "must not be empty"),
        ("users", "givenName", "x" * 256, "longer than 255"),
        ("users", "role", "wizard", "must be one of"),
        ("users", "enabledUser", "yes", "true or false"),
        ("users", "orgSourcedIds", "", "a sourcedId is"),
        ("users", "givenName", "=1+1", "formula"),
        ("users", "givenName", "@SUM(A1)", "formula"),
        ("users", "givenName", "+cmd|' /C calc'!A0", "formula"),
        ("users", "givenName", "-2+3+cmd|x", "formula"),
        ("users", "givenName", "\tMaya", "formula"),
        ("users", "givenName", "Ma\x00ya", "control character"),
        ("users", "givenName", "Ma\x1bya", "control character"),
        ("academicSessions", "startDate", "2026-13-01", "not a date"),
        ("academicSessions", "startDate", "20260831", "not a date"),
        ("academicSessions", "startDate", "", "must hold a date"),
        ("academicSessions", "startDate", "0001-01-01", "not a date"),
        ("academicSessions", "endDate", "2020-01-01", "ends before it starts"),
        ("academicSessions", "type", "decade", "must be one of"),
        ("enrollments", "primary", "1", "true or false"),
        ("orgs", "status", "tobedeleted", "must be empty"),
    ],
)
def test_wrong_cell_is_named(refused: Refusal, file: str, column: str, value: str, text: str) -> None:
    refusal = refused(small_roster().change(file, 2, **{column: value}))

    named = [problem for problem in refusal.problems if text in problem.text]
    assert named, refusal
    assert (named[0].file, named[0].row, named[0].column) == (f"{file}.csv", 2, column)
    assert named[0].value == value


@pytest.mark.parametrize(
    ("file", "cells", "text"),
    [
        ("x_transactions", {"amount": "2.5"}, "two digits"),
        ("x_transactions", {"amount": "NaN"}, "not a number"),
        ("x_transactions", {"amount": "1e9"}, "not a number"),
        ("x_transactions", {"account": "casino"}, "must be one of"),
        ("x_attendance", {"category": "Truant"}, "must be one of"),
        ("x_attendance", {"arrivalTime": "25:00"}, "not a time"),
        ("x_attendance", {"studentIdentifier": ""}, "must not be empty"),
        ("x_meetings", {"weekday": "8"}, "must be one of"),
        ("x_schools", {"mapUrl": "javascript:alert(1)"}, "must begin with https://"),
        ("x_term_grades", {"percent": "ninety"}, "not a number"),
        ("x_portal_access", {"portalAccess": ""}, "true or false"),
    ],
)
def test_wrong_cell_of_a_side_file_is_named(
    refused: Refusal, file: str, cells: dict[str, str], text: str
) -> None:
    right = {
        "x_transactions": {"studentIdentifier": "NS1", "date": "2026-09-09", "account": "fees"}
        | {"amount": "-2.50"},
        "x_attendance": {"studentIdentifier": "NS1", "schoolId": "100", "date": "2026-09-09"}
        | {"category": "Tardy"},
        "x_meetings": {"classSourcedId": "ALG", "weekday": "1", "startTime": "08:00"},
        "x_schools": {"schoolId": "100"},
        "x_term_grades": {"studentIdentifier": "NS1", "classSourcedId": "ALG", "termSourcedId": "FALL"}
        | {"final": "true"},
        "x_portal_access": {"parentIdentifier": "NP1", "studentIdentifier": "NS1", "portalAccess": "true"}
        | {"receivesEmail": "true"},
    }[file]

    refusal = refused(small_roster().add(file, **right | cells))

    assert text in only(refusal)
    assert place(refusal)[:3] == (f"{file}.csv", 2, next(iter(cells)))


def test_enrollment_that_ends_before_it_begins_is_named(refused: Refusal) -> None:
    roster = small_roster().change("enrollments", 2, beginDate="2026-10-02", endDate="2026-10-01")

    assert "ends before it begins" in only(refused(roster))


def test_all_problems_are_named_and_many_are_counted(refused: Refusal) -> None:
    roster = small_roster()
    for number in range(SHOWN + 40):
        roster.enroll(f"NOBODY-{number}", "ALG")

    refusal = refused(roster)

    assert refusal.total == SHOWN + 40
    assert len(refusal.problems) == SHOWN
    assert "enrollments.csv, row 7, column userSourcedId" in str(refusal)
    assert "... and 40 more problems" in str(refusal)


@pytest.mark.parametrize(
    ("header", "named"),
    [
        (b"sourcedId,status,dateLastModified,type,name,identifier,parentSourcedId\r\n", "name"),
        (b"sourcedid,status,dateLastModified,name,type,identifier,parentSourcedId\r\n", "sourcedId"),
        (b"sourcedId,status,dateLastModified,name,type,identifier\r\n", "parentSourcedId"),
        (b"sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId,colour\r\n", "colour"),
        (b"", "sourcedId"),
    ],
)
def test_header_must_be_exact(refused: Refusal, header: bytes, named: str) -> None:
    roster = small_roster()
    roster.raw["orgs.csv"] = header

    refusal = refused(roster)

    assert place(refusal)[:3] == ("orgs.csv", 1, named)


@pytest.mark.parametrize(
    ("encoding", "row", "column"),
    [("latin-1", 2, "familyName"), ("utf-16", 1, "sourcedId"), ("utf-16-le", 1, "sourcedId")],
)
def test_wrong_encoding_is_named(refused: Refusal, encoding: str, row: int, column: str) -> None:
    roster = small_roster()
    roster.raw["users.csv"] = roster.files()["users.csv"].decode().encode(encoding)

    refusal = refused(roster)

    assert place(refusal)[:3] == ("users.csv", row, column)
    assert "UTF-8" in refusal.problems[0].text


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (b"HS2,,,North,school,300\r\n", "6 cells, the header 7"),
        (b"HS2,,,North,school,300,D,more\r\n", "8 cells, the header 7"),
        (b'HS2,,,"North"x,school,300,D\r\n', "not CSV"),
        (b'HS2,,,"North,school,300,D\r\n', "not CSV"),
        (b"HS2,,,No\rrth,school,300,D\r\n", "cells, the header 7"),
        (b"HS2,,," + b"x" * 1_000_001 + b",school,300,D\r\n", "not CSV"),
        (b"HS2,,," + b"x" * 200_000 + b",school,300,D\r\n", "not CSV"),
    ],
)
def test_broken_row_is_named(refused: Refusal, row: bytes, text: str) -> None:
    roster = small_roster()
    roster.raw["orgs.csv"] = roster.files()["orgs.csv"] + row

    refusal = refused(roster)

    assert text in refusal.problems[0].text
    assert place(refusal)[:2] == ("orgs.csv", 5)


@pytest.mark.parametrize(
    ("changes", "file", "text"),
    [
        ({"oneroster.version": "2.0"}, "manifest.csv", "only OneRoster 1.1 and 1.2"),
        ({"oneroster.version": "1.2"}, "roles.csv", "a roster needs"),
        ({"file.users": "delta"}, "", "no complete set yet"),
        ({"file.results": "delta"}, "results.csv", "says delta, but the file is not there"),
        ({"file.users": "some"}, "manifest.csv", "must be one of"),
        ({"file.users": "absent"}, "users.csv", "does not say bulk"),
        ({"file.results": "bulk"}, "results.csv", "the file is not there"),
    ],
)
def test_wrong_manifest_is_named(refused: Refusal, changes: dict[str, str], file: str, text: str) -> None:
    roster = small_roster()
    roster.manifest |= changes

    refusal = refused(roster)

    assert (file, True) in {(problem.file, text in problem.text) for problem in refusal.problems}, refusal


def test_manifest_must_be_there_and_name_the_version(refused: Refusal, tmp_path: Path) -> None:
    roster = small_roster()
    del roster.manifest["oneroster.version"]
    folder = small_roster().folder(tmp_path / "without")
    (folder / "manifest.csv").rename(folder / "Manifest.csv")

    unversioned, without = refused(roster), refused(folder)

    assert only(unversioned) == "the property oneroster.version is missing"
    assert "no manifest.csv" in only(without)


def test_property_given_twice_is_named(refused: Refusal) -> None:
    roster = small_roster()
    roster.raw["manifest.csv"] = roster.files()["manifest.csv"] + b"file.users,absent\r\n"

    assert "given twice" in str(refused(roster))


def test_required_file_must_be_there(refused: Refusal) -> None:
    roster = small_roster()
    del roster.rows["enrollments"]

    assert only(refused(roster)).startswith("a roster needs")


def test_missing_path_empty_folder_and_file_that_is_no_zip_are_refused(
    refused: Refusal, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "letter.zip").write_bytes(b"Dear Sir or Madam")

    assert "no such file" in only(refused(tmp_path / "nowhere"))
    assert "no files here" in only(refused(tmp_path / "empty"))
    assert "not a whole ZIP" in only(refused(tmp_path / "letter.zip"))


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.999])
def test_cut_zip_is_refused(refused: Refusal, tmp_path: Path, share: float) -> None:
    path = small_roster().zip(tmp_path / "set.zip")
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])

    assert "not a whole ZIP" in only(refused(path))


def test_damaged_zip_member_is_refused(refused: Refusal, tmp_path: Path) -> None:
    path = tmp_path / "set.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, content in small_roster().files().items():
            archive.writestr(name, content)
    path.write_bytes(path.read_bytes().replace(b"Algebra I", b"Algebra X"))

    refusal = refused(path)

    assert ("courses.csv", "the ZIP is damaged here; export it again") in {
        (problem.file, problem.text) for problem in refusal.problems
    }


@pytest.mark.parametrize(
    "name", ["../users.csv", "/etc/passwd", "sub/users.csv", "..\\users.csv", "C:users.csv", ".hidden.csv"]
)
def test_path_in_a_zip_is_refused(refused: Refusal, tmp_path: Path, name: str) -> None:
    path = small_roster().zip(tmp_path / "set.zip")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, "x")

    assert "at the top of the ZIP" in only(refused(path))


def test_zip_bomb_is_refused_unread(refused: Refusal, tmp_path: Path) -> None:
    path = small_roster().zip(tmp_path / "set.zip")
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("results.csv", b"0" * 20_000_000)

    assert "looks like a ZIP bomb" in str(refused(path))


def test_zip_that_unpacks_to_too_much_is_refused_unread(tmp_path: Path) -> None:
    path = small_roster().zip(tmp_path / "set.zip")
    report = Report()

    found = list(OneRosterFolderOrZip(path, limit=1000).records(report))

    assert found == []
    assert [problem.text for problem in report.errors] == [
        "this unpacks to more than 0 MiB; it is refused unread"
    ]


def test_zip_with_a_link_a_password_or_one_name_twice_is_refused(refused: Refusal, tmp_path: Path) -> None:
    linked = small_roster().zip(tmp_path / "linked.zip")
    with zipfile.ZipFile(linked, "a") as archive:
        info = zipfile.ZipInfo("link.csv")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
    twice = small_roster().zip(tmp_path / "twice.zip")
    with zipfile.ZipFile(twice, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("orgs.csv", "x")
    locked = small_roster().zip(tmp_path / "locked.zip")
    content = bytearray(locked.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    locked.write_bytes(bytes(content))

    assert "links are not followed" in only(refused(linked))
    assert "two files of one name" in only(refused(twice))
    assert "encrypted" in str(refused(locked))


def test_folder_with_a_link_or_a_folder_is_refused(refused: Refusal, tmp_path: Path) -> None:
    linked = small_roster().folder(tmp_path / "linked")
    (linked / "results.csv").symlink_to("/etc/passwd")
    nested = small_roster().folder(tmp_path / "nested")
    (nested / "more").mkdir()

    assert "only plain files" in only(refused(linked))
    assert "only plain files" in only(refused(nested))


def test_password_column_is_never_read_or_shown(portal: Portal, run: Import, refused: Refusal) -> None:
    roster = small_roster().change("users", 2, password="=CANARY-b1946ac9")

    run(roster)
    refusal = refused(roster.change("users", 2, givenName=""))

    assert "CANARY" not in str(refusal)
    with portal.begin(read_only=True) as tx:
        student = tx.imports.find_student("westborough", "NS1")
    assert "CANARY" not in repr(student)


@pytest.mark.parametrize("value", ["+1 (508) 555-0100", "-", "- "])
def test_signed_number_is_no_formula(run: Import, value: str) -> None:
    done = run(small_roster().change("users", 4, phone=value))

    assert done.counts[Kind.CONTACTS].added == 1


def test_oddities_are_warned_of_and_imported(run: Import) -> None:
    roster = small_roster()
    roster.change("orgs", 2, status="active", dateLastModified="2026-08-01T00:00:00.000Z")
    roster.manifest |= {"file.lessons": "bulk"}
    roster.raw |= {"lessons.csv": b"x", "Users.csv": b"x", "notes.txt": b"x", ".DS_Store": b"x"}

    done = run(roster)

    assert sorted((problem.file, problem.row) for problem in done.warnings) == [
        ("Users.csv", 0),
        ("lessons.csv", 0),
        ("manifest.csv", 17),
        ("orgs.csv", 2),
    ]


def test_set_with_bom_blank_lines_metadata_and_old_line_ends_is_read(run: Import) -> None:
    roster = small_roster()
    text = roster.files()["orgs.csv"].decode().replace("\r\n", ",extra\n\n")
    text = text.replace("parentSourcedId,extra", "parentSourcedId,metadata.town", 1)
    roster.raw["orgs.csv"] = b"\xef\xbb\xbf" + text.encode()

    done = run(roster)

    assert done.counts[Kind.SCHOOLS].added == 3
    assert done.warnings == ()


def test_file_that_parents_need_not_see_is_not_read(run: Import) -> None:
    roster = small_roster()
    roster.manifest |= {"file.demographics": "bulk"}
    roster.raw["demographics.csv"] = b"\xff\xfe not even text"

    assert run(roster).warnings == ()


def test_names_are_kept_in_one_unicode_form(portal: Portal, run: Import) -> None:
    run(small_roster().change("users", 2, givenName=" Zoe\u0308 "))

    with portal.begin(read_only=True) as tx:
        student = tx.imports.find_student("westborough", "NS1")
    assert student is not None
    assert student.given_name == "Zo\u00eb"


@pytest.mark.parametrize("broken", ["a row", "the ZIP", "the encoding"])
def test_nothing_of_a_refused_set_is_there(portal: Portal, run: Import, tmp_path: Path, broken: str) -> None:
    roster = small_roster()
    path = roster.zip(tmp_path / "set.zip")
    if broken == "a row":
        path = roster.enroll("S9", "ALG").folder(tmp_path / "set")
    elif broken == "the ZIP":
        path.write_bytes(path.read_bytes()[:-100])
    else:
        roster.raw["users.csv"] = roster.files()["users.csv"].decode().encode("latin-1")
        path = roster.folder(tmp_path / "set")

    with pytest.raises(ImportFailedError):
        run(path)

    with portal.begin(read_only=True) as tx:
        assert tx.session.scalar(select(func.count()).select_from(School)) == 0


def test_warnings_are_capped_and_counted() -> None:
    report = Report()

    for number in range(SHOWN + 1):
        report.warn(Problem("odd", row=number))

    assert len(report.warnings) == SHOWN
    assert report.warning_count == SHOWN + 1
    assert str(Problem("odd")) == "odd"
