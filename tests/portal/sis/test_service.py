from pathlib import Path

import pytest
from sqlalchemy import func, select

from portal.core.audit import AuditEvent
from portal.core.errors import ImportRefusedError
from portal.core.models import AuditRow
from portal.core.secret import Secret
from portal.sis.identity import access_password_mac
from portal.sis.models import AccessCredential, ImportRow, Relationship, SisRow, Student
from portal.sis.outcomes import Counts, LastImport
from portal.sis.source import Kind
from portal.sis.sources.oneroster_csv import OneRosterFolderOrZip
from portal.sis.tables import MODELS
from portal.transaction import Portal
from tests.support.portals import make_district, make_parent
from tests.support.published import published
from tests.support.rosters import Import, small_roster


def rows(portal: Portal, model: type[SisRow]) -> list[tuple[object, ...]]:
    table = model.__table__
    with portal.begin(read_only=True) as tx:
        return [tuple(row) for row in tx.session.execute(select(*table.c).order_by(table.c.id))]


def everything(portal: Portal) -> dict[Kind, list[tuple[object, ...]]]:
    return {kind: rows(portal, model) for kind, model in MODELS.items()}


def test_published_families_import_whole(run: Import) -> None:
    done = run(published("oneroster-1.1-grand-bend-families"))

    assert {kind.value: count.added for kind, count in done.counts.items() if count.added} == {
        "schools": 4,
        "terms": 7,
        "courses": 84,
        "sections": 520,
        "school_terms": 9,
        "students": 100,
        "contacts": 200,
        "staff": 68,
        "relationships": 200,
        "enrollments": 542,
        "categories": 1,
        "assignments": 10,
        "scores": 120,
        "attendance": 794,
    }
    assert done.warnings == ()
    assert done.access_ids_issued == 100


def test_published_sample_warns_and_imports(run: Import) -> None:
    done = run(published("oneroster-1.1-sample"))

    assert done.counts[Kind.STUDENTS].added == 8
    assert done.counts[Kind.STAFF].added == 2
    said = [(problem.file, problem.row, problem.column) for problem in done.warnings]
    assert ("manifest.csv", 2, "value") in said
    assert ("classes.csv", 2, "subjectCodes") in said
    assert ("users.csv", 10, "") in said
    assert done.warning_count == 5


def test_same_set_twice_changes_nothing(portal: Portal, run: Import) -> None:
    path = published("oneroster-1.1-grand-bend-families")
    run(path)
    before = everything(portal)

    again = run(path)

    assert {count.touched for count in again.counts.values()} == {0}
    assert again.counts[Kind.ATTENDANCE] == Counts(unchanged=794)
    assert again.access_ids_issued == 0
    assert everything(portal) == before


def test_zip_and_folder_are_the_same_set(run: Import, tmp_path: Path) -> None:
    roster = small_roster()
    run(roster)

    done = run(roster.zip(tmp_path / "set.zip"))

    assert {count.touched for count in done.counts.values()} == {0}


def test_new_set_updates_adds_and_retires(portal: Portal, run: Import) -> None:
    run(small_roster())
    after = small_roster().drop("users", sourcedId="S2").drop("enrollments", userSourcedId="S2")
    after.change("users", 2, familyName="López-Ruiz").student("S3", "Iris", "Okafor")
    after.rows["users"][1]["agentSourcedIds"] = "S1"

    done = run(after)

    assert done.counts[Kind.STUDENTS] == Counts(added=1, changed=1, retired=1)
    assert done.counts[Kind.RELATIONSHIPS] == Counts(retired=1, unchanged=1)
    with portal.begin(read_only=True) as tx:
        students = {row.source_id: row for row in tx.session.scalars(select(Student))}
    assert students["S1"].family_name == "López-Ruiz"
    assert students["S2"].retired_at == portal.clock.now()
    assert students["S3"].retired_at is None


def test_student_who_returns_is_the_same_one_with_the_same_access_id(portal: Portal, run: Import) -> None:
    run(small_roster())
    with portal.begin(read_only=True) as tx:
        first = tx.imports.find_student("westborough", "NS2")
    without = small_roster().drop("users", sourcedId="S2").drop("enrollments", userSourcedId="S2")
    without.rows["users"][1]["agentSourcedIds"] = "S1"
    run(without)

    done = run(small_roster())

    assert done.counts[Kind.STUDENTS] == Counts(changed=1, unchanged=1)
    with portal.begin(read_only=True) as tx:
        again = tx.imports.find_student("westborough", "NS2")
        assert again is not None
        assert tx.session.get_one(Student, ("westborough", again.id)).retired_at is None
    assert again == first


def test_retired_people_with_an_account_are_named(portal: Portal, run: Import) -> None:
    run(small_roster().parent("P2", "Luis", "López", "S1"))
    with portal.begin(read_only=True) as tx:
        child = tx.imports.find_student("westborough", "NS2")
        mother = tx.imports.find_contact("westborough", "NP1")
        father = tx.imports.find_contact("westborough", "NP2")
    assert child
    assert mother
    assert father
    make_parent(portal, username="ana.l", children=[child.id], contact_id=mother.id)
    make_parent(portal, username="luis.l", contact_id=father.id)
    after = small_roster().drop("users", sourcedId="S2").drop("enrollments", userSourcedId="S2")
    after.rows["users"][1]["agentSourcedIds"] = ""

    done = run(after)

    said = {(problem.file, problem.value): problem.text for problem in done.warnings}
    assert "1 account(s) keep their link" in said["students", "S2"]
    assert "1 account(s)" in said["contacts", "P2"]
    assert "no longer this student's" in said["relationships", "S1"]
    assert ("relationships", "S2") not in said
    with portal.begin(read_only=True) as tx:
        account = tx.accounts.find("westborough", "ana.l")
        assert account is not None
        assert [link.student_id for link in tx.links.students_of(account.account_id)] == [child.id]


def test_retired_people_without_an_account_need_no_warning(run: Import) -> None:
    run(small_roster().student("S3", "Iris", "Okafor").parent("P3", "Ada", "Okafor", "S3"))

    done = run(small_roster())

    assert done.counts[Kind.CONTACTS].retired == 1
    assert done.warnings == ()


def test_dry_run_reports_and_changes_nothing(portal: Portal, run: Import) -> None:
    before = everything(portal)

    done = run(small_roster(), dry_run=True, mint=True)

    assert done.dry_run
    assert done.counts[Kind.STUDENTS].added == 2
    assert done.minted == ()
    assert everything(portal) == before
    with portal.begin(read_only=True) as tx:
        assert tx.session.scalar(select(func.count()).select_from(AccessCredential)) == 0
        assert AuditEvent.IMPORT_APPLIED not in set(tx.session.scalars(select(AuditRow.event)))


def test_refused_set_changes_nothing(portal: Portal, run: Import) -> None:
    run(small_roster())
    before = everything(portal)
    broken = small_roster().student("S3", "Iris", "Okafor").enroll("S9", "ALG")

    with pytest.raises(ImportRefusedError):
        run(broken)

    assert everything(portal) == before


def test_import_is_part_of_the_transaction_it_is_in(portal: Portal, run: Import, tmp_path: Path) -> None:
    run(small_roster())
    before = everything(portal)
    more = OneRosterFolderOrZip(small_roster().student("S3", "Iris", "Okafor").folder(tmp_path / "more"))

    def interrupted() -> None:
        with portal.begin() as tx:
            assert tx.imports.run("westborough", more).counts[Kind.STUDENTS].added == 1
            raise RuntimeError

    with pytest.raises(RuntimeError):
        interrupted()

    assert everything(portal) == before


def test_applied_import_is_one_audit_row(portal: Portal, run: Import) -> None:
    run(small_roster())
    run(small_roster())

    with portal.begin(read_only=True) as tx:
        events = tx.session.scalars(select(AuditRow).where(AuditRow.event == AuditEvent.IMPORT_APPLIED)).all()
    assert len(events) == 1
    assert '"students": 2' in events[0].details


def test_unknown_district_is_refused(run: Import) -> None:
    with pytest.raises(ImportRefusedError, match="no district atlantis"):
        run(small_roster(), district="atlantis")


@pytest.mark.requirement("R60")
def test_access_ids_are_unambiguous_unique_and_random(portal: Portal, run: Import) -> None:
    run(published("oneroster-1.1-grand-bend-families"))

    with portal.begin(read_only=True) as tx:
        found = tx.session.scalars(select(AccessCredential.access_id)).all()
    assert len(set(found)) == 100
    assert {len(access_id) for access_id in found} == {8}
    assert not set("".join(found)) & set("0O1IL2Z5S8BUV")


@pytest.mark.requirement("R61")
def test_minted_passwords_are_returned_once_and_only_their_hmac_is_kept(portal: Portal, run: Import) -> None:
    minted = run(small_roster(), mint=True).minted
    again = run(small_roster(), mint=True).minted

    assert len({each.password.value for each in minted}) == 2
    assert again == ()
    with portal.begin(read_only=True) as tx:
        for each in minted:
            kept = tx.session.get_one(AccessCredential, ("westborough", each.student_id))
            assert kept.access_id == each.access_id
            typed = Secret(f" {each.password.value.lower().replace('-', ' ')} ")
            assert kept.password_mac == access_password_mac(
                portal.keys, "westborough", each.student_id, typed
            )
            assert kept.minted_at == portal.clock.now()
    assert minted[0].password.value not in repr(minted)


def test_two_districts_keep_their_rows_apart(portal: Portal, run: Import) -> None:
    make_district(portal, "boston")
    run(small_roster())

    done = run(small_roster(), district="boston")
    gone = run(small_roster().drop("enrollments", userSourcedId="S2"), district="boston")

    assert done.counts[Kind.STUDENTS] == Counts(added=2)
    assert gone.counts[Kind.ENROLLMENTS].retired == 1
    with portal.begin(read_only=True) as tx:
        ours = tx.imports.find_student("westborough", "NS1")
        theirs = tx.imports.find_student("boston", "NS1")
        retired = select(func.count()).select_from(Relationship).where(Relationship.retired_at.is_not(None))
        assert tx.session.scalar(retired) == 0
    assert ours
    assert theirs
    assert ours.id != theirs.id
    assert ours.access_id != theirs.access_id


def test_people_are_found_by_identifier_or_source_id(portal: Portal, run: Import) -> None:
    run(small_roster())

    with portal.begin(read_only=True) as tx:
        by_number = tx.imports.find_student("westborough", "NS1")
        by_source = tx.imports.find_student("westborough", "S1")
        contact = tx.imports.find_contact("westborough", "P1")
        nobody = tx.imports.find_student("westborough", "NP1")
        none = tx.imports.find_contact("westborough", "NS1")

    assert by_number == by_source
    assert by_number is not None
    assert (by_number.given_name, by_number.family_name) == ("Maya", "López")
    assert contact is not None
    assert contact.email == "ana@example.org"
    assert nobody is None
    assert none is None


def test_guardians_are_linked_from_either_end_or_both(portal: Portal, run: Import) -> None:
    roster = small_roster().student("S3", "Iris", "Okafor", agentSourcedIds="P3")
    roster.parent("P3", "Ada", "Okafor").student("S4", "Noa", "Okafor", agentSourcedIds="P3")
    roster.rows["users"][-2]["agentSourcedIds"] = "S3"

    done = run(roster)

    assert done.counts[Kind.RELATIONSHIPS].added == 4


def test_side_file_describes_a_link_and_makes_one_where_there_is_none(portal: Portal, run: Import) -> None:
    roster = small_roster().parent("P2", "Luis", "López")
    for parent in ("NP1", "NP2"):
        roster.add(
            "x_relationships",
            parentIdentifier=parent,
            studentIdentifier="NS1",
            relation="Mother",
            primaryContact="true",
        )

    run(roster)

    with portal.begin(read_only=True) as tx:
        mother = tx.imports.find_contact("westborough", "NP1")
        assert mother is not None
        links = tx.session.scalars(select(Relationship)).all()
    assert len(links) == 3
    assert {link.relation for link in links if link.contact_id != mother.id} == {"Mother"}
    of_mother = [link for link in links if link.contact_id == mother.id]
    assert sorted((link.relation, link.primary_contact, link.lives_with) for link in of_mother) == [
        ("", None, None),
        ("Mother", True, None),
    ]


def test_every_applied_import_is_noted_with_its_day_and_source(portal: Portal, run: Import) -> None:
    run(small_roster())
    run(small_roster())

    with portal.begin(read_only=True) as tx:
        last = tx.imports.last("westborough")
        noted = tx.session.scalars(select(ImportRow).order_by(ImportRow.number)).all()
    assert last == LastImport(portal.clock.now(), "OneRoster 1.1")
    assert [(row.number, row.mode) for row in noted] == [(1, "bulk"), (2, "bulk")]
    assert noted[0].changed > 0
    assert noted[1].changed == 0


def test_import_that_was_not_applied_is_not_noted(portal: Portal, run: Import) -> None:
    make_district(portal, "boston")
    run(small_roster(), district="boston")
    run(small_roster(), dry_run=True)
    with pytest.raises(ImportRefusedError):
        run(small_roster().enroll("S9", "ALG"))

    with portal.begin(read_only=True) as tx:
        assert tx.imports.last("westborough") is None
