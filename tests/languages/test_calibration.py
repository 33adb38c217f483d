"""Hold confidence to what it says: of the sentences understood with 80 %, about 80 of 100 are right."""

from collections import defaultdict
from datetime import date

import pytest

from bot.conversation.understanding import Understanding, encoder
from bot.conversation.understanding.tokens import clean
from tests.support.languages import FAMILY, LANGUAGES, said_in

TODAY = date(2026, 10, 15)


@pytest.mark.skipif(encoder.installed() is None, reason="the encoder is optional")
@pytest.mark.parametrize("language", LANGUAGES)
def test_confidence_is_off_by_five_hundredths_at_most(language: str, understanding: Understanding) -> None:
    pack = understanding.packs[language]
    bins: dict[int, list[float]] = defaultdict(list)
    for intent, texts in said_in(language).sentences.items():
        for parse in (pack.parse(clean(text), names=FAMILY, today=TODAY) for text in texts):
            name, chance = parse.ranking[0] if parse.ranking else (parse.intent, 1.0)
            bins[min(int(chance * 10), 9)].append(chance - (name == intent))

    error = sum(abs(sum(off)) for off in bins.values()) / sum(map(len, bins.values()))

    assert error <= 0.05
