"""Find the course or subject that a sentence names."""

from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.conversation.understanding.lexicon import Lexicon, Sentence, phrase
from bot.conversation.understanding.parsed import Entity
from bot.conversation.understanding.tokens import Token

NAME = "course"
_LONGEST = 5


def find_courses(sentence: Sentence, titles: Sequence[str], lexicon: Lexicon) -> list[Entity]:
    """Return the courses named; the value is a title where only one fits, else what was typed."""
    parted = [lexicon.parted(token) for token in sentence.tokens]
    tokens = [token for _, token in parted]
    words = [
        token.plain if elided else word for (elided, token), word in zip(parted, sentence.words, strict=True)
    ]
    return list(_find(tokens, words, _Titles(titles, lexicon)))


def find_unknown(sentence: Sentence, lexicon: Lexicon) -> Iterator[Entity]:
    """Find what is named like a course and is none of the known ones, so that this can be said."""
    # "In Vietnamese" asks for a language, unless a course is called so.
    languages = {name for _, names in lexicon.groups("language_") for name in names}
    others = languages | lexicon.lookups.get("not_a_course", frozenset())
    for match in lexicon.matches("course_named", sentence.folded):
        start, end = match.span("course")
        words = [token.plain for token in sentence.tokens if start <= token.start < end]
        if words and not others.intersection(words) and not any(map(lexicon.is_first_name, words)):
            yield Entity(NAME, sentence.text[start:end], start, end)
            return


@lru_cache(maxsize=10_000)
def _words_of(title: str) -> str:
    """Return the words of a title; a school has few, and each message is held against all of a family's."""
    return phrase(title)


class _Titles:
    """Know the titles of a family's courses and the subjects that they belong to."""

    def __init__(self, titles: Sequence[str], lexicon: Lexicon) -> None:
        self.by_phrase = {_words_of(title): title for title in titles}
        self.subjects = dict(lexicon.groups("subject_"))
        self.general = lexicon.lookups.get("general_subject", frozenset()) | self.subjects.keys()
        self.words = {word for title in self.by_phrase for word in title.split(" ")}
        self.telling = sorted(word for word in self.words if len(word) > 3 and word not in lexicon.ordinary)

    def resolve(self, words: Sequence[str]) -> str | None:
        """Return the title or subject that these words mean, or None."""
        typed = " ".join(words)
        if typed in self.by_phrase:
            return self.by_phrase[typed]
        subject = next((items for items in self.subjects.values() if typed in items), None)
        if subject is None and (len(words) > 1 or not self._is_telling(typed)):
            return None
        exact = None if typed in self.general else self._only([typed])
        return exact or self._only(subject or [self._mended(typed)], but=self._others(subject)) or typed

    def _is_telling(self, word: str) -> bool:
        return bool(self.telling) and self._mended(word) in self.telling

    def _mended(self, word: str) -> str:
        if len(word) < 5:
            return word
        found = process.extractOne(word, self.telling, scorer=OSA.distance, score_cutoff=1)
        return found[0] if found else word

    def _others(self, subject: Collection[str] | None) -> Sequence[str]:
        """Return what other subjects are called that only sounds like this one: language arts are no art."""
        others = [name for names in self.subjects.values() if names is not subject for name in names]
        return [other for other in others if _holds(other, subject or ())]

    def _only(self, names: Collection[str], but: Collection[str] = ()) -> str | None:
        titles = [words for words in self.by_phrase if _holds(words, names) and not _holds(words, but)]
        return self.by_phrase[titles[0]] if len(titles) == 1 else None


def _holds(words: str, names: Collection[str]) -> bool:
    """Tell whether one of the names stands in a phrase, word by word."""
    return any(f" {name} " in f" {words} " for name in names)


def _find(tokens: Sequence[Token], words: Sequence[str], titles: _Titles) -> Iterator[Entity]:
    at = 0
    while at < len(words):
        length, value = _longest(words, at, titles)
        if value is not None:
            yield Entity(NAME, value, tokens[at].start, tokens[at + length - 1].end)
        at += length


def _longest(words: Sequence[str], at: int, titles: _Titles) -> tuple[int, str | None]:
    for length in range(min(_LONGEST, len(words) - at), 0, -1):
        value = titles.resolve(words[at : at + length])
        if value is not None:
            return length, value
    return 1, None
