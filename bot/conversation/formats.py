"""Write dates, numbers and lists as a language writes them."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from functools import lru_cache
from math import inf
from pathlib import Path
from typing import Any, Literal, cast

from babel import Locale, UnknownLocaleError
from babel.dates import (
    format_date,
    format_skeleton,
    format_time,
    format_timedelta,
    get_datetime_format,
    get_day_names,
)
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal, format_percent

from bot.conversation.yaml_files import read_yaml

Style = Literal["full", "long", "medium", "short"]
CURRENCY = "USD"
# Written as in the United States, where Spanish has a custom of its own: $3.50, not 3,50 US$.
_HERE = {"es": "es_US"}
# The medium style of Arabic is all numbers, where 10/09 may be a day of September or of October.
_TOLD = {("ar", "medium"): "long"}
_PACKS = Path(__file__).resolve().parents[2] / "data"
_CODE = re.compile(r"[a-z]{2,3}")
_WORD = re.compile(r"[^\W\d_]+\.?")
_UNITS: tuple[tuple[Literal["day", "hour", "minute", "second"], int], ...] = (
    ("day", 86_400),
    ("hour", 3_600),
    ("minute", 60),
    ("second", 1),
)


@dataclass(frozen=True, slots=True)
class Manner:
    """Say in which language, time zone and channel something is worded, and which turn it is."""

    language: str = "en"
    zone: tzinfo = UTC
    channel: str = ""
    turn: int = 0
    slots: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Own:
    """Hold how a language writes what Babel writes in the words of another: by those words, and its "and"."""

    dates: Mapping[str, str] = field(default_factory=dict)
    last: str = ""


@lru_cache(maxsize=64)
def _own(language: str) -> _Own:
    path = _PACKS / language / "language.yml"
    if not _CODE.fullmatch(language) or not path.exists():
        return _Own()
    written = read_yaml(path).get("language") or {}
    return _Own(dict(written.get("dates") or {}), str(written.get("and") or ""))


@lru_cache(maxsize=64)
def locale_of(language: str) -> Locale:
    """Return the locale of a language code; an unknown code is worded as English is."""
    try:
        code = _HERE.get(language, language)
        return Locale.parse(code, sep="-" if "-" in code else "_")
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def own_name(code: str, packs: Mapping[str, str]) -> str:
    """Return what the speakers of a language call it: as its pack says, else as Babel does, else its code."""
    called = packs.get(code) or packs.get(code.partition("-")[0])
    if called or not code or locale_of(code).language != code.partition("-")[0]:
        return called or code
    name = locale_of(code).get_display_name() or code
    return name[:1].upper() + name[1:]


def name_in(language: str, code: str, calls: Mapping[str, str]) -> str:
    """Return what a language calls another one: as its pack says, else as Babel does; nothing if neither."""
    name = calls.get(code) or locale_of(language).languages.get(code) or ""
    return name[:1].upper() + name[1:]


def formatted(kind: str, value: Mapping[str, Any], manner: Manner) -> str:
    """Write a value such as `{"date": "2026-10-15"}`; KeyError for a kind that does not exist."""
    style = cast("Style", value.get("style", "long"))
    return _KINDS[kind](value[kind], style, manner)


def is_formatted(value: Mapping[str, Any]) -> str | None:
    """Return the kind that a mapping asks for, if any."""
    return next((kind for kind in _KINDS if kind in value), None)


def listed(parts: Sequence[str], manner: Manner) -> str:
    """Join words as the language joins them: "a, b and c"."""
    last = _own(manner.language).last
    if last and len(parts) > 1:
        return f"{', '.join(parts[:-1])} {last} {parts[-1]}"
    joined = format_list(list(parts), locale=locale_of(manner.language))
    # American English writes ", and"; the portal's own pages do not.
    return joined.replace(", and ", " and ") if manner.language == "en" and len(parts) > 2 else joined


def plural(count: float, manner: Manner) -> str:
    """Return the plural category of a number in the language ("one", "few", "other" ...)."""
    return str(locale_of(manner.language).plural_form(count))


def plural_forms(language: str) -> tuple[str, ...]:
    """Return the plural categories that whole numbers take in a language, "other" last."""
    locale = locale_of(language)
    # A million and more has a form of its own in some languages; no school counts so far.
    forms = {str(locale.plural_form(count)) for count in range(201)}
    return (*sorted(forms - {"other"}), "other")


def decimal(number: float, manner: Manner) -> str:
    """Write a number with the language's separators."""
    # A score is told digit by digit; the language's usual pattern would round it.
    return format_decimal(Decimal(str(number)), locale=locale_of(manner.language), decimal_quantization=False)


def length(span: timedelta, language: str) -> str:
    """Write a length exactly in the largest unit that it is a whole number of, such as "30 minutes"."""
    seconds = int(span.total_seconds())
    unit = next(unit for unit, size in _UNITS if seconds % size == 0)
    # No unit is reached but the one that is asked for: ninety minutes are not told as two hours.
    told = format_timedelta(span, granularity=unit, threshold=inf, locale=locale_of(language))
    return _own_words(told, language)


def weekdays(width: Literal["abbreviated", "narrow", "wide"], language: str) -> list[str]:
    """Return what the days of the week are called, Monday first."""
    names = get_day_names(width, context="stand-alone", locale=locale_of(language))
    return [_own_words(str(names[day]), language) for day in range(7)]


def _date(value: Any, style: Style, manner: Manner) -> str:
    return _day(date.fromisoformat(value), style, manner.language)


def _day(day: date, style: Style, language: str) -> str:
    told = cast("Style", _TOLD.get((language, style), style))
    return _own_words(format_date(day, format=told, locale=locale_of(language)), language)


def _own_words(text: str, language: str) -> str:
    """Write days and months as the pack calls them, where Babel has the words of another language."""
    words = _own(language).dates
    return _WORD.sub(lambda match: words.get(match[0], match[0]), text) if words else text


def _weekday(value: Any, _style: Style, manner: Manner) -> str:
    # A school's week begins with 1 for Monday.
    return weekdays("wide", manner.language)[int(value) - 1]


def _time(value: Any, _style: Style, manner: Manner) -> str:
    return _clock(time.fromisoformat(value), manner)


def _datetime(value: Any, style: Style, manner: Manner) -> str:
    instant = datetime.fromisoformat(value)
    local = instant.astimezone(manner.zone) if instant.tzinfo else instant
    locale = locale_of(manner.language)
    day = _day(local.date(), style, manner.language)
    pattern = str(get_datetime_format(style, locale=locale)).replace("'", "")
    return pattern.replace("{0}", _clock(local.time(), manner)).replace("{1}", day)


def _clock(value: time, manner: Manner) -> str:
    # Babel puts a narrow no-break space before AM; screen readers and old fonts stumble over it.
    return format_time(value, format="short", locale=locale_of(manner.language)).replace("\u202f", " ")


def _month(value: Any, _style: Style, manner: Manner) -> str:
    """Write the month of a day, with its year."""
    month = format_skeleton("yMMMM", date.fromisoformat(value), locale=locale_of(manner.language))
    return _own_words(month, manner.language)


def _number(value: Any, _style: Style, manner: Manner) -> str:
    return decimal(value, manner)


def _percent(value: Any, _style: Style, manner: Manner) -> str:
    return format_percent(
        Decimal(str(value)) / 100, locale=locale_of(manner.language), decimal_quantization=False
    )


def _money(value: Any, _style: Style, manner: Manner) -> str:
    return format_currency(Decimal(str(value)), CURRENCY, locale=locale_of(manner.language))


def _told(value: Mapping[str, str], _: Style, manner: Manner) -> str:
    # In the language it was written in, else in the first one, which whoever wrote it wrote first.
    return value.get(manner.language) or next(iter(value.values()))


_KINDS: dict[str, Callable[[Any, Style, Manner], str]] = {
    "date": _date,
    "datetime": _datetime,
    "month": _month,
    "weekday": _weekday,
    "time": _time,
    "number": _number,
    "percent": _percent,
    "money": _money,
    "told": _told,
}
