"""Tell by its words in which language a message is written."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log
from unicodedata import name

from bot.conversation.understanding.tokens import tokenize

# The share of sentences in which a word is taken to stand that a language was never seen to use.
_UNSEEN = 1e-4
# How many times likelier the words are in another language (as a logarithm): beyond doubt, and perhaps.
_CLEAR = 5.5
_PERHAPS = 3.0


_MOST_WRITTEN = "LATIN"


@dataclass(frozen=True, slots=True)
class Guess:
    """Name the language that a message rather is in; `clear` means beyond doubt."""

    language: str
    clear: bool


@dataclass(frozen=True, slots=True)
class Tongues:
    """Know of every language in what share of its sentences each of its words stands."""

    shares: Mapping[str, Mapping[str, float]]

    def guess(self, text: str, current: str) -> Guess | None:
        """Return a language that the words are likelier in than in the current one, or None.

        Names, slips and loan words are about as likely in both and tell next to nothing.
        """
        written = self._by_script(text)
        if written is not None:
            return None if written == current else Guess(written, clear=True)
        words = [token.plain for token in tokenize(text) if not token.plain.isdecimal()]
        own = self._likelihood(current, words)
        lead = {
            language: self._likelihood(language, words) - own
            for language in self.shares
            if language != current
        }
        best = max(lead, key=lambda language: lead[language], default=None)
        if best is None or lead[best] < _PERHAPS:
            return None
        return Guess(best, clear=lead[best] >= _CLEAR)

    def _by_script(self, text: str) -> str | None:
        """Return the one language that is written in the letters of which most of the text consists."""
        script = _script(text)
        if script in {None, _MOST_WRITTEN}:
            return None
        found = [code for code, shares in self.shares.items() if _script("".join(shares)) == script]
        return found[0] if len(found) == 1 else None

    def _likelihood(self, language: str, words: Sequence[str]) -> float:
        shares = self.shares.get(language, {})
        return sum(log(max(shares.get(word, 0.0), _UNSEEN)) for word in words)


@lru_cache(maxsize=64)
def _script(text: str) -> str | None:
    """Return the script of most letters, by the first word of their names in Unicode."""
    scripts = Counter(name(letter, "").partition(" ")[0] for letter in text if letter.isalpha())
    return max(scripts, key=lambda script: scripts[script], default=None)
