"""What stands on a page is what was answered: its own time, its own numbers, and nothing made up."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import cast

import pytest

from bot.files.sheet import Facts, Paragraph, Sheet, Table
from bot.files.sheets_grades import grades_and_attendance, grades_history
from bot.files.sheets_work import assignments
from bot.files.words import PaperPacks, PaperWords
from portal.core.outcomes import Reason, Refused
from portal.records.answers import (
    Attendance,
    AttendanceDay,
    AttendanceKind,
    AttendanceLine,
    GradeLine,
    Grades,
    Question,
    ScoresSoFar,
    TermSpan,
)
from portal.records.family import Family
from portal.records.school_work import (
    AssignmentLine,
    Assignments,
    AssignmentState,
    GradesHistory,
    TermHistory,
    Work,
)
from tests.support.doors import DATA

QUARTER = TermSpan("Quarter 1", date(2026, 8, 31), date(2026, 10, 30), current=True)
SEMESTER = TermSpan("Semester 1", date(2026, 8, 31), date(2027, 1, 22), current=True)
ABSENT = AttendanceDay(date(2026, 10, 5), AttendanceKind.EXCUSED)
ALGEBRA = GradeLine("Algebra I", "B", Decimal("84.50"), final=False, period="3")


@dataclass(frozen=True)
class Answering:
    """Answer as a family with these records would."""

    graded: Grades | Refused | None = None
    attended: Attendance | Refused | None = None
    before: GradesHistory | None = None
    work: Assignments | None = None

    def grades(self, question: Question) -> Grades | Refused | None:
        return self.graded

    def attendance(self, question: Question) -> Attendance | Refused | None:
        return self.attended

    def grades_history(self, question: Question) -> GradesHistory | None:
        return self.before

    def assignments(self, question: Question) -> Assignments | None:
        return self.work


@pytest.fixture(scope="module")
def words() -> PaperWords:
    return PaperPacks(DATA).words("en")


def attendance(term: TermSpan | None) -> Attendance:
    by_course = (AttendanceLine("Algebra I", "3", 2, 1),)
    since, until = (term.since, term.until) if term else (ABSENT.date, ABSENT.date)
    return Attendance("Maya", since, until, term, 1, 1, 0, 0, 0, 0, 1, (ABSENT,), by_course)


def made(sheet: Sheet | Refused) -> Sheet:
    assert isinstance(sheet, Sheet)
    return sheet


def of(answers: Answering) -> Family:
    return cast("Family", answers)


def paragraphs(sheet: Sheet) -> list[str]:
    return [block.text for block in sheet.blocks if isinstance(block, Paragraph)]


def headings(sheet: Sheet) -> list[list[str]]:
    return [[column.title for column in block.columns] for block in sheet.blocks if isinstance(block, Table)]


def test_absences_stand_beside_the_grades_of_the_same_term(words: PaperWords) -> None:
    answers = Answering(Grades("Maya", QUARTER, (ALGEBRA,)), attendance(QUARTER))

    sheet = made(grades_and_attendance(of(answers), Question(), words))

    table = next(block for block in sheet.blocks if isinstance(block, Table))
    assert table.rows == (("Algebra I", "3", "B", "84.5%", "Not final", "2", "1"),)
    assert paragraphs(sheet) == ["Whole days absent are counted under Attendance, not with each class."]


def test_without_a_whole_day_absent_nothing_is_said_of_one(words: PaperWords) -> None:
    answers = Answering(Grades("Maya", QUARTER, (ALGEBRA,)), replace(attendance(QUARTER), whole_days=0))

    sheet = made(grades_and_attendance(of(answers), Question(), words))

    assert paragraphs(sheet) == []


@pytest.mark.parametrize(
    ("term", "told"),
    [(QUARTER, "Quarter 1 (Aug 31, 2026 to Oct 30, 2026)"), (None, "Monday, October 5, 2026")],
)
def test_attendance_of_another_time_than_the_grades_says_so(
    words: PaperWords, term: TermSpan | None, told: str
) -> None:
    answers = Answering(Grades("Maya", SEMESTER, (ALGEBRA,)), attendance(term))

    sheet = made(grades_and_attendance(of(answers), Question(), words))

    assert sheet.about == "Semester 1 (Aug 31, 2026 to Jan 22, 2027)"
    assert paragraphs(sheet) == [told]
    assert "Absences" not in headings(sheet)[0]


@pytest.mark.parametrize("refused", ["graded", "attended"])
def test_a_page_of_which_a_part_is_refused_is_refused(words: PaperWords, refused: str) -> None:
    known = {"graded": Grades("Maya", QUARTER, ()), "attended": attendance(QUARTER)}
    answers = Answering(**{**known, refused: Refused(Reason.STUDENT_UNAVAILABLE)})  # type: ignore[arg-type]

    assert isinstance(grades_and_attendance(of(answers), Question(), words), Refused)


@pytest.mark.parametrize(
    ("scores", "told"),
    [
        (ScoresSoFar(2, Decimal(27), Decimal(30)), "No grade yet; 2 scores so far, 27 of 30 points"),
        (ScoresSoFar(1, None, None), "No grade yet; one score so far"),
        (ScoresSoFar(0, None, None), "No grade yet"),
        (None, "No grade yet"),
    ],
)
def test_what_is_no_grade_is_not_worded_as_one(
    words: PaperWords, scores: ScoresSoFar | None, told: str
) -> None:
    line = GradeLine("Art", so_far=scores)
    answers = Answering(Grades("Maya", QUARTER, (line,)), attendance(QUARTER))

    sheet = made(grades_and_attendance(of(answers), Question(), words))

    table = next(block for block in sheet.blocks if isinstance(block, Table))
    assert table.rows[0][:2] == ("Art", told)


def test_grades_of_an_older_term_say_that_they_are(words: PaperWords) -> None:
    history = GradesHistory("Maya", (TermHistory(QUARTER, (ALGEBRA,)),), asked=SEMESTER)

    sheet = made(grades_history(of(Answering(before=history)), Question(), words))

    assert paragraphs(sheet) == ["No grades are entered for Semester 1; these are the last ones before."]


def test_what_comes_next_and_what_is_past_its_day_are_told(words: PaperWords) -> None:
    essay = AssignmentLine("Essay", "English 9", AssignmentState.DUE, due=date(2026, 10, 20))
    answer = Assignments("Maya", Work.DUE, (), date(2026, 10, 15), unscored=2, coming=(essay,))

    sheet = made(assignments(of(Answering(work=answer)), Question(), words))

    assert sheet.about == "From October 15, 2026 on"
    assert paragraphs(sheet)[0] == "Nothing is entered."
    assert paragraphs(sheet)[1].startswith("2 more are past their day")


def test_what_every_row_says_already_is_not_counted_once_more(words: PaperWords) -> None:
    line = AssignmentLine("Essay", "English 9", AssignmentState.UNSCORED)
    answer = Assignments("Maya", None, (line,), QUARTER.since, term=QUARTER, unscored=1)

    sheet = made(assignments(of(Answering(work=answer)), Question(), words))

    assert paragraphs(sheet) == []


def test_numbers_of_attendance_are_facts(words: PaperWords) -> None:
    answers = Answering(Grades("Maya", QUARTER, (ALGEBRA,)), attendance(QUARTER))

    sheet = made(grades_and_attendance(of(answers), Question(), words))

    [facts] = [block for block in sheet.blocks if isinstance(block, Facts)]
    assert dict(facts.items) == {"Days absent": "1 (1 excused, 0 unexcused)", "Times late": "0"}
