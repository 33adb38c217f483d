"""Draw how grades went: named, dated, told apart without colour, and small enough for a phone."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from bot.files.grade_trend import LABEL_HEIGHT, PENS, draw_trend
from bot.files.words import PaperPacks, PaperWords
from portal.records.answers import TermSpan
from portal.records.charted import CourseTrend, GradePoint, GradeTrend
from tests.support.doors import DATA
from tests.support.pictures import NotedPicture, note_pictures, size_of

MOST_BYTES = 150_000
COURSES = (
    *("Algebra I", "English 9", "Biology", "Physical Education", "World History", "Chorus", "French I"),
    *("Computer Science Principles with Laboratory", "Art", "Health", "Geometry", "Chemistry"),
)


@pytest.fixture(scope="module")
def words() -> PaperWords:
    return PaperPacks(DATA).words("en")


@pytest.fixture
def pictures(monkeypatch: pytest.MonkeyPatch) -> list[NotedPicture]:
    return note_pictures(monkeypatch)


def quarter(number: int) -> TermSpan:
    """Return the quarters one after the other from the fall of 2025 on."""
    since = date(2025, 9, 1) + timedelta(days=number * 70)
    return TermSpan(f"Quarter {number % 4 + 1}", since, since + timedelta(days=69), current=False)


def trend(courses: int, terms: int, *, final: bool = False) -> GradeTrend:
    """Return so many courses with a percent in each of so many terms; the last is open unless told final."""
    return GradeTrend(
        "Maya",
        tuple(
            CourseTrend(
                COURSES[course % len(COURSES)],
                tuple(
                    GradePoint(quarter(at), Decimal(60 + (course * 7 + at * 5) % 40), final or at < terms - 1)
                    for at in range(terms)
                ),
            )
            for course in range(courses)
        ),
    )


def test_it_is_twice_as_fine_as_a_phone_and_small(words: PaperWords) -> None:
    png = draw_trend(trend(8, 6), words)

    assert size_of(png)[0] == 720
    assert len(png) <= MOST_BYTES


def test_many_courses_are_small_too(words: PaperWords) -> None:
    assert len(draw_trend(trend(16, 8), words)) <= MOST_BYTES


def test_each_course_is_named_beside_its_last_percent(
    words: PaperWords, pictures: list[NotedPicture]
) -> None:
    draw_trend(trend(3, 2), words)

    [picture] = pictures
    assert picture.text[:3] == [
        "Maya: grades by term",
        "Percents as the school entered them.",
        "Open marks: so far, not final.",
    ]
    named = [text for text in picture.text if text in COURSES]
    assert sorted(named) == ["Algebra I", "Biology", "English 9"]
    assert {"65%", "72%", "79%"} <= set(picture.text)


def test_a_grade_so_far_is_an_open_mark_on_a_dashed_line(
    words: PaperWords, pictures: list[NotedPicture]
) -> None:
    draw_trend(trend(1, 3), words)

    [picture] = pictures
    assert [pen.open for pen, _, _ in picture.marks] == [False, False, True]
    assert [pen.dashed for pen, _ in picture.lines if pen.color == PENS[0].color and pen.width > 1] == [
        False,
        True,
    ]


def test_final_grades_need_no_word_about_open_ones(words: PaperWords, pictures: list[NotedPicture]) -> None:
    draw_trend(trend(2, 3, final=True), words)

    assert "Open marks: so far, not final." not in pictures[0].text
    assert not any(pen.open for pen, _, _ in pictures[0].marks)


def test_courses_are_told_apart_by_shape_as_well_as_colour(
    words: PaperWords, pictures: list[NotedPicture]
) -> None:
    draw_trend(trend(8, 2), words)

    pens = {(pen.marker, pen.color) for pen, _, _ in pictures[0].marks}
    assert len({marker for marker, _ in pens}) == len({color for _, color in pens}) == 8


def test_names_stand_apart_even_where_the_grades_are_alike(
    words: PaperWords, pictures: list[NotedPicture]
) -> None:
    point = trend(1, 2).courses[0].points
    draw_trend(GradeTrend("Maya", tuple(CourseTrend(name, point) for name in COURSES[:7])), words)

    heights = sorted(y for text, _, y in pictures[0].words if text in COURSES)
    assert len(heights) == 7
    assert all(lower - upper >= LABEL_HEIGHT - 0.01 for upper, lower in pairwise(heights))
    assert heights[0] > 60
    assert heights[-1] < pictures[0].height - 30


def test_more_than_eight_courses_have_a_chart_each(words: PaperWords, pictures: list[NotedPicture]) -> None:
    draw_trend(trend(9, 6), words)

    [picture] = pictures
    assert [text for text in picture.text if text in COURSES or text.startswith("Computer")] == [
        *COURSES[:7],
        "Computer Science P…",
        "Art",
    ]
    assert len({(pen.marker, pen.color) for pen, _, _ in picture.marks}) == 1
    # The first and the last percent of each stand beside their marks.
    assert {"60%", "85%"} <= set(picture.text)


def test_many_terms_are_named_short_with_the_year_where_it_changes(
    words: PaperWords, pictures: list[NotedPicture]
) -> None:
    draw_trend(trend(1, 5), words)

    labels = [text for text in pictures[0].text if text.startswith(("Q", "20"))]
    assert labels == ["Q1", "2025", "Q2", "Q3", "2026", "Q4", "Q1"]


def test_a_few_terms_are_named_in_full(words: PaperWords, pictures: list[NotedPicture]) -> None:
    draw_trend(trend(1, 2), words)

    assert {"Quarter 1", "Quarter 2"} <= set(pictures[0].text)


def test_a_title_is_never_read_as_a_formula(words: PaperWords, pictures: list[NotedPicture]) -> None:
    point = trend(1, 2).courses[0].points

    png = draw_trend(GradeTrend("Maya", (CourseTrend(r"Art $\frac{", point, "3"),)), words)

    assert r"Art $\frac{, period 3" in pictures[0].text
    assert size_of(png)[0] == 720


def test_a_letter_that_no_font_has_is_no_reason_to_fail(words: PaperWords) -> None:
    point = trend(1, 2).courses[0].points

    assert draw_trend(GradeTrend("王小明", (CourseTrend("中文", point),)), words)


def test_percents_above_a_hundred_stay_in_the_picture(
    words: PaperWords, pictures: list[NotedPicture]
) -> None:
    points = tuple(
        GradePoint(quarter(at), Decimal(percent), True) for at, percent in enumerate(("98", "113.5"))
    )

    draw_trend(GradeTrend("Maya", (CourseTrend("Art", points),)), words)

    assert "120%" in pictures[0].text
    assert "113.5%" in pictures[0].text
    assert all(60 < y < pictures[0].height - 40 for _, _, y in pictures[0].marks)
