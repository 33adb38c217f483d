"""Take an access password out of a message before anybody reads or stores it."""

import pytest

from bot.conversation.hearing import Incoming
from bot.messages import IncomingMessage, MessageKind

SECRET = "GHR-DRW-ADA-DGA-X3P-K4M"


def heard(text: str, kind: MessageKind = MessageKind.TEXT) -> str:
    return Incoming.of(IncomingMessage("rest", "somebody", text, kind)).text


@pytest.mark.case("G1")
@pytest.mark.parametrize(
    "typed", [SECRET, SECRET.lower(), SECRET.replace("-", " "), SECRET.replace("-", ""), f"it is {SECRET}."]
)
def test_an_access_password_is_taken_out_however_it_is_written(typed: str) -> None:
    assert "[removed]" in heard(typed)
    assert "GHR" not in heard(typed).upper()


@pytest.mark.parametrize("typed", ["7KQM4RTX", "ABC-DEF-GHJ", "what are the grades of Maya in math"])
def test_other_texts_stay_as_they_are(typed: str) -> None:
    assert "[removed]" not in heard(typed)


def test_what_a_button_means_is_left_alone() -> None:
    assert heard(SECRET, MessageKind.BUTTON) == SECRET
