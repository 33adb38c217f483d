"""Clean a text and cut it into words, keeping track of where each word stood."""

import re
import unicodedata
from dataclasses import dataclass

MAX_CHARACTERS = 2_000
# Latin accents, and the vowel signs that belong to the words of Indian scripts.
_MARKS = "\u0300-\u036f\u0900-\u0dff"
_WORD = re.compile(rf"[^\W_](?:[^\W_]|[{_MARKS}]|['\u2019\u02bc](?=[^\W_]))*")
_ACCENTS = re.compile("[\u0300-\u036f]")
_APOSTROPHES = "'\u2019\u02bc"


@dataclass(frozen=True, slots=True)
class Token:
    """Hold one word: as typed, folded to plain small letters, and its place in the text."""

    typed: str
    plain: str
    start: int
    end: int


def clean(text: str) -> str:
    """Cut the text to size and drop what nobody types: control characters, marks of direction."""
    text = unicodedata.normalize("NFC", text[:MAX_CHARACTERS])[:MAX_CHARACTERS]
    kept = (_visible(character) for character in text)
    return " ".join("".join(kept).split())


def fold(text: str) -> str:
    """Write the text in small letters without accents, every character still in its place."""
    return "".join(_fold_character(character) for character in text)


def plain(word: str) -> str:
    """Write one word in small letters, without accents and apostrophes."""
    decomposed = unicodedata.normalize("NFKD", word.casefold())
    composed = unicodedata.normalize("NFC", _ACCENTS.sub("", decomposed))
    return composed.translate({ord(mark): None for mark in _APOSTROPHES})


def tokenize(text: str) -> list[Token]:
    """Return the words of a cleaned text in order."""
    matches = _WORD.finditer(text)
    return [Token(match[0], plain(match[0]), match.start(), match.end()) for match in matches]


def _visible(character: str) -> str:
    match unicodedata.category(character):
        case "Cc" | "Zl" | "Zp" | "Zs":
            return " "
        case "Cf" | "Cs" | "Co" | "Cn":
            return ""
        case _:
            return character


def _fold_character(character: str) -> str:
    if character.isascii():
        return character.lower()
    if character in _APOSTROPHES:
        return "'"
    folded = unicodedata.normalize("NFKD", character.lower())[:1]
    return folded or character
