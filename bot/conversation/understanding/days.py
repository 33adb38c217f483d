"""Know which days a phrase means, seen from today."""

import re
from calendar import day_name, month_name
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any

from bot.conversation.understanding.lexicon import Lexicon
from bot.conversation.understanding.tokens import tokenize

DAY = timedelta(days=1)
# The school year of the United States is taken to begin on the first of August.
_SCHOOL_YEAR_MONTH = 8
_MOST_YEARS = 3
_NUMBER = re.compile(r"\d+")
_NUMBERS = re.compile(r"[\d/-]+")
# In some languages "last Monday" is that of the week before, however near another one is.
_WHOLE_WEEKS = {"last_week": -1, "next_week": 1}
_DAYS_IN = {"day": 1, "week": 7, "month": 30}

Days = tuple[date, date] | None


@dataclass(frozen=True, slots=True)
class Calendar:
    """Know what is needed to place a day: today, the language, whether the future is meant."""

    today: date
    lexicon: Lexicon
    language: str
    forward: bool

    def read(self, text: str) -> date | None:
        """Let dateparser read the name of one day or month."""
        base = datetime.combine(self.today, time(12))
        settings = {"RELATIVE_BASE": base, "PREFER_DATES_FROM": "future" if self.forward else "past"}
        # Numbers alone are read as they are written here, month first, whatever the language.
        named = text if _NUMBERS.fullmatch(text) else _in_english(text, self.lexicon)
        if named:
            found = _parser("en")(named, settings)
        else:
            mended = self.lexicon.mended(text)
            # Families say "October 5" in any language.
            found = _parser(self.language)(mended, settings) or _parser("en")(mended, settings)
        if found is None:
            return None
        # A school keeps a few years: what lies further away was misread ("13/45"), unless it was said so.
        near = abs(found.year - self.today.year) <= _MOST_YEARS
        return found.date() if near or str(found.year) in text else None

    def dated(self, month: int, number: int) -> date | None:
        """Return the nearest day of that month and number, or None where there is none."""
        return self.read(f"{month}/{number}")


@dataclass(frozen=True, slots=True)
class Clue:
    """Hold what a pattern found and the calendar to read it by."""

    match: re.Match[str]
    calendar: Calendar

    @property
    def unit(self) -> str:
        """Return `day`, `week` or `month`, whatever the language calls it."""
        return self.calendar.lexicon.key("unit_", self.match["unit"]) or "week"

    @property
    def which(self) -> str | None:
        """Return `last`, `this`, `next`, `last_week` or `next_week`; None where the day is named alone."""
        return self.calendar.lexicon.key("which_", self.match.groupdict().get("which"))


def _one(day: date | None) -> Days:
    return None if day is None else (day, day)


def _this(clue: Clue) -> Days:
    return _unit(clue.unit, clue.calendar.today)


def _last(clue: Clue) -> Days:
    since, _ = _unit(clue.unit, clue.calendar.today)
    return _unit(clue.unit, since - DAY)


def _next(clue: Clue) -> Days:
    _, until = _unit(clue.unit, clue.calendar.today)
    return _unit(clue.unit, until + DAY)


def _unit(unit: str, day: date) -> tuple[date, date]:
    if unit == "month":
        since = day.replace(day=1)
        return since, (since + 31 * DAY).replace(day=1) - DAY
    monday = day - day.weekday() * DAY
    return monday, monday + 6 * DAY


def _count(clue: Clue) -> Days:
    number = clue.calendar.lexicon.number(clue.match["number"]) or 1
    return clue.calendar.today - number * _DAYS_IN[clue.unit] * DAY, clue.calendar.today


def _school_year(clue: Clue) -> Days:
    return _school_year_start(clue.calendar.today), clue.calendar.today


def _last_school_year(clue: Clue) -> Days:
    until = _school_year_start(clue.calendar.today) - DAY
    return _school_year_start(until), until


def _school_year_start(day: date) -> date:
    year = day.year if day.month >= _SCHOOL_YEAR_MONTH else day.year - 1
    return date(year, _SCHOOL_YEAR_MONTH, 1)


def _weekday(clue: Clue) -> Days:
    day = clue.calendar.read(clue.match["day"])
    if day is None:
        return None
    which = clue.which
    weeks = 1 if which == "next" and day <= clue.calendar.today else 0
    monday = clue.calendar.today - clue.calendar.today.weekday() * DAY
    if which in _WHOLE_WEEKS:
        return _one(monday + day.weekday() * DAY + 7 * _WHOLE_WEEKS[which] * DAY)
    if which == "this":
        return _one(monday + day.weekday() * DAY)
    if which == "last" and day >= clue.calendar.today:
        weeks = -1
    return _one(day + 7 * weeks * DAY)


def _month(clue: Clue) -> Days:
    day = clue.calendar.read(clue.match["day"])
    return None if day is None else _unit("month", day)


def _spoken_day(clue: Clue) -> Days:
    number = clue.calendar.lexicon.key("ordinal_", clue.match["ordinal"])
    return None if number is None else _one(clue.calendar.read(f"{clue.match['month']} {number}"))


def _day(clue: Clue) -> Days:
    """Read a day that names its month: by words, by numbers as they are written here, or as groups."""
    parts, lexicon = clue.match.groupdict(), clue.calendar.lexicon
    if parts.get("month") and parts.get("number"):
        month, number = lexicon.number(parts["month"]), lexicon.number(parts["number"])
        return None if month is None or number is None else _one(clue.calendar.dated(month, number))
    return _one(clue.calendar.read(clue.match[0]))


def _year(clue: Clue) -> Days:
    year = int(clue.match["year"])
    return date(year, 1, 1), date(year, 12, 31)


def _day_of_month(clue: Clue) -> Days:
    number = int(clue.match["number"])
    day = clue.calendar.today
    for _ in range(62):
        if day.day == number:
            return _one(day)
        day += DAY if clue.calendar.forward else -DAY
    return None


KINDS: dict[str, Callable[[Clue], Days]] = {
    "today": lambda clue: _one(clue.calendar.today),
    "yesterday": lambda clue: _one(clue.calendar.today - DAY),
    "before_yesterday": lambda clue: _one(clue.calendar.today - 2 * DAY),
    "tomorrow": lambda clue: _one(clue.calendar.today + DAY),
    "this": _this,
    "last": _last,
    "next": _next,
    "count": _count,
    "school_year": _school_year,
    "last_school_year": _last_school_year,
    "weekday": _weekday,
    "month": _month,
    "day": _day,
    "spoken_day": _spoken_day,
    "day_of_month": _day_of_month,
    "year": _year,
}


def _in_english(text: str, lexicon: Lexicon) -> str | None:
    """Return the day in English words, where the pack lists its weekdays and months itself.

    dateparser does not know every language that families speak, nor every way to write without accents.
    """
    padded = f" {' '.join(token.plain for token in tokenize(text))} "
    weekday = _listed("weekday_", padded, lexicon)
    month = _listed("month_", padded, lexicon)
    if weekday is not None:
        return day_name[weekday - 1]
    return " ".join([month_name[month], *_NUMBER.findall(text)]) if month is not None else None


def _listed(prefix: str, padded: str, lexicon: Lexicon) -> int | None:
    found = [
        (len(word), int(number))
        for number, words in lexicon.groups(prefix)
        for word in words
        if f" {word} " in padded
    ]
    return max(found)[1] if found else None


@cache
def _parser(language: str) -> Callable[[str, dict[str, Any]], datetime | None]:
    # dateparser takes a third of a second to import: only the first message with a date pays for it.
    from dateparser import parse  # noqa: PLC0415
    from dateparser.data.languages_info import language_order  # noqa: PLC0415

    known = [language] if language in language_order else ["en"]

    def read(text: str, settings: dict[str, Any]) -> datetime | None:
        found: datetime | None = parse(text, languages=known, settings=settings)
        return found

    return read
