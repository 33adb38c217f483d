"""Fold names so that people who write them differently still mean the same."""

import re
import unicodedata

APOSTROPHES = re.compile(r"['\u2019\u02bc`\u00b4]")
SEPARATORS = re.compile(r"[\W_]+")
# Letters that no Unicode decomposition turns into the ones people type instead.
LOOSE = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "\u0131": "i"})


def fold(text: str) -> str:
    """Return a name without case, accents, apostrophes, hyphens and doubled spaces."""
    plain = text.lower() if text.isascii() else _without_accents(text)
    return " ".join(SEPARATORS.split(APOSTROPHES.sub("", plain))).strip()


def _without_accents(text: str) -> str:
    decomposed = unicodedata.normalize(
        "NFKD", unicodedata.normalize("NFKD", text).casefold().translate(LOOSE)
    )
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter)).casefold()
