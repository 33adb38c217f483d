"""Regular mails are due on mornings of the district, in the rhythm of the choice."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from portal.records.notifications import Frequency
from portal.records.periods import MORNING, days_of, next_due

NEW_YORK = ZoneInfo("America/New_York")
LONDON = ZoneInfo("Europe/London")


def local(*at: int, zone: ZoneInfo = NEW_YORK) -> datetime:
    year, month, day, hour, minute = (*at, *(0, 0))[:5]
    return datetime(year, month, day, hour, minute, tzinfo=zone).astimezone(UTC)


def dues(frequency: Frequency, chosen_at: datetime, count: int, zone: ZoneInfo = NEW_YORK) -> list[datetime]:
    """Return the first mornings after a choice, as that zone's clocks show them."""
    found, after = [], chosen_at
    for _ in range(count):
        due = next_due(frequency, chosen_at, after, zone)
        assert due is not None
        found.append(due.astimezone(zone))
        after = due
    return found


@pytest.mark.parametrize(
    ("chosen", "first"),
    [
        (local(2026, 10, 15, 14), "2026-10-16"),
        (local(2026, 10, 15, 5, 59), "2026-10-15"),
        # The morning itself is over: the mail of today would have left already.
        (local(2026, 10, 15, 6), "2026-10-16"),
        # Late in the evening it is tomorrow in UTC, but not yet in the district.
        (local(2026, 10, 15, 23, 30), "2026-10-16"),
    ],
)
def test_first_mail_is_due_on_the_morning_after_the_choice(chosen: datetime, first: str) -> None:
    due = dues(Frequency.WEEKLY, chosen, 1)[0]

    assert due.date().isoformat() == first
    assert due.time() == MORNING


@pytest.mark.parametrize(
    ("frequency", "days"), [(Frequency.DAILY, 1), (Frequency.WEEKLY, 7), (Frequency.TWO_WEEKS, 14)]
)
def test_each_period_is_as_many_days_long_as_it_says(frequency: Frequency, days: int) -> None:
    mornings = dues(frequency, local(2026, 10, 15, 14), 12)

    assert {(two.date() - one.date()).days for one, two in pairwise(mornings)} == {days}


def test_monthly_is_the_same_day_and_the_last_one_of_a_shorter_month() -> None:
    mornings = dues(Frequency.MONTHLY, local(2026, 10, 30, 14), 6)

    assert [each.date().isoformat() for each in mornings] == [
        "2026-10-31",
        "2026-11-30",
        "2026-12-31",
        "2027-01-31",
        "2027-02-28",
        "2027-03-31",
    ]


@pytest.mark.parametrize("zone", [NEW_YORK, LONDON])
@pytest.mark.parametrize("frequency", [Frequency.DAILY, Frequency.WEEKLY, Frequency.MONTHLY])
def test_it_is_six_in_the_morning_before_and_after_the_clocks_change(
    zone: ZoneInfo, frequency: Frequency
) -> None:
    mornings = dues(frequency, local(2026, 10, 1, 14, zone=zone), 400, zone)

    assert {each.time() for each in mornings} == {MORNING}
    assert len({each.utcoffset() for each in mornings}) == 2
    assert len({each.date() for each in mornings}) == len(mornings)


@pytest.mark.parametrize("frequency", [each for each in Frequency if each is not Frequency.NEVER])
@pytest.mark.parametrize("later", [0, 1, 6, 29, 31, 45, 365, 3650])
def test_after_any_time_the_next_morning_is_the_nearest_of_the_rhythm(
    frequency: Frequency, later: int
) -> None:
    chosen = local(2026, 1, 30, 14)
    after = chosen + timedelta(days=later, hours=5)

    due = next_due(frequency, chosen, after, NEW_YORK)

    every = dues(frequency, chosen, 1 + later // days_of(frequency).days + 2)
    assert due == next(each for each in every if each > after)


def test_never_is_never_due() -> None:
    assert next_due(Frequency.NEVER, local(2026, 10, 15), local(2026, 10, 15), NEW_YORK) is None


def test_what_was_asked_for_once_looks_back_a_week() -> None:
    assert days_of(None) == timedelta(days=7)
