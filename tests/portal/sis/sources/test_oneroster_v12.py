"""OneRoster 1.2 says the same as 1.1, in other files, and a little more."""

import csv
from pathlib import Path

import pytest
from sqlalchemy import select

from portal.sis.models import Score, SisRow, Staff, Student
from portal.sis.source import Kind
from portal.sis.tables import MODELS
from portal.transaction import Portal
from tests.support.portals import make_district
from tests.support.published import published
from tests.support.rosters import Import, Refusal, Roster, small_roster
from tests.support.rosters_v12 import folder_in_v12, in_v12

DEMO = Path(__file__).parents[4] / "data" / "demo"


def twin(roster: Roster, path: Path) -> Path:
    return folder_in_v12(roster.folder(path / "v11"), path / "v12")


def rows(portal: Portal, model: type[SisRow], district: str) -> list[tuple[object, ...]]:
    table = model.__table__
    query = select(*table.c).where(table.c.district_id == district).order_by(table.c.id)
    with portal.begin(read_only=True) as tx:
        return [tuple(row) for row in tx.session.execute(query)]


def cells(path: Path, file: str, old: str, new: str) -> Path:
    target = path / file
    text = target.read_text(encoding="utf-8")
    assert old in text
    target.write_text(text.replace(old, new), encoding="utf-8", newline="")
    return path


@pytest.mark.parametrize("name", ["westborough", "boston"])
def test_twin_of_a_demo_set_gives_the_same_rows(
    portal: Portal, run: Import, tmp_path: Path, name: str
) -> None:
    run(DEMO / name)
    before = {kind: rows(portal, model, "westborough") for kind, model in MODELS.items()}

    done = run(folder_in_v12(DEMO / name, tmp_path / "v12"))

    assert done.warnings == ()
    assert {count.touched for count in done.counts.values()} == {0}
    assert {kind: rows(portal, model, "westborough") for kind, model in MODELS.items()} == before
    with portal.begin(read_only=True) as tx:
        last = tx.imports.last("westborough")
    assert last is not None
    assert last.source == "OneRoster 1.2"


def test_twin_of_the_published_families_gives_the_same_rows(run: Import, tmp_path: Path) -> None:
    path = published("oneroster-1.1-grand-bend-families")
    run(path)

    done = run(folder_in_v12(path, tmp_path / "v12"))

    assert {kind.value: count.touched for kind, count in done.counts.items() if count.touched} == {}


def test_releases_differ_in_a_few_columns_and_all_are_read(run: Import, tmp_path: Path) -> None:
    roster = small_roster().add("lineItems", sourcedId="L1", title="Essay", classSourcedId="ALG")
    roster.add("categories", sourcedId="G1", title="Homework")
    run(roster)
    path = twin(roster, tmp_path)
    with (path / "users.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.reader(file))
    for number, line in enumerate(table):
        line.insert(17, "RES-1" if number else "resourceSourcedIds")
    with (path / "users.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(table)
    cells(path, "lineItems.csv", ",schoolSourcedId", "")
    cells(path, "lineItems.csv", ",ALG,,,,,", ",ALG,,,,")
    cells(path, "categories.csv", ",weight", "")
    cells(path, "categories.csv", "Homework,", "Homework")

    done = run(path)

    assert {count.touched for count in done.counts.values()} == {0}


def test_score_keeps_its_text_and_what_the_school_marked(portal: Portal, run: Import, tmp_path: Path) -> None:
    roster = small_roster().add("lineItems", sourcedId="L1", title="Essay", classSourcedId="ALG")
    roster.rows["categories"] = []
    for number, status in enumerate(("fully graded", "not submitted")):
        roster.add(
            "results",
            sourcedId=f"R{number}",
            lineItemSourcedId="L1",
            studentSourcedId=f"S{number + 1}",
            scoreStatus=status,
        )
    path = twin(roster, tmp_path)
    cells(path, "results.csv", "fully graded,,,,,,,,,", "fully graded,,,,B+,ALG,false,false,true,")
    cells(path, "results.csv", "not submitted,,,,,,,,,", "not submitted,,,,,,true,true,,true")

    run(path)

    with portal.begin(read_only=True) as tx:
        graded, missing = tx.session.scalars(select(Score).order_by(Score.status)).all()
    assert (graded.text, graded.score, graded.marks) == ("B+", None, ["late"])
    assert missing.marks == ["missing", "incomplete", "in progress"]


def test_primary_school_decides_among_several_primary_roles(
    portal: Portal, run: Import, tmp_path: Path
) -> None:
    path = twin(small_roster().change("users", 2, orgSourcedIds="HS,MS"), tmp_path)
    cells(path, "users.csv", ",HS,", ",MS,")

    run(path)

    with portal.begin(read_only=True) as tx:
        student = tx.session.scalars(select(Student).where(Student.source_id == "S1")).one()
        places = [
            tx.session.get_one(MODELS[Kind.SCHOOLS], ("westborough", key)) for key in student.school_ids
        ]
    assert student.school_id == student.school_ids[0]
    assert [getattr(place, "source_id") for place in places] == ["MS", "HS"]  # noqa: B009


def test_second_role_of_another_kind_is_said_and_not_used(
    portal: Portal, run: Import, tmp_path: Path
) -> None:
    path = twin(small_roster(), tmp_path)
    with (path / "roles.csv").open("a", encoding="utf-8") as file:
        file.write("R-T1-2,,,T1,secondary,parent,,,HS,\r\nR-T1-3,,,T1,secondary,principal,,,MS,\r\n")

    done = run(path)

    said = [(problem.file, problem.row, problem.value) for problem in done.warnings]
    assert said == [("users.csv", 5, "T1")]
    assert "teacher first" in done.warnings[0].text
    assert "not: parent" in done.warnings[0].text
    with portal.begin(read_only=True) as tx:
        assert tx.session.scalars(select(Staff)).one().role == "teacher"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (("roles.csv", ",primary,", ",main,"), ("roles.csv", 2, "roleType", "main")),
        (("roles.csv", "primary,student", "primary,wizard"), ("roles.csv", 2, "role", "wizard")),
        (("roles.csv", "R-S2-HS", "R-S1-HS"), ("roles.csv", 3, "sourcedId", "R-S1-HS")),
        (("roles.csv", "S2,primary", "S2,secondary"), ("users.csv", 3, "sourcedId", "S2")),
        (("roles.csv", "S2,primary", "S9,primary"), ("users.csv", 3, "sourcedId", "S2")),
        (("roles.csv", ",,,HS,", ",,,XS,"), ("users.csv", 2, "roles.csv/orgSourcedId", "XS")),
        (
            ("roles.csv", "student,,,", "student,2026-09-02,2026-09-01,"),
            ("roles.csv", 2, "endDate", "2026-09-01"),
        ),
        (("roles.csv", "roleType", "roletype"), ("roles.csv", 1, "roleType", "roletype")),
        (("users.csv", "P1,,,true,", "P1,,,perhaps,"), ("users.csv", 4, "enabledUser", "perhaps")),
        (("users.csv", "Maya,", "=Maya(),"), ("users.csv", 2, "givenName", "=Maya()")),
        (("users.csv", ",username,userIds", ",userIds,username"), ("users.csv", 1, "username", "userIds")),
    ],
)
def test_wrong_cell_is_named(
    refused: Refusal, tmp_path: Path, change: tuple[str, str, str], named: tuple[str, int, str, str]
) -> None:
    path = cells(twin(small_roster(), tmp_path), *change)

    refusal = refused(path)

    assert named in [(each.file, each.row, each.column, each.value) for each in refusal.problems], refusal


def test_role_of_nobody_is_named(refused: Refusal, tmp_path: Path) -> None:
    path = twin(small_roster(), tmp_path)
    with (path / "roles.csv").open("a", encoding="utf-8") as file:
        file.write("R-9,,,S9,primary,student,,,HS,\r\nR-8,,,S8,secondary,student,,,HS,\r\n")

    refusal = refused(path)

    assert {(each.row, each.column, each.value) for each in refusal.problems} == {
        (6, "userSourcedId", "S9"),
        (7, "roleType", "S8"),
    }


def test_agent_who_is_a_teacher_is_named(refused: Refusal, tmp_path: Path) -> None:
    path = twin(small_roster().student("S3", "A", "B", agentSourcedIds="T1"), tmp_path)

    assert "this is a teacher or other member of staff" in str(refused(path))


def test_profiles_and_passwords_are_never_opened(portal: Portal, run: Import, tmp_path: Path) -> None:
    path = twin(small_roster().change("users", 2, password="=CANARY-77ab"), tmp_path)
    cells(path, "manifest.csv", "file.userProfiles,absent", "file.userProfiles,bulk")
    (path / "userProfiles.csv").write_bytes(b"\xff not even text")

    done = run(path)

    assert done.warnings == ()
    for model in MODELS.values():
        assert "CANARY" not in repr(rows(portal, model, "westborough"))


def test_district_may_add_types_of_its_own(run: Import, tmp_path: Path) -> None:
    path = twin(small_roster(), tmp_path)
    cells(path, "classes.csv", "scheduled", "ext:advisory")
    cells(path, "roles.csv", "primary,teacher", "primary,ext:coach")

    done = run(path)

    assert done.counts[Kind.SECTIONS].added == 2
    assert done.counts[Kind.STAFF].added == 1


def test_both_versions_of_a_set_can_follow_each_other(portal: Portal, run: Import, tmp_path: Path) -> None:
    make_district(portal, "boston")
    files = in_v12(small_roster().files())
    assert b"academicSessionSourcedId" not in files["classes.csv"]

    run(twin(small_roster(), tmp_path))
    done = run(small_roster())

    assert {count.touched for count in done.counts.values()} == {0}
    assert done.counts[Kind.STUDENTS].unchanged == 2
