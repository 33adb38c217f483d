"""Whoever prints at the same time voids nothing of the other's that is still handed out."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy import func, select

from portal.core.outcomes import Refused
from portal.helpdesk.onboarding.models import LetterRow, LetterRunRow
from portal.helpdesk.onboarding.outcomes import LetterRun, LettersAsked
from portal.helpdesk.staff.outcomes import StaffMember
from portal.transaction import Portal
from tests.support.letters import ask, links, print_all

Ids = Mapping[str, str]


def test_two_who_ask_for_a_school_at_once_get_one_run(
    portal: Portal, students: Ids, schools: Ids, member: StaffMember
) -> None:
    together = Barrier(4)

    def one(number: int) -> str:
        together.wait()
        with portal.begin() as tx:
            run = tx.letters.ask(member, LettersAsked(f"form {number}", schools["100"]))
        assert isinstance(run, LetterRun)
        return run.run_id

    with ThreadPoolExecutor(4) as threads:
        runs = set(threads.map(one, range(4)))

    with portal.begin() as tx:
        counted = tx.session.scalars(select(func.count()).select_from(LetterRunRow)).one()
        letters = tx.session.scalars(select(func.count()).select_from(LetterRow)).one()
    assert (len(runs), counted, letters) == (1, 1, 3)


def test_a_school_and_one_of_its_students_printed_at_once_leave_each_student_one_letter_that_works(
    portal: Portal, students: Ids, schools: Ids, member: StaffMember
) -> None:
    whole = ask(portal, member, school=schools["100"])
    anew = ask(portal, member, student=students["S1"])
    together = Barrier(2)

    def one(run: LetterRun) -> int | Refused:
        together.wait()
        with portal.begin() as tx:
            return tx.letters.print_next(member, run.run_id)

    with ThreadPoolExecutor(2) as threads:
        left = list(threads.map(one, (whole, anew)))

    sheets = [sheet for run in (whole, anew) for sheet in print_all(portal, member, run.run_id).sheets]
    printed = [child for sheet in sheets for child in sheet.children]
    assert left == [0, 0]
    assert len(printed) == len({child.student_id for child in printed}) == 3
    [first] = [child for child in printed if child.student_id == students["S1"]]
    assert links(portal, first)
