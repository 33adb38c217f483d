"""Write on pages as the chat writes: nothing rounded, what is absent as a dash."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from portal.records.answers import GradeLine
from portal.records.school_work import AssignmentLine, AssignmentState
from tests.support.doors import DATA
from web.public.writing import Writing
from web.words import LanguagePacks, Words

DASH = "\N{EN DASH}"


@pytest.fixture
def write() -> Writing:
    return Writing(LanguagePacks(DATA).words("en"), "America/New_York")


def in_spanish() -> Writing:
    """Write in a language whose words are not there yet, but whose numbers and days are."""
    english = LanguagePacks(DATA).words("en")
    return Writing(Words("es", "español", english.texts), "America/New_York")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (GradeLine("Art", "B+", Decimal(88)), "B+ (88%)"),
        (GradeLine("Art", "", Decimal("95.125")), "95.125%"),
        (GradeLine("Art", "P"), "P"),
        (GradeLine("Art"), "no grade yet"),
    ],
)
def test_grade_is_written_as_it_was_entered(write: Writing, line: GradeLine, told: str) -> None:
    assert write.grade(line) == told


@pytest.mark.parametrize(
    ("days", "told"),
    [
        ((1, 2, 3, 4, 5), "Monday to Friday"),
        ((1, 3, 5), "Monday, Wednesday and Friday"),
        ((4, 2), "Tuesday and Thursday"),
        ((), DASH),
    ],
)
def test_weekdays_in_a_row_are_told_as_a_row(write: Writing, days: tuple[int, ...], told: str) -> None:
    assert write.weekdays(days) == told


@pytest.mark.parametrize(
    ("start", "end", "told"),
    [("07:40", "08:32", f"7:40 AM {DASH} 8:32 AM"), ("07:40", "", "7:40 AM"), ("", "", DASH)],
)
def test_times_are_those_of_a_clock(write: Writing, start: str, end: str, told: str) -> None:
    assert write.times(start, end) == told


def test_points_are_never_rounded(write: Writing) -> None:
    assert write.points(Decimal("42.125"), Decimal(50)) == "42.125 of 50 points"
    assert write.points(Decimal(0), None) == "0 points"
    assert write.points(None, Decimal(50)) == DASH


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"score": Decimal(17), "maximum": Decimal(20)}, "17 of 20 points"),
        ({"score": Decimal(17), "maximum": Decimal(20), "text": "B"}, "17 of 20 points (B)"),
        ({"text": "B+"}, "B+"),
        ({}, DASH),
        ({"score": Decimal(0), "state": AssignmentState.EXEMPT}, DASH),
        ({"score": Decimal(3), "state": AssignmentState.PARTLY}, "3 points"),
    ],
)
def test_score_is_points_words_or_both(write: Writing, given: dict[str, Any], told: str) -> None:
    line = AssignmentLine("Essay", "English 9", **{"state": AssignmentState.SCORED, **given})

    assert write.score(line) == told


def test_one_day_is_no_range(write: Writing) -> None:
    day = date(2026, 10, 15)

    assert write.days(day, day) == "October 15, 2026"
    assert write.days(day, date(2026, 10, 16)) == "October 15, 2026 to October 16, 2026"
    assert write.day(None) == DASH


def test_instant_is_told_in_the_districts_zone(write: Writing) -> None:
    assert write.at(datetime(2026, 10, 15, 3, 30, tzinfo=UTC)) == "October 14, 2026"
    assert write.moment(datetime(2026, 10, 15, 3, 30, tzinfo=UTC)) == "October 14, 2026, 11:30 PM"


def test_amounts_and_days_are_those_of_the_language() -> None:
    write = in_spanish()

    assert write.day(date(2026, 10, 15), "long") == "15 de octubre de 2026"
    # As Spanish is written in the United States.
    assert write.money(Decimal("-1234.50")) == "-$1,234.50"
    assert write.percent(Decimal("95.5")).replace("\N{NO-BREAK SPACE}", " ") == "95.5%"


@pytest.mark.parametrize(("count", "told"), [(0, "No day absent"), (1, "1 day absent"), (3, "3 days absent")])
def test_counts_have_words_of_their_own(write: Writing, count: int, told: str) -> None:
    assert write.counted("absent_days", count) == told
