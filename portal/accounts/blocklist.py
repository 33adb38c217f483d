"""Refuse whole passwords that everybody tries first; a phrase that merely contains one may stay."""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from importlib import resources

# Neighbours on the keyboard, in the order in which fingers find them.
RUNS = (
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "01234567890123456789",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "zaq12wsxcde34rfv",
)
LOOKALIKES = str.maketrans("0134578@$!", "oieastbasi")
SHORTEST_NAME = 4


def is_blocked(password: str, names: Iterable[str]) -> bool:
    """Tell whether a normalised password is a listed word, a name from here, or a plain run.

    `names` are the district's own: its slug and name, the parent's username and name.
    """
    plain = _folded(password)
    if _is_repeated(plain) or _is_run(plain):
        return True
    known = {*_words(), *(part for name in names for part in _parts(name))}
    return any(_is_made_of(known, core) for core in _cores(plain))


def _is_made_of(known: set[str], core: str) -> bool:
    # A password made of nothing but listed words is as easily guessed as one of them. Each end that
    # words can reach is found once, so that no crafted text makes this slow.
    longest = max(map(len, known))
    reached = {0}
    for end in range(1, len(core) + 1):
        starts = range(max(0, end - longest), end)
        if any(start in reached and core[start:end] in known for start in starts):
            reached.add(end)
    return bool(core) and len(core) in reached


@cache
def _words() -> frozenset[str]:
    # Our own short list: what people choose when they must choose something. Digits and signs around
    # a word are ignored, so "password1!" and "Summer2026" need no entries of their own.
    return frozenset(resources.files("portal.accounts").joinpath("blocklist.txt").read_text("utf-8").split())


def _folded(value: str) -> str:
    # Case and accents make no password hard to guess; here they are ignored, in the hash they count.
    decomposed = unicodedata.normalize("NFKD", value.casefold())
    return "".join(each for each in decomposed if not unicodedata.combining(each))


def _parts(name: str) -> list[str]:
    folded = _folded(name)
    words = re.findall(r"[^\W_]+", folded)
    cores = [re.sub(r"^\d+|\d+$", "", word) for word in (*words, "".join(words))]
    return [core for core in cores if len(core) >= SHORTEST_NAME]


def _cores(plain: str) -> set[str]:
    # What remains of "P@ssw0rd 2026!": its letters, with and without look-alikes read as letters.
    trimmed = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", plain)
    readings = (
        plain,
        trimmed,
        re.sub(r"[\d!]+$", "", plain).translate(LOOKALIKES),
        trimmed.translate(LOOKALIKES),
    )
    return {re.sub(r"[\W_]+", "", reading) for reading in readings}


def _is_repeated(plain: str) -> bool:
    return re.fullmatch(r"(.{1,4}?)\1+.{0,3}", plain) is not None


def _is_run(plain: str) -> bool:
    letters = re.sub(r"[\W_]+", "", plain)
    runs = [run * 2 for run in RUNS]
    return bool(letters) and any(letters in run or letters in run[::-1] for run in runs)
