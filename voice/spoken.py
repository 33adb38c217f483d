"""Write an answer for the ear: what is read off a page at a glance is said in words."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from babel import Locale, UnknownLocaleError
from babel.dates import format_date, get_day_names, get_month_names
from babel.numbers import format_currency

# About three quarters of a minute: nobody listens to a whole table.
MOST_CHARACTERS = 600
SHORT_PIECE = 25
FILE = "spoken.yml"
_ADDRESS = re.compile(r"https?://\S*[^\s.,;:!?)\]]|[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"(?<![\w])(?:\+?1[ .-])?\(?(\d{3})\)?[ .-](\d{3})[ .-](\d{4})(?!\w)")
_CODE = re.compile(r"\b(?=[A-Z0-9]*\d)(?=[A-Z0-9]*[A-Z])[A-Z0-9]{5,16}\b")
_GRADE = re.compile(r"\b([A-F])([+\u2212-])(?![\w\d])")
_ISO_DATE = re.compile(r"\b(\d{4})-(\d\d)-(\d\d)\b")
_MONEY = re.compile(
    r"([-\u2212])?\$\s?(\d[\d,]*)(?:\.(\d\d))?|(?<![\w.])([-\u2212])?(\d[\d,]*)\.(\d\d)\s?(?:\$|USD)"
)
_SHARE = re.compile(r"(?<![\w/])(\d+(?:[.,]\d+)?)\s?/\s?(\d+(?:[.,]\d+)?)(?![\w/])")
_RANGE = re.compile(r"(?<=\d)\s?[\u2013\u2014-]\s?(?=\d)")
_ASIDE = re.compile(r"\s*[(\[]([^)\]]*)[)\]]")
# After a Chinese sentence there is no space.
_STOP = re.compile(r"(?<=[.!?\u2026\u061f])\s+|(?<=[\u3002\uff01\uff1f])\s*(?=.)", re.DOTALL)
_STOPS = ".!?:;,\u2026\u3002\uff01\uff1f\u061f\u060c"
_BESIDE_A_NUMBER = r"\bNAME\b\.?(?=\s\d)|(?<=\d\s)\bNAME\b\.?"
_BEFORE_A_COMMA = r"\bNAME\b\.?(?=,)"
_SPACED = re.compile(r"[ \t]*[\u2022\u00b7\u2013\u2014|]+[ \t]*")


@dataclass(frozen=True, slots=True)
class SpokenWords:
    """Hold one language's words for what signs mean, and its names of letters and digits.

    `spelled` leads from a name in small letters to the letter or digit. `password` is how somebody
    begins who tells a password. `wishes` are whole sentences, those for answers aloud under "on".
    `dollars` follows an amount where Babel has no name for them in the language.
    """

    spelled: Mapping[str, str] = field(default_factory=dict)
    password: tuple[str, ...] = ()
    wishes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    plus: str = "plus"
    minus: str = "minus"
    to: str = "to"
    of: str = "of"
    link: str = ""
    dollars: str = ""
    prompt: str = "{names}"
    rest: str = ""
    abbreviations: Mapping[str, str] = field(default_factory=dict)

    def tells_password(self, text: str) -> bool:
        """Tell whether somebody says a password: then no word of it is kept."""
        said = f" {_plain(text)} "
        return any((each if _is_joined(each) else f" {each} ") in said for each in map(_plain, self.password))

    def wishes_aloud(self, text: str) -> bool | None:
        """Tell whether somebody asks to be answered aloud, or in writing only; None for anything else."""
        plain = _plain(text)
        turns = (turn for turn, said in self.wishes.items() if plain in map(_plain, said))
        return next((turn == "on" for turn in turns), None)


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFC", text).lower()))


def _is_joined(text: str) -> bool:
    """Tell whether words are written without spaces, as Chinese is: what follows stands in the same word."""
    return any(unicodedata.east_asian_width(letter) in "WF" for letter in text)


def read_spoken(data: Path) -> dict[str, SpokenWords]:
    """Read the words of every language pack below a folder."""
    found = {}
    for path in sorted(data.glob(f"*/{FILE}")):
        written: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))["spoken"]
        digits = {str(name): str(digit) for digit, name in enumerate(written.pop("digits"))}
        spelled = {**digits, **{str(k).lower(): str(v) for k, v in written.pop("names").items()}}
        password = tuple(written.pop("password"))
        found[path.parent.name] = SpokenWords(spelled, password, **written)
    return found


def for_the_ear(text: str, language: str, words: SpokenWords) -> str:
    """Return an answer as it is said aloud, cut after a sentence where it is long."""
    for change in _CHANGES:
        text = change(text, language, words)
    return _cut(_flowing(text), words.rest)


def in_pieces(text: str) -> list[str]:
    """Return a text for the ear in pieces of whole sentences; the first is short, for it is waited for."""
    pieces: list[str] = []
    for sentence in _STOP.split(text):
        if pieces and len(pieces[-1]) < SHORT_PIECE:
            pieces[-1] = f"{pieces[-1]} {sentence}"
        elif sentence:
            pieces.append(sentence)
    return pieces


def spelled_out(code: str) -> str:
    """Return a code letter by letter, with a pause between groups of four."""
    groups = (code[at : at + 4] for at in range(0, len(code), 4))
    return ", ".join(" ".join(group) for group in groups)


def _addresses(text: str, _: str, words: SpokenWords) -> str:
    return _ADDRESS.sub(words.link, text)


def _phones(text: str, _: str, __: SpokenWords) -> str:
    return _PHONE.sub(lambda found: ", ".join(" ".join(part) for part in found.groups()), text)


def _codes(text: str, _: str, __: SpokenWords) -> str:
    return _CODE.sub(lambda found: spelled_out(found[0]), text)


def _grades(text: str, _: str, words: SpokenWords) -> str:
    return _GRADE.sub(lambda m: f"{m[1]} {words.plus if m[2] == '+' else words.minus}", text)


def _dates(text: str, language: str, _: SpokenWords) -> str:
    locale = _locale(language)

    def said(found: re.Match[str]) -> str:
        try:
            return format_date(date(int(found[1]), int(found[2]), int(found[3])), "long", locale)
        except ValueError:
            return found[0]

    return _in_full(_ISO_DATE.sub(said, text), locale)


def _in_full(text: str, locale: Locale) -> str:
    """Say months beside a number, and days of the week before a comma, by their full names."""
    for names, where in ((get_month_names, _BESIDE_A_NUMBER), (get_day_names, _BEFORE_A_COMMA)):
        short, full = names("abbreviated", locale=locale), names("wide", locale=locale)
        for key, name in short.items():
            if name != full[key]:
                pattern = where.replace("NAME", re.escape(str(name).rstrip(".")))
                text = re.sub(pattern, _as_is(full[key]), text)
    return text


def _money(text: str, language: str, words: SpokenWords) -> str:
    locale = _locale(language)

    def said(found: re.Match[str]) -> str:
        sign, whole, cents = (found[1], found[2], found[3]) if found[2] else (found[4], found[5], found[6])
        amount = int(whole.replace(",", ""))
        named = f"{amount} {words.dollars}" if words.dollars else _dollars(amount, locale)
        spoken = f"{named} {int(cents)}" if cents and int(cents) else named
        return f"{words.minus} {spoken}" if sign else spoken

    return _MONEY.sub(said, text)


def _dollars(amount: int, locale: Locale) -> str:
    return format_currency(amount, "USD", locale=locale, currency_digits=False, format_type="name")


def _shares(text: str, _: str, words: SpokenWords) -> str:
    return _SHARE.sub(lambda found: f"{found[1]} {words.of} {found[2]}", text)


def _ranges(text: str, _: str, words: SpokenWords) -> str:
    return _RANGE.sub(f" {words.to} ", text)


def _short_forms(text: str, _: str, words: SpokenWords) -> str:
    for short, full in words.abbreviations.items():
        text = re.sub(rf"(?<!\w){re.escape(short)}(?!\w)", _as_is(full), text)
    return text


_CHANGES: tuple[Callable[[str, str, SpokenWords], str], ...] = (
    _addresses,
    _phones,
    _dates,
    _codes,
    _grades,
    _money,
    _shares,
    _ranges,
    _short_forms,
)


def _as_is(words: object) -> Callable[[re.Match[str]], str]:
    """Return what puts words in a place, whatever signs are in them."""
    return lambda _: str(words)


def _flowing(text: str) -> str:
    """Return lines, lists and asides as sentences, without signs that no voice can say."""
    text = _SPACED.sub(", ", _ASIDE.sub(r", \1,", text))
    lines = (line.strip(" ,-*") for line in text.splitlines())
    ended = [line if line[-1] in _STOPS else f"{line}." for line in lines if line]
    said = " ".join(ended)
    kept = "".join(
        c for c in said if unicodedata.category(c) not in {"So", "Sk", "Cf"} or c in "\u200c\u200d"
    )
    return re.sub(r"\s+", " ", re.sub(r",\s*(?=[.,!?;:])", "", kept)).strip(" ,")


def _cut(text: str, rest: str) -> str:
    if len(text) <= MOST_CHARACTERS:
        return text
    said = ""
    for sentence in _STOP.split(text):
        if said and len(said) + len(sentence) > MOST_CHARACTERS:
            break
        said = f"{said} {sentence}".strip()
    return f"{said[: MOST_CHARACTERS * 2]} {rest}".strip()


def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language)
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en")
