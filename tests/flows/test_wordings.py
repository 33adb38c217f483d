"""Word what the school of the other tests does not have: rare grades, long lists, odd languages."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from rasa_sdk.executor import CollectingDispatcher

from actions.attendance import TellAttendance
from actions.change_password import SettleChangePassword
from actions.grades import TellGrades
from actions.sign_in import SettleSignIn
from bot.conversation.formats import Manner
from bot.conversation.project import Project
from bot.conversation.wording import Wording
from portal.records.answers import (
    Attendance,
    AttendanceDay,
    AttendanceKind,
    GradeLine,
    Grades,
    ScoresSoFar,
    TermSpan,
)
from tests.support.conversation import ROOT
from tests.support.languages import LANGUAGES
from web.words import LanguagePacks

FALL = TermSpan("Fall", date(2026, 8, 31), date(2027, 1, 22), current=True)
TODAY = date(2026, 10, 15)
Say = Callable[[CollectingDispatcher], str]


@pytest.fixture
def said(project: Project) -> Say:
    """Return the words of the last message that a dispatcher collected."""
    return lambda dispatcher: Wording(project).draft(dispatcher.messages[-1], Manner()).text


def grades(*lines: GradeLine, term: TermSpan = FALL) -> CollectingDispatcher:
    dispatcher = CollectingDispatcher()
    TellGrades.tell(TellGrades.__new__(TellGrades), dispatcher, Grades("Maya", term, lines), {}, TODAY)
    return dispatcher


def attendance(kind: str | None = None, **counts: object) -> CollectingDispatcher:
    dispatcher = CollectingDispatcher()
    counted = ("absences", "excused", "unexcused", "tardies", "partial", "class_absences", "whole_days")
    when = {"since": FALL.since, "until": FALL.until, "term": FALL, "days": ()}
    values = {"student": "Maya", **when, **dict.fromkeys(counted, 0)}
    answer = Attendance(**{**values, **counts})  # type: ignore[arg-type]
    asked = {"attendance_kind": kind} if kind else {}
    TellAttendance.tell(TellAttendance.__new__(TellAttendance), dispatcher, answer, asked, TODAY)
    return dispatcher


def test_final_and_open_grades_side_by_side_are_told_apart(said: Say) -> None:
    told = grades(
        GradeLine("Art", letter="A", final=True), GradeLine("Band", percent=Decimal("90.5")), GradeLine("Gym")
    )

    assert said(told).splitlines() == [
        "These are the grades of Maya for Fall.",
        "- Art: A, final",
        "- Band: 90.5%, not final",
        "- Gym: no grade yet",
    ]


def test_final_grades_are_called_final(said: Say) -> None:
    assert said(grades(GradeLine("Art", letter="A", final=True))).startswith(
        "These are the grades of Maya for Fall. They are final."
    )


def test_scores_without_points_are_counted_only(said: Say) -> None:
    one = grades(GradeLine("Art", so_far=ScoresSoFar(1, None, None)))
    two = grades(GradeLine("Art", so_far=ScoresSoFar(2, None, None)))

    assert said(one).endswith("- Art: no grade yet; one score so far")
    assert said(two).endswith("- Art: no grade yet; 2 scores so far")


def test_an_older_term_that_stands_in_is_named_as_such(said: Say) -> None:
    past = TermSpan("Spring", date(2026, 1, 26), date(2026, 6, 15), current=False)

    told = said(grades(GradeLine("Art", letter="A", final=True), term=past))

    assert "They are final. No term is running today, so this is the last one." in told


def test_an_older_term_without_a_grade_is_named_as_such(said: Say) -> None:
    past = TermSpan("Spring", date(2026, 1, 26), date(2026, 6, 15), current=False)

    told = said(grades(GradeLine("Art", so_far=ScoresSoFar(1, Decimal(5), Decimal(10))), term=past))

    assert "No term is running today" in told
    assert "one score so far, 5 of 10 points" in told


def test_a_long_list_of_days_shows_the_newest_and_counts_the_rest(said: Say) -> None:
    days = tuple(
        AttendanceDay(FALL.since + timedelta(days=number), AttendanceKind.UNEXCUSED) for number in range(15)
    )

    told = said(attendance("absent", absences=15, unexcused=15, days=days)).splitlines()

    assert told[0].startswith("15 days. Maya was absent for 15 days")
    assert told[1] == "- and 3 earlier ones"
    assert told[-1] == "- Sep 14, 2026: absent, unexcused"


def test_parts_of_days_are_told_apart_from_days(said: Say) -> None:
    day = AttendanceDay(date(2026, 9, 2), AttendanceKind.PARTIAL, course="Art", reason="Dentist")

    told = said(attendance("absent", partial=1, days=(day,))).splitlines()

    assert told[1:] == [
        "Maya also missed a part of one day.",
        "- Sep 2, 2026: a part of the day missed from Art (Dentist)",
    ]


def test_lateness_for_a_class_names_the_class(said: Say) -> None:
    day = AttendanceDay(date(2026, 9, 2), AttendanceKind.TARDY, course="Art")

    told = said(attendance("tardy", tardies=1, days=(day,))).splitlines()

    assert told == [
        "1 time. Maya was late once in Fall so far (since August 31, 2026).",
        "- Sep 2, 2026: late for Art",
    ]


def test_a_period_without_a_course_is_named_by_its_number(said: Say) -> None:
    told = said(attendance("tardy", tardies=2, period="4"))

    assert told.startswith("2 times. Maya was late 2 times for period 4")


def test_absences_all_excused_are_called_so(said: Say) -> None:
    told = said(attendance("absent", absences=2, excused=2, class_absences=2))

    assert told.splitlines() == [
        "2 days. Maya was absent for 2 days in Fall so far (since August 31, 2026), excused.",
        "Apart from whole days, 2 absences from single classes are recorded.",
    ]


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("es", "Español"),
        ("ht", "Kreyòl ayisyen"),
        ("zh", "中文"),
        ("vi", "Tiếng Việt"),
        ("pt-BR", "Português"),
        ("de", "Deutsch"),
        ("xx", "xx"),
        ("", ""),
    ],
)
def test_each_language_is_called_by_its_own_name(project: Project, code: str, name: str) -> None:
    draft = Wording(project).draft({"text": "{told}", "told": {"language": code}}, Manner("es"))

    assert draft.text == name


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_pages_call_each_language_as_the_conversation_does(project: Project, code: str) -> None:
    assert LanguagePacks(ROOT / "data").words("en").called(code) == project.about[code].name


def test_the_actions_that_settle_a_form_are_named_as_the_rules_name_them(project: Project) -> None:
    for action in (SettleSignIn, SettleChangePassword):
        assert action.__new__(action).name() in project.actions
