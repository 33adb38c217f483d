"""Recognise what was typed into the chat and belongs only into a masked field."""

import re
import unicodedata
from collections.abc import Iterator

from bot.conversation.understanding import Parse

REMOVED = "[removed]"
# Access passwords as schools print them: never kept, whoever types one where it does not belong. What
# stands beside one in another script, without a space, is no part of it.
_GROUP = "[34679ACDEFGHJKMNPQRTWXY]{3}"
_ACCESS_PASSWORD = re.compile(rf"(?<!\w)(?:{_GROUP}[ -]{{0,3}}){{5}}{_GROUP}(?!\w)", re.ASCII | re.IGNORECASE)
# A password is of letters that every keyboard has; a sentence in another script ends where one begins.
_RUN = re.compile(r"[!-~\u00a1-\u024f\u1e00-\u1eff]+")
_PARTED = re.compile(r"[,;]")
_AROUND = ".,;:!?()[]\"'\u00ab\u00bb\u00a1\u00bf"
_NAME = re.compile(r"[a-z0-9._-]+")
# "2day", "Q1", "5pm" are no passwords: no account has such a short one.
_SHORTEST = 5
# These stand inside of ordinary words: "father's", "sign-in", "and/or", "p.m".
_INSIDE = re.compile(r"(?<=[^\W\d_])['\u2019./&-](?=[^\W\d_])")
_TIME = re.compile(r"\d{1,2}[:h.]\d{2}(?:[ap]\.?m)?|\d{1,2}(?:st|nd|rd|th)", re.IGNORECASE)
# What is known for what it is, whatever letters and digits it is made of.
_KNOWN = frozenset({"access_id", "date_range", "district", "email", "term", "username"})


def without_access_password(text: str) -> str:
    """Return the text with each access password in it taken out, before anybody reads or stores it.

    Letters of double width and long dashes, which some keyboards write, do not hide one.
    """
    for match in reversed(list(_ACCESS_PASSWORD.finditer(_plainly(text)))):
        text = f"{text[: match.start()]}{REMOVED}{text[match.end() :]}"
    return text


def holds_password(parse: Parse) -> bool:
    """Tell whether a word of the message mixes letters with digits or signs, as passwords do.

    However well the words beside it are understood, such a word must not be kept while a password
    is awaited.
    """
    return any(_mixed(parse))


def strays_password(parse: Parse) -> bool:
    """Tell whether a word of the message may be a password and could hardly be a username.

    Asked where either may be typed: usernames are of small letters and digits, as a rule.
    """
    return any(not _NAME.fullmatch(run.rstrip("?")) for run in _mixed(parse))


def _plainly(text: str) -> str:
    """Return the text with every letter and dash in its plainest form, each still in its place."""
    return "".join(_plain(character) for character in text)


def _plain(character: str) -> str:
    if unicodedata.category(character) == "Pd" or character == "\N{MINUS SIGN}":
        return "-"
    folded = unicodedata.normalize("NFKC", character)
    return folded if len(folded) == 1 else character


def _mixed(parse: Parse) -> Iterator[str]:
    known = [one for part in _parts(parse) for one in _named(part)]
    for part in _parts(parse):
        for run in _runs(part.text):
            if _is_mixed(run) and not any(run in one for one in known):
                yield run


def _parts(parse: Parse) -> Iterator[Parse]:
    following: Parse | None = parse
    while following is not None:
        yield following
        following = following.also


def _named(parse: Parse) -> Iterator[str]:
    return (_plainly(parse.text[one.start : one.end]) for one in parse.entities if one.name in _KNOWN)


def _runs(text: str) -> Iterator[str]:
    for run in _RUN.findall(_plainly(text)):
        yield from _PARTED.split(run)


def _is_mixed(run: str) -> bool:
    if len(run) < _SHORTEST or run.lower().startswith(("http://", "https://")):
        return False
    word = _TIME.sub("", _INSIDE.sub("", run.strip(_AROUND)))
    return any(map(str.isalpha, word)) and not word.isalpha()
