"""Hold what is understood to sentences that training has never seen, and to questions on other subjects."""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import yaml

from bot.conversation.understanding import FALLBACK, Understanding
from bot.conversation.understanding.tokens import clean, tokenize
from bot.conversation.understanding.training_files import read
from tests.support.published import published
from tests.support.trained import ROOT, trained

FILES = sorted(Path(__file__).parent.glob("*.yml"))
TODAY = date(2026, 10, 15)
INTENTS = 47


@pytest.fixture(scope="session")
def understanding() -> Understanding:
    return trained()


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def language(request: pytest.FixtureRequest) -> str:
    path: Path = request.param
    return path.stem


def sentences(language: str) -> Mapping[str, list[str]]:
    text = (Path(__file__).parent / f"{language}.yml").read_text("utf-8")
    by_intent: Mapping[str, list[str]] = yaml.safe_load(text)["sentences"]
    return by_intent


def plain(text: str) -> str:
    return " ".join(token.plain for token in tokenize(clean(text))) or text


def test_every_intent_has_examples_and_eight_sentences(language: str) -> None:
    examples = {intent for intent, _ in read(ROOT / "data" / language).examples}

    tested = sentences(language)

    assert set(tested) == examples
    assert len(tested) == INTENTS
    assert {intent: len(given) for intent, given in tested.items() if len(given) < 8} == {}


def test_no_sentence_is_training_data(language: str) -> None:
    examples = {plain(text) for _, text in read(ROOT / "data" / language).examples}

    known = [text for given in sentences(language).values() for text in given if plain(text) in examples]

    assert known == []


def test_no_example_belongs_to_two_intents(language: str) -> None:
    intents: dict[str, set[str]] = {}
    for intent, text in read(ROOT / "data" / language).examples:
        intents.setdefault(plain(text), set()).add(intent)

    assert {text: both for text, both in intents.items() if len(both) > 1} == {}


def test_at_least_95_of_100_sentences_are_understood(language: str, understanding: Understanding) -> None:
    asked = [(intent, text) for intent, given in sentences(language).items() for text in given]

    wrong = [
        (intent, text, parse.intent)
        for intent, text in asked
        if (parse := understanding.parse(text, language=language, today=TODAY)).intent != intent
    ]

    assert 1 - len(wrong) / len(asked) >= 0.95, wrong


def test_at_least_90_of_100_questions_out_of_scope_fall_back(understanding: Understanding) -> None:
    path = published("nlu-bench/clinc150_full.json")
    questions = [text for text, _ in json.loads(path.read_text("utf-8"))["oos_test"]]
    drawn = np.random.default_rng(2026).choice(questions, 200, replace=False)

    answered = [text for text in drawn if understanding.parse(str(text), today=TODAY).intent != FALLBACK]

    assert 1 - len(answered) / len(drawn) >= 0.90, answered
