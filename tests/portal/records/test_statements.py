"""Hold the questions about a child's work to a handful of statements, however much work there is."""

from collections.abc import Callable

import pytest

from portal.records.answers import Question
from portal.transaction import Portal, Transaction
from tests.support.next_year import offered
from tests.support.rosters import Family, Roster, small_roster
from tests.support.statements import statements

QUESTIONS = (
    *("grades", "assignments", "test_results", "teacher_comments", "grades_history", "attendance_history"),
    *("grade_trend", "attendance_calendar"),
)
# The calendar asks for the attendance and for the days of the schools; one notes that there was an answer.
MOST = 16


def busy(classes: int) -> Roster:
    """Give Maya classes, each with work, remarks and grades in two terms."""
    roster = small_roster()
    for at in range(classes):
        key = f"K{at}"
        roster.add("courses", sourcedId=f"C{at}", title=f"Course {at}", orgSourcedId="D")
        roster.school_class(key, f"C{at}", "FALL,SPRING-26").enroll("S1", key)
        roster.enroll("T1", key, role="teacher").grade("NS1", key, "A", percent="91", comment="Good.")
        roster.grade("NS1", key, "B", termSourcedId="SPRING-26", comment="Better.")
        roster.add("lineItems", sourcedId=f"L{at}", title="Set", classSourcedId=key, dueDate="2026-10-12")
        score = {"sourcedId": f"R{at}", "lineItemSourcedId": f"L{at}", "studentSourcedId": "S1"}
        roster.add("results", scoreStatus="fully graded", score="5", comment="Neat.", **score)
        roster.absence("NS1", f"2026-09-{at + 1:02}", sectionIdentifier=key)
        roster.add("x_test_results", studentIdentifier="NS1", date=f"2026-09-{at + 1:02}", test="Check")
    return roster


def counted(portal: Portal, ask: Callable[[Transaction], object]) -> int:
    with statements(portal.engine) as said, portal.begin() as tx:
        ask(tx)
    return len(said)


def asked(portal: Portal, method: str) -> int:
    return counted(portal, lambda tx: getattr(tx.records, method)("conversation", Question(student="Maya")))


@pytest.mark.parametrize("method", QUESTIONS)
def test_more_work_takes_no_more_statements(portal: Portal, family: Family, method: str) -> None:
    family(busy(2), "NS1", "NS2")
    # The first answer of all is noted.
    asked(portal, method)
    few = asked(portal, method)
    family(busy(20), conversation="another")
    asked(portal, method)

    many = asked(portal, method)

    assert many == few
    assert many <= MOST


def test_the_names_of_more_children_at_a_school_take_no_more_statements(
    portal: Portal, family: Family
) -> None:
    family(offered(), "NS1")
    one = counted(portal, lambda tx: tx.records.names("conversation"))
    family(offered(), "NS1", "NS2", conversation="another")

    both = counted(portal, lambda tx: tx.records.names("another"))

    assert both == one
