"""Tell by its words in which language a message is written."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Self
from unicodedata import name

from bot.conversation.understanding.tokens import tokenize

# The share of sentences in which a word is taken to stand that a language was never seen to use.
_UNSEEN = 1e-4
# How many times likelier the words are in another language (as a logarithm): beyond doubt, and perhaps.
_CLEAR = 5.5
_PERHAPS = 3.0


# So much likelier (as a logarithm) a single word must be to speak for a language, and so many must do so.
_TELLING = 1.5
_SOME = 2
_SEVERAL = 3
_MOST = 0.5
_MOST_WRITTEN = "LATIN"
# "nova@casa.example" is an address in any language.
_ADDRESS = re.compile(r"(?<![^\s@])[^\s@]+@\S+")
# A language is written in a script that so much of its words is in; the rest are quotations.
_WRITTEN = 0.05


@dataclass(frozen=True, slots=True)
class Guess:
    """Name the language of a message: beyond doubt (`clear`), or by several words (`likely`)."""

    language: str
    clear: bool
    likely: bool = False


@dataclass(frozen=True, slots=True)
class Tongues:
    """Know of every language in what share of its sentences each of its words stands.

    `scripts` leads from a script that one language alone is written in to that language.
    """

    shares: Mapping[str, Mapping[str, float]]
    scripts: Mapping[str, str]

    @classmethod
    def of(cls, shares: Mapping[str, Mapping[str, float]]) -> Self:
        """Find the scripts of the languages by their words, which parents also write in Latin letters."""
        written: dict[str, list[str]] = {}
        for language, words in shares.items():
            counts = _scripts("".join(words))
            for script, count in counts.items():
                if script != _MOST_WRITTEN and count >= _WRITTEN * counts.total():
                    written.setdefault(script, []).append(language)
        return cls(shares, {script: found[0] for script, found in written.items() if len(found) == 1})

    def guess(self, text: str, current: str) -> Guess | None:
        """Return a language that the words are likelier in than in the current one, or None.

        Names, slips and loan words are about as likely in both and tell next to nothing.
        """
        text = _ADDRESS.sub(" ", text)
        script = _scripts(text).most_common(1)
        written = self.scripts.get(script[0][0]) if script else None
        if written is not None:
            return None if written == current else Guess(written, clear=True, likely=True)
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
        telling = self._telling(words, best, current) if lead[best] >= _CLEAR else 0
        # "De la" alone is part of a name: a sentence has more words that speak for its language.
        is_sentence = telling >= _SEVERAL and telling >= _MOST * len(words)
        return Guess(best, clear=is_sentence, likely=telling >= _SOME)

    def _telling(self, words: Sequence[str], language: str, current: str) -> int:
        """Count the words that speak for the language."""
        leads = (self._likelihood(language, [word]) - self._likelihood(current, [word]) for word in words)
        return sum(lead >= _TELLING for lead in leads)

    def _likelihood(self, language: str, words: Sequence[str]) -> float:
        shares = self.shares.get(language, {})
        return sum(log(max(shares.get(word, 0.0), _UNSEEN)) for word in words)


def _scripts(text: str) -> Counter[str]:
    """Count the letters of each script, which the first word of a letter's name in Unicode tells."""
    return Counter(name(letter, "").partition(" ")[0] for letter in text if letter.isalpha())
