"""The console reads in order, hides what is secret and lets a button be chosen by its number."""

from collections.abc import Callable

import pytest

from bot.channels.console import Console, Terminal
from bot.messages import MessageKind
from portal.core.outcomes import Reason, Refused
from tests.support.scripted_assistant import PASSWORD, ScriptedAssistant

Script = list[str | type[BaseException]]


def typed(script: Script) -> Callable[[str], str]:
    """Answer each prompt with the next line of the script, then end the input."""
    lines = iter([*script, EOFError])

    def read(_: str) -> str:
        line = next(lines)
        if isinstance(line, str):
            return line
        raise line

    return read


async def talk(assistant: ScriptedAssistant, lines: Script, hidden: Script | None = None) -> list[str]:
    written: list[str] = []
    terminal = Terminal(typed(lines), typed(hidden or []), written.append)
    await Console(assistant, terminal, "westborough").talk()
    return written


async def test_conversation_opens_with_a_greeting_of_its_district() -> None:
    assistant = ScriptedAssistant()

    await talk(assistant, [])

    assert [(m.kind, m.channel, m.district) for m in assistant.taken] == [
        (MessageKind.OPENED, "console", "westborough")
    ]


async def test_secret_is_read_unechoed_and_handed_to_the_ticket() -> None:
    assistant = ScriptedAssistant()

    written = await talk(assistant, ["sign in", "ana"], [PASSWORD])

    assert "Hallpass: Please type your password below." in written
    [(_, values, bearer)] = assistant.submitted
    assert values == {"password": PASSWORD}
    assert bearer.device == bearer.source
    assert all(PASSWORD not in message.text for message in assistant.taken)
    assert PASSWORD not in "\n".join(written)


@pytest.mark.parametrize("ended", [EOFError, KeyboardInterrupt])
async def test_leaving_the_masked_prompt_cancels_the_step(ended: type[BaseException]) -> None:
    assistant = ScriptedAssistant()

    await talk(assistant, ["ana"], [ended])

    assert assistant.submitted == []
    assert assistant.taken[-1].text == "cancel"


async def test_ticket_that_is_void_is_asked_for_anew() -> None:
    assistant = ScriptedAssistant()
    assistant.refusal = Refused(Reason.TICKET_VOID)

    await talk(assistant, ["ana"], [PASSWORD])

    assert assistant.taken[-1].kind is MessageKind.OPENED


async def test_button_is_chosen_by_its_number() -> None:
    assistant = ScriptedAssistant()

    written = await talk(assistant, ["everything", "1"])

    assert "  1. A" in written
    assert (assistant.taken[-1].kind, assistant.taken[-1].text) == (MessageKind.BUTTON, "b1:a")


async def test_picture_and_file_are_told_in_words_with_their_whole_address() -> None:
    assistant = ScriptedAssistant()
    written: list[str] = []
    terminal = Terminal(typed(["everything"]), typed([]), written.append)

    await Console(assistant, terminal, "westborough", "https://hallpass.example").talk()

    assert "  A shield with a check mark: https://hallpass.example/static/icon.svg" in written
    assert "  Download the page: https://hallpass.example/a.pdf" in written


async def test_number_that_no_button_has_is_text() -> None:
    assistant = ScriptedAssistant()

    await talk(assistant, ["everything", "2"])

    assert (assistant.taken[-1].kind, assistant.taken[-1].text) == (MessageKind.TEXT, "2")


async def test_every_message_has_an_id_of_its_own() -> None:
    assistant = ScriptedAssistant()

    await talk(assistant, ["hello", "hello"])

    assert len({message.message_id for message in assistant.taken}) == 3


async def test_interrupt_ends_the_conversation_quietly() -> None:
    written = await talk(ScriptedAssistant(), [KeyboardInterrupt])

    assert written[-1] == ""
