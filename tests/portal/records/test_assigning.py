from datetime import date
from decimal import Decimal

import pytest

from portal.core.outcomes import Reason, Refused
from portal.records.answers import Question
from portal.records.school_work import AssignmentLine, Assignments, AssignmentState, Work
from portal.sis.identity import row_id
from portal.sis.models import Score as ScoreRow
from portal.transaction import Portal
from tests.support.rosters import Answered, Family, Refusing, Roster, small_roster


def about(**question: object) -> object:
    return lambda records: records.assignments("conversation", Question(**question))


def given(roster: Roster, number: int, due: str = "", **cells: str) -> Roster:
    """Give algebra, or the class that is named, something to do in the fall."""
    row = {"sourcedId": f"L{number}", "title": f"Set {number}", "classSourcedId": "ALG", "dueDate": due}
    return roster.add("lineItems", **row | {"gradingPeriodSourcedId": "FALL"} | cells)


def done(roster: Roster, number: int, score: str, status: str = "fully graded", **cells: str) -> Roster:
    """Score what Maya did of it."""
    row = {"sourcedId": f"R{number}", "lineItemSourcedId": f"L{number}", "studentSourcedId": "S1"}
    return roster.add("results", **row | {"scoreStatus": status, "score": score} | cells)


def titles(answer: Assignments) -> list[str]:
    return [line.title for line in answer.lines]


def test_each_assignment_of_the_term_says_how_it_stands(family: Family, ask: Answered) -> None:
    roster = small_roster()
    for number, due in enumerate(("10-01", "10-02", "10-05", "10-06", "10-07", "10-08", "10-16"), start=1):
        given(roster, number, f"2026-{due}", resultValueMax="20")
    done(roster, 1, "17.125", scoreDate="2026-10-03", comment="Good")
    done(roster, 2, "", "not submitted")
    done(roster, 3, "", "exempt", comment="Exempt")
    done(roster, 4, "", "submitted")
    done(done(roster, 5, "8", "partially graded"), 6, "")
    family(roster, "NS1")

    answer: Assignments = ask(about())

    assert answer.student == "Maya"
    assert answer.term is not None
    assert answer.term.title == "Fall Semester"
    assert [line.state for line in answer.lines] == [
        AssignmentState.SCORED,
        AssignmentState.MISSING,
        AssignmentState.EXEMPT,
        AssignmentState.HANDED_IN,
        AssignmentState.PARTLY,
        AssignmentState.UNSCORED,
        AssignmentState.DUE,
    ]
    assert answer.lines[0] == AssignmentLine(
        title="Set 1",
        course="Algebra I",
        state=AssignmentState.SCORED,
        due=date(2026, 10, 1),
        score=Decimal("17.125"),
        maximum=Decimal(20),
        day=date(2026, 10, 3),
        remark="Good",
    )
    assert answer.lines[2].remark == ""
    assert answer.unscored == 1


@pytest.mark.parametrize(
    ("due", "status", "state"),
    [
        ("2026-10-14", "not submitted", AssignmentState.MISSING),
        ("2026-10-15", "not submitted", AssignmentState.DUE),
        ("2026-10-16", "not submitted", AssignmentState.DUE),
        ("", "not submitted", AssignmentState.MISSING),
        ("2026-10-15", None, AssignmentState.DUE),
        ("2026-10-14", None, AssignmentState.UNSCORED),
        ("", None, AssignmentState.UNSCORED),
    ],
)
def test_nothing_is_missing_before_its_day_is_over_or_without_the_schools_word(
    family: Family, ask: Answered, due: str, status: str | None, state: AssignmentState
) -> None:
    roster = given(small_roster(), 1, due)
    family(done(roster, 1, "", status) if status else roster, "NS1")

    answer: Assignments = ask(about())

    assert [line.state for line in answer.lines] == [state]


@pytest.mark.parametrize(
    ("comment", "late"),
    [
        ("Late", True),
        ("late: two days", True),
        ("Turned in late.", True),
        ("Late start, but good work", False),
        ("Never late", False),
        ("Translate the rest", False),
        ("", False),
    ],
)
def test_only_what_the_teacher_marked_is_late(
    family: Family, ask: Answered, comment: str, *, late: bool
) -> None:
    # The score was entered weeks after the day; that alone says nothing about the child.
    roster = done(given(small_roster(), 1, "2026-09-10"), 1, "5", scoreDate="2026-10-10", comment=comment)
    family(roster, "NS1")

    answer: Assignments = ask(about(work="late"))

    assert bool(answer.lines) is late


@pytest.mark.parametrize(
    ("work", "found"),
    [
        (Work.MISSING, ["Set 2"]),
        (Work.SCORES, ["Set 1", "Set 3"]),
        (Work.ZEROS, ["Set 3"]),
        (Work.DUE, ["Set 4", "Set 5"]),
    ],
)
def test_one_part_is_answered_alone(family: Family, ask: Answered, work: Work, found: list[str]) -> None:
    roster = small_roster()
    for number, due in enumerate(("10-01", "10-02", "10-05", "10-15", "11-16"), start=1):
        given(roster, number, f"2026-{due}")
    done(done(roster, 1, "17", scoreDate="2026-10-09"), 2, "", "not submitted")
    family(done(roster, 3, "0.00", scoreDate="2026-10-06"), "NS1")

    answer: Assignments = ask(about(work=work.value))

    assert answer.work is work
    assert titles(answer) == found


def test_what_is_due_is_asked_of_the_days_to_come(family: Family, ask: Answered) -> None:
    family(given(given(small_roster(), 1, "2026-10-14"), 2, "2026-12-01"), "NS1")

    ahead: Assignments = ask(about(work="due"))
    in_term: Assignments = ask(about(work="due", term="current"))
    before: Assignments = ask(about(work="due", term="previous"))

    assert (ahead.term, ahead.since, ahead.until) == (None, date(2026, 10, 15), None)
    assert titles(ahead) == titles(in_term) == ["Set 2"]
    assert in_term.term is not None
    assert [line.title for line in before.coming] == ["Set 2"]


@pytest.mark.parametrize(
    ("since", "until", "found"),
    [
        (date(2026, 10, 12), date(2026, 10, 16), ["Set 1", "Set 2"]),
        (date(2026, 10, 16), None, ["Set 2"]),
        (None, date(2026, 10, 16), ["Set 2"]),
        (date(2026, 10, 17), date(2026, 10, 17), []),
    ],
)
def test_range_of_days_goes_by_the_day_it_is_due(
    family: Family, ask: Answered, since: date | None, until: date | None, found: list[str]
) -> None:
    roster = given(given(small_roster(), 1, "2026-10-12"), 2, "2026-10-16")
    family(given(roster, 3, "2026-10-20", gradingPeriodSourcedId=""), "NS1")

    answer: Assignments = ask(about(work="due", since=since, until=until))

    assert titles(answer) == found
    assert [line.title for line in answer.coming] == ([] if found else ["Set 3"])


def test_scores_of_a_range_go_by_the_day_they_were_entered(family: Family, ask: Answered) -> None:
    roster = done(given(small_roster(), 1, "2026-09-01"), 1, "5", scoreDate="2026-10-13")
    family(done(given(roster, 2, "2026-10-13"), 2, "5", scoreDate="2026-10-20"), "NS1")

    answer: Assignments = ask(about(work="scores", since=date(2026, 10, 12), until=date(2026, 10, 18)))

    assert titles(answer) == ["Set 1"]


@pytest.mark.parametrize(
    ("period", "due", "found"),
    [
        ("FALL", "2026-08-01", True),
        ("SPRING", "2026-10-01", False),
        ("SY", "2026-10-01", True),
        ("SY", "2027-03-01", False),
        ("", "2026-10-01", True),
        ("", "2026-03-01", False),
        ("", "", False),
    ],
)
def test_the_term_of_an_assignment_is_the_schools_else_that_of_its_day(
    family: Family, ask: Answered, period: str, due: str, *, found: bool
) -> None:
    family(done(given(small_roster(), 1, due, gradingPeriodSourcedId=period), 1, "5"), "NS1")

    answer: Assignments = ask(about())

    assert bool(answer.lines) is found


@pytest.mark.parametrize("question", [{"course": "algebra"}, {"class_period": "2"}])
def test_one_course_is_answered_alone(family: Family, ask: Answered, question: dict[str, str]) -> None:
    roster = given(given(small_roster(), 1, "2026-10-16"), 2, "2026-10-16", classSourcedId="BIO")
    family(roster, "NS1")

    answer: Assignments = ask(about(**question))

    assert titles(answer) == ["Set 1"]
    assert answer.course == "Algebra I"


def test_what_was_due_before_the_child_joined_is_not_its_own(family: Family, ask: Answered) -> None:
    roster = small_roster().drop("enrollments", sourcedId="E-S1-ALG")
    roster.enroll("S1", "ALG", beginDate="2026-10-01")
    family(given(given(roster, 1, "2026-09-15"), 2, "2026-10-05"), "NS1")

    answer: Assignments = ask(about())

    assert titles(answer) == ["Set 2"]


def test_the_last_of_two_scores_counts(family: Family, ask: Answered) -> None:
    roster = done(given(small_roster(), 1, "2026-10-01"), 1, "3", scoreDate="2026-10-02")
    again = {"sourcedId": "R9", "lineItemSourcedId": "L1", "studentSourcedId": "S1", "score": "9"}
    family(roster.add("results", scoreStatus="fully graded", scoreDate="2026-10-09", **again), "NS1")

    answer: Assignments = ask(about())

    assert [line.score for line in answer.lines] == [Decimal(9)]


def test_what_the_source_took_back_is_gone(family: Family, ask: Answered) -> None:
    family(done(given(given(small_roster(), 1, "2026-10-01"), 2, "2026-10-02"), 2, "4"), "NS1")
    family(given(small_roster(), 2, "2026-10-02"), conversation="another")

    answer: Assignments = ask(about())

    assert [(line.title, line.state) for line in answer.lines] == [("Set 2", AssignmentState.UNSCORED)]


@pytest.mark.parametrize(
    ("question", "refused"),
    [
        ({"course": "chemistry"}, Refused(Reason.NO_SUCH_COURSE, choices=("Algebra I", "Biology"))),
        (
            {"term": "winter"},
            Refused(
                Reason.NO_SUCH_TERM,
                choices=("Spring 2026", "Fall Semester", "2026-2027", "Spring Semester"),
            ),
        ),
    ],
)
def test_what_is_not_there_is_refused_with_what_is(
    family: Family, refusal: Refusing, question: dict[str, str], refused: Refused
) -> None:
    family(small_roster(), "NS1")

    assert refusal(about(**question)) == refused


def test_nothing_given_is_no_lines(family: Family, ask: Answered) -> None:
    family(small_roster(), "NS1")

    answer: Assignments = ask(about())

    assert (answer.lines, answer.coming, answer.unscored) == ((), (), 0)


def marked(portal: Portal, marks: dict[str, tuple[str, list[str]]]) -> None:
    """Give scores, by the id of their source, the words and the marks that OneRoster 1.2 has."""
    with portal.begin() as tx:
        for key, (text, found) in marks.items():
            score = tx.session.get_one(ScoreRow, ("westborough", row_id("westborough", "scores", key)))
            score.text, score.marks = text, found


def test_marks_of_the_school_count_before_remarks_and_days(
    portal: Portal, family: Family, ask: Answered
) -> None:
    roster = small_roster()
    for number in range(1, 6):
        given(roster, number, f"2026-10-{number + 10}", resultValueMax="20")
    done(roster, 1, "0")
    done(roster, 2, "12", comment="late start")
    done(roster, 3, "")
    done(roster, 4, "", "submitted")
    done(roster, 5, "", "not submitted")
    family(roster, "NS1")
    marked(
        portal,
        {
            "R1": ("", ["missing"]),
            "R2": ("B", ["late", "missing"]),
            "R3": ("Pass", []),
            "R4": ("", ["incomplete", "in progress"]),
            "R5": ("", ["missing"]),
        },
    )

    lines = ask(about()).lines

    assert [line.state for line in lines] == [
        AssignmentState.MISSING,
        AssignmentState.SCORED,
        AssignmentState.SCORED,
        AssignmentState.HANDED_IN,
        AssignmentState.MISSING,
    ]
    assert [line.late for line in lines] == [False, True, False, False, False]
    assert [line.text for line in lines] == ["", "B", "Pass", "", ""]
    assert (lines[3].incomplete, lines[3].in_progress) == (True, True)
