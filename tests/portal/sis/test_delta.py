"""A set that says only what changed: the rest stays as the district has it."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from portal.core.errors import ImportRefusedError
from portal.sis.models import Contact, Enrollment, Relationship, SchoolTerm, SisRow, Student
from portal.sis.outcomes import Counts
from portal.sis.report import ImportFailedError, Problem
from portal.sis.service import checked
from portal.sis.source import Kind
from portal.sis.sources.oneroster_csv import OneRosterFolderOrZip
from portal.sis.tables import MODELS
from portal.transaction import Portal
from tests.support.changes import Changes
from tests.support.portals import make_district, make_parent
from tests.support.rosters import Import, Roster, small_roster


def everything(portal: Portal) -> dict[Kind, list[tuple[object, ...]]]:
    with portal.begin(read_only=True) as tx:
        return {
            kind: [tuple(row) for row in tx.session.execute(select(*model.__table__.c).order_by(model.id))]
            for kind, model in MODELS.items()
        }


def active(portal: Portal, model: type[SisRow]) -> list[SisRow]:
    with portal.begin(read_only=True) as tx:
        return list(tx.session.scalars(select(model).where(model.retired_at.is_(None)).order_by(model.id)))


def links(portal: Portal) -> dict[tuple[str, str], Relationship]:
    """Return who is linked with whom, by given names."""
    with portal.begin(read_only=True) as tx:
        return {
            (
                tx.session.get_one(Contact, ("westborough", link.contact_id)).given_name,
                tx.session.get_one(Student, ("westborough", link.student_id)).given_name,
            ): link
            for link in tx.session.scalars(select(Relationship).where(Relationship.retired_at.is_(None)))
        }


def _place(problem: Problem) -> tuple[str, int, str, str]:
    return problem.file, problem.row, problem.column, problem.value


def touched(done: object) -> dict[str, int]:
    counts = getattr(done, "counts")  # noqa: B009  (a result, or none)
    return {kind.value: count.touched for kind, count in counts.items() if count.touched}


def test_changes_are_made_and_the_rest_stays(portal: Portal, run: Import) -> None:
    run(small_roster().grade("NS1", "ALG", "B").absence("NS1", "2026-09-09"))
    changes = Changes().person("S1", "Maya", "López-Ruiz", "student", grades="10")
    changes.person("S3", "Iris", "Okafor", "student").gone("enrollments", "E-S2-BIO")
    changes.now(
        "enrollments",
        sourcedId="E-S3-BIO",
        classSourcedId="BIO",
        schoolSourcedId="HS",
        userSourcedId="S3",
        role="student",
    )

    done = run(changes)

    assert done.counts[Kind.STUDENTS] == Counts(added=1, changed=1)
    assert done.counts[Kind.ENROLLMENTS] == Counts(added=1, retired=1)
    assert touched(done) == {"students": 2, "enrollments": 2}
    assert done.warnings == ()
    assert done.access_ids_issued == 1
    with portal.begin(read_only=True) as tx:
        maya = tx.session.scalars(select(Student).where(Student.source_id == "S1")).one()
        last = tx.imports.last("westborough")
    assert (maya.family_name, maya.grade) == ("López-Ruiz", "10")
    assert last is not None
    assert len(active(portal, Enrollment)) == 5


def test_same_delta_twice_changes_nothing(portal: Portal, run: Import) -> None:
    run(small_roster())
    changes = (
        Changes()
        .person("S3", "Iris", "Okafor", "student")
        .gone("users", "T1")
        .gone("enrollments", "E-T1-ALG", "E-T1-BIO")
    )
    run(changes)
    before = everything(portal)

    again = run(changes)

    assert touched(again) == {}
    assert everything(portal) == before


def test_delta_needs_a_district_with_a_whole_set(portal: Portal, run: Import) -> None:
    make_district(portal, "boston")
    run(small_roster(), district="boston")

    with pytest.raises(ImportFailedError) as caught:
        run(Changes().person("S1", "Maya", "López", "student").gone("users", "S2"))

    assert caught.value.total == 1
    assert "import one with every file as bulk first" in str(caught.value)
    assert len(active(portal, Student)) == 2


@pytest.mark.parametrize(
    ("cells", "column", "text"),
    [
        ({"status": ""}, "status", "must be one of"),
        ({"status": "gone"}, "status", "must be one of"),
        ({"dateLastModified": ""}, "dateLastModified", "time in UTC"),
        ({"dateLastModified": "2026-09-14"}, "dateLastModified", "time in UTC"),
        ({"dateLastModified": "2026-13-14T05:30:00.000Z"}, "dateLastModified", "time in UTC"),
        ({"givenName": "=A()"}, "givenName", "formula"),
        ({"orgSourcedIds": "XS"}, "orgSourcedIds", "no school"),
        ({"agentSourcedIds": "P9"}, "agentSourcedIds", "no parent"),
        ({"agentSourcedIds": "T1"}, "agentSourcedIds", "a teacher"),
        ({"agentSourcedIds": "S2"}, "agentSourcedIds", "exactly one must be a student"),
        ({"status": "tobedeleted", "sourcedId": "S 1"}, "sourcedId", "a sourcedId is"),
    ],
)
def test_wrong_cell_is_named_and_nothing_changed(
    portal: Portal, run: Import, cells: dict[str, str], column: str, text: str
) -> None:
    run(small_roster())
    before = everything(portal)

    with pytest.raises(ImportFailedError) as caught:
        run(Changes().person("S1", "Maya", "López", "student", **cells))

    said = {_place(each) for each in caught.value.problems if text in each.text}
    assert ("users.csv", 2, column, cells[column]) in said, caught.value
    assert everything(portal) == before


def test_reference_may_rest_on_the_set_or_on_what_stands_but_not_on_what_is_gone(
    portal: Portal, run: Import
) -> None:
    run(small_roster())
    changes = (
        Changes()
        .gone("classes", "ALG")
        .now(
            "classes",
            sourcedId="ART",
            title="Art",
            courseSourcedId="C-BIO",
            classType="scheduled",
            schoolSourcedId="HS",
            termSourcedIds="FALL",
        )
    )
    enrollment = {"schoolSourcedId": "HS", "userSourcedId": "S1", "role": "student"}
    changes.now("enrollments", sourcedId="E1", classSourcedId="ART", **enrollment)
    changes.now("enrollments", sourcedId="E2", classSourcedId="BIO", **enrollment)
    changes.now("enrollments", sourcedId="E3", classSourcedId="ALG", **enrollment)

    with pytest.raises(ImportFailedError) as caught:
        run(changes)

    assert caught.value.total == 1
    assert _place(caught.value.problems[0]) == ("enrollments.csv", 4, "classSourcedId", "ALG")


@pytest.mark.parametrize("order", [("now", "gone"), ("gone", "now"), ("gone", "gone")])
def test_row_said_twice_is_named(portal: Portal, run: Import, order: tuple[str, str]) -> None:
    run(small_roster())
    changes = Changes()
    for each in order:
        if each == "now":
            changes.person("S1", "Maya", "López", "student")
        else:
            changes.gone("users", "S1")

    with pytest.raises(ImportFailedError, match="row 2 is the same one already") as caught:
        run(changes)

    assert _place(caught.value.problems[0]) == ("users.csv", 3, "sourcedId", "S1")


def test_files_of_both_modes_may_be_mixed(run: Import) -> None:
    run(small_roster().absence("NS1", "2026-09-09").grade("NS1", "ALG", "B"))
    changes = Changes().bulk("enrollments").person("S2", "Diego", "Lopez", "student")
    changes.enroll("S1", "ALG").absence("NS1", "2026-09-10").absence("NS2", "2026-09-10")

    done = run(changes)

    assert done.counts[Kind.STUDENTS] == Counts(changed=1)
    assert done.counts[Kind.ENROLLMENTS] == Counts(retired=4, unchanged=1)
    assert done.counts[Kind.ATTENDANCE] == Counts(added=2, retired=1)
    assert done.counts[Kind.TERM_GRADES] == Counts()
    assert done.provenance.mode == "delta"


def test_required_file_may_be_absent_but_not_unannounced(run: Import, tmp_path: Path) -> None:
    run(small_roster())
    path = Changes().gone("enrollments", "E-S1-ALG").folder(tmp_path / "changes")
    (path / "users.csv").write_bytes(small_roster().files()["users.csv"])

    with pytest.raises(ImportFailedError, match="does not say bulk or delta"):
        run(path)


def test_contact_whose_telephone_changes_keeps_children_and_details(portal: Portal, run: Import) -> None:
    roster = small_roster().student("S3", "Iris", "López", agentSourcedIds="P1")
    roster.add(
        "x_relationships",
        parentIdentifier="NP1",
        studentIdentifier="NS1",
        relation="Mother",
        primaryContact="true",
    )
    run(roster)

    done = run(
        Changes().person("P1", "Ana", "López", "parent", phone="508-555-0199", agentSourcedIds="S1,S2")
    )

    assert touched(done) == {"contacts": 1}
    assert done.warnings == ()
    found = links(portal)
    assert set(found) == {("Ana", "Maya"), ("Ana", "Diego"), ("Ana", "Iris")}
    assert found["Ana", "Maya"].relation == "Mother"


def test_link_ends_when_whoever_said_it_says_it_no_more(portal: Portal, run: Import) -> None:
    roster = small_roster().student("S3", "Iris", "López", agentSourcedIds="P1")
    run(roster)
    with portal.begin(read_only=True) as tx:
        mother = tx.imports.find_contact("westborough", "NP1")
        child = tx.imports.find_student("westborough", "NS2")
    assert mother is not None
    assert child is not None
    make_parent(portal, username="ana.l", children=[child.id], contact_id=mother.id)

    # Diego is only in the mother's row, Iris only in her own.
    done = run(Changes().person("P1", "Ana", "López", "parent", agentSourcedIds="S1"))

    assert set(links(portal)) == {("Ana", "Maya"), ("Ana", "Iris")}
    assert [(each.file, each.value) for each in done.warnings] == [("relationships", "S2")]
    assert "no longer this student's" in done.warnings[0].text


def test_link_stands_while_one_of_two_rows_still_says_it(portal: Portal, run: Import) -> None:
    run(small_roster().change("users", 2, agentSourcedIds="P1"))

    run(Changes().person("S1", "Maya", "López", "student"))
    half = set(links(portal))
    run(Changes().person("P1", "Ana", "López", "parent", agentSourcedIds="S2"))

    assert half == {("Ana", "Maya"), ("Ana", "Diego")}
    assert set(links(portal)) == {("Ana", "Diego")}


def test_detail_of_links_is_given_whole_or_not_at_all(portal: Portal, run: Import) -> None:
    roster = small_roster().parent("P2", "Luis", "López")
    for parent in ("NP1", "NP2"):
        roster.add("x_relationships", parentIdentifier=parent, studentIdentifier="NS1", relation="Parent")
    run(roster)
    changes = Changes().add(
        "x_relationships", parentIdentifier="NP1", studentIdentifier="NS2", relation="Mother"
    )

    changes.gone("enrollments", "E-S1-BIO")
    run(changes)

    found = {who: link.relation for who, link in links(portal).items()}
    assert found == {("Ana", "Maya"): "", ("Ana", "Diego"): "Mother"}


def test_whole_users_leave_the_detail_of_their_links_as_it_stands(portal: Portal, run: Import) -> None:
    roster = small_roster().parent("P2", "Luis", "López")
    for parent, relation in (("NP1", "Mother"), ("NP2", "Father")):
        roster.add("x_relationships", parentIdentifier=parent, studentIdentifier="NS1", relation=relation)
    run(roster)
    changes = Changes().bulk("users").gone("enrollments", "E-S2-BIO")
    changes.rows["users"] = [row for row in roster.rows["users"] if row["sourcedId"] not in {"S2", "P1"}]

    done = run(changes)

    assert done.counts[Kind.STUDENTS] == Counts(retired=1, unchanged=1)
    assert done.counts[Kind.RELATIONSHIPS] == Counts(retired=2, unchanged=1)
    assert {who: link.relation for who, link in links(portal).items()} == {("Luis", "Maya"): "Father"}


def test_link_of_unknown_origin_ends_when_one_end_leaves_it_out(portal: Portal, run: Import) -> None:
    run(small_roster())
    with portal.begin() as tx:
        for link in tx.session.scalars(select(Relationship)):
            link.stated_by = []

    untouched = run(Changes().gone("enrollments", "E-S1-BIO"))
    run(Changes().person("S1", "Maya", "López", "student"))

    assert touched(untouched) == {"enrollments": 1}
    assert set(links(portal)) == {("Ana", "Diego")}


def test_what_others_hang_on_is_deleted_and_said(portal: Portal, run: Import) -> None:
    run(small_roster().grade("NS1", "ALG", "B"))

    done = run(Changes().gone("classes", "ALG").gone("courses", "C-BIO").gone("enrollments", "E-S1-ALG"))

    said = {
        (each.file, each.row, each.column, each.value, each.text.split(", but ")[1]) for each in done.warnings
    }
    assert said == {
        ("courses.csv", 2, "", "Biology", "1 class(es) still name it; they stay, without it"),
        ("classes.csv", 2, "", "ALG", "1 enrollment(s) still name it; they stay, without it"),
        ("classes.csv", 2, "", "ALG", "1 term grade(s) still name it; they stay, without it"),
    }


def test_class_that_leaves_a_bulk_file_while_enrollments_stay_is_said(run: Import) -> None:
    run(small_roster())
    changes = Changes().bulk("classes").gone("enrollments", "E-S1-ALG")
    changes.school_class("BIO", "C-BIO", "FALL,SPRING,SPRING-26")

    done = run(changes)

    assert done.counts[Kind.SECTIONS].retired == 1
    assert [(each.file, each.row, each.value) for each in done.warnings] == [("sections", 0, "ALG")]
    assert "1 enrollment(s) still name it" in done.warnings[0].text


def test_deleted_family_keeps_its_account_and_is_named(portal: Portal, run: Import) -> None:
    run(small_roster())
    with portal.begin(read_only=True) as tx:
        child = tx.imports.find_student("westborough", "NS1")
        mother = tx.imports.find_contact("westborough", "NP1")
    assert child is not None
    assert mother is not None
    make_parent(portal, username="ana.l", children=[child.id], contact_id=mother.id)

    done = run(Changes().gone("users", "S1", "P1").gone("enrollments", "E-S1-ALG", "E-S1-BIO"))

    assert done.counts[Kind.STUDENTS] == Counts(retired=1)
    assert done.counts[Kind.RELATIONSHIPS] == Counts(retired=2)
    assert {(each.file, each.value) for each in done.warnings} == {("students", "S1"), ("contacts", "P1")}
    with portal.begin(read_only=True) as tx:
        account = tx.accounts.find("westborough", "ana.l")
        assert account is not None
        assert [link.student_id for link in tx.links.students_of(account.account_id)] == [child.id]


def test_deleted_student_who_returns_is_the_same_one(portal: Portal, run: Import) -> None:
    run(small_roster())
    with portal.begin(read_only=True) as tx:
        before = tx.imports.find_student("westborough", "NS2")
    run(Changes().gone("users", "S2"))

    done = run(Changes().person("S2", "Diego", "López", "student", grades="10", agentSourcedIds="P1"))

    assert done.counts[Kind.STUDENTS] == Counts(changed=1)
    with portal.begin(read_only=True) as tx:
        assert tx.imports.find_student("westborough", "NS2") == before
    assert ("Ana", "Diego") in links(portal)


def test_student_who_becomes_a_guardian_is_no_student_any_more(portal: Portal, run: Import) -> None:
    run(small_roster())

    done = run(
        Changes()
        .person("S2", "Diego", "López", "guardian", agentSourcedIds="S1")
        .gone("enrollments", "E-S2-BIO")
    )

    assert done.counts[Kind.STUDENTS] == Counts(retired=1)
    assert done.counts[Kind.CONTACTS] == Counts(added=1)
    assert set(links(portal)) == {("Ana", "Maya"), ("Diego", "Maya")}


def test_terms_of_a_school_stay_and_follow_its_classes(portal: Portal, run: Import) -> None:
    run(small_roster().add("orgs", sourcedId="ES", name="Elementary", type="school", identifier="300"))
    before = len(active(portal, SchoolTerm))

    nothing = run(Changes().person("S1", "Maya", "López", "student", grades="09"))
    more = run(
        Changes().now(
            "classes",
            sourcedId="READ",
            title="Reading",
            courseSourcedId="C-ALG",
            classType="scheduled",
            schoolSourcedId="ES",
            termSourcedIds="FALL",
        )
    )
    fewer = run(Changes().gone("classes", "READ"))

    assert before == 4
    assert touched(nothing) == {}
    # The term of the class, the year around it and what else lies in neither.
    assert more.counts[Kind.SCHOOL_TERMS] == Counts(added=2, unchanged=4)
    assert fewer.counts[Kind.SCHOOL_TERMS] == Counts(retired=2, unchanged=4)


def test_side_files_find_people_by_what_they_are_called_now(portal: Portal, run: Import) -> None:
    run(small_roster())
    renamed = (
        Changes().person("S1", "Maya", "López", "student", identifier="NEW").absence("NEW", "2026-09-10")
    )
    run(renamed)

    with pytest.raises(ImportFailedError, match="no student has this identifier"):
        run(Changes().gone("enrollments", "E-S1-BIO").absence("NS1", "2026-09-10"))


def test_import_that_ends_during_the_check_is_not_written_over(
    portal: Portal, run: Import, tmp_path: Path
) -> None:
    run(small_roster())
    source = OneRosterFolderOrZip(Changes().gone("users", "S2").folder(tmp_path / "late"))
    with portal.begin(read_only=True) as tx:
        before = tx.imports.standing("westborough").number()
    run(small_roster().student("S3", "Iris", "Okafor"))

    def late() -> None:
        with (
            portal.begin() as tx,
            checked("westborough", source, tx.imports.standing("westborough")) as given,
        ):
            tx.imports.apply(replace(given, base=before))

    with pytest.raises(ImportRefusedError, match="Another import ended"):
        late()

    assert len(active(portal, Student)) == 3


def test_small_roster_with_nothing_new_is_an_import_too(portal: Portal, run: Import) -> None:
    run(small_roster())
    empty: Roster = Changes().bulk("categories")
    empty.rows = {"categories": []}
    empty.manifest |= {"file.enrollments": "delta"}
    empty.rows["enrollments"] = []

    done = run(empty)

    assert touched(done) == {}
