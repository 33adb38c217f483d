"""Understand one language: its trained model, its word lists and patterns."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

from bot.conversation.understanding import contacts, people, phrases, training_files, weights_file
from bot.conversation.understanding.entities import Scope, find_entities
from bot.conversation.understanding.lexicon import Lexicon, Sentence, collect
from bot.conversation.understanding.model import Model
from bot.conversation.understanding.parsed import FALLBACK, Entity, Names, Parse
from bot.conversation.understanding.tokens import Token, clean

# Raise it whenever training or the features change, so that stored weights are made anew.
_VERSION = 11
_THRESHOLD = 0.3
# Every name counts the same: what is asked does not depend on whose child it is.
_ANY_NAME = "xxs"
_ANY_USERNAME = "xxu"
_ANY_EMAIL = "xxe"
_ANY_CODE = "xxa"
_ANY_NUMBER = "0"


@dataclass(frozen=True, slots=True)
class LanguagePack:
    """Hold what is known about one language."""

    language: str
    model: Model
    lexicon: Lexicon

    @classmethod
    def load(cls, folder: Path, cache_dir: Path) -> Self:
        """Read the weights of this training data from the cache, or train and store them."""
        print_of_data = training_files.fingerprint(folder)
        path = cache_dir / f"understanding-{folder.name}-v{_VERSION}-{print_of_data}.npz"
        try:
            model, stored = weights_file.read(path)
        except weights_file.UnreadableWeightsError:
            model, stored = _trained_apart(folder)
            # A cache that cannot be written costs time at the next start, nothing else.
            with contextlib.suppress(OSError):
                weights_file.write(path, model, stored)
                _drop_others(path, folder.name)
        return cls(folder.name, model, Lexicon.restore(stored))

    @classmethod
    def prepare(cls, folder: Path, cache_dir: Path) -> frozenset[str]:
        """Train the language where its stored weights are stale; return its ordinary words."""
        return cls.load(folder, cache_dir).lexicon.ordinary

    def parse(self, text: str, *, names: Names, today: date) -> Parse:
        """Tell what a cleaned text means."""
        sentence = self.lexicon.sentence(text)
        if not sentence.words:
            return Parse(text=text, intent=FALLBACK, confidence=0.0, language=self.language)
        ranking = self.model.rank(words_to_classify(sentence, self.lexicon, names))
        intent, confidence = ranking[0]
        intent = intent if confidence >= _THRESHOLD else FALLBACK
        entities = find_entities(sentence, Scope(intent, names, today, self.language), self.lexicon)
        return Parse(text, intent, confidence, tuple(ranking), entities, self.language)


def words_to_classify(sentence: Sentence, lexicon: Lexicon, names: Names) -> list[str]:
    """Return the words of a sentence with every name, number and word of one meaning made the same."""
    masks = (
        (_ANY_EMAIL, list(contacts.find_emails(sentence, lexicon))),
        (_ANY_CODE, contacts.find_access_ids(sentence, lexicon)),
        (_ANY_USERNAME, list(phrases.find_usernames(sentence, lexicon))),
        (_ANY_NAME, people.find_students(sentence, names.students, lexicon, guess=False)),
    )
    words: list[str] = []
    for token, word in zip(sentence.tokens, sentence.words, strict=True):
        mask = next((mask for mask, found in masks if _covers(found, token)), None)
        said = mask or lexicon.alike.get(word, word)
        if mask in {_ANY_EMAIL, _ANY_CODE} and words[-1:] == [mask]:
            continue  # An address and a code are one word each, however they are cut.
        words.append(_ANY_NUMBER if said.isdecimal() else said)
    return words


def _drop_others(path: Path, language: str) -> None:
    for other in path.parent.glob(f"understanding-{language}-*.npz"):
        if other != path:
            other.unlink(missing_ok=True)


def _covers(entities: Iterable[Entity], token: Token) -> bool:
    return any(one.start <= token.start < one.end for one in entities)


def _trained_apart(folder: Path) -> tuple[Model, dict[str, Any]]:
    """Train in a process of its own, which takes the memory of the training with it when it ends."""
    with TemporaryDirectory() as place:
        path = Path(place) / "weights.npz"
        command = [sys.executable, "-m", "bot.conversation.understanding", str(folder), str(path)]
        importable = {"PYTHONPATH": os.pathsep.join(part for part in sys.path if part)}
        subprocess.run(command, check=True, env={**os.environ, **importable})  # noqa: S603  (our own program)
        return weights_file.read(path)


def train_pack(folder: Path) -> tuple[Model, dict[str, Any]]:
    """Train the model of a language pack; return it with the words and patterns beside it."""
    from bot.conversation.understanding.training import train  # noqa: PLC0415  (heavy, seldom needed)

    data = training_files.read(folder)
    stored = collect(data)
    lexicon = Lexicon.restore(stored)
    sentences = [lexicon.sentence(clean(text)) for _, text in data.examples]
    texts = [words_to_classify(sentence, lexicon, Names()) for sentence in sentences]
    return train(texts, [intent for intent, _ in data.examples]), stored
