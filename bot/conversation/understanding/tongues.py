"""Tell by its words in which language a message is written."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.conversation.understanding.tokens import tokenize

# So many more words than the language of the conversation knows are no loan words and no names.
_CLEAR_LEAD = 2


@dataclass(frozen=True, slots=True)
class Guess:
    """Name the language that a message rather is in; `clear` means beyond doubt."""

    language: str
    clear: bool


@dataclass(frozen=True, slots=True)
class Tongues:
    """Know the ordinary words of every language."""

    words: Mapping[str, frozenset[str]]

    def guess(self, text: str, current: str) -> Guess | None:
        """Return a language that knows more of the words than the current one, or None.

        Names, numbers and slips are in no language and tell nothing; words that both languages
        know tell nothing either.
        """
        typed = [token.plain for token in tokenize(text) if not token.plain.isdecimal()]
        own = self.words.get(current, frozenset())
        lead = {
            language: sum(word in words for word in typed) - sum(word in own for word in typed)
            for language, words in self.words.items()
            if language != current
        }
        best = max(lead, key=lambda language: lead[language], default=None)
        if best is None or lead[best] < 1:
            return None
        foreign = sum(word in self.words[best] and word not in own for word in typed)
        shared = sum(word in own for word in typed)
        return Guess(best, clear=lead[best] >= _CLEAR_LEAD and foreign > shared)
