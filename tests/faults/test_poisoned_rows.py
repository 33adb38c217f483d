"""A row that cannot be read costs itself, and holds up nothing behind it.

Still true after a disk rots or a hand slips in a table: the next message of that conversation is answered,
other conversations and chats notice nothing, every other mail leaves, and the log names the table and the
row.
"""

import pytest
from sqlalchemy import select, update
from structlog.testing import capture_logs

from bot.conversation.turn import Assistant
from portal.core.models import OutboxRow
from portal.core.outbox import MailKind, To
from portal.delivery.outcomes import Sent
from portal.dialogue.models import ChatRow, ConversationRow, InboxRow, PushRow, TranscriptRow
from portal.dialogue.outcomes import Arrival
from portal.transaction import Portal
from tests.support.conversation import Chat
from tests.support.portals import make_district
from tests.support.telegram.emulator import Emulator
from tests.support.telegram.line import Line

ROT = b"not what was written"


def rot(portal: Portal, column: str, model: type) -> None:
    with portal.begin() as tx:
        tx.session.execute(update(model).values({column: ROT}))


def left_in_the_inbox(portal: Portal, sender: str) -> None:
    """Leave a message as a killed process does: stored, and answered by nobody."""
    said = {"kind": "text", "text": "count"}
    with portal.begin() as tx:
        tx.dialogue.receive(Arrival("rest", sender, "message:left", said, said))


def unreadable(lines: list[dict[str, object]]) -> set[object]:
    return {line["table"] for line in lines if line["event"] == "row_unreadable"}


async def test_message_that_cannot_be_read_is_closed_and_the_next_one_answered(
    portal: Portal, desk: Assistant
) -> None:
    chat = Chat(desk, channel="rest", sender="ana")
    await chat.say("count")
    with portal.begin(read_only=True) as tx:
        row = tx.session.scalars(select(ConversationRow)).one()
    with portal.begin() as tx:
        tx.session.execute(update(InboxRow).values(payload=ROT, answered_at=None, replies=None))

    with capture_logs() as lines:
        await desk.recover()
        await chat.say("count")

    assert chat.text == "2"
    assert unreadable(lines) == {"dialogue_inbox"}
    with portal.begin(read_only=True) as tx:
        assert tx.dialogue.unanswered() == ()
        assert tx.session.get_one(ConversationRow, row.id).lease_owner is None


async def test_conversation_whose_state_cannot_be_read_begins_anew(portal: Portal, desk: Assistant) -> None:
    chat = Chat(desk, channel="rest", sender="ana")
    await chat.say("count")
    rot(portal, "state", ConversationRow)

    with capture_logs() as lines:
        await chat.say("count")

    assert chat.text in {"1", "2"}
    assert unreadable(lines) == {"dialogue_conversation"}


async def test_line_of_the_history_that_cannot_be_read_is_left_out(portal: Portal, desk: Assistant) -> None:
    chat = Chat(desk, channel="rest", sender="ana")
    await chat.say("count")
    rot(portal, "content", TranscriptRow)
    await chat.say("count")

    entries = await chat.history()

    assert [entry.text for entry in entries] == ["count", "2"]


@pytest.mark.parametrize(
    ("model", "column"), [(PushRow, "context"), (InboxRow, "replies"), (ChatRow, "address")]
)
async def test_chat_with_a_row_that_cannot_be_read_holds_up_no_other_and_is_answered_again(
    portal: Portal, desk: Assistant, model: type, column: str
) -> None:
    line = Line(desk, portal, Emulator())
    ana, ben = line.person(4101), line.person(4102, "Ben")
    await ana.types("count")
    await desk.settled()
    rot(portal, column, model)
    await ben.types("count")

    with capture_logs() as lines:
        await line.settled()
    await ana.types("hours")
    await line.settled()

    assert ben.read == "1"
    assert ana.last.text == "Open nine to five."
    assert unreadable(lines)


def test_mail_that_cannot_be_read_is_given_up_and_the_others_leave(portal: Portal) -> None:
    make_district(portal)
    with portal.begin() as tx:
        put = [
            tx.outbox.put("westborough", MailKind.PASSWORD_CHANGED, To(f"{name}@mailbox.example"))
            for name in ("ana", "ben", "cleo")
        ]
        tx.session.get_one(OutboxRow, put[0]).details = "{"

    left = []
    with capture_logs() as lines, portal.begin() as tx:
        while (mail := tx.deliveries.lease("postman")) is not None:
            left.append(mail.message_id)
            tx.deliveries.settle(mail.message_id, "postman", Sent())

    assert sorted(left) == sorted(put[1:])
    assert unreadable(lines) == {OutboxRow.__tablename__}
    with portal.begin(read_only=True) as tx:
        assert tx.session.get_one(OutboxRow, put[0]).last_error == "unreadable"
