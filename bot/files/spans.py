"""Word the time that a page is about."""

from datetime import date

from bot.files.words import PaperWords
from portal.records.answers import TermSpan


def term_words(term: TermSpan, words: PaperWords) -> str:
    """Name a term with its days."""
    return words("term", term=term.title, since=words.day(term.since), until=words.day(term.until))


def days_words(since: date, until: date | None, words: PaperWords) -> str:
    """Name a day, a range of days, or all the days from one on."""
    if until is None:
        return words("days_from", since=words.day(since, "long"))
    if since == until:
        return words.day(since, "full")
    return words("days", since=words.day(since, "long"), until=words.day(until, "long"))


def span_words(term: TermSpan | None, since: date, until: date | None, words: PaperWords) -> str:
    """Name the term, or the days where no term was meant."""
    return days_words(since, until, words) if term is None else term_words(term, words)
