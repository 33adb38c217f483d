"""What was offered is done after a plain yes only: "yeah, but no" does nothing, and the offer waits."""

import pytest
from sqlalchemy import select

from portal.accounts.models import LinkRow
from portal.core.districts import District
from portal.core.models import OutboxRow
from portal.transaction import Portal
from tests.flows.chat import sign_in
from tests.support.conversation import Chat
from tests.support.portals import make_parent

HALF_A_YES = [
    ("en", "yeah but no"),
    ("es", "sí pero no"),
    ("fr", "oui mais non"),
    ("zh", "好但是先不要"),
    ("ar", "نعم ولكن لا"),
    ("te", "అవును కానీ వద్దు"),
]
PLAIN = [("es", "sí"), ("ar", "نعم"), ("so", "haa"), ("kea", "sin")]


@pytest.fixture
def rosa(portal: Portal, district: District) -> None:
    make_parent(portal, district, username="rsilva", display_name="Rosa Silva", email="rosa@families.example")


def mails(portal: Portal) -> list[str]:
    with portal.begin(read_only=True) as tx:
        return list(tx.session.scalars(select(OutboxRow.kind)))


def links(portal: Portal) -> int:
    with portal.begin(read_only=True) as tx:
        return len(tx.session.scalars(select(LinkRow.student_id)).all())


@pytest.mark.usefixtures("rosa")
@pytest.mark.parametrize(("language", "said"), HALF_A_YES)
async def test_half_a_yes_to_an_offer_does_nothing(
    portal: Portal, chat: Chat, language: str, said: str
) -> None:
    await sign_in(chat, "rsilva")
    await chat.say("is my email confirmed?")
    chat.language = language

    await chat.say(said)

    assert chat.text
    assert "confirm_email" not in mails(portal)


@pytest.mark.usefixtures("rosa")
@pytest.mark.parametrize(("language", "said"), PLAIN)
async def test_a_plain_yes_takes_the_offer_up(portal: Portal, chat: Chat, language: str, said: str) -> None:
    await sign_in(chat, "rsilva")
    await chat.say("is my email confirmed?")
    chat.language = language

    await chat.say(said)

    assert mails(portal).count("confirm_email") == 1


@pytest.mark.usefixtures("rosa")
async def test_after_half_a_yes_the_offer_still_stands(portal: Portal, chat: Chat) -> None:
    await sign_in(chat, "rsilva")
    await chat.say("is my email confirmed?")
    chat.language = "fr"
    await chat.say("oui mais non")

    await chat.say("oui")

    assert mails(portal).count("confirm_email") == 1


@pytest.mark.usefixtures("families")
@pytest.mark.parametrize(
    ("language", "said"), [("es", "sí y no"), ("ht", "wi men non"), ("so", "haa laakiin maya")]
)
async def test_half_a_yes_takes_no_child_off_the_account(
    portal: Portal, chat: Chat, language: str, said: str
) -> None:
    await sign_in(chat)
    before = links(portal)
    await chat.say("unlink Maya")
    chat.language = language

    await chat.say(said)

    assert links(portal) == before
