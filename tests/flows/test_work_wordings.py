"""Word what the school of the other tests does not have: long lists, half records, scores without points."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from rasa_sdk.executor import CollectingDispatcher

from actions.assignments import TellAssignments
from actions.child_question import ChildQuestion
from actions.grades_history import TellGradesHistory
from actions.teacher_comments import TellTeacherComments
from actions.test_results import TellTestResults
from bot.conversation.formats import Manner
from bot.conversation.project import Project
from bot.conversation.wording import Wording
from portal.records.answers import GradeLine, TermSpan
from portal.records.school_work import (
    AssignmentLine,
    Assignments,
    AssignmentState,
    GradesHistory,
    Remark,
    TeacherComments,
    TermHistory,
    TestLine,
    TestResults,
    Work,
)

FALL = TermSpan("Fall", date(2026, 8, 31), date(2027, 1, 22), current=True)
FALL_BEFORE = TermSpan("Fall", date(2025, 8, 31), date(2026, 1, 22), current=False)
TODAY = date(2026, 10, 15)
Say = Callable[[type[ChildQuestion[Any]], object], str]


@pytest.fixture
def say(project: Project) -> Say:
    """Return the words of an answer."""

    def said(action: type[ChildQuestion[Any]], answer: object) -> str:
        dispatcher = CollectingDispatcher()
        action.tell(action.__new__(action), dispatcher, answer, {}, TODAY)
        return Wording(project).draft(dispatcher.messages[-1], Manner()).text

    return said


@pytest.mark.parametrize(
    ("line", "worded"),
    [
        (AssignmentLine("Set", "Art", AssignmentState.SCORED, score=Decimal("7.5")), "Set, Art: 7.5 points"),
        (
            AssignmentLine("Set", "Art", AssignmentState.PARTLY, score=Decimal(7), maximum=Decimal(9)),
            "Set, Art: 7 of 9 points so far, not all of it is graded yet",
        ),
        (AssignmentLine("Set", "Art", AssignmentState.SCORED), "Set, Art: no score yet"),
        (AssignmentLine("Set", "Art", AssignmentState.PARTLY), "Set, Art: no score yet"),
        (AssignmentLine("Set", "Art", AssignmentState.UNSCORED), "Set, Art: no score yet"),
        (
            AssignmentLine("Set", "Art", AssignmentState.EXEMPT),
            "Set, Art: excused, it does not have to be done",
        ),
        (AssignmentLine("Set", "Art", AssignmentState.HANDED_IN), "Set, Art: handed in, no score yet"),
        (AssignmentLine("Set", "Art", AssignmentState.DUE), "Set, Art"),
        (
            AssignmentLine("Set", "Art", AssignmentState.MISSING, remark="See\n{me}"),
            'Set, Art: missing. The teacher wrote: "See {me}"',
        ),
    ],
)
def test_each_state_of_an_assignment_has_words(say: Say, line: AssignmentLine, worded: str) -> None:
    answer = Assignments("Maya", None, (line,), TODAY, TODAY)

    assert say(TellAssignments, answer).splitlines() == [
        "One assignment of Maya is entered on October 15, 2026:",
        f"- {worded}",
    ]


@pytest.mark.parametrize(("count", "last"), [(13, "- and one more"), (15, "- and 3 more")])
def test_long_list_is_cut_and_counted(say: Say, count: int, last: str) -> None:
    lines = tuple(AssignmentLine(f"Set {at}", "Art", AssignmentState.MISSING) for at in range(count))

    told = say(TellAssignments, Assignments("Maya", Work.MISSING, lines, FALL.since, FALL.until, FALL))

    assert told.startswith(f"{count} assignments of Maya are marked missing in Fall")
    assert told.splitlines()[-1] == last


@pytest.mark.parametrize("work", [None, *Work])
def test_each_part_without_anything_has_an_honest_sentence(say: Say, work: Work | None) -> None:
    told = say(TellAssignments, Assignments("Maya", work, (), FALL.since, FALL.until, FALL))

    assert told.startswith("No assignment")
    assert told.endswith(("in Fall (since August 31, 2026).", "yet."))


def test_scores_are_not_offered_where_there_are_none(say: Say) -> None:
    line = AssignmentLine("Set", "Art", AssignmentState.MISSING)

    told = say(TellAssignments, Assignments("Maya", None, (line,), FALL.since, FALL.until, FALL, unscored=2))

    assert told.splitlines()[:2] == [
        "Assignments of Maya in Fall (since August 31, 2026): none with a score, 1 marked missing, "
        "none still to come.",
        "2 more are past their day and have no score yet. The school has not marked them missing.",
    ]


@pytest.mark.parametrize(
    ("line", "worded"),
    [
        (TestLine(TODAY, "Check"), "Check, Oct 15, 2026: no score yet"),
        (TestLine(TODAY, "Check", level="Level 3"), "Check, Oct 15, 2026: Level 3"),
        (TestLine(TODAY, "Check", score=Decimal("0.0625")), "Check, Oct 15, 2026: 0.0625 points"),
        (
            TestLine(TODAY, "Check", "Math", Decimal(3), Decimal(4), "Low"),
            "Check (Math), Oct 15, 2026: 3 of 4 points, Low",
        ),
        (TestLine(TODAY, "Math Check", "Math", level="Low"), "Math Check, Oct 15, 2026: Low"),
    ],
)
def test_half_a_test_result_is_told_as_far_as_it_goes(say: Say, line: TestLine, worded: str) -> None:
    told = say(TellTestResults, TestResults("Maya", TODAY, TODAY, (line,)))

    assert told.splitlines() == ["These are the test results of Maya on October 15, 2026.", f"- {worded}"]


@pytest.mark.parametrize("where", ["lines", "earlier", "others"])
def test_long_list_of_tests_is_cut_and_counted(say: Say, where: str) -> None:
    tests = tuple(TestLine(TODAY - timedelta(days=at), f"Check {at}") for at in range(13))
    found = {"lines": (), where: tests}

    told = say(TellTestResults, TestResults("Maya", FALL.since, FALL.until, term=FALL, **found))

    assert told.splitlines()[-1] == ("- and one more" if where == "lines" else "- and 7 more")


@pytest.mark.parametrize(("where", "last"), [("lines", "- and one more"), ("earlier", "- and 7 more")])
def test_long_list_of_comments_is_cut_and_counted(say: Say, where: str, last: str) -> None:
    remarks = tuple(Remark("Art", "Good.", term="Spring") for _ in range(13))
    found = {"lines": (), where: remarks}

    told = say(TellTeacherComments, TeacherComments("Maya", FALL.since, FALL.until, term=FALL, **found))

    assert told.splitlines()[1] == '- Art, Spring: "Good."'
    assert told.splitlines()[-1] == last


def test_terms_of_the_same_title_are_told_apart_by_their_days(say: Say) -> None:
    terms = (
        TermHistory(FALL_BEFORE, (GradeLine("Art", "A", final=True),)),
        TermHistory(FALL, (GradeLine("Art", "B"), GradeLine("Gym", "C", final=True))),
    )

    told = say(TellGradesHistory, GradesHistory("Maya", terms))

    assert told.splitlines() == [
        "These are the grades of Maya, one term after the other.",
        "Fall (August 31, 2025 to January 22, 2026): They are final.",
        "- Art: A",
        "Fall (August 31, 2026 to January 22, 2027):",
        "- Art: B, not final",
        "- Gym: C, final",
    ]


def test_grades_that_stand_in_for_the_previous_term_are_said_to(say: Say) -> None:
    summer = TermSpan("Summer", date(2026, 6, 20), date(2026, 8, 1), current=False)
    before = (TermHistory(FALL_BEFORE, (GradeLine("Art", "A", final=True),)),)

    told = say(TellGradesHistory, GradesHistory("Maya", before, asked=summer))

    assert told.startswith(
        "No grades are entered for Summer, so these are from the last term before it that has any. "
        "These are the grades of Maya for Fall (August 31, 2025 to January 22, 2026). They are final."
    )
