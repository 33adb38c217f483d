"""The language of a message is told by its words, not by one loan word or a name."""

import pytest

from bot.conversation.understanding.tongues import Guess, Tongues

TONGUES = Tongues.of(
    {
        "en": {"the": 0.2, "grades": 0.05, "show": 0.05, "no": 0.03, "de": 0.0004},
        "es": {"las": 0.2, "notas": 0.05, "de": 0.2, "muestre": 0.02, "no": 0.1, "grades": 0.01},
        "ar": {"درجات": 0.1, "في": 0.2},
        "te": {"గ్రేడ్లు": 0.1, "marksu": 0.1, "chupinchandi": 0.1},
    }
)


@pytest.mark.parametrize(
    ("text", "current", "guess"),
    [
        ("muestre las notas de Maya", "en", Guess("es", clear=True, likely=True)),
        ("show the grades", "es", Guess("en", clear=True, likely=True)),
        ("notas", "en", Guess("es", clear=False)),
        ("Ana de la Cruz", "en", Guess("es", clear=False)),
        ("notas de", "es", None),
        ("no", "en", None),
        ("las grades of the", "en", None),
        ("Maya", "en", None),
        ("blorp 42", "es", None),
        ("", "en", None),
        ("las-notas@muestre.example", "en", None),
        # Letters that one language alone is written in tell it, also by words that it never saw.
        ("الحضور", "en", Guess("ar", clear=True, likely=True)),
        ("Maya హాజరు ఎంత", "en", Guess("te", clear=True, likely=True)),
        ("الحضور", "ar", None),
        ("привет", "en", None),
    ],
)
def test_a_message_is_in_the_language_whose_words_it_uses(
    text: str, current: str, guess: Guess | None
) -> None:
    assert TONGUES.guess(text, current) == guess


def test_without_languages_there_is_nothing_to_guess() -> None:
    assert Tongues.of({}).guess("hola", "en") is None


def test_words_that_most_languages_have_speak_for_none() -> None:
    shared = {"user": 0.01, "name": 0.02}
    tongues = Tongues.of(
        {"en": {"user": 0.4, "name": 0.5, "my": 0.2}, "es": {**shared, "mi": 0.2}, "te": shared}
    )

    label = tongues.guess("user name", "es")
    sentence = tongues.guess("my user name", "es")

    assert label == Guess("en", clear=False, told=False)
    assert sentence == Guess("en", clear=False, told=True)
