"""Tell by its words in which language a message is written."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence, Set
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
# Words that so many of the languages have ("user name", "district code") are said in English in all of them.
_COMMON = 0.7
_MOST_WRITTEN = "LATIN"
# "nova@casa.example" is an address in any language.
_ADDRESS = re.compile(r"(?<![^\s@])[^\s@]+@\S+")
# A language is written in a script that so much of its words is in; the rest are quotations.
_WRITTEN = 0.05


@dataclass(frozen=True, slots=True)
class Guess:
    """Name the language of a message: beyond doubt (`clear`), or by several words (`likely`).

    Without a word that speaks for it (`told`) it is but a language in which the message means something.
    """

    language: str
    clear: bool
    likely: bool = False
    told: bool = True


@dataclass(frozen=True, slots=True)
class Tongues:
    """Know of every language in what share of its sentences each of its words stands.

    `scripts` leads from a script that one language alone is written in to that language; `loans` are
    the words that most languages have, which speak for none.
    """

    shares: Mapping[str, Mapping[str, float]]
    scripts: Mapping[str, str]
    loans: Set[str] = frozenset()

    @classmethod
    def of(cls, shares: Mapping[str, Mapping[str, float]]) -> Self:
        """Find the scripts of the languages by their words, which parents also write in Latin letters."""
        written: dict[str, list[str]] = {}
        for language, words in shares.items():
            counts = _scripts("".join(words))
            for script, count in counts.items():
                if script != _MOST_WRITTEN and count >= _WRITTEN * counts.total():
                    written.setdefault(script, []).append(language)
        spoken = Counter(
            word for words in shares.values() for word, share in words.items() if share > _UNSEEN
        )
        loans = {word for word, count in spoken.items() if count >= _COMMON * len(shares) and count > 2}
        return cls(shares, {script: one[0] for script, one in written.items() if len(one) == 1}, loans)

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
        telling = self._telling(words, best, current)
        # "De la" alone is part of a name: a sentence has more words that speak for its language.
        is_sentence = telling >= _SEVERAL and telling >= _MOST * len(words)
        surely = lead[best] >= _CLEAR
        return Guess(best, clear=surely and is_sentence, likely=surely and telling >= _SOME, told=telling > 0)

    def _telling(self, words: Sequence[str], language: str, current: str) -> int:
        """Count the words that speak for the language."""
        own = (word for word in words if word not in self.loans)
        leads = (self._likelihood(language, [word]) - self._likelihood(current, [word]) for word in own)
        return sum(lead >= _TELLING for lead in leads)

    def _likelihood(self, language: str, words: Sequence[str]) -> float:
        shares = self.shares.get(language, {})
        return sum(log(max(shares.get(word, 0.0), _UNSEEN)) for word in words)


def _scripts(text: str) -> Counter[str]:
    """Count the letters of each script, which the first word of a letter's name in Unicode tells."""
    if text.isascii():
        return Counter({_MOST_WRITTEN: letters} if (letters := sum(map(str.isalpha, text))) else {})
    return Counter(name(letter, "").partition(" ")[0] for letter in text if letter.isalpha())
