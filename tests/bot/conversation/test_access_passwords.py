"""Take an access password out of a message before anybody reads or stores it."""

import pytest

from bot.conversation.hearing import Incoming
from bot.messages import IncomingMessage, MessageKind

SECRET = "GHR-DRW-ADA-DGA-X3P-K4M"


def heard(text: str, kind: MessageKind = MessageKind.TEXT) -> str:
    return Incoming.of(IncomingMessage("rest", "somebody", text, kind)).text


@pytest.mark.case("G1")
@pytest.mark.parametrize(
    "typed",
    [
        SECRET,
        SECRET.lower(),
        SECRET.replace("-", " "),
        SECRET.replace("-", ""),
        f"it is {SECRET}.",
        SECRET.replace("-", "\N{EN DASH}"),
        SECRET.replace("-", "\N{EM DASH}"),
        SECRET.replace("-", " \N{EN DASH} "),
        SECRET.replace("-", "\N{NON-BREAKING HYPHEN}"),
        SECRET.replace("-", "\N{MINUS SIGN}"),
    ],
)
def test_an_access_password_is_taken_out_however_it_is_written(typed: str) -> None:
    assert "[removed]" in heard(typed)
    assert "GHR" not in heard(typed).upper()


@pytest.mark.parametrize("typed", ["7KQM4RTX", "ABC-DEF-GHJ", "what are the grades of Maya in math"])
def test_other_texts_stay_as_they_are(typed: str) -> None:
    assert "[removed]" not in heard(typed)


def test_what_a_button_means_is_left_alone() -> None:
    assert heard(SECRET, MessageKind.BUTTON) == SECRET


@pytest.mark.parametrize(
    "typed",
    [f"\u5bc6\u7801\u662f{SECRET}", f"{SECRET}\u6210\u7ee9", f"\u0648{SECRET}", f"{SECRET}\u0c15\u0c41"],
)
def test_it_is_taken_out_where_another_script_stands_beside_it_without_a_space(typed: str) -> None:
    assert "[removed]" in heard(typed)
    assert "GHR" not in heard(typed)


@pytest.mark.case("G1")
def test_it_is_taken_out_in_letters_of_double_width_and_nothing_beside_it() -> None:
    wide = SECRET.translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)})

    assert heard(f"\u5bc6\u7801\u662f {wide}\uff0c\ufdfa") == "\u5bc6\u7801\u662f [removed]\uff0c\ufdfa"
