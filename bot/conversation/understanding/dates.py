"""Find days and ranges of days that a sentence names, and turn them into ISO dates."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any

from bot.conversation.understanding.lexicon import Lexicon
from bot.conversation.understanding.parsed import Entity

NAME = "date_range"
_DAY = timedelta(days=1)
# The school year of the United States is taken to begin on the first of August.
_SCHOOL_YEAR_MONTH = 8
_DAYS_IN = {"day": 1, "week": 7, "month": 30}


@dataclass(frozen=True, slots=True)
class _Range:
    start: int
    end: int
    since: date
    until: date

    def entity(self) -> Entity:
        value = {"since": self.since.isoformat(), "until": self.until.isoformat()}
        return Entity(NAME, value, self.start, self.end)


@dataclass(frozen=True, slots=True)
class _Calendar:
    """Know what is needed to place a day: today, the language, whether the future is meant."""

    today: date
    lexicon: Lexicon
    language: str
    forward: bool

    def read(self, text: str) -> date | None:
        """Let dateparser read the name of one day or month."""
        base = datetime.combine(self.today, time(12))
        settings = {"RELATIVE_BASE": base, "PREFER_DATES_FROM": "future" if self.forward else "past"}
        found = _parser(self.language)(text, settings)
        return found.date() if found else None


def find_dates(folded: str, today: date, lexicon: Lexicon, *, language: str, forward: bool) -> list[Entity]:
    """Return the ranges named; `forward` says that a bare weekday means the coming one."""
    calendar = _Calendar(today, lexicon, language, forward)
    spans = _longest_first(span for kind in _KINDS for span in _spans(kind, folded, calendar))
    return [span.entity() for span in _joined(spans, folded, calendar)]


def _spans(kind: str, folded: str, calendar: _Calendar) -> Iterator[_Range]:
    for match in calendar.lexicon.matches(f"date_{kind}", folded):
        days = _KINDS[kind](match, calendar)
        if days is not None:
            yield _Range(*_place(match), *days)


def _place(match: re.Match[str]) -> tuple[int, int]:
    """Leave the word before a month ("since october") outside, so that ranges can be joined."""
    start = match.start("day") if kind_has_day(match) and match.start("day") > match.start() else match.start()
    return start, match.end()


def kind_has_day(match: re.Match[str]) -> bool:
    """Tell whether the pattern marks the name of the day by a group."""
    return "day" in match.re.groupindex and "which" not in match.re.groupindex


def _longest_first(spans: Iterator[_Range]) -> list[_Range]:
    """Keep the longest of overlapping spans and return them in the order of the text."""
    kept: list[_Range] = []
    for span in sorted(spans, key=lambda span: (span.start - span.end, span.start)):
        if all(span.end <= other.start or span.start >= other.end for other in kept):
            kept.append(span)
    return sorted(kept, key=lambda span: span.start)


def _joined(spans: list[_Range], folded: str, calendar: _Calendar) -> Iterator[_Range]:
    at = 0
    while at < len(spans):
        first = spans[at]
        following = spans[at + 1] if at + 1 < len(spans) else None
        if following and _is(calendar, "date_until", folded[first.end : following.start]):
            yield _Range(first.start, following.end, *_ordered(first, following, calendar))
            at += 2
            continue
        yield _opened(first, folded, calendar)
        at += 1


def _ordered(first: _Range, last: _Range, calendar: _Calendar) -> tuple[date, date]:
    since, until = first.since, last.until
    if since > until and (since - until).days < 7:
        # "From Monday to Wednesday" said on a Tuesday: this Monday, and the Wednesday after it.
        return since, until + 7 * _DAY
    return min(since, until), max(since, until)


def _opened(span: _Range, folded: str, calendar: _Calendar) -> _Range:
    before = folded[: span.start].rstrip().rsplit(" ", 1)[-1]
    if _is(calendar, "date_since", before) and span.since <= calendar.today:
        return _Range(span.start, span.end, span.since, max(calendar.today, span.since))
    return span


def _is(calendar: _Calendar, name: str, text: str) -> bool:
    patterns = calendar.lexicon.patterns.get(name, ())
    return any(pattern.fullmatch(text.strip()) for pattern in patterns)


_Days = tuple[date, date] | None


def _one(day: date | None) -> _Days:
    return None if day is None else (day, day)


def _this(match: re.Match[str], calendar: _Calendar) -> _Days:
    return _unit(match["unit"], calendar.today)


def _last(match: re.Match[str], calendar: _Calendar) -> _Days:
    since, _ = _unit(match["unit"], calendar.today)
    return _unit(match["unit"], since - _DAY)


def _next(match: re.Match[str], calendar: _Calendar) -> _Days:
    _, until = _unit(match["unit"], calendar.today)
    return _unit(match["unit"], until + _DAY)


def _unit(unit: str, day: date) -> tuple[date, date]:
    if unit in ("month", "mes"):
        since = day.replace(day=1)
        return since, (since + 31 * _DAY).replace(day=1) - _DAY
    monday = day - day.weekday() * _DAY
    return monday, monday + 6 * _DAY


def _count(match: re.Match[str], calendar: _Calendar) -> _Days:
    number = calendar.lexicon.number(match["number"]) or 1
    return calendar.today - number * _DAYS_IN[match["unit"]] * _DAY, calendar.today


def _school_year(match: re.Match[str], calendar: _Calendar) -> _Days:
    return _school_year_start(calendar.today), calendar.today


def _last_school_year(match: re.Match[str], calendar: _Calendar) -> _Days:
    until = _school_year_start(calendar.today) - _DAY
    return _school_year_start(until), until


def _school_year_start(day: date) -> date:
    year = day.year if day.month >= _SCHOOL_YEAR_MONTH else day.year - 1
    return date(year, _SCHOOL_YEAR_MONTH, 1)


def _weekday(match: re.Match[str], calendar: _Calendar) -> _Days:
    day = calendar.read(match["day"])
    if day is None:
        return None
    which = match["which"]
    weeks = {"next": 1 if day <= calendar.today else 0}.get(which or "", 0)
    monday = calendar.today - calendar.today.weekday() * _DAY
    if which == "this":
        return _one(monday + day.weekday() * _DAY)
    if which in ("last", "past") and day >= calendar.today:
        weeks = -1
    return _one(day + 7 * weeks * _DAY)


def _month(match: re.Match[str], calendar: _Calendar) -> _Days:
    day = calendar.read(match["day"])
    return None if day is None else _unit("month", day)


def _day(match: re.Match[str], calendar: _Calendar) -> _Days:
    return _one(calendar.read(match[0]))


def _day_of_month(match: re.Match[str], calendar: _Calendar) -> _Days:
    number = int(match["number"])
    day = calendar.today
    for _ in range(62):
        if day.day == number:
            return _one(day)
        day += _DAY if calendar.forward else -_DAY
    return None


_KINDS: dict[str, Callable[[re.Match[str], _Calendar], _Days]] = {
    "today": lambda match, calendar: _one(calendar.today),
    "yesterday": lambda match, calendar: _one(calendar.today - _DAY),
    "before_yesterday": lambda match, calendar: _one(calendar.today - 2 * _DAY),
    "tomorrow": lambda match, calendar: _one(calendar.today + _DAY),
    "this": _this,
    "last": _last,
    "next": _next,
    "count": _count,
    "school_year": _school_year,
    "last_school_year": _last_school_year,
    "weekday": _weekday,
    "month": _month,
    "day": _day,
    "day_of_month": _day_of_month,
}


@cache
def _parser(language: str) -> Callable[[str, dict[str, Any]], datetime | None]:
    # dateparser takes a third of a second to import: only the first message with a date pays for it.
    from dateparser import parse  # noqa: PLC0415

    def read(text: str, settings: dict[str, Any]) -> datetime | None:
        found: datetime | None = parse(text, languages=[language], settings=settings)
        return found

    return read
