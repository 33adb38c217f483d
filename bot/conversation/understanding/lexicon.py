"""Know the words of one language: ordinary ones, word lists, patterns, and misspellings."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.conversation.understanding.parsed import FALLBACK
from bot.conversation.understanding.tokens import CHARACTERS, MARKS, Token, fold, plain, tokenize
from bot.conversation.understanding.training_files import TrainingData

# A message has few misspellings; a wall of nonsense must not cost a search for each of its words.
_MOST_CORRECTIONS = 40
_FREQUENT = 10
_SAME = "same_"
_JOINER = "and_also"
# Words that only their marks tell from others ("yes" from "stop" in Vietnamese), kept as written.
_MARKED = "marked_"
# A pattern stands between the ends of words. Each script has its own, the plainest that does: folded
# Latin letters are ASCII, Chinese knows no ends of words, and vowel signs belong to their words.
_LATIN = ("(?<![a-z0-9_])", "(?![a-z0-9_])")
_CHINESE = ("", "")
_OTHERS = (rf"(?<![\w{MARKS}])", rf"(?![\w{MARKS}])")
_ELIDED = re.compile("(?P<before>[a-z]{1,2})['\u2019\u02bc](?P<rest>.+)", re.IGNORECASE)
_CHARACTER = re.compile(f"[{CHARACTERS}]")
Item = TypeVar("Item")
Grouped = tuple[tuple[str, Item], ...]
Patterns = tuple[re.Pattern[str], ...]


@dataclass(frozen=True, slots=True)
class Sentence:
    """Hold a cleaned text with its words, as typed and with their spelling mended."""

    text: str
    folded: str
    tokens: tuple[Token, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Hold the words and patterns of one language.

    `ordinary` are words that are no names and need no mending; `targets` are the frequent words
    of our own subject, to which a misspelling is mended; `lookups` and `patterns` are the word
    lists and regular expressions of the training files by their names; `alike` leads from a word to
    the one that says the same ("pls" to "please").
    """

    ordinary: frozenset[str]
    targets: tuple[str, ...]
    lookups: Mapping[str, frozenset[str]]
    patterns: Mapping[str, tuple[re.Pattern[str], ...]]
    alike: Mapping[str, str]
    # What was asked for by the beginning of its name: each sentence asks for the same again.
    _grouped: dict[str, Grouped[frozenset[str]]] = field(default_factory=dict, repr=False, compare=False)
    _fitting: dict[str, Grouped[Patterns]] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def restore(cls, stored: Mapping[str, Any]) -> Self:
        """Build the lexicon from what `collect` gave."""
        patterns = stored["patterns"].items()
        lookups = stored["lookups"].items()
        return cls(
            alike={
                word: name.partition("_")[2]
                for name, items in lookups
                if name.startswith((_SAME, _MARKED))
                for word in items
            },
            ordinary=frozenset(stored["ordinary"]),
            targets=tuple(stored["targets"]),
            lookups={name: frozenset(items) for name, items in lookups},
            patterns={
                name: tuple(_compile(item, opens=name == _JOINER) for item in items)
                for name, items in patterns
            },
        )

    def sentence(self, text: str) -> Sentence:
        """Cut a cleaned text into words and mend their spelling."""
        tokens = tuple(tokenize(text))
        left = _MOST_CORRECTIONS
        words = []
        for token in tokens:
            suspect = left > 0 and self.is_strange(token.plain)
            left -= suspect
            words.append(self._nearest(token.plain) if suspect else token.plain)
        return Sentence(text, fold(text), tokens, tuple(words))

    def is_strange(self, word: str) -> bool:
        """Tell whether the word is neither an ordinary word, nor a known name, nor a number."""
        return word.isalpha() and word not in self.ordinary and not self.is_first_name(word)

    def is_first_name(self, word: str) -> bool:
        """Tell whether the word is a usual first name, also with the s of a possessive."""
        names = self.lookups.get("first_name", frozenset())
        return word in names or (word.endswith("s") and word[:-1] in names and word not in self.ordinary)

    def parted(self, token: Token) -> tuple[str, Token]:
        """Part a word from the "of" or "that" which is written before it with an apostrophe ("d'Emma")."""
        match = _ELIDED.fullmatch(token.typed)
        if match is None or plain(match["before"]) not in self.lookups.get("elided_word", ()):
            return "", token
        rest = Token(match["rest"], plain(match["rest"]), token.start + match.start("rest"), token.end)
        return plain(match["before"]), rest

    def matches(self, name: str, folded: str) -> Iterator[re.Match[str]]:
        """Find every place of a folded text where a pattern of that name fits."""
        for pattern in self.patterns.get(name, ()):
            yield from pattern.finditer(folded)

    def groups(self, prefix: str) -> Grouped[frozenset[str]]:
        """Return the word lists whose names start so, by the rest of their names."""
        return _named(self.lookups, prefix, self._grouped)

    def fits(self, prefix: str) -> Grouped[Patterns]:
        """Return the patterns whose names start so, by the rest of their names."""
        return _named(self.patterns, prefix, self._fitting)

    def number(self, text: str) -> int | None:
        """Read a small number written in digits or as a word ("third")."""
        digits = re.match(r"\d{1,4}", text)
        if digits:
            return int(digits[0])
        value = self.key("number_", text)
        return int(value) if value else None

    def key(self, prefix: str, word: str | None) -> str | None:
        """Return what a word stands for among the lists named so: "semana" is a `week` among `unit_`."""
        words = phrase(word or "")
        return next((name for name, items in self.groups(prefix) if words in items), None)

    def mended(self, word: str) -> str:
        """Return the word of our subject that a misspelling stands for, or the word itself."""
        return self._nearest(word) if self.is_strange(word) else word

    def _nearest(self, word: str) -> str:
        if word.isascii():
            longest = 0 if len(word) < 4 else 1 if len(word) < 7 else 2
        else:
            # Scripts that write few vowels, or two letters in one, have many words that are nearly alike.
            longest = 0 if len(word) < 6 else 1
        if not longest:
            return word
        found = process.extractOne(word, self.targets, scorer=OSA.distance, score_cutoff=longest)
        if found is None or (found[1] == 2 and found[0][0] != word[0]):
            return word
        return found[0]


def _named(items: Mapping[str, Item], prefix: str, found: dict[str, Grouped[Item]]) -> Grouped[Item]:
    if prefix not in found:
        found[prefix] = tuple(
            (name.removeprefix(prefix), item) for name, item in items.items() if name.startswith(prefix)
        )
    return found[prefix]


def collect(data: TrainingData) -> dict[str, Any]:
    """Gather from the training data what a lexicon needs, ready to be stored as JSON."""
    lookups = {
        name: sorted({unmarked(item) for item in items})
        for name, items in data.lookups.items()
        for unmarked in [str.lower if name.startswith(_MARKED) else phrase]
    }
    names = {word for item in lookups.get("first_name", ()) for word in item.split()}
    words = [name for name in lookups if name.startswith(_SAME)]
    ordinary = {word for name in ("ordinary_word", "weekday", *words) for word in lookups.get(name, ())}
    own: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    for intent, text in data.examples:
        found = [token.plain for token in tokenize(text)]
        seen.update(set(found))
        ordinary.update(found)
        own.update(found if intent != FALLBACK else ())
    ordinary -= _slips(own, lookups)
    ordinary -= names | _inflected(names, lookups) | {plain(word) for word in data.annotated}
    targets = [word for word, count in own.items() if count >= 3 and len(word) >= 4]
    return {
        "ordinary": sorted(ordinary),
        "targets": sorted(ordinary.intersection(targets).union(lookups.get("weekday", ()))),
        "lookups": lookups,
        "patterns": data.patterns,
        # In what share of the sentences each word stands, for telling languages apart.
        "shares": {word: count / len(data.examples) for word, count in seen.items()},
    }


def _inflected(names: set[str], lookups: Mapping[str, list[str]]) -> set[str]:
    """Return the names as they stand in sentences: with an s, or with what the language puts to them."""
    endings, prefixes = lookups.get("name_ending", ()), lookups.get("name_prefix", ())
    ended = {f"{name}{ending}" for name in names for ending in ("s", *endings)}
    return ended | {f"{prefix}{name}" for name in names for prefix in prefixes}


def _slips(own: Counter[str], lookups: Mapping[str, list[str]]) -> set[str]:
    """Return the misspelt words of the examples: rare, and one slip away from a frequent word."""
    listed = {word for items in lookups.values() for item in items for word in item.split()}
    frequent = [word for word, count in own.items() if count >= _FREQUENT and len(word) >= 4]
    rare = [word for word, count in own.items() if count <= 2 and len(word) > 4 and word not in listed]
    return {word for word in rare if _is_slip_of_any(word, frequent)}


def _is_slip_of_any(word: str, frequent: list[str]) -> bool:
    close = process.extract(word, frequent, scorer=OSA.distance, score_cutoff=1, limit=None)
    # Another form of the word ("quizzes" aside) is no slip: an s more or less, a past tense.
    return any(not word.startswith(found) and not found.startswith(word) for found, _, _ in close)


def phrase(text: str) -> str:
    """Write a phrase as its plain words, one space between them."""
    return " ".join(token.plain for token in tokenize(text))


def _compile(pattern: str, *, opens: bool) -> re.Pattern[str]:
    """Compile a pattern between the ends of words; one that opens a word may have its rest behind it."""
    if pattern.isascii():
        start, end = _LATIN
    else:
        start, end = _CHINESE if _CHARACTER.search(pattern) else _OTHERS
    # In Arabic "and" is written together with the word that it joins.
    return re.compile(f"{start}(?:{pattern}){'' if opens and not pattern.isascii() else end}")
