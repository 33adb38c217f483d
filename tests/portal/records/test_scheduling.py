"""Answer when and where a child has class, from nothing but the timetable that was imported."""

from datetime import UTC, date, datetime

import pytest

from portal.core.outcomes import Reason, Refused
from portal.records.answers import Question
from portal.records.school_life import CalendarDay, ClassTime, Schedule
from tests.support.clock import FakeClock
from tests.support.rosters import Answered, Family, Refusing, Roster, small_roster

FRIDAY = date(2026, 10, 16)
ALGEBRA = ClassTime("Algebra I", (1, 3, 5), "2", "09:00", "09:50", "R7", "Ruth Kline")
BIOLOGY = ClassTime("Biology", (2, 4, 5), "3", "10:00", "10:50", "Lab", "Max Lund")


def about(**question: object) -> object:
    return lambda records: records.schedule("conversation", Question(**question))


def meets(roster: Roster, section: str, weekdays: str, **cells: str) -> Roster:
    for weekday in weekdays:
        roster.add("x_meetings", classSourcedId=section, weekday=weekday, **cells)
    return roster


def timetable(roster: Roster | None = None) -> Roster:
    """Return algebra on Monday, Wednesday and Friday and biology on Tuesday, Thursday and Friday."""
    roster = (roster or small_roster()).change("classes", 2, location="R7")
    meets(roster, "ALG", "135", period="2", startTime="09:00", endTime="09:50")
    lab = {"room": "Lab", "teacher": "Max Lund"}
    return meets(roster, "BIO", "245", period="03 - Traditional", startTime="10:00", endTime="10:50", **lab)


def on(day: date) -> dict[str, date]:
    return {"since": day, "until": day}


@pytest.mark.requirement("R102")
def test_classes_of_the_current_term_come_in_the_order_of_the_day(family: Family, ask: Answered) -> None:
    family(timetable(), "NS1")

    answer: Schedule = ask(about())

    assert answer.student == "Maya"
    assert answer.term is not None
    assert (answer.term.title, answer.term.current, answer.day) == ("Fall Semester", True, None)
    assert answer.lines == (ALGEBRA, BIOLOGY)


@pytest.mark.requirement("R102")
@pytest.mark.parametrize(
    ("day", "courses"),
    [
        (date(2026, 10, 14), ["Algebra I"]),
        (date(2026, 10, 15), ["Biology"]),
        (FRIDAY, ["Algebra I", "Biology"]),
        (date(2026, 10, 17), []),
        (date(2026, 8, 30), []),
    ],
)
def test_day_has_the_classes_of_its_weekday_within_a_term(
    family: Family, ask: Answered, day: date, courses: list[str]
) -> None:
    family(timetable(), "NS1")

    answer: Schedule = ask(about(**on(day)))

    assert [line.course for line in answer.lines] == courses
    assert (answer.day, answer.usual) == (day, ())


def test_each_child_has_its_own_classes(family: Family, ask: Answered) -> None:
    family(timetable(), "NS1", "NS2")

    assert ask(about(student="Diego")).lines == (BIOLOGY,)


@pytest.mark.parametrize("question", [{"course": "algebra"}, {"class_period": "2"}, {"class_period": "P2"}])
def test_course_or_period_is_answered_alone(family: Family, ask: Answered, question: dict[str, str]) -> None:
    family(timetable(), "NS1")

    assert ask(about(**question)).lines == (ALGEBRA,)


def test_course_that_does_not_meet_that_day_names_when_it_does(family: Family, ask: Answered) -> None:
    family(timetable(), "NS1")

    answer: Schedule = ask(about(course="algebra", **on(date(2026, 10, 15))))

    assert (answer.lines, answer.usual, answer.course) == ((), (ALGEBRA,), "Algebra I")


def test_period_without_a_class_is_empty(family: Family, ask: Answered) -> None:
    family(timetable(), "NS1")

    answer: Schedule = ask(about(class_period="9"))

    assert (answer.lines, answer.period) == ((), "9")


def test_course_that_the_child_does_not_take_is_refused_with_those_it_takes(
    family: Family, refusal: Refusing
) -> None:
    family(timetable(), "NS1")

    for question in ({}, on(FRIDAY), {"moment": "next"}):
        refused = refusal(about(course="Alchemy", **question))
        assert refused == Refused(Reason.NO_SUCH_COURSE, choices=("Algebra I", "Biology"))


def test_unknown_term_is_refused_with_the_terms_there_are(family: Family, refusal: Refusing) -> None:
    family(timetable(), "NS1")

    refused = refusal(about(term="Winter"))

    assert refused.reason is Reason.NO_SUCH_TERM
    assert "Fall Semester" in refused.choices


def test_another_term_has_its_own_classes(family: Family, ask: Answered) -> None:
    family(timetable(small_roster().change("classes", 2, termSourcedIds="FALL")), "NS1")

    answer: Schedule = ask(about(term="Spring Semester"))

    assert answer.term is not None
    assert (answer.term.title, answer.term.current) == ("Spring Semester", False)
    assert [line.course for line in answer.lines] == ["Biology"]


def test_class_of_the_whole_year_is_on_the_schedule_of_a_term(family: Family, ask: Answered) -> None:
    family(timetable(small_roster().change("classes", 2, termSourcedIds="SY")), "NS1")

    assert [line.course for line in ask(about()).lines] == ["Algebra I", "Biology"]


def test_few_days_have_the_classes_of_the_terms_around_them(family: Family, ask: Answered) -> None:
    family(timetable(), "NS1")

    answer: Schedule = ask(about(since=date(2026, 10, 23), until=date(2026, 10, 19)))

    assert (answer.since, answer.until, answer.day) == (date(2026, 10, 19), date(2026, 10, 23), None)
    assert answer.lines == (ALGEBRA, BIOLOGY)


def test_class_that_was_left_or_has_not_begun_is_not_on_the_day(family: Family, ask: Answered) -> None:
    roster = timetable().drop("enrollments", userSourcedId="S1")
    roster.enroll("S1", "ALG", endDate="2026-10-14").enroll("S1", "BIO", beginDate="2026-10-19")
    family(roster, "NS1")

    assert [line.course for line in ask(about()).lines] == ["Biology"]
    assert ask(about(**on(FRIDAY))).lines == ()
    assert ask(about(**on(date(2026, 10, 14)))).lines == (ALGEBRA,)


def test_calendar_of_the_school_and_of_the_district_is_told_with_the_day(
    family: Family, ask: Answered
) -> None:
    roster = timetable().add("x_events", schoolId="100", date="2026-10-16", title="No school")
    roster.add("x_events", schoolId="D1", date="2026-10-16", title="Workshop")
    roster.add("x_events", schoolId="200", date="2026-10-16", title="Fair of another school")
    family(roster.add("x_events", schoolId="100", date="2026-10-17", title="Concert"), "NS1")

    answer: Schedule = ask(about(**on(FRIDAY)))

    assert answer.calendar == (CalendarDay(FRIDAY, "No school"), CalendarDay(FRIDAY, "Workshop"))


def test_class_without_a_timetable_has_its_periods_and_room_only(family: Family, ask: Answered) -> None:
    roster = small_roster().change("classes", 2, periods="2,5", location="R7")
    family(roster, "NS1")

    lines = ask(about(course="algebra")).lines

    assert lines == (
        ClassTime("Algebra I", (), "2", "", "", "R7", "Ruth Kline"),
        ClassTime("Algebra I", (), "5", "", "", "R7", "Ruth Kline"),
    )
    assert ask(about(course="algebra", **on(FRIDAY))).lines == lines
    assert ask(about(course="algebra", **on(date(2026, 10, 17)))).lines == ()


def test_class_without_any_details_is_still_named(family: Family, ask: Answered) -> None:
    roster = small_roster().change("classes", 2, periods="").drop("enrollments", userSourcedId="T1")
    family(roster, "NS1")

    assert ask(about(course="algebra")).lines == (ClassTime("Algebra I"),)


def test_meeting_told_twice_is_one(family: Family, ask: Answered) -> None:
    twice = meets(timetable(), "ALG", "1", period="2", startTime="09:00", endTime="09:50")
    family(twice, "NS1")

    assert ask(about(course="algebra")).lines == (ALGEBRA,)


def test_letter_of_a_period_stays_as_the_school_writes_it(family: Family, ask: Answered) -> None:
    family(meets(small_roster(), "ALG", "1", period="B", startTime="09:00"), "NS1")

    assert [line.period for line in ask(about(class_period="b")).lines] == ["B"]


@pytest.mark.parametrize(
    ("at", "courses"),
    [
        (datetime(2026, 10, 16, 13, 0, tzinfo=UTC), ["Algebra I"]),
        (datetime(2026, 10, 16, 13, 49, tzinfo=UTC), ["Algebra I"]),
        (datetime(2026, 10, 16, 13, 50, tzinfo=UTC), []),
        (datetime(2026, 10, 16, 14, 30, tzinfo=UTC), ["Biology"]),
        (datetime(2026, 10, 17, 14, 30, tzinfo=UTC), []),
    ],
)
def test_class_of_now_is_the_one_that_is_going_on_in_the_districts_time(
    clock: FakeClock, family: Family, ask: Answered, at: datetime, courses: list[str]
) -> None:
    clock.advance(seconds=(at - clock.now()).total_seconds())
    family(timetable(), "NS1")

    answer: Schedule = ask(about(moment="now", course="biology"))

    assert [line.course for line in answer.lines] == courses
    assert answer.day == at.date()
    assert answer.at.strftime("%H:%M") == f"{at.hour - 4:02}:{at.minute:02}"


@pytest.mark.parametrize(
    ("at", "coming"),
    [
        (datetime(2026, 10, 16, 12, 0, tzinfo=UTC), (FRIDAY, "Algebra I")),
        (datetime(2026, 10, 16, 13, 0, tzinfo=UTC), (FRIDAY, "Biology")),
        (datetime(2026, 10, 16, 15, 0, tzinfo=UTC), (date(2026, 10, 19), "Algebra I")),
    ],
)
def test_next_class_is_the_first_that_begins_later(
    clock: FakeClock, family: Family, ask: Answered, at: datetime, coming: tuple[date, str]
) -> None:
    clock.advance(seconds=(at - clock.now()).total_seconds())
    family(timetable(), "NS1")

    answer: Schedule = ask(about(moment="next"))

    assert [(answer.day, line.course) for line in answer.lines] == [coming]


def test_next_class_of_a_course_is_the_next_of_that_course(family: Family, ask: Answered) -> None:
    family(timetable(), "NS1")

    answer: Schedule = ask(about(moment="next", course="algebra"))

    assert (answer.lines, answer.day) == ((ALGEBRA,), FRIDAY)


def test_after_the_last_term_there_is_no_next_class(clock: FakeClock, family: Family, ask: Answered) -> None:
    clock.advance(days=270)
    family(timetable(), "NS1")

    assert ask(about(moment="next")).lines == ()
    assert ask(about(moment="now")).lines == ()


@pytest.mark.parametrize("moment", ["now", "next"])
def test_without_any_times_the_whole_day_stands_for_the_moment(
    family: Family, ask: Answered, moment: str
) -> None:
    family(small_roster(), "NS1")

    answer: Schedule = ask(about(moment=moment))

    assert answer.moment == ""
    assert [line.course for line in answer.lines] == ["Algebra I", "Biology"]


def test_class_without_a_time_may_be_the_one_of_now(family: Family, ask: Answered) -> None:
    family(meets(small_roster(), "ALG", "4", period="2", startTime="08:00", endTime="08:50"), "NS1")

    answer: Schedule = ask(about(moment="now"))

    assert (answer.lines, [line.course for line in answer.usual]) == ((), ["Biology"])
