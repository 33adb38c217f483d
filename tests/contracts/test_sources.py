"""Hold every source to the same contract, with the same families said in each format."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from portal.core.outcomes import Refused
from portal.records.answers import Attendance, Question
from portal.sis.models import Student
from portal.sis.outcomes import Counts, Imported
from portal.sis.report import ImportFailedError, Problem
from portal.sis.source import Kind
from portal.sis.sources.recognising import source_at
from portal.sis.tables import MODELS
from portal.transaction import Portal
from tests.support.portals import make_district, make_parent, sign_in
from tests.support.published_families import EdFiFamilies, Families, OneRosterFamilies, Place

LISA = "604822"
JEREMY = "604826"
NOBODY = "999999"
Apply = Callable[..., Imported]


@pytest.fixture(params=[OneRosterFamilies, EdFiFamilies], ids=lambda made: made.format)
def families(request: pytest.FixtureRequest, tmp_path: Path) -> Families:
    made: Families = request.param(tmp_path / "set")
    return made


@pytest.fixture
def apply(portal: Portal, families: Families) -> Apply:
    make_district(portal)

    def applied(*, dry_run: bool = False) -> Imported:
        with portal.begin() as tx:
            return tx.imports.run("westborough", families.source(), dry_run=dry_run)

    return applied


def everything(portal: Portal) -> dict[Kind, list[tuple[object, ...]]]:
    with portal.begin(read_only=True) as tx:
        return {
            kind: [tuple(row) for row in tx.session.execute(select(*table.c).order_by(table.c.id))]
            for kind, table in ((kind, model.__table__) for kind, model in MODELS.items())
        }


def touched(done: Imported) -> dict[Kind, Counts]:
    return {kind: count for kind, count in done.counts.items() if count.touched}


def is_at(problem: Problem, place: Place) -> bool:
    return (problem.file, problem.column, problem.value) == (place.file, place.column, place.value)


def test_same_families_are_known(apply: Apply, families: Families) -> None:
    done = apply()

    added = {kind: count.added for kind, count in done.counts.items()}
    assert done.provenance.source == families.format
    assert (added[Kind.STUDENTS], added[Kind.CONTACTS], added[Kind.STAFF]) == (100, 200, 68)
    assert (added[Kind.SCHOOLS], added[Kind.TERMS], added[Kind.COURSES]) == (4, 7, 84)
    assert (added[Kind.RELATIONSHIPS], added[Kind.ATTENDANCE]) == (200, 794)
    assert (added[Kind.ASSIGNMENTS], added[Kind.SCORES]) == (10, 120)


def test_same_set_twice_changes_nothing(portal: Portal, apply: Apply) -> None:
    apply()
    before = everything(portal)

    again = apply()

    assert touched(again) == {}
    assert everything(portal) == before


def test_changed_record_changes_one_row(portal: Portal, apply: Apply, families: Families) -> None:
    apply()
    families.rename(LISA, "Woods-Peña")

    done = apply()

    assert touched(done) == {Kind.STUDENTS: Counts(changed=1, unchanged=99)}
    with portal.begin(read_only=True) as tx:
        lisa = tx.imports.find_student("westborough", LISA)
    assert lisa is not None
    assert lisa.family_name == "Woods-Peña"


def test_removed_record_is_retired(portal: Portal, apply: Apply, families: Families) -> None:
    apply()
    families.remove(JEREMY)

    done = apply()

    assert done.counts[Kind.STUDENTS] == Counts(retired=1, unchanged=99)
    assert done.counts[Kind.RELATIONSHIPS] == Counts(retired=2, unchanged=198)
    assert {count.added + count.changed for count in done.counts.values()} == {0}
    with portal.begin(read_only=True) as tx:
        gone = tx.session.scalars(select(Student).where(Student.retired_at.is_not(None))).all()
    assert [each.identifier for each in gone] == [JEREMY]


def test_dangling_reference_is_refused_where_it_stands(
    portal: Portal, apply: Apply, families: Families
) -> None:
    apply()
    before = everything(portal)
    place = families.absent(NOBODY)

    with pytest.raises(ImportFailedError) as refused:
        apply()

    assert [is_at(problem, place) for problem in refused.value.problems] == [True]
    assert refused.value.problems[0].row > 1
    assert everything(portal) == before


def test_duplicate_is_refused_where_it_stands(portal: Portal, apply: Apply, families: Families) -> None:
    place = families.repeat(LISA)

    with pytest.raises(ImportFailedError) as refused:
        apply()

    assert any(is_at(problem, place) for problem in refused.value.problems)
    assert not any(everything(portal).values())


def test_one_fault_keeps_all_of_a_set_out(portal: Portal, apply: Apply, families: Families) -> None:
    families.absent(NOBODY)

    with pytest.raises(ImportFailedError):
        apply()

    assert not any(everything(portal).values())


def test_dry_run_says_what_would_be_and_changes_nothing(portal: Portal, apply: Apply) -> None:
    done = apply(dry_run=True)

    assert done.counts[Kind.STUDENTS] == Counts(added=100)
    assert not any(everything(portal).values())


def test_format_is_told_by_the_files(families: Families) -> None:
    assert type(source_at(families.path)) is type(families.source())


@pytest.mark.parametrize("asked", ["Jeremy", "Coleman", JEREMY])
def test_family_sees_only_its_own(portal: Portal, apply: Apply, asked: str) -> None:
    apply()
    with portal.begin(read_only=True) as tx:
        lisa = tx.imports.find_student("westborough", LISA)
    assert lisa is not None
    make_parent(portal, children=[lisa.id])
    sign_in(portal)

    with portal.begin(read_only=True) as tx:
        own = tx.records.attendance("conversation", Question(student="Lisa"))
        other = tx.records.attendance("conversation", Question(student=asked))

    assert isinstance(own, Attendance)
    assert isinstance(other, Refused)
