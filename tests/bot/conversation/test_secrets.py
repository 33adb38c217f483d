"""Secrets never enter the conversation: they go through a ticket, and only the outcome comes back."""

import asyncio
import logging

import pytest
from sqlalchemy import Engine, select
from structlog.testing import capture_logs

from bot.conversation.turn import Assistant
from bot.messages import Bearer, SecretField
from portal.accounts.passwords import HashingPool
from portal.core.clock import Clock
from portal.core.keys import Keys
from portal.core.outcomes import Reason, Refused
from portal.dialogue.models import InboxRow, TicketRow
from portal.dialogue.outcomes import Purpose
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.conversation import Chat, make_assistant
from tests.support.desk import Keywords, desk_actions, desk_project
from tests.support.hashing import CountingHasher
from tests.support.patience import PATIENCE
from tests.support.portals import PASSWORD

VOID = Refused(Reason.TICKET_VOID)
CANARY = "CANARY-24c67af4-056f-4589-a8a3-e730a53899d3"


@pytest.fixture
async def asked(chat: Chat) -> Chat:
    """Return a chat that shows a masked field."""
    await chat.say("sign in, my username is mlopez")
    return chat


async def test_a_secret_step_offers_a_masked_field_and_asks_for_nothing_in_the_chat(asked: Chat) -> None:
    assert asked.text == "Password for mlopez, masked."
    assert asked.secret.fields == (SecretField("password", "Password"),)
    assert asked.secret.url == f"/secret/{asked.secret.ticket}"


async def test_a_right_password_in_the_masked_field_signs_in(asked: Chat) -> None:
    await asked.submit(password=PASSWORD)

    assert asked.text == "Signed in as Marisol Quintero."


async def test_a_wrong_password_is_told_by_its_reason_only(asked: Chat) -> None:
    await asked.submit(password="wrong")

    assert asked.text == "Refused: bad_credentials."


async def test_a_question_that_needs_a_session_is_answered_after_signing_in(chat: Chat) -> None:
    await chat.say("shelf")
    assert chat.text == "What is your username?"
    await chat.say("mlopez")

    await chat.submit(password=PASSWORD)

    assert chat.text == "Signed in as Marisol Quintero.\nYour shelf, Marisol Quintero:\nAtlas (2)\nEmma (1)"
    assert chat.titles == ["All (3)"]


async def test_such_a_question_in_the_middle_of_signing_in_asks_the_step_again(chat: Chat) -> None:
    await chat.say("sign in")

    await chat.say("shelf")

    assert chat.text == "What is your username?"


@pytest.mark.parametrize("text", [CANARY, f"my password is {CANARY}", "cancel?", f"yes {CANARY}?"])
async def test_text_typed_while_a_secret_is_pending_is_deleted_and_told(
    asked: Chat, engine: Engine, text: str
) -> None:
    before = asked.secret.ticket

    await asked.say(text)

    assert asked.text == "Not here, please: I deleted it.\nPassword for mlopez, masked."
    assert asked.secret.ticket != before
    assert [e.text for e in await asked.history() if e.author == "parent"][-1] == "[removed]"


@pytest.mark.case("G1")
async def test_text_typed_while_a_secret_is_pending_is_not_even_stored_encrypted(
    asked: Chat, portal: Portal, desk: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def killed(_: object) -> bool:
        raise asyncio.CancelledError

    monkeypatch.setattr(desk._memory, "finish", killed)
    with pytest.raises(asyncio.CancelledError):
        await asked.say(CANARY)

    with portal.begin() as tx:
        rows = tx.session.scalars(select(InboxRow).where(InboxRow.answered_at.is_(None))).all()
        payloads = [portal.keys.decrypt(row.payload or b"").decode() for row in rows]

    assert len(payloads) == 1
    assert CANARY not in payloads[0]


@pytest.mark.case("G1")
async def test_a_password_typed_before_the_field_shows_is_deleted_too(chat: Chat, portal: Portal) -> None:
    await asyncio.gather(chat.say("sign in, my username is mlopez"), chat.say(CANARY))

    assert chat.text == "Not here, please: I deleted it.\nPassword for mlopez, masked."
    assert not any(CANARY in entry.text for entry in await chat.history())
    with portal.begin(read_only=True) as tx:
        assert all(row.payload is None for row in tx.session.scalars(select(InboxRow)))
        conversation = tx.dialogue.find("rest", chat.sender)
    assert CANARY not in str(conversation)


@pytest.mark.parametrize("text", ["cancel1", "hours!x"])
async def test_a_word_with_signs_in_it_is_no_command_while_a_secret_is_pending(
    asked: Chat, text: str
) -> None:
    await asked.say(text)

    assert asked.text.startswith("Not here, please")


async def test_a_client_that_goes_away_does_not_lose_the_outcome_of_its_secret(asked: Chat) -> None:
    posted = asyncio.create_task(asked.try_submit(password=PASSWORD))
    await asyncio.sleep(0)

    posted.cancel()
    async with asyncio.timeout(PATIENCE):
        while (await asked.history())[-1].text != "Signed in as Marisol Quintero.":  # noqa: ASYNC110
            await asyncio.sleep(0.01)

    await asked.say("shelf")
    assert asked.text.startswith("Your shelf")


async def test_a_command_while_a_secret_is_pending_is_taken_as_one(asked: Chat) -> None:
    await asked.say("hours")
    assert asked.text == "Open nine to five.\nPassword for mlopez, masked."

    await asked.say("cancel")

    assert asked.text == "Stopped."


async def test_a_button_while_a_secret_is_pending_is_taken_as_one(chat: Chat) -> None:
    await chat.say("hello")
    await chat.say("sign in, my username is mlopez")

    await chat.press("Borrow")

    assert chat.text == "Which book?"


async def test_a_corrected_username_goes_into_the_next_masked_field(asked: Chat) -> None:
    await asked.say("no, my username is bob")

    assert asked.text == "Password for bob, masked."


@pytest.mark.parametrize("text", ["again", "help", "language es"])
async def test_commands_at_the_secret_step_offer_a_new_masked_field(asked: Chat, text: str) -> None:
    before = asked.secret.ticket

    await asked.say(text)

    assert asked.replies[-1].text == "Password for mlopez, masked."
    assert asked.secret.ticket != before
    assert await asked.try_submit(before, password=PASSWORD) == VOID


@pytest.mark.case("G1")
async def test_nothing_typed_or_submitted_is_logged(asked: Chat, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), capture_logs() as logs:
        await asked.say(CANARY)
        await asked.submit(password=CANARY)
        await asked.say(f"explode {CANARY}")

    assert CANARY not in caplog.text + str(logs)


async def test_a_ticket_used_twice_is_void_and_changes_nothing(asked: Chat, hasher: CountingHasher) -> None:
    ticket = asked.secret.ticket
    await asked.submit(password=PASSWORD)
    verified = hasher.verified

    again = await asked.try_submit(ticket, password=PASSWORD)

    assert again == VOID
    assert hasher.verified == verified


async def test_a_ticket_posted_twice_at_once_is_redeemed_once(asked: Chat) -> None:
    ticket = asked.secret.ticket

    both = await asyncio.gather(*(asked.try_submit(ticket, password=PASSWORD) for _ in range(2)))

    assert sorted(answer == VOID for answer in both) == [False, True]


@pytest.mark.parametrize("ticket", ["forged", "", "ü\x00", "\ud800", "x" * 5000])
async def test_a_forged_ticket_is_void(asked: Chat, ticket: str) -> None:
    answer = await asked.assistant.submit_secret(ticket, {"password": PASSWORD}, bearer=asked.bearer)

    assert answer == VOID
    assert await asked.assistant.secret_form(ticket, bearer=asked.bearer) == VOID


async def test_a_ticket_lives_ten_minutes(asked: Chat, clock: FakeClock) -> None:
    clock.advance(seconds=599.999)
    assert not isinstance(
        await asked.assistant.secret_form(asked.secret.ticket, bearer=asked.bearer), Refused
    )

    clock.advance(seconds=0.001)

    assert await asked.assistant.secret_form(asked.secret.ticket, bearer=asked.bearer) == VOID
    assert await asked.try_submit(password=PASSWORD) == VOID


async def test_a_ticket_of_another_conversation_is_void_and_stays_good_for_its_own(
    asked: Chat, desk: Assistant
) -> None:
    thief = Chat(desk)
    await thief.say("hello")

    stolen = await thief.try_submit(asked.secret.ticket, password=PASSWORD)

    assert stolen == VOID
    assert await desk.secret_form(asked.secret.ticket, bearer=thief.bearer) == VOID
    await asked.submit(password=PASSWORD)
    assert asked.text == "Signed in as Marisol Quintero."


async def test_a_ticket_from_somebody_unknown_is_void(asked: Chat, desk: Assistant) -> None:
    nobody = Bearer("rest", "never seen", "somewhere")

    assert await desk.submit_secret(asked.secret.ticket, {"password": "x"}, bearer=nobody) == VOID
    assert await desk.secret_form(asked.secret.ticket, bearer=nobody) == VOID


async def test_the_masked_page_describes_an_open_ticket(asked: Chat) -> None:
    form = await asked.assistant.secret_form(asked.secret.ticket, bearer=asked.bearer)

    assert form == asked.secret


@pytest.mark.parametrize("values", [{}, {"password": ""}, {"password": "\ud800"}, {"password": "x" * 5000}])
async def test_an_unusable_submission_is_told_as_a_refusal(asked: Chat, values: dict[str, str]) -> None:
    await asked.submit(**values)

    assert asked.text == "Refused: invalid_request."


async def test_a_full_hashing_queue_leaves_the_ticket_unspent(
    engine: Engine, clock: Clock, keys: Keys, hasher: CountingHasher, desk: Assistant
) -> None:
    pool = HashingPool(workers=1, places=1)
    portal = Portal(engine, clock=clock, keys=keys, hasher=hasher, hashing=pool)
    assistant = make_assistant(portal, desk_actions(portal), Keywords(), desk_project())
    chat = Chat(assistant)
    await chat.say("sign in, my username is mlopez")

    with pool.place():
        busy = await chat.try_submit(password=PASSWORD)
    await chat.submit(password=PASSWORD)

    assert busy == Refused(Reason.BUSY)
    assert chat.text == "Signed in as Marisol Quintero."
    assistant.close()
    portal.close()


async def test_the_outcome_comes_back_even_when_the_form_was_cancelled_meanwhile(
    asked: Chat, portal: Portal
) -> None:
    with portal.begin() as tx:
        conversation = tx.dialogue.find("rest", asked.sender)
        assert conversation is not None
        spent = tx.dialogue.spend_ticket(asked.secret.ticket, conversation.id)
        assert not isinstance(spent, Refused)
    await asked.say("cancel")
    with portal.begin() as tx:
        tx.dialogue.settle_ticket(spent.id, {"outcome": "signed_in", "name": "Marisol"})

    await asked.assistant.recover()

    assert (await asked.history())[-1].text == "Signed in as Marisol."


async def test_an_outcome_that_no_form_waits_for_leads_to_the_menu(asked: Chat, portal: Portal) -> None:
    await asked.say("cancel")
    with portal.begin() as tx:
        conversation = tx.dialogue.find("rest", asked.sender)
        assert conversation is not None
        ticket = tx.dialogue.open_ticket(conversation.id, Purpose.CHANGE_PASSWORD, {}, [])
        tx.dialogue.settle_ticket(ticket.id, {"outcome": "password_changed"})

    await asked.assistant.recover()

    assert (await asked.history())[-1].text == "Is it one of these?"


async def test_the_database_knows_a_ticket_only_by_its_hash(asked: Chat, portal: Portal) -> None:
    with portal.begin() as tx:
        row = tx.session.scalars(select(TicketRow)).one()

    assert len(row.token_hash) == 32
    assert asked.secret.ticket.encode() not in row.token_hash + row.context


async def test_after_signing_out_the_history_keeps_nothing_private(asked: Chat) -> None:
    await asked.submit(password=PASSWORD)
    await asked.say("shelf")
    assert any("Your shelf" in entry.text for entry in await asked.history())

    await asked.say("sign out")

    history = [(entry.author, entry.text) for entry in await asked.history()]
    assert not any("shelf" in text for _, text in history)
    assert history[-2:] == [("parent", "sign out"), ("assistant", "Signed out.")]


async def test_after_a_time_out_the_history_keeps_nothing_private(asked: Chat, clock: FakeClock) -> None:
    await asked.submit(password=PASSWORD)
    await asked.say("shelf")

    clock.advance(minutes=15)

    assert not any("shelf" in entry.text for entry in await asked.history())


async def test_looking_at_the_history_does_not_keep_a_session_alive(asked: Chat, clock: FakeClock) -> None:
    await asked.submit(password=PASSWORD)
    await asked.say("shelf")
    clock.advance(minutes=14)
    await asked.history()

    clock.advance(minutes=1)

    assert not any("shelf" in entry.text for entry in await asked.history())


async def test_say_that_again_repeats_nothing_private_of_another_session(
    asked: Chat, clock: FakeClock
) -> None:
    await asked.submit(password=PASSWORD)
    await asked.say("shelf")
    await asked.say("again")
    assert "Your shelf" in asked.text

    clock.advance(minutes=15)
    await asked.say("again")

    assert asked.text == "Nothing to repeat."


async def test_a_repeated_message_returns_nothing_private_of_a_session_that_ended(asked: Chat) -> None:
    await asked.submit(password=PASSWORD)
    await asked.say("shelf", message_id="shelf-1")
    assert "Your shelf" in (await asked.say("shelf", message_id="shelf-1"))[0].text
    await asked.say("sign out")

    repeated = await asked.say("shelf", message_id="shelf-1")

    assert repeated == []


async def test_the_history_shows_only_the_newest_masked_field(asked: Chat) -> None:
    await asked.say("help")

    masked = [entry.reply.secret for entry in await asked.history() if entry.reply.secret]

    assert masked == [asked.secret]
    await asked.say("cancel")
    assert not any(entry.reply.secret for entry in await asked.history())
