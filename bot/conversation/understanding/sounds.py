"""Tell a child's name that is written in another script than the school's, by how it sounds."""

import re
from functools import lru_cache

from anyascii import anyascii

# Letters that one script has and another lacks are written with the nearest one.
_NEAREST = (("ph", "f"), ("gh", "g"), ("kh", "k"), ("sh", "s"), ("th", "t"), ("ch", "k"))
_CLASSES = str.maketrans("pvqcjdz", "bfkkgtz")
_VOWELS = re.compile("[aeiou]")
# Written for a vowel in one script and for a consonant in another.
_HALF_VOWELS = re.compile("[wyh]")
_DOUBLED = re.compile(r"(.)\1+")


def sounds_like(written: str, name: str) -> bool:
    """Tell whether a word in another script can be this name (in small letters without accents)."""
    one, other = _consonants(written), _consonants(name)
    if one == other:
        return bool(one)
    bare, wanted = _HALF_VOWELS.sub("", one), _HALF_VOWELS.sub("", other)
    if bare != wanted or not wanted:
        return False
    # Of one consonant alone ("Leo", "Maya") many words are made: then all of the name must be heard.
    extra = len(one) - len(other)
    return len(wanted) > 1 or (
        one[0] == other[0] and set(other) <= set(one) and "h" not in one and extra <= 2
    )


@lru_cache(maxsize=512)
def _consonants(word: str) -> str:
    letters = "".join(filter(str.isalpha, anyascii(word).lower()))
    for written, nearest in _NEAREST:
        letters = letters.replace(written, nearest)
    return _DOUBLED.sub(r"\1", _VOWELS.sub("", letters.translate(_CLASSES)))
