"""Write a child's calendar as calendar programs read it (RFC 5545, RFC 7986)."""

from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from bot.files.words import PaperWords
from portal.records.feed_days import FeedDay
from portal.records.feeds import FeedContent

if TYPE_CHECKING:
    from icalendar import Event

# How often a calendar program should ask again; a district imports its records once a day.
ASK_AGAIN = timedelta(hours=6)
ONE_DAY = timedelta(days=1)
# Changed whenever this file writes the same days differently, so that nobody keeps the old form.
FORM = "1"


def written(content: FeedContent, words: PaperWords) -> bytes:
    """Return the calendar as a file; each entry lasts all of its day, wherever the reader is."""
    # The library is loaded with the first calendar that a program fetches.
    from icalendar import Calendar, vText  # noqa: PLC0415

    calendar = Calendar()
    calendar.add("prodid", "-//Hallpass//My Calendars//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    name, about = _named(content, words), words("calendar_about", district=content.district.options.name)
    for key, text in (
        ("name", name),
        ("x-wr-calname", name),
        ("description", about),
        ("x-wr-caldesc", about),
    ):
        calendar.add(key, vText(_plain(text)), encode=False)
    calendar.add("x-wr-timezone", vText(content.district.options.time_zone), encode=False)
    calendar.add("refresh-interval", ASK_AGAIN, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vText("PT6H"), encode=False)
    for day in content.days:
        calendar.add_component(_entry(day, content, words))
    file: bytes = calendar.to_ical()
    return file


def version_of(content: FeedContent, words: PaperWords) -> str:
    """Return what tells two states of a calendar apart; an import that changed none of it does not."""
    days = [f"{day.uid}\n{day.day}\n{day.title}\n{day.course}" for day in content.days]
    options = content.district.options
    about = [FORM, words.language, content.kind, content.first_name, options.name, options.time_zone]
    return sha256("\0".join([*about, *days]).encode()).hexdigest()[:32]


def _named(content: FeedContent, words: PaperWords) -> str:
    return words(f"calendar_{content.kind}", student=content.first_name)


def _entry(day: FeedDay, content: FeedContent, words: PaperWords) -> "Event":
    from icalendar import Event  # noqa: PLC0415  (as above)

    event = Event()
    event.add("uid", day.uid)
    event.add("dtstamp", content.changed_at)
    event.add("dtstart", day.day)
    event.add("dtend", day.day + ONE_DAY)
    title = words("calendar_due", course=day.course, title=day.title) if day.course else day.title
    event.add("summary", _plain(title))
    # A day of the calendar keeps nobody busy.
    event.add("transp", "TRANSPARENT")
    return event


def _plain(text: str) -> str:
    """Return the text on one line without control characters, which no calendar may hold."""
    return "".join(each for each in " ".join(text.split()) if each.isprintable())
