"""Cut long texts where a reader would pause, counted in UTF-16 units as Telegram counts."""

import unicodedata

# Where a reader pauses, the longest pause first; Chinese has no space after a sentence.
PAUSES = (
    ("\n\n",),
    ("\n",),
    (". ", "! ", "? ", "\u061f ", "\u3002", "\uff01", "\uff1f"),
    (" ", "\uff0c", "\u3001"),
)
JOINER = "\u200d"


def split(text: str, most: int) -> list[str]:
    """Cut a text into pieces of so many units, between paragraphs, lines, sentences or words."""
    pieces = []
    while units(text) > most:
        cut = _cut(text, most)
        pieces.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return [*pieces, text]


def units(text: str) -> int:
    """Return the length as Telegram counts it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _cut(text: str, most: int) -> int:
    # Never in the middle of a letter that takes two units.
    encoded = text.encode("utf-16-le", "surrogatepass")[: 2 * most]
    place = len(encoded.decode("utf-16-le", "ignore"))
    for marks in PAUSES:
        # A piece that ends with a mark ends before the limit, the space behind it may lie beyond.
        found = max((_end(text, mark, place) for mark in marks), default=0)
        if found:
            return found
    return _letter_end(text, place)


def _end(text: str, mark: str, place: int) -> int:
    found = text.rfind(mark, place // 2, place)
    return 0 if found < 0 else found + len(mark)


def _letter_end(text: str, place: int) -> int:
    """Step back to where a letter ends with all its marks."""
    end = place
    while end > 1 and (_goes_on(text[end]) or text[end - 1] == JOINER):
        end -= 1
    return end if end > 1 else place


def _goes_on(letter: str) -> bool:
    return (
        letter == JOINER or unicodedata.category(letter).startswith("M") or unicodedata.combining(letter) > 0
    )
