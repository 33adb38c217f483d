"""No password is asked for in the chat, and one that is typed there all the same does not stay."""

import pytest
from sqlalchemy import Engine, select, text, update

from bot.conversation.turn import Assistant
from portal.accounts.models import AccountRow
from portal.core.models import AuditRow
from portal.dialogue.outcomes import Arrival, ChatAddress
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.portals import PASSWORD, change, sign_in
from tests.support.telegram.line import PUBLIC, Line
from tests.support.telegram.network import NOT_DELETED, Answer, Lost, Network, too_many
from tests.support.telegram.person import Person

CANARY = "CANARY-9be1-horse staple"


@pytest.fixture
async def asked(line: Line, ana: Person) -> Person:
    """Return somebody who is asked for a password."""
    await ana.types("sign in, my username is mlopez")
    await line.settled()
    return ana


def stored(engine: Engine) -> str:
    """Return every stored byte of the conversation, as text."""
    tables = ("dialogue_conversation", "dialogue_inbox", "dialogue_transcript", "dialogue_push")
    with engine.connect() as connection:
        rows = [row for table in tables for row in connection.execute(text(f"select * from {table}"))]  # noqa: S608
    return repr(rows)


@pytest.mark.case("C1")
async def test_signing_in_offers_the_masked_page_and_asks_for_nothing_in_the_chat(
    line: Line, asked: Person
) -> None:
    [[button]] = asked.last.buttons

    assert button["web_app"]["url"].startswith(f"{PUBLIC}/secret/")
    assert asked.last.text == "Password for mlopez, masked."


@pytest.mark.case("C2")
@pytest.mark.parametrize("way", ["typed", "forwarded", "replied", "under a picture", "edited"])
async def test_a_password_in_the_chat_is_deleted_first_told_and_kept_nowhere(
    line: Line, asked: Person, engine: Engine, caplog: pytest.LogCaptureFixture, way: str
) -> None:
    number = await _gives_away(asked, way)
    await line.settled()

    assert line.emulator.chats.shown[asked.chat, number].is_deleted
    assert "Not here, please: I deleted it." in asked.last.text
    order = [each.method for each in line.emulator.asked if each.method in {"deleteMessage", "sendMessage"}]
    assert order[-2:] == ["deleteMessage", "sendMessage"]
    history = await line.assistant.history("telegram", f"{line.settings.bot_id}:{asked.number}")
    assert CANARY not in repr(history) + stored(engine) + caplog.text
    assert not any("Signed in" in shown.text for shown in asked.hears)


@pytest.mark.case("C2")
async def test_a_right_password_in_the_chat_signs_nobody_in(line: Line, asked: Person) -> None:
    await asked.types(PASSWORD)
    await line.settled()

    assert "Signed in" not in asked.read


@pytest.mark.case("C3")
@pytest.mark.parametrize("fault", [too_many(3), Lost()])
async def test_deleting_is_tried_again_after_the_wait_and_three_times_at_most(
    line: Line, asked: Person, network: Network, clock: FakeClock, fault: Answer | Lost
) -> None:
    network.spoil("deleteMessage", fault, times=2)
    number = await asked.types(CANARY)
    await line.settled()
    early = line.emulator.chats.shown[asked.chat, number].is_deleted
    for _ in range(3):
        clock.advance(seconds=10)
        await line.settled()

    assert not early
    assert line.emulator.chats.shown[asked.chat, number].is_deleted
    assert len(network.tries_of("deleteMessage")) == 3
    assert "Not here, please: I deleted it." in asked.read


async def _gives_away(person: Person, way: str) -> int:
    match way:
        case "forwarded":
            return await person.forwards(CANARY)
        case "replied":
            return await person.answers_to(person.last.number, CANARY)
        case "under a picture":
            return await person.sends_photo(caption=CANARY)
        case "edited":
            number = person.sees[0].number
            await person.edits(number, CANARY)
            return number
        case _:
            return await person.types(CANARY)


@pytest.fixture
def account(desk: Assistant, portal: Portal) -> AccountRow:
    with portal.begin(read_only=True) as tx:
        return tx.session.scalars(select(AccountRow)).one()


def deletions_failed(portal: Portal) -> int:
    """Return how many failed deletions the audit knows of."""
    with portal.begin(read_only=True) as tx:
        events = list(tx.session.scalars(select(AuditRow.event)))
    return events.count("chat.delete_failed")


def is_exposed(portal: Portal, account: AccountRow) -> bool:
    with portal.begin(read_only=True) as tx:
        return tx.session.get_one(AccountRow, account.account_id).exposed_at is not None


@pytest.mark.case("C3")
@pytest.mark.parametrize(
    ("fault", "tries"),
    [(NOT_DELETED, 1), (Answer(403, "Forbidden: not enough rights"), 1), (too_many(3), 3), (Lost(), 3)],
)
async def test_a_password_that_cannot_be_deleted_is_told_plainly_noted_and_to_be_changed(  # noqa: PLR0917
    line: Line,
    asked: Person,
    network: Network,
    clock: FakeClock,
    portal: Portal,
    account: AccountRow,
    fault: Answer | Lost,
    tries: int,
) -> None:
    network.spoil("deleteMessage", fault, times=9)
    await asked.types(CANARY)
    for _ in range(4):
        await line.settled()
        clock.advance(seconds=10)

    assert len(network.tries_of("deleteMessage")) == tries
    assert "I could not delete it: please do." in asked.read
    assert "I deleted it" not in asked.read
    assert deletions_failed(portal) == 1
    assert is_exposed(portal, account)


@pytest.mark.case("C3")
async def test_a_new_password_ends_the_exposure(portal: Portal, account: AccountRow) -> None:
    sign_in(portal)
    with portal.begin() as tx:
        tx.session.execute(update(AccountRow).values(exposed_at=tx.now))

    portal.change_password(change())

    assert not is_exposed(portal, account)


@pytest.mark.case("C3")
async def test_a_password_that_the_parent_deleted_first_is_no_failure(
    line: Line, asked: Person, portal: Portal, account: AccountRow
) -> None:
    number = await asked.types(CANARY)
    line.emulator.chats.shown[asked.chat, number].is_deleted = True
    await line.settled()

    assert "I deleted it" in asked.read
    assert (deletions_failed(portal), is_exposed(portal, account)) == (0, False)


@pytest.mark.case("C2")
async def test_a_password_is_deleted_although_the_process_was_killed_before(
    line: Line, asked: Person, desk: Assistant, portal: Portal
) -> None:
    number = await asked.sends("text")
    arrival = Arrival(
        channel="telegram",
        sender=f"{line.settings.bot_id}:{asked.number}",
        message_id="killed",
        payload={},
        withheld={"kind": "text", "withheld": True},
        chat=ChatAddress(line.settings.via, {"chat": asked.chat, "name": "Ana", "username": None}),
        context={"message": number},
    )
    with portal.begin() as tx:
        tx.dialogue.receive(arrival)

    await desk.recover()
    await line.settled()

    assert line.emulator.chats.shown[asked.chat, number].is_deleted
    assert "I deleted it" in asked.read


@pytest.mark.case("C3")
async def test_an_access_password_that_stays_exposes_no_account(
    line: Line, asked: Person, network: Network, portal: Portal, account: AccountRow
) -> None:
    await asked.types("cancel")
    network.spoil("deleteMessage", NOT_DELETED, times=9)
    await asked.types("borrow ACD-EFG-HJK-MNP-QRT-WXY")
    await line.settled()

    assert "I could not delete it: please do." in asked.read
    assert (deletions_failed(portal), is_exposed(portal, account)) == (1, False)
