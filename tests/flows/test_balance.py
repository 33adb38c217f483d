"""Tell what is on the lunch and fee accounts: exact, for one child, or that the page is off."""

from pathlib import Path

import pytest

from portal.core.districts import District
from portal.sis.sources.oneroster_csv import OneRosterFolderOrZip
from portal.transaction import Portal
from tests.flows.chat import everything, sign_in
from tests.flows.conftest import WESTBOROUGH
from tests.flows.school import write_school
from tests.support.conversation import Chat
from tests.support.portals import PASSWORD, make_district

pytestmark = pytest.mark.usefixtures("families", "turned_on")


@pytest.fixture
def turned_on(portal: Portal, families: None) -> District:
    return make_district(portal, **WESTBOROUGH, lunch_balance=True)


@pytest.mark.requirement("R100")
async def test_the_balance_comes_first_and_then_the_latest_transactions(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("What is Maya's balance?")

    assert chat.text.splitlines() == [
        "$13.50 is on the lunch account of Maya.",
        "$18.00 in fees is open for Maya.",
        "The latest transactions, a charge with a minus:",
        "- Oct 14, 2026: School lunch (lunch), -$3.25",
        "- Oct 13, 2026: School lunch (lunch), -$3.25",
        "- Oct 1, 2026: Field trip (fees), -$18.00",
        "- Sep 28, 2026: Online payment (lunch), $20.00",
    ]
    assert chat.replies[0].private


@pytest.mark.requirement("R100")
@pytest.mark.parametrize(
    ("said", "first"),
    [
        ("lunch balance for Maya", "$13.50 is on the lunch account of Maya."),
        ("do I owe any fees for Maya", "$18.00 in fees is open for Maya."),
    ],
)
async def test_one_account_is_answered_alone(chat: Chat, said: str, first: str) -> None:
    await sign_in(chat)

    await chat.say(said)

    assert chat.text.splitlines()[:2] == [first, "The latest transactions, a charge with a minus:"]
    assert "(lunch)" not in chat.text


async def test_what_came_and_went_in_a_week_is_told_before_the_balance(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("how much did Maya spend on lunch this week")

    assert chat.text.splitlines() == [
        "From Oct 12, 2026 to Oct 18, 2026, $6.50 was charged to the lunch account and $0.00 was paid in.",
        "- Oct 14, 2026: School lunch, -$3.25",
        "- Oct 13, 2026: School lunch, -$3.25",
        "$13.50 is on the lunch account of Maya.",
    ]


async def test_a_day_without_an_entry_is_said_to_have_none(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("what did Maya buy for lunch today")

    assert chat.text.splitlines() == [
        "On Oct 15, 2026 nothing was charged and nothing was paid in.",
        "$13.50 is on the lunch account of Maya.",
    ]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("balance for Leo", "Nothing is recorded on a lunch or fee account of Leo."),
        ("lunch balance for Leo", "Nothing is recorded on a lunch account of Leo."),
        ("does Leo owe any fees", "No fee and no payment of Leo is recorded."),
        ("what did Leo spend on lunch this week", "Nothing is recorded on a lunch account of Leo."),
    ],
)
async def test_an_account_without_an_entry_is_no_balance_of_zero(chat: Chat, said: str, told: str) -> None:
    await sign_in(chat)

    await chat.say(said)

    assert chat.text.startswith(told)
    assert "$" not in chat.text


async def test_an_account_below_zero_is_told_without_blame(chat: Chat) -> None:
    await sign_in(chat, "kwhitfield")

    await chat.say("lunch balance")

    assert chat.text.startswith("The lunch account of Zoe is $41.00 below zero.")


async def test_another_child_is_a_follow_up_and_nothing_is_added_up_over_them(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("balance")
    asked, titles = chat.text, chat.titles
    await chat.press("Maya")
    maya = chat.text

    await chat.say("and Leo?")
    leo = chat.text
    await chat.say("balance for all my kids")

    assert (asked, titles) == ("Which child do you mean?", ["Leo", "Maya"])
    assert "$13.50" in maya
    assert leo.startswith("Nothing is recorded on a lunch or fee account of Leo.")
    assert [reply.text for reply in chat.replies] == [leo, maya]


@pytest.mark.parametrize("said", ["How do I pay the fees?", "add money to the lunch account"])
async def test_nobody_can_pay_here_and_the_school_knows_how(chat: Chat, said: str) -> None:
    await chat.say(said)

    assert "I cannot take a payment" in chat.text
    assert "(508) 555-0190" in chat.text
    assert chat.titles == ["Show the balance here"]


@pytest.mark.requirement("R100")
async def test_how_to_see_the_balance_names_the_portals_page(chat: Chat) -> None:
    await chat.say("How do I see the lunch balance?")

    assert 'the page "Balance"' in chat.text
    assert chat.titles == ["Show the balance here"]


async def test_a_balance_asked_for_before_signing_in_is_told_after_it(chat: Chat) -> None:
    await chat.say("lunch balance for Maya")
    asked = chat.text
    await chat.say("mlopez")

    await chat.submit(password=PASSWORD)

    assert "$" not in asked
    assert "$13.50 is on the lunch account of Maya." in chat.text


@pytest.mark.requirement("R100")
@pytest.mark.parametrize("said", ["lunch balance for Maya", "How do I see the balance?", "how do i pay fees"])
async def test_a_page_that_is_off_is_said_to_be_off_with_the_school_instead(
    portal: Portal, chat: Chat, said: str
) -> None:
    make_district(portal, **WESTBOROUGH, lunch_balance=False)
    await sign_in(chat)

    await chat.say(said)

    assert chat.text.startswith('Your school has not turned on the page "Balance".')
    assert "(508) 555-0190" in chat.text
    assert "$" not in chat.text


async def test_another_familys_child_is_never_confirmed_to_exist(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("lunch balance of Zoe")
    about_zoe = chat.text
    await chat.say("lunch balance of Emma")

    assert about_zoe.replace("Zoe", "Emma") == chat.text
    assert not any(word in everything(chat) for word in ("41", "cake", "$"))


@pytest.mark.requirement("R80")
async def test_a_record_closed_in_mid_conversation_is_closed_at_once(
    portal: Portal, district: District, chat: Chat, tmp_path: Path
) -> None:
    await sign_in(chat)
    await chat.say("lunch balance for Maya")
    users = write_school(tmp_path / "closed") / "users.csv"
    users.write_text(users.read_text("utf-8").replace("S1,,,true", "S1,,,false"), "utf-8")
    with portal.begin() as tx:
        tx.imports.run(district.slug, OneRosterFolderOrZip(users.parent))

    await chat.say("what about this week?")

    assert chat.text.startswith("Student information is not available at this time.")
    assert "$" not in chat.text


async def test_a_child_unlinked_in_mid_conversation_is_gone_at_once(
    portal: Portal, district: District, chat: Chat
) -> None:
    await sign_in(chat)
    await chat.say("lunch balance for Maya")
    with portal.begin() as tx:
        account = tx.accounts.find(district.slug, "mlopez")
        maya = tx.imports.find_student(district.slug, "7001")
        assert account is not None
        assert maya is not None
        tx.links.unlink(account.account_id, maya.id)

    await chat.say("what about this week?")

    assert chat.text.startswith('I do not find "Maya López" among the children linked to your account.')
    assert "$" not in chat.text
