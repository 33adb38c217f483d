"""An answer that claims a deletion is put right where the message stays."""

import pytest

from bot.channels.telegram.parts import Part, Say, Speak, TakeBack
from bot.channels.telegram.taking_back import owning_up

WORDS = {
    "utter_secret_typed": "I deleted it.",
    "utter_secret_spoken": "I dropped the recording.",
    "utter_access_password_typed": "I took the access password out.",
    "utter_secret_not_deleted": "Please delete it.",
}


def word(response: str, language: str, **values: object) -> str:
    return WORDS[response]


@pytest.mark.case("C3")
@pytest.mark.parametrize(
    ("parts", "owned"),
    [
        ([Say("I deleted it.\n\nPassword?")], [Say("Please delete it.\n\nPassword?")]),
        ([Say("I dropped the recording."), Speak("I dropped it.", "en")], [Say("Please delete it.")]),
        ([Say("I took the access password out.")], [Say("Please delete it.")]),
        (
            [Say("Something broke.", private=True)],
            [Say("Please delete it.\n\nSomething broke.", private=True)],
        ),
        ([Say("I deleted it."), Say("I deleted it.")], [Say("Please delete it."), Say("I deleted it.")]),
        ([], [Say("Please delete it.")]),
    ],
)
def test_the_first_words_ask_the_parent_to_delete_it(parts: list[Part], owned: list[Part]) -> None:
    assert owning_up([TakeBack(1), *parts], word, "en") == [TakeBack(1), *owned]
