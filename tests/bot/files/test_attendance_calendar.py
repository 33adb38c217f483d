"""Draw attendance as a calendar: marked by letter, shape and colour, with only what is on record."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.files.attendance_calendar import CLOSED, PENS, WEEKEND, draw_calendar
from bot.files.words import PaperPacks, PaperWords
from portal.records.answers import Attendance, AttendanceDay, AttendanceKind
from portal.records.charted import AttendanceCalendar, NoSchoolDay
from tests.support.doors import DATA
from tests.support.languages import LANGUAGES
from tests.support.pictures import NotedPicture, note_pictures, size_of

SINCE, TODAY = date(2026, 8, 31), date(2026, 10, 15)


@pytest.fixture(scope="module")
def words() -> PaperWords:
    return PaperPacks(DATA).words("en")


@pytest.fixture
def pictures(monkeypatch: pytest.MonkeyPatch) -> list[NotedPicture]:
    return note_pictures(monkeypatch)


def calendar(
    *days: AttendanceDay, since: date = SINCE, until: date = TODAY, closed: Sequence[date] = ()
) -> AttendanceCalendar:
    """Return a calendar with these days; the numbers of the answer are not drawn."""
    attendance = Attendance("Maya", since, until, None, 0, 0, 0, 0, 0, 0, 0, days)
    return AttendanceCalendar(
        attendance, since, until, tuple(NoSchoolDay(day, "No school") for day in closed)
    )


def away(day: date, kind: AttendanceKind = AttendanceKind.EXCUSED, course: str = "") -> AttendanceDay:
    """Return one exception."""
    return AttendanceDay(day, kind, course)


def test_it_is_twice_as_fine_as_a_phone_and_small(words: PaperWords) -> None:
    days = [away(SINCE + timedelta(days=at)) for at in range(0, 45, 3)]

    png = draw_calendar(calendar(*days), words)

    assert size_of(png)[0] == 720
    assert len(png) <= 150_000


def test_a_whole_school_year_is_small_too(words: PaperWords) -> None:
    days = [away(SINCE + timedelta(days=at)) for at in range(0, 280, 5)]

    assert len(draw_calendar(calendar(*days, until=date(2027, 6, 11)), words)) <= 150_000


@pytest.mark.parametrize(("kind", "letter"), list(zip(AttendanceKind, "EUTP", strict=True)))
def test_each_kind_has_its_letter_and_shape(
    words: PaperWords, pictures: list[NotedPicture], kind: AttendanceKind, letter: str
) -> None:
    draw_calendar(calendar(away(date(2026, 9, 14), kind)), words)

    [picture] = pictures
    # Once in the legend, once on its day.
    assert picture.text.count(letter) == 2 + _weekday_letters(letter)
    assert [pen.marker for pen, _, _ in picture.marks] == [PENS[kind].marker] * 2
    assert len({pen.marker for pen in PENS.values()}) == len(PENS)


def _weekday_letters(letter: str) -> int:
    # Tuesday and Thursday, in each of three months.
    return {"T": 6}.get(letter, 0)


def test_the_legend_explains_only_what_there_is(words: PaperWords, pictures: list[NotedPicture]) -> None:
    draw_calendar(calendar(away(date(2026, 9, 14))), words)

    assert "Absent, excused" in pictures[0].text
    assert not {"Absent, unexcused", "Tardy (late)", "Open: one class only", "No school"} & set(
        pictures[0].text
    )


def test_what_was_missed_of_one_class_is_an_open_mark(
    words: PaperWords, pictures: list[NotedPicture]
) -> None:
    draw_calendar(calendar(away(date(2026, 9, 14), course="Art")), words)

    assert "Open: one class only" in pictures[0].text
    assert pictures[0].marks[-1][0].open


def test_asked_about_one_class_its_marks_are_filled(words: PaperWords, pictures: list[NotedPicture]) -> None:
    answer = calendar(away(date(2026, 9, 14), course="Art"))

    draw_calendar(replace(answer, attendance=replace(answer.attendance, course="Art")), words)

    assert pictures[0].text[0] == "Maya: attendance, Art"
    assert not pictures[0].marks[-1][0].open


def test_a_day_with_several_has_the_gravest_first(words: PaperWords, pictures: list[NotedPicture]) -> None:
    day = date(2026, 9, 14)
    kinds = (AttendanceKind.TARDY, AttendanceKind.PARTIAL, AttendanceKind.UNEXCUSED)

    draw_calendar(calendar(*(away(day, kind) for kind in (*kinds, *kinds))), words)

    on_the_day = pictures[0].marks[len(kinds) :]
    assert [pen.marker for pen, _, _ in on_the_day] == [
        PENS[AttendanceKind.UNEXCUSED].marker,
        PENS[AttendanceKind.PARTIAL].marker,
    ]


def test_weeks_begin_on_sunday_and_weekends_are_grey(words: PaperWords, pictures: list[NotedPicture]) -> None:
    draw_calendar(calendar(since=date(2026, 9, 1), until=date(2026, 9, 30)), words)

    [picture] = pictures
    at = picture.text.index("September 2026") + 1
    assert picture.text[at : at + 7] == ["S", "M", "T", "W", "T", "F", "S"]
    columns = {round(x) for fill, x, _ in picture.boxes if fill == WEEKEND}
    assert len(columns) == 2
    assert len([fill for fill, _, _ in picture.boxes if fill == WEEKEND]) == 8


def test_a_day_without_school_is_grey_and_crossed_out(
    words: PaperWords, pictures: list[NotedPicture]
) -> None:
    draw_calendar(calendar(closed=[date(2026, 9, 7)]), words)

    [picture] = pictures
    assert "No school" in picture.text
    assert [fill for fill, _, _ in picture.boxes].count(CLOSED) == 2
    assert picture.text.count("\N{EN DASH}") == 2


def test_a_term_stands_in_one_column_and_a_year_in_two(
    words: PaperWords, pictures: list[NotedPicture]
) -> None:
    draw_calendar(calendar(), words)
    draw_calendar(calendar(until=date(2027, 6, 11)), words)

    term, year = pictures
    assert {x for text, x, _ in term.words if text.startswith(("August", "September", "October"))} == {14}
    assert (
        len({x for text, x, _ in year.words if text.endswith(("2026", "2027")) and " to " not in text}) == 2
    )


def test_beyond_a_year_only_months_with_marks_are_drawn(
    words: PaperWords, pictures: list[NotedPicture]
) -> None:
    draw_calendar(calendar(away(date(2025, 3, 3)), away(date(2026, 9, 14)), since=date(2024, 9, 1)), words)

    months = [text for text in pictures[0].text if text in ("March 2025", "April 2025", "September 2026")]
    assert months == ["March 2025", "September 2026"]


def test_everything_stays_on_the_picture(words: PaperWords, pictures: list[NotedPicture]) -> None:
    days = [
        away(date(2026, 8, 31) + timedelta(days=at), kind) for at in range(300) for kind in AttendanceKind
    ]

    draw_calendar(calendar(*days, until=date(2027, 6, 11)), words)

    [picture] = pictures
    assert all(0 <= x <= 360 and 0 <= y <= picture.height for _, x, y in [*picture.words, *picture.marks])


def test_one_day_is_dated_once(words: PaperWords, pictures: list[NotedPicture]) -> None:
    draw_calendar(calendar(since=TODAY, until=TODAY), words)

    assert pictures[0].text[:2] == ["Maya: attendance", "October 15, 2026"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_drawn_in_every_language_with_weeks_that_begin_as_here(
    language: str, pictures: list[NotedPicture]
) -> None:
    day = date(2026, 10, 15)

    draw_calendar(calendar(away(day), since=day), PaperPacks(DATA).words(language))

    # The first column is Sunday, whose name stands above the fourth of October.
    [sunday] = {x for told, x, _ in pictures[-1].words if told == "4"}
    assert sunday == min(x for told, x, _ in pictures[-1].words if told in {"5", "6", "7", "4"})
