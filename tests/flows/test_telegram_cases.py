"""Talk with staff in Telegram: their words come at once, and what is typed goes to them in silence."""

import pytest

from bot.conversation.turn import Assistant
from portal.helpdesk.case_outcomes import EntryKind
from portal.helpdesk.outcomes import CaseKind, NewCase
from portal.transaction import Portal
from tests.support.case_desk import Desk
from tests.support.console import make_staff
from tests.support.telegram.line import Line
from tests.support.telegram.person import Person

pytestmark = pytest.mark.usefixtures("families")


def asked(portal: Portal, line: Line, ana: Person) -> None:
    """Open a case in somebody's chat."""
    with portal.begin() as tx:
        conversation = tx.dialogue.find("telegram", f"{line.settings.bot_id}:{ana.number}")
        assert conversation is not None
        tx.cases.open(NewCase("westborough", CaseKind.OTHER, conversation.id, "telegram"))


async def test_staff_and_family_talk_at_once_and_the_assistant_is_silent(
    portal: Portal, assistant: Assistant
) -> None:
    line = Line(assistant, portal)
    ana = line.person(41)
    desk = Desk(portal, make_staff(portal, name="Dana Whitlock"))

    async with line.working():
        await ana.types("hello")
        await line.emulator.until(lambda: ana.hears)
        asked(portal, line, ana)
        before = len(ana.hears)
        desk.take_over()
        await line.emulator.until(lambda: len(ana.hears) > before)
        desk.answer("What does the page say?")
        await line.emulator.until(lambda: len(ana.hears) > before + 1)
        await ana.types("It says locked")
        await assistant.settled()
        desk.hand_back()
        await line.emulator.until(lambda: len(ana.hears) > before + 2)

    heard = [shown.text for shown in ana.hears[before:]]
    assert [text.split(".")[0] for text in heard] == [
        "Dana Whitlock from the help desk is here now and reads what you write (case 1)",
        "Dana Whitlock, help desk: What does the page say?",
        "The help desk has left this chat, so I answer you again",
    ]
    assert [entry.text for entry in desk.entries(EntryKind.PARENT)] == ["It says locked"]
    assert desk.entries(EntryKind.STAFF)[0].told_at is not None
    assert line.emulator.faults == []
