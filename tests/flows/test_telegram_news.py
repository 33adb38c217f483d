"""Tell in Telegram at once what happened on a page, and of a regular mail only that it is there."""

import pytest

from bot.conversation.turn import Assistant
from portal.dialogue.outcomes import News, NewsKind
from portal.transaction import Portal
from tests.support.telegram.line import Line
from tests.support.telegram.person import Person

pytestmark = pytest.mark.usefixtures("families")


async def told(line: Line, portal: Portal, ana: Person, kind: NewsKind, **values: str) -> list[str]:
    """Let something happen on a page; return what the chat hears of it, once all is quiet."""
    async with line.working():
        await ana.types("hello")
        await line.emulator.until(lambda: ana.hears)
        before = len(ana.hears)
        with portal.begin() as tx:
            conversation = tx.dialogue.find("telegram", f"{line.settings.bot_id}:{ana.number}")
            assert conversation is not None
            tx.dialogue.tell(News(conversation.id, kind, values))
        await line.emulator.until(lambda: len(ana.hears) > before)
    assert line.emulator.faults == []
    return [shown.text for shown in ana.hears[before:]]


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (NewsKind.PASSWORD_SET, "You have set a new password. Shall I sign you in?"),
        (NewsKind.EMAIL_CONFIRMED, "Your e-mail address is confirmed. Shall I sign you in?"),
        (NewsKind.NOTIFICATION, "There is news from school: it is in the e-mail that we have just sent you."),
    ],
)
async def test_news_come_at_once_as_one_new_message(
    portal: Portal, assistant: Assistant, kind: NewsKind, said: str
) -> None:
    line = Line(assistant, portal)

    heard = await told(line, portal, line.person(41), kind)

    assert len(heard) == 1
    assert heard[0].startswith(said)
