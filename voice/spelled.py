"""Put letters and digits that were said one by one together, as an Access ID is read from a letter."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

LEAST = 5
GROUP = 4
_WORD = re.compile(r"\w+")
# Written large by the recogniser, and no part of what is spelled after it.
_ABOUT = frozenset({"ID", "IDS"})


@dataclass(frozen=True, slots=True)
class Spelled:
    """Hold a text with what was spelled in it put together; `code` is that, if there was any."""

    text: str
    code: str | None = None


def put_together(text: str, names: Mapping[str, str]) -> Spelled:
    """Return the text with its longest spelled run as one word.

    `names` are how digits and letters are called in the speaker's language, in small letters.
    """
    runs = list(_runs(text, names))
    if not runs:
        return Spelled(text)
    start, end, code = max(runs, key=lambda run: len(run[2]))
    return Spelled(f"{text[:start]}{code}{text[end:]}", code)


def grouped(code: str) -> str:
    """Return a code in groups, as it is read and compared most easily."""
    return " ".join(code[at : at + GROUP] for at in range(0, len(code), GROUP))


def _runs(text: str, names: Mapping[str, str]) -> Iterator[tuple[int, int, str]]:
    pieces: list[tuple[re.Match[str], str]] = []
    for word, piece in [*_pieces(text, names), (None, "")]:
        if word is not None and piece:
            pieces.append((word, piece))
            continue
        if _is_code([piece for _, piece in pieces]):
            yield pieces[0][0].start(), pieces[-1][0].end(), "".join(piece for _, piece in pieces)
        pieces = []


def _pieces(text: str, names: Mapping[str, str]) -> Iterator[tuple[re.Match[str], str]]:
    for word in _WORD.finditer(_with_names(text, names)):
        yield word, _piece(word[0], names)


def _with_names(text: str, names: Mapping[str, str]) -> str:
    # A name of two words ("double u") must count as one, in its place.
    for name in names:
        if " " in name:
            text = re.sub(rf"(?i)\b{re.escape(name)}\b", lambda m: m[0].replace(" ", "_"), text)
    return text


def _piece(word: str, names: Mapping[str, str]) -> str:
    named = names.get(word.lower().replace("_", " "))
    if named is not None:
        return named.upper()
    is_code = word.isascii() and word.isalnum() and (word.isdigit() or word.isupper() or len(word) == 1)
    mixed = word.isascii() and word.isalnum() and any(map(str.isdigit, word)) and not word.isdigit()
    return word.upper() if (is_code or mixed) and word not in _ABOUT else ""


def _is_code(pieces: list[str]) -> bool:
    joined = "".join(pieces)
    if len(joined) < LEAST or not any(map(str.isdigit, joined)):
        return False
    # Bare numbers are dates and amounts, unless they are said digit by digit.
    return not joined.isdigit() or all(len(piece) == 1 for piece in pieces)
