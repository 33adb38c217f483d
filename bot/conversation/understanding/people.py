"""Find the children that a sentence names: the parent's own, and anybody else's."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from bot.conversation.understanding.lexicon import Lexicon, Sentence, phrase
from bot.conversation.understanding.parsed import Entity
from bot.conversation.understanding.sounds import sounds_like
from bot.conversation.understanding.tokens import CHARACTERS, Token, plain

NAME = "student"
_IS_CHINESE = re.compile(f"[{CHARACTERS}]+").fullmatch


def find_students(
    sentence: Sentence, own: Sequence[str], lexicon: Lexicon, *, guess: bool = True
) -> list[Entity]:
    """Return every child named; the value is the child's own name, or what was typed if nobody known.

    A name that is not one of the parent's children is found too: the answer must then be a
    refusal, never another child's grades. With `guess`, also a small-lettered word that nobody knows
    counts as a name where a name is expected.
    """
    finder = _Finder(sentence, lexicon, _Children(own), guess=guess)
    return list(finder.find())


@dataclass(frozen=True, slots=True)
class _Hit:
    value: str
    length: int


class _Children:
    """Know how each child may be called."""

    def __init__(self, names: Sequence[str]) -> None:
        called = {phrase(name): name for name in sorted(names, key=len, reverse=True)}
        # In Chinese the family name comes first, and the rest is what the child is called.
        called |= {phrase(name[1:]): name for name in names if len(name) > 2 and _IS_CHINESE(name)}
        # A first name given beside the full name is the same child, not another one.
        self.full = {
            short: name
            for short, name in called.items()
            if not any(longer.startswith(f"{short} ") for longer in called)
        }
        self.first: dict[str, list[str]] = {}
        for plain_name, name in self.full.items():
            self.first.setdefault(plain_name.split(" ")[0], []).append(name)

    def by_first(self, word: str) -> str | None:
        """Return the only child of that first name, or the word itself where several share it."""
        found = self.first.get(word, [])
        return found[0] if len(found) == 1 else word if found else None


class _Finder:
    """Walk through one sentence looking for names."""

    def __init__(self, sentence: Sentence, lexicon: Lexicon, children: _Children, *, guess: bool) -> None:
        self.guess = guess
        parted = [self._parted(token, lexicon, children) for token in sentence.tokens]
        # What stands before each name with an apostrophe: in French, "of" and "that".
        self.elided = [elided for elided, _ in parted]
        self.tokens = [token for _, token in parted]
        self.words = [
            token.plain if elided else word
            for (elided, token), word in zip(parted, sentence.words, strict=True)
        ]
        self.text = sentence.text
        self.lexicon = lexicon
        self.children = children

    @staticmethod
    def _parted(token: Token, lexicon: Lexicon, children: _Children) -> tuple[str, Token]:
        whole = token.plain in children.first or token.plain in lexicon.ordinary
        return ("", token) if whole else lexicon.parted(token)

    def find(self) -> Iterator[Entity]:
        """Yield the names from left to right."""
        if [token.plain for token in self.tokens] in self._answers():
            return
        at = 0
        while at < len(self.tokens):
            hit = self._own(at) or self._other(at)
            if hit is None:
                at += 1
                continue
            last = self.tokens[at + hit.length - 1]
            yield Entity(NAME, hit.value, self.tokens[at].start, last.end)
            at += hit.length

    def _answers(self) -> list[list[str]]:
        """Return the words that answer by themselves, also where a child is called so ("maya": no)."""
        return [[word] for word in self.lexicon.lookups.get("answer_word", ())]

    def _own(self, at: int) -> _Hit | None:
        for plain_name, name in self.children.full.items():
            parts = plain_name.split(" ")
            if len(parts) > 1 and self._spells(at, parts):
                return _Hit(name, len(parts))
        name_or_none = self._own_first(at)
        if name_or_none is None:
            return self._own_in_other_letters(at)
        surname = self._surname(at)
        if surname and not self._is_surname_of(name_or_none, surname):
            return _Hit(f"{_base(self.tokens[at])} {surname}", 2)
        return _Hit(name_or_none, 2 if surname else 1)

    def _own_first(self, at: int) -> str | None:
        forms = (self.tokens[at].plain, _without_possessive(self.tokens[at]))
        for form in (*forms, *self._without_affixes(forms[0])[1:]):
            name = self.children.by_first(form)
            # "An" alone answers which child is meant.
            clear = form not in self.lexicon.ordinary or len(self.tokens) == 1
            if name is not None and (clear or self._stands_for_person(at) or self._is_asked_after(at)):
                return name
        if not self.lexicon.is_strange(self.tokens[at].plain) or self.words[at] != self.tokens[at].plain:
            return None
        return self._misspelt(forms)

    def _own_in_other_letters(self, at: int) -> _Hit | None:
        """Find a name that is written in the letters of the parent's own language."""
        token = self.tokens[at]
        if token.plain.isascii() or token.is_character or token.plain in self.lexicon.ordinary:
            return None
        spelt = self._without_affixes(token.plain)
        heard = [name for name in self.children.first if any(sounds_like(form, name) for form in spelt)]
        name = self.children.by_first(heard[0]) if len(heard) == 1 else None
        if name is None:
            return None
        following = self.tokens[at + 1].plain if at + 1 < len(self.tokens) else ""
        own = phrase(name).split(" ")[1:]
        is_surname = not following.isascii() and any(sounds_like(following, each) for each in own)
        return _Hit(name, 2 if is_surname else 1)

    def _without_affixes(self, word: str) -> list[str]:
        """Return the word, and what is left of it without "to" or "of", where these are written with it."""
        endings = self.lexicon.lookups.get("name_ending", frozenset())
        prefixes = self.lexicon.lookups.get("name_prefix", frozenset())
        bases = [word.removesuffix(each) for each in endings if word.endswith(each)]
        bases += [word.removeprefix(each) for each in prefixes if word.startswith(each)]
        return [word, *(base for base in bases if len(base) > 1)]

    def _misspelt(self, forms: tuple[str, str]) -> str | None:
        names = self.children.first
        close = [name for name in names if any(_is_slip(form, name) for form in forms)]
        return self.children.by_first(close[0]) if len(close) == 1 else None

    def _other(self, at: int) -> _Hit | None:
        if at and self.tokens[at - 1].plain in self.lexicon.lookups.get("honorific", ()):
            return None
        token = self.tokens[at]
        known = self.lexicon.is_first_name(token.plain) or self._is_word_used_as_name(at)
        if not known and not (self._may_be_name(at) and self._stands_for_person(at)):
            return None
        surname = self._surname(at)
        first = _base(token) if not known else self._known_first(token)
        return _Hit(f"{first} {surname}" if surname else first, 2 if surname else 1)

    def _is_word_used_as_name(self, at: int) -> bool:
        """Tell whether a word that is also a name ("Grace") stands where only a person can stand."""
        words = self.lexicon.lookups.get("word_and_name", frozenset())
        token = self.tokens[at]
        is_both = token.plain in words or (_is_possessive(token) and plain(_base(token)) in words)
        return is_both and self._follows_person_word(at)

    def _known_first(self, token: Token) -> str:
        names = self.lexicon.lookups.get("first_name", frozenset())
        words = self.lexicon.lookups.get("word_and_name", frozenset())
        base = _base(token)
        return base if plain(base) in names | words else base[:-1]

    def _may_be_name(self, at: int) -> bool:
        """Tell whether this is a word that English does not have, nor a slip for one that it has."""
        word = self.tokens[at].plain
        supposed = (self.guess and not self.elided[at]) or self._is_capitalised(at)
        return supposed and len(word) > 1 and self.lexicon.is_strange(word) and self.words[at] == word

    def _is_capitalised(self, at: int) -> bool:
        return at > 0 and self.tokens[at].typed.istitle() and not self.text.istitle()

    def _stands_for_person(self, at: int) -> bool:
        """Tell whether a child's name would be expected at this place of the sentence."""
        nouns = self.lexicon.lookups.get("record_noun", frozenset())
        right = self.words[at + 1] if at + 1 < len(self.words) else ""
        return self._follows_person_word(at) or right in nouns

    def _is_asked_after(self, at: int) -> bool:
        """Tell whether "what about" follows, which some languages put behind the name ("Maya ka waran?")."""
        following = " ".join(token.plain for token in self.tokens[at + 1 : at + 3])
        return following in self.lexicon.lookups.get("after_person", ())

    def _follows_person_word(self, at: int) -> bool:
        before = self.lexicon.lookups.get("before_person", frozenset())
        if self.elided[at]:
            return self.elided[at] in before
        left = [token.plain for token in self.tokens[max(0, at - 2) : at]]
        return bool(left and left[-1] in before) or " ".join(left) in before

    def _surname(self, at: int) -> str | None:
        """Return the next word if it can only be a family name."""
        if at + 1 >= len(self.tokens) or _is_possessive(self.tokens[at]):
            return None
        if self.text[self.tokens[at].end : self.tokens[at + 1].start] != " ":
            return None
        following = self.tokens[at + 1]
        own = {word for full in self.children.full for word in full.split(" ")[1:]}
        if _without_possessive(following) in own or following.plain in own:
            return following.plain if following.plain in own else _without_possessive(following)
        # "Yusuf Hassan" is one person, though both words are first names, too.
        if self.lexicon.is_first_name(following.plain) and not self.children.by_first(
            _without_possessive(following)
        ):
            return None if self.children.by_first(following.plain) else self._known_first(following)
        # A family name is in the letters of the first name.
        is_alike = following.plain.isascii() == self.tokens[at].plain.isascii()
        return _base(following) if is_alike and self._may_be_name(at + 1) else None

    def _is_surname_of(self, name: str, surname: str) -> bool:
        return surname in phrase(name).split(" ")[1:]

    def _spells(self, at: int, parts: list[str]) -> bool:
        tokens = self.tokens[at : at + len(parts)]
        if len(tokens) < len(parts):
            return False
        typed = [token.plain for token in tokens]
        return typed == parts or [*typed[:-1], _without_possessive(tokens[-1])] == parts


def _is_possessive(token: Token) -> bool:
    return len(token.typed) > 2 and token.typed[-2] in "'\u2019" and token.typed[-1] in "sS"


def _base(token: Token) -> str:
    """Return the word as typed, without an 's."""
    return token.typed[:-2] if _is_possessive(token) else token.typed


def _without_possessive(token: Token) -> str:
    return token.plain.removesuffix("s")


def _is_slip(word: str, name: str) -> bool:
    """Tell whether the word is the name with a slip of the thumb (one; two in a long name)."""
    if len(name) < 4 or len(word) < 3:
        return False
    return OSA.distance(word, name, score_cutoff=2) <= (1 if len(name) < 7 else 2)
