"""Understand one language: its trained model, its word lists and patterns."""

import contextlib
import os
import re
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
from bot.conversation.understanding.judge import Judge, accepted
from bot.conversation.understanding.lexicon import Lexicon, Sentence, collect
from bot.conversation.understanding.model import Model
from bot.conversation.understanding.parsed import FALLBACK, Entity, Names, Parse
from bot.conversation.understanding.tokens import MARKS, Token, clean

# Raise it whenever training or the features change, so that stored weights are made anew.
_VERSION = 14
# Every name counts the same: what is asked does not depend on whose child it is.
_ANY_NAME = "xxs"
_ANY_USERNAME = "xxu"
_ANY_EMAIL = "xxe"
_ANY_CODE = "xxa"
_ANY_NUMBER = "0"
_STAND_INS = {_ANY_NAME: "alex", _ANY_USERNAME: "alex1", _ANY_EMAIL: "alex@example.org", _ANY_CODE: "abc123"}
_MOST_ENCODED = 40
_MOST_LETTERS = 400
_SIGN = rf"[^\w\s{MARKS}]\s*"
_MANY_SIGNS = re.compile(rf"((?:{_SIGN}){{3}})(?:{_SIGN})+")


@dataclass(frozen=True, slots=True)
class LanguagePack:
    """Hold what is known about one language."""

    language: str
    model: Model
    lexicon: Lexicon
    judge: Judge

    @classmethod
    def load(cls, folder: Path, cache_dir: Path) -> Self:
        """Read the weights of this training data from the cache, or train and store them."""
        model, stored = _stored(folder, cache_dir)
        judge = Judge.of(folder.parent, folder.name, model.intents)
        return cls(folder.name, model, Lexicon.restore(stored), judge)

    @staticmethod
    def shares(folder: Path, cache_dir: Path) -> dict[str, float] | None:
        """Return the share of each of the language's words; None where its stored weights are stale."""
        try:
            # The weights are several times as large: they are read with the first message that needs them.
            shares: dict[str, float] = weights_file.read_lexicon(_place(folder, cache_dir))["shares"]
        except weights_file.UnreadableWeightsError:
            return None
        return shares

    @staticmethod
    def prepare(folder: Path, cache_dir: Path) -> dict[str, float]:
        """Train the language where its stored weights are stale; return the share of each of its words."""
        shares: dict[str, float] = _stored(folder, cache_dir)[1]["shares"]
        return shares

    def parse(self, text: str, *, names: Names, today: date, quickly: bool = False) -> Parse:
        """Tell what a cleaned text means; quickly: by its words alone."""
        sentence = self.lexicon.sentence(text)
        if not sentence.words:
            return Parse(text=text, intent=FALLBACK, confidence=0.0, language=self.language)
        scores = self.model.scores(words_to_classify(sentence, self.lexicon, names))
        judge = Judge(self.judge.intents, self.judge.blend) if quickly else self.judge
        ranking = judge.rank(scores, lambda: text_to_encode(sentence, self.lexicon, names))
        intent, confidence = accepted(ranking), ranking[0][1]
        entities = find_entities(sentence, Scope(intent, names, today, self.language), self.lexicon)
        return Parse(text, intent, confidence, ranking, entities, self.language)


def words_to_classify(sentence: Sentence, lexicon: Lexicon, names: Names) -> list[str]:
    """Return the words of a sentence with every name, number and word of one meaning made the same."""
    words: list[str] = []
    for token, word, mask in _masked(sentence, lexicon, names):
        said = mask or lexicon.alike.get(token.typed.lower()) or lexicon.alike.get(word, word)
        if mask in {_ANY_EMAIL, _ANY_CODE} and words[-1:] == [mask]:
            continue  # An address and a code are one word each, however they are cut.
        words.append(_ANY_NUMBER if said.isdecimal() else said)
    return words


def text_to_encode(sentence: Sentence, lexicon: Lexicon, names: Names) -> str:
    """Return the sentence in small letters, as it is spelt, with one name and address for all.

    Of a long text the beginning stands for the whole: a message must be understood in the same time.
    """
    parts: list[str] = []
    end, before = 0, ""
    for token, _, mask in _masked(sentence, lexicon, names)[:_MOST_ENCODED]:
        if not mask or mask != before:
            # The encoder knows more words than the examples have, and what a slip of the thumb resembles.
            parts += [sentence.text[end : token.start], _STAND_INS.get(mask, token.typed.lower())]
        end, before = token.end, mask
    rest = sentence.text[end:] if len(sentence.tokens) <= _MOST_ENCODED else ""
    # One endless word costs as much as a page of them, and each sign of a row of them as much as a word.
    return _MANY_SIGNS.sub(r"\1 ", "".join([*parts, rest])).strip()[:_MOST_LETTERS]


def _masked(sentence: Sentence, lexicon: Lexicon, names: Names) -> list[tuple[Token, str, str]]:
    """Return every word with what it is masked by, where it is a name, an address or a code."""
    masks = (
        (_ANY_EMAIL, list(contacts.find_emails(sentence, lexicon))),
        (_ANY_CODE, contacts.find_access_ids(sentence, lexicon)),
        (_ANY_USERNAME, list(phrases.find_usernames(sentence, lexicon))),
        (_ANY_NAME, people.find_students(sentence, names.students, lexicon, guess=False)),
    )
    return [
        (token, word, next((mask for mask, found in masks if _covers(found, token)), ""))
        for token, word in zip(sentence.tokens, sentence.words, strict=True)
    ]


def _drop_others(path: Path, language: str) -> None:
    for other in path.parent.glob(f"understanding-{language}-*.npz"):
        if other != path:
            other.unlink(missing_ok=True)


def _covers(entities: Iterable[Entity], token: Token) -> bool:
    return any(one.start < token.end and token.start < one.end for one in entities)


def _place(folder: Path, cache_dir: Path) -> Path:
    print_of_data = training_files.fingerprint(folder)
    return cache_dir / f"understanding-{folder.name}-v{_VERSION}-{print_of_data}.npz"


def _stored(folder: Path, cache_dir: Path) -> tuple[Model, dict[str, Any]]:
    path = _place(folder, cache_dir)
    try:
        return weights_file.read(path)
    except weights_file.UnreadableWeightsError:
        model, stored = _trained_apart(folder)
        # A cache that cannot be written costs time at the next start, nothing else.
        with contextlib.suppress(OSError):
            weights_file.write(path, model, stored)
            _drop_others(path, folder.name)
        return model, stored


def _trained_apart(folder: Path) -> tuple[Model, dict[str, Any]]:
    """Train in a process of its own, which takes the memory of the training with it when it ends."""
    with TemporaryDirectory() as place:
        path = Path(place) / "weights.npz"
        command = [sys.executable, "-m", "bot.conversation.understanding", str(folder), str(path)]
        importable = {"PYTHONPATH": os.pathsep.join(part for part in sys.path if part)}
        # Two trainings run side by side; threads of one would only wait for those of the other.
        alone = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        environment = {**os.environ, **importable, **alone}
        # It ends with its input, and so with this process, however that ends.
        with subprocess.Popen(command, stdin=subprocess.PIPE, env=environment) as training:  # noqa: S603  (our own program)
            training.wait()
        if training.returncode:
            raise subprocess.CalledProcessError(training.returncode, command)
        return weights_file.read(path)


def train_pack(folder: Path) -> tuple[Model, dict[str, Any]]:
    """Train the model of a language pack; return it with the words and patterns beside it."""
    from bot.conversation.understanding.training import train  # noqa: PLC0415  (heavy, seldom needed)

    data = training_files.read(folder)
    stored = collect(data)
    lexicon = Lexicon.restore(stored)
    texts = [words_to_classify(sentence, lexicon, Names()) for sentence in _sentences(data, lexicon)]
    return train(texts, [intent for intent, _ in data.examples]), stored


def read_examples(folder: Path) -> tuple[list[str], list[list[str]], list[str]]:
    """Return the intents of a pack's examples, their words and what an encoder is given of them."""
    data = training_files.read(folder)
    lexicon = Lexicon.restore(collect(data))
    sentences = _sentences(data, lexicon)
    words = [words_to_classify(sentence, lexicon, Names()) for sentence in sentences]
    texts = [text_to_encode(sentence, lexicon, Names()) for sentence in sentences]
    return [intent for intent, _ in data.examples], words, texts


def _sentences(data: training_files.TrainingData, lexicon: Lexicon) -> list[Sentence]:
    return [lexicon.sentence(clean(text)) for _, text in data.examples]
