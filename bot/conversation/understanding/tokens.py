"""Clean a text and cut it into words, keeping track of where each word stood."""

import re
import unicodedata
from dataclasses import dataclass

MAX_CHARACTERS = 2_000
# Accents, the vowel signs of Arabic, and those that belong to the words of Indian scripts.
MARKS = "\u0300-\u036f\u064b-\u065f\u0670\u0900-\u0dff\u200c\u200d"
# Chinese is written without spaces: each of its characters is a word.
CHARACTERS = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_CHARACTER = re.compile(f"[{CHARACTERS}]")
_APOSTROPHES = "'\u2019\u02bc"
_NO_APOSTROPHES = {ord(mark): None for mark in _APOSTROPHES}
_TAIL = rf"[{MARKS}]|[{_APOSTROPHES}](?=[^\W_])"
_WORD = re.compile(
    rf"[{CHARACTERS}]"
    # A name in Latin letters ends where an ending in another script is put to it.
    rf"|[A-Za-z0-9\u00c0-\u024f\u1e00-\u1eff](?:[A-Za-z0-9\u00c0-\u024f\u1e00-\u1eff]|{_TAIL})*"
    rf"|[^\W_](?:(?![A-Za-z0-9{CHARACTERS}])[^\W_]|{_TAIL})*"
)
_ACCENTS = re.compile("[\u0300-\u036f\u064b-\u065f\u0670\u0640\u200c\u200d]")
_NAME = re.compile(r"[A-Za-z0-9][\w.@+-]*\w", re.ASCII)
# They shape the words of Telugu and other Indian scripts.
_JOINERS = "\u200c\u200d"
# Letters that are typed for one another, where Unicode does not take them apart.
_SAME = str.maketrans("\u0111\u0110\u0649\u0629\u06cc\u06a9", "dd\u064a\u0647\u064a\u0643")


@dataclass(frozen=True, slots=True)
class Token:
    """Hold one word: as typed, folded to plain small letters, and its place in the text."""

    typed: str
    plain: str
    start: int
    end: int

    @property
    def is_character(self) -> bool:
        """Tell whether this is one character of a script in which each is a word."""
        return _CHARACTER.fullmatch(self.typed) is not None


def clean(text: str) -> str:
    """Cut the text to size and drop what nobody types: control characters, marks of direction."""
    text = unicodedata.normalize("NFC", text[:MAX_CHARACTERS])[:MAX_CHARACTERS]
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    kept = (_visible(character) for character in text)
    return " ".join("".join(kept).split())


def fold(text: str) -> str:
    """Write the text in small letters without accents, every character still in its place."""
    if text.isascii():
        return text.lower()
    return "".join(_fold_character(character) for character in text)


def plain(word: str) -> str:
    """Write one word in small letters, without accents and apostrophes."""
    if word.isascii():
        return word.lower().replace("'", "")
    decomposed = unicodedata.normalize("NFKD", word.casefold())
    composed = unicodedata.normalize("NFC", _ACCENTS.sub("", decomposed))
    return composed.translate(_SAME).translate(_NO_APOSTROPHES)


def tokenize(text: str) -> list[Token]:
    """Return the words of a cleaned text in order."""
    matches = _WORD.finditer(text)
    return [Token(match[0], plain(match[0]), match.start(), match.end()) for match in matches]


def is_one_plain_word(text: str) -> bool:
    """Tell whether a text is one word of letters, with the marks of its script, and nothing else."""
    bare = text.rstrip(".!?\u061f\u3002\uff01\uff1f")
    tokens = tokenize(bare)
    # Two Chinese characters side by side are one word of that language.
    single = len(tokens) == 1 or (bool(tokens) and all(token.is_character for token in tokens))
    return single and "".join(token.typed for token in tokens) == bare and not any(map(str.isdigit, bare))


def is_one_name(text: str) -> bool:
    """Tell whether a text is one word such as accounts are called by: Latin letters, digits, a few signs."""
    return _NAME.fullmatch(text) is not None


def count_words(text: str) -> int:
    """Count the words of a text as it is written: by its spaces, and two Chinese characters for one."""
    characters = len(_CHARACTER.findall(text))
    return len(_CHARACTER.sub(" ", text).split()) + (characters + 1) // 2


def _visible(character: str) -> str:
    match unicodedata.category(character):
        case "Cc" | "Zl" | "Zp" | "Zs":
            return " "
        case "Cf" if character in _JOINERS:
            return character
        case "Cf" | "Cs" | "Co" | "Cn":
            return ""
        case _:
            return character


def _fold_character(character: str) -> str:
    if character.isascii():
        return character.lower()
    if character in _APOSTROPHES:
        return "'"
    folded = unicodedata.normalize("NFKD", character.lower())[:1].translate(_SAME)
    return folded or character
