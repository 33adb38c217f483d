from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from portal.core.outcomes import Reason, Refused
from portal.records.answers import GradeLine, Grades, Question, ScoresSoFar
from portal.sis.sources.oneroster_csv import OneRosterFolderOrZip
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.portals import make_district, make_parent, sign_in
from tests.support.published import published
from tests.support.rosters import Answered, Family, Refusing, Roster, small_roster


def about(**question: object) -> object:
    return lambda records: records.grades("conversation", Question(**question))


def scored(roster: Roster, number: int, score: str, **cells: str) -> Roster:
    """Add an assignment of algebra in the fall, worth twenty points, and Maya's score."""
    task = {"sourcedId": f"L{number}", "title": "Set", "classSourcedId": "ALG", "resultValueMax": "20"}
    task |= {"gradingPeriodSourcedId": "FALL"}
    result = {"sourcedId": f"R{number}", "lineItemSourcedId": f"L{number}", "studentSourcedId": "S1"}
    result |= {"scoreStatus": "fully graded", "score": score}
    line_item = {name: value for name, value in cells.items() if name not in ("scoreStatus", "scoreDate")}
    roster.add("lineItems", **task | line_item)
    return roster.add("results", **result | {k: v for k, v in cells.items() if k not in line_item})


@pytest.mark.requirement("R92")
def test_grades_of_the_current_term_come_by_course_and_say_that_they_are_not_final(
    family: Family, ask: Answered
) -> None:
    roster = small_roster().grade("NS1", "ALG", "B+", percent="88.5", comment="Well done")
    roster.grade("NS1", "BIO", "A", final="true")
    roster.grade("NS1", "BIO", "C", termSourcedId="SPRING-26", final="true")
    family(roster, "NS1")

    answer: Grades = ask(about())

    assert answer.student == "Maya"
    assert (answer.term.title, answer.term.current) == ("Fall Semester", True)
    assert answer.lines == (
        GradeLine("Algebra I", "B+", Decimal("88.5"), False, "Ruth Kline", "Well done", "2"),
        GradeLine("Biology", "A", None, True, "Ruth Kline", "", "3"),
    )


@pytest.mark.requirement("R94")
@pytest.mark.parametrize("term", ["previous", "spring 2026", "Spring 2026"])
def test_grades_of_the_previous_term(family: Family, ask: Answered, term: str) -> None:
    roster = small_roster().grade("NS1", "BIO", "C", termSourcedId="SPRING-26", final="true")
    family(roster.grade("NS1", "BIO", "A"), "NS1")

    answer: Grades = ask(about(term=term))

    assert (answer.term.title, answer.term.current) == ("Spring 2026", False)
    assert [(line.course, line.letter, line.final) for line in answer.lines] == [
        ("Algebra I", "", False),
        ("Biology", "C", True),
    ]


@pytest.mark.parametrize(
    ("typed", "course"),
    [
        ("algebra", "Algebra I"),
        ("Algebra 1", "Algebra I"),
        ("ALG-1", "Algebra I"),
        ("bio", "Biology"),
        ("biolgy", "Biology"),
    ],
)
def test_grade_of_one_course(family: Family, ask: Answered, typed: str, course: str) -> None:
    family(small_roster().grade("NS1", "ALG", "B").grade("NS1", "BIO", "A"), "NS1")

    answer: Grades = ask(about(course=typed))

    assert [line.course for line in answer.lines] == [course]


@pytest.mark.parametrize(
    ("typed", "course"), [("2", "Algebra I"), ("3rd", "Biology"), ("period 03", "Biology")]
)
def test_grade_of_a_period(family: Family, ask: Answered, typed: str, course: str) -> None:
    family(small_roster().grade("NS1", "ALG", "B").grade("NS1", "BIO", "A"), "NS1")

    answer: Grades = ask(about(class_period=typed))

    assert [line.course for line in answer.lines] == [course]


def test_period_of_the_timetable_counts_too(family: Family, ask: Answered) -> None:
    roster = small_roster().grade("NS1", "BIO", "A")
    roster.add("x_meetings", classSourcedId="BIO", weekday="1", period="B", teacher="Somebody else")
    family(roster, "NS1")

    answer: Grades = ask(about(class_period="b"))

    assert [(line.course, line.teacher) for line in answer.lines] == [("Biology", "Ruth Kline")]


def test_timetable_names_the_teacher_where_none_is_enrolled(family: Family, ask: Answered) -> None:
    roster = small_roster().drop("enrollments", userSourcedId="T1").grade("NS1", "BIO", "A")
    roster.add("x_meetings", classSourcedId="BIO", weekday="1", period="3", teacher="R. Kline")
    family(roster, "NS1")

    answer: Grades = ask(about(course="Biology"))

    assert answer.lines[0].teacher == "R. Kline"


def test_first_of_several_teachers_is_the_primary_one(family: Family, ask: Answered) -> None:
    roster = small_roster().teacher("T2", "Abe", "Aaron").enroll("T2", "BIO", role="teacher")
    family(roster.grade("NS1", "BIO", "A"), "NS1")

    answer: Grades = ask(about(course="Biology"))

    assert answer.lines[0].teacher == "Ruth Kline"


@pytest.mark.parametrize("question", [{"course": "chemistry"}, {"class_period": "9"}])
def test_course_that_the_child_does_not_take_is_refused_with_those_it_takes(
    family: Family, refusal: Refusing, question: dict[str, str]
) -> None:
    roster = small_roster().add("courses", sourcedId="C-CH", title="Chemistry", orgSourcedId="D")
    family(roster.school_class("CH", "C-CH").enroll("S2", "CH"), "NS1")

    assert refusal(about(**question)) == Refused(Reason.NO_SUCH_COURSE, choices=("Algebra I", "Biology"))


def test_word_that_fits_two_courses_asks_which(family: Family, refusal: Refusing) -> None:
    roster = small_roster().add("courses", sourcedId="C-A2", title="Algebra II", orgSourcedId="D")
    family(roster.school_class("ALG2", "C-A2").enroll("S1", "ALG2"), "NS1")

    assert refusal(about(course="algebra")) == Refused(
        Reason.WHICH_COURSE, choices=("Algebra I", "Algebra II")
    )


def test_unknown_term_is_refused_with_the_terms_there_are(family: Family, refusal: Refusing) -> None:
    family(small_roster(), "NS1")

    assert refusal(about(term="winter")) == Refused(
        Reason.NO_SUCH_TERM,
        choices=("Spring 2026", "Fall Semester", "2026-2027", "Spring Semester"),
    )


def test_without_a_term_grade_the_scores_so_far_are_told_and_are_no_grade(
    family: Family, ask: Answered
) -> None:
    roster = scored(scored(small_roster(), 1, "17.5"), 2, "18")
    scored(roster, 3, "5", scoreStatus="exempt")
    scored(roster, 4, "", scoreStatus="not submitted")
    scored(roster, 5, "9", gradingPeriodSourcedId="SPRING-26")
    family(scored(roster, 6, "3", resultValueMax=""), "NS1")

    answer: Grades = ask(about())

    algebra, biology = answer.lines
    assert algebra.so_far == ScoresSoFar(3, Decimal("35.5"), Decimal(40))
    assert (algebra.letter, algebra.percent, algebra.final) == ("", None, False)
    assert biology.so_far is None


def test_scores_of_assignments_without_points_are_only_counted(family: Family, ask: Answered) -> None:
    family(scored(small_roster(), 1, "3", resultValueMax=""), "NS1")

    answer: Grades = ask(about(course="Algebra"))

    assert answer.lines[0].so_far == ScoresSoFar(1, None, None)


@pytest.mark.parametrize(
    ("cells", "counted"),
    [
        ({"dueDate": "2026-09-30"}, True),
        ({"dueDate": "2026-04-01"}, False),
        ({"scoreDate": "2026-09-30"}, True),
        ({"assignDate": "2026-09-30"}, True),
        ({}, False),
    ],
)
def test_score_of_no_grading_period_counts_by_its_day(
    family: Family, ask: Answered, cells: dict[str, str], *, counted: bool
) -> None:
    family(scored(small_roster(), 1, "3", gradingPeriodSourcedId="", **cells), "NS1")

    answer: Grades = ask(about())

    assert bool(answer.lines) is counted


def test_no_grades_at_all_are_no_lines(family: Family, ask: Answered) -> None:
    family(small_roster(), "NS1")

    assert ask(about()).lines == ()


def test_course_without_a_grade_is_still_named_when_asked_for(family: Family, ask: Answered) -> None:
    family(small_roster(), "NS1")

    answer: Grades = ask(about(course="biology"))

    assert answer.lines == (GradeLine("Biology", teacher="Ruth Kline", period="3"),)


@pytest.mark.parametrize(
    ("term_of_grade", "asked", "answered"),
    [
        ("FALL", None, "Fall Semester"),
        ("Q1", None, "Quarter 1"),
        ("FALL", "Quarter 1", "Fall Semester"),
        ("FALL", "2026-2027", "Fall Semester"),
        ("SY", None, "2026-2027"),
    ],
)
def test_nearest_term_with_grades_answers_and_is_named(
    family: Family, ask: Answered, term_of_grade: str, asked: str | None, answered: str
) -> None:
    roster = small_roster().add(
        "academicSessions",
        sourcedId="Q1",
        title="Quarter 1",
        type="gradingPeriod",
        startDate="2026-08-31",
        endDate="2026-11-06",
        parentSourcedId="FALL",
        schoolYear="2027",
    )
    family(roster.grade("NS1", "BIO", "A", termSourcedId=term_of_grade), "NS1")

    answer: Grades = ask(about(term=asked))

    assert answer.term.title == answered
    assert "A" in {line.letter for line in answer.lines}


def test_range_of_days_means_the_term_around_it(family: Family, ask: Answered) -> None:
    family(small_roster().grade("NS1", "BIO", "C", termSourcedId="SPRING-26"), "NS1")

    answer: Grades = ask(about(since=date(2026, 3, 2), until=date(2026, 3, 6)))

    assert answer.term.title == "Spring 2026"


def test_range_of_days_in_no_term_is_refused(family: Family, refusal: Refusing) -> None:
    family(small_roster(), "NS1")

    assert refusal(about(since=date(2011, 3, 2))).reason is Reason.NO_SUCH_TERM


@pytest.mark.parametrize(("hour", "title"), [(4, "Spring 2026"), (5, "Fall Semester")])
def test_districts_time_zone_decides_which_day_it_is(
    family: Family, ask: Answered, clock: FakeClock, hour: int, title: str
) -> None:
    # The fall begins on 31 August; at four in the morning in London it is still the day before.
    clock.advance(seconds=(datetime(2026, 8, 31, hour - 1, 30, tzinfo=UTC) - clock.now()).total_seconds())
    family(small_roster().grade("NS1", "BIO", "A").grade("NS1", "BIO", "B", termSourcedId="SPRING-26"), "NS1")

    answer: Grades = ask(about())

    assert answer.term.title == title


def test_dropped_class_and_corrected_grade_are_gone(family: Family, ask: Answered) -> None:
    family(small_roster().grade("NS1", "ALG", "F").grade("NS1", "BIO", "C"), "NS1")
    after = small_roster().drop("enrollments", sourcedId="E-S1-ALG").grade("NS1", "BIO", "B")
    family(after, conversation="another")

    answer: Grades = ask(about())

    assert [(line.course, line.letter) for line in answer.lines] == [("Biology", "B")]


def test_published_family_gets_its_scores(portal: Portal, clock: FakeClock, ask: Answered) -> None:
    clock.advance(seconds=(datetime(2021, 9, 15, 14, tzinfo=UTC) - clock.now()).total_seconds())
    make_district(portal)
    with portal.begin() as tx:
        path = published("oneroster-1.1-grand-bend-families")
        tx.imports.run("westborough", OneRosterFolderOrZip(path))
        lisa = tx.imports.find_student("westborough", "604822")
    assert lisa is not None
    make_parent(portal, children=[lisa.id])
    sign_in(portal)

    answer: Grades = ask(about(course="algebra"))

    assert answer.term.title == "2021-2022 Fall Semester"
    assert [line.course for line in answer.lines] == ["Algebra I"]
    assert answer.lines[0].so_far is not None
    assert answer.lines[0].so_far.count == 10
