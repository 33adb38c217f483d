"""Say when the next regular mail is due: mornings in the district's zone, counted from the choice."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from portal.records.notifications import Frequency

# Before a family leaves the house, and after the school's systems have done their nightly work.
MORNING = time(6, 0)
DAYS: dict[Frequency | None, int] = {
    Frequency.DAILY: 1,
    Frequency.WEEKLY: 7,
    Frequency.TWO_WEEKS: 14,
    Frequency.MONTHLY: 30,
}


def next_due(frequency: Frequency, chosen_at: datetime, after: datetime, zone: ZoneInfo) -> datetime | None:
    """Return the first morning of the choice's rhythm that lies after an instant; None for never.

    The first mail leaves on the morning after the choice. Counting from there, and not from the last
    mail, keeps the day of the week and of the month however late a mail left and whatever was missed.
    """
    if frequency is Frequency.NEVER:
        return None
    first = _first_morning(chosen_at, zone)
    # The periods that are surely over need not be counted one by one.
    skipped = max(0, (after.astimezone(zone).date() - first).days // (DAYS[frequency] + 1) - 1)
    mornings = (_morning(day, zone) for day in _days(frequency, first, skipped))
    return next(morning for morning in mornings if morning > after)


def days_of(frequency: Frequency | None) -> timedelta:
    """Return about how long a period lasts; a week for what is asked for once."""
    return timedelta(days=DAYS.get(frequency, 7))


def _days(frequency: Frequency, first: date, skipped: int) -> Iterator[date]:
    for number in count(skipped):
        if frequency is Frequency.MONTHLY:
            yield _months_later(first, number)
        else:
            yield first + timedelta(days=number * DAYS[frequency])


def _months_later(first: date, months: int) -> date:
    """Return the same day of a later month, or the last one where the month is shorter."""
    years, month = divmod(first.month - 1 + months, 12)
    year, month = first.year + years, month + 1
    return date(year, month, min(first.day, monthrange(year, month)[1]))


def _first_morning(chosen_at: datetime, zone: ZoneInfo) -> date:
    day = chosen_at.astimezone(zone).date()
    return day if _morning(day, zone) > chosen_at else day + timedelta(days=1)


def _morning(day: date, zone: ZoneInfo) -> datetime:
    # Compared and stored in UTC: two local times are not subtracted across a change of the clocks.
    return datetime.combine(day, MORNING, zone).astimezone(UTC)
