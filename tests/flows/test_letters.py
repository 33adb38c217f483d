"""Begin with the link of a letter: district, language, and the child that is linked in the end."""

from collections.abc import Callable, Mapping

import pytest

from portal.core.districts import District
from portal.dialogue.start_codes import MintedStartCode, NewStartCode, StartKind
from portal.helpdesk.staff.roles import Role
from portal.transaction import Portal
from tests.flows.chat import everything, sign_in
from tests.support.conversation import Chat
from tests.support.families import Letter
from tests.support.letters import member_of, printed
from tests.support.portals import NEW_PASSWORD, PASSWORD, make_district, make_parent

Letters = Mapping[str, Letter]
Mint = Callable[..., str]


@pytest.fixture
def mint(portal: Portal, district: District) -> Mint:
    def minted(student: str | None = None, language: str = "en", slug: str = district.slug) -> str:
        with portal.begin() as tx:
            made = tx.start_codes.mint(NewStartCode(slug, StartKind.LETTER, language, student))
        assert isinstance(made, MintedStartCode)
        return made.code

    return minted


@pytest.fixture
def account(portal: Portal, district: District, letters: Letters) -> str:
    """Give Maya's parent an account; Diego is not on it yet."""
    return make_parent(portal, district, username="mlopez", children=[letters["S1"].student_id])


def linked(portal: Portal, account: str) -> set[str]:
    with portal.begin() as tx:
        return {each.student_id for each in tx.links.students_of(account)}


@pytest.mark.requirement("R50", "R58")
async def test_a_letter_links_its_child_once_the_parent_has_signed_in(
    portal: Portal, chat: Chat, letters: Letters, account: str, mint: Mint
) -> None:
    child = letters["S2"]
    await chat.begin(mint(child.student_id))
    first = chat.text
    await chat.press("Sign in")
    await chat.say("mlopez")

    await chat.submit(password=PASSWORD)

    asked = chat.text
    await chat.say("Father")
    await chat.say("no")
    await chat.submit(access_password_1=child.password)
    assert "Westborough Public Schools" in first
    assert "Diego" not in first
    assert "I have filled in its Access ID." in asked
    assert "How are you related to this child?" in asked
    assert "Diego López is linked to your account now." in chat.text
    assert child.student_id in linked(portal, account)


@pytest.mark.requirement("R50", "R61")
@pytest.mark.usefixtures("letters")
async def test_a_printed_letter_links_its_child_with_its_code_and_its_access_password_alone(
    portal: Portal, chat: Chat, account: str
) -> None:
    printed_ones = printed(portal, member_of(Role.DISTRICT_ADMINISTRATOR), language="en").values()
    [letter] = [each for each in printed_ones if each.name == "Diego López"]
    assert letter.password is not None
    await sign_in(chat)

    await chat.begin(letter.code)

    asked = chat.text
    await chat.say("Father")
    await chat.say("no")
    await chat.submit(access_password_1=letter.password.value)
    assert "I have filled in its Access ID." in asked
    assert letter.student_id in linked(portal, account)


async def test_whoever_is_signed_in_goes_on_to_the_child_at_once(
    chat: Chat, letters: Letters, account: str, mint: Mint
) -> None:
    await sign_in(chat)

    await chat.begin(mint(letters["S2"].student_id))

    assert "How are you related to this child?" in chat.text


@pytest.mark.usefixtures("account")
async def test_a_child_that_is_linked_already_is_said_to_be(chat: Chat, letters: Letters, mint: Mint) -> None:
    await sign_in(chat)

    await chat.begin(mint(letters["S1"].student_id))

    assert "Maya from your letter is linked to your account already." in chat.text
    assert chat.replies[0].private


async def test_the_letter_of_somebody_else_links_nothing_without_its_access_password(
    portal: Portal, chat: Chat, letters: Letters, account: str, mint: Mint
) -> None:
    await sign_in(chat)
    await chat.begin(mint(letters["S2"].student_id))
    await chat.say("Father")
    await chat.say("no")

    await chat.submit(access_password_1="WRONGWRONG")

    assert letters["S2"].student_id not in linked(portal, account)
    assert "Diego" not in everything(chat)


async def test_whoever_has_no_account_opens_one_with_the_child_of_the_letter(
    chat: Chat, letters: Letters, mint: Mint
) -> None:
    child = letters["S2"]
    await chat.begin(mint(child.student_id))
    await chat.press("Create an account")
    for answer in ("Ana", "Quintero", "ana@families.example", "anaq.family"):
        await chat.say(answer)
    asked = chat.text

    for answer in ("Mother", "no", "yes"):
        await chat.say(answer)
    await chat.submit(
        new_password=NEW_PASSWORD, new_password_again=NEW_PASSWORD, access_password_1=child.password
    )
    opened = chat.text
    await chat.submit(password=NEW_PASSWORD)

    assert "How are you related to this child?" in asked
    assert "Diego López" in opened
    assert "your letter" not in chat.text


@pytest.mark.requirement("R7")
async def test_a_letter_begins_in_its_language_whatever_the_app_speaks(chat: Chat, mint: Mint) -> None:
    chat.language = "en"
    await chat.begin(mint(language="es"))
    first = chat.text

    await chat.say("calificaciones")

    assert "¡Hola!" in first
    assert "usuario" in chat.text


async def test_a_letter_begins_in_its_district(portal: Portal, chat: Chat, mint: Mint) -> None:
    make_district(portal, "boston", name="Boston Public Schools", account_opening="request")

    await chat.begin(mint(slug="boston"))

    assert "Boston Public Schools" in chat.text


async def test_whoever_is_signed_in_elsewhere_stays_there_and_the_code_is_kept(
    portal: Portal, chat: Chat, account: str, mint: Mint
) -> None:
    make_district(portal, "boston", name="Boston Public Schools", account_opening="request")
    code = mint(slug="boston")
    await sign_in(chat)

    await chat.begin(code)

    with portal.begin(read_only=True) as tx:
        kept = tx.start_codes.find(code)
    assert "Boston" not in chat.text
    assert "too old" in chat.text
    assert not hasattr(kept, "reason")


@pytest.mark.parametrize("code", ["made-up", "a.b", "\u202e", "x" * 64, "x" * 65])
async def test_a_made_up_code_gets_the_ordinary_beginning(chat: Chat, code: str) -> None:
    await chat.begin(code)

    assert "Hello! I am the assistant" in chat.text
    assert "Grades" in chat.titles


async def test_a_used_code_is_said_to_be_and_the_chat_begins(
    chat: Chat, letters: Letters, mint: Mint
) -> None:
    code = mint(letters["S2"].student_id)
    await chat.begin(code)

    await chat.begin(code)

    assert "That link has been used already, or it is too old." in chat.text
    assert "Hello! I am the assistant" in chat.text


@pytest.mark.usefixtures("account")
async def test_to_begin_anew_leaves_a_form_and_keeps_the_session(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("link another child")

    await chat.begin()

    assert "What would you like to know?" in chat.text
    await chat.say("hello")
    assert "Access ID" not in chat.text


async def test_to_begin_anew_while_a_password_is_awaited_awaits_it_no_more(chat: Chat) -> None:
    await chat.say("sign in")
    await chat.say("mlopez")
    ticket = chat.secret.ticket

    await chat.begin()

    refused = await chat.try_submit(ticket, password=PASSWORD)
    assert "Hello! I am the assistant" in chat.text
    assert getattr(refused, "reason", None) == "ticket_void"
