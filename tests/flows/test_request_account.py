"""Request an account from the school, in the temporary way of the guide, step by step."""

from collections.abc import Mapping

import pytest

from bot.conversation.turn import Assistant
from portal.core.districts import District
from portal.transaction import Portal
from tests.flows.conftest import BOSTON
from tests.support.conversation import Chat
from tests.support.families import Letter, import_roster, mails
from tests.support.portals import make_district
from tests.support.rosters import small_roster

PASSWORD = "Nine0quiet-lanterns"
QUESTION = "What was the name of your first pet?"
FIRST_OPTION = (
    "Click or tap here if you are new to the district and the system doesn't contain any of your information."
)


@pytest.fixture
def chat(assistant: Assistant, boston: District) -> Chat:
    return Chat(assistant, district=boston.slug)


@pytest.fixture
def known(portal: Portal, boston: District, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Letter]:
    """Put Ana López, ana@example.org, mother of Maya and Diego, into the school's records."""
    roster = small_roster()
    for student in ("NS1", "NS2"):
        roster.add(
            "x_portal_access",
            parentIdentifier="NP1",
            studentIdentifier=student,
            portalAccess="true",
            receivesEmail="true",
        )
    return import_roster(portal, tmp_path_factory.mktemp("boston"), roster, boston.slug)


async def tell(chat: Chat, name: str = "Ana López", email: str = "ana@example.org") -> None:
    """Answer everything up to the summary."""
    await chat.say("I want to request an account")
    for answer in (name, "yes", email, QUESTION):
        await chat.say(answer)


async def submit(chat: Chat, new: str = PASSWORD, again: str = PASSWORD, answer: str = "Rex") -> None:
    await chat.submit(new_password=new, new_password_again=again, security_answer=answer)


@pytest.mark.requirement("R113", "R118", "R120", "R121", "R122", "R123", "R124")
async def test_the_request_is_labelled_temporary_and_goes_step_by_step(chat: Chat) -> None:
    await chat.say("request an account")
    begun = chat.text
    await chat.say("Ana")
    last = chat.text
    await chat.say("López")
    district, choices = chat.text, chat.titles
    await chat.press("Boston Public Schools")
    email = chat.text

    assert "How to Request a Parent Account (TEMPORARY)" in begun
    assert FIRST_OPTION in begun
    assert "even if your child already goes to school here" in begun
    assert "(Optional) is skipped" in begun
    assert "the same as your school has it" in begun
    assert "last name, the same as your school has it" in last
    assert '"Boston Public Schools"' in district
    assert choices == ["Boston Public Schools", "Another district"]
    assert "the one that your school has for you" in email


@pytest.mark.requirement("R125", "R126", "R127")
async def test_password_and_answer_are_asked_for_in_masked_fields_under_the_rules(chat: Chat) -> None:
    await tell(chat)
    await chat.say("yes")

    assert [(field.name, field.label) for field in chat.secret.fields] == [
        ("new_password", "Password"),
        ("new_password_again", "Re-Enter Password"),
        ("security_answer", "Answer"),
    ]
    assert "be at least 8 characters long" in chat.text
    assert QUESTION in chat.text
    assert '"Create My Account."' in chat.text
    assert chat.secret.purpose == "request_account"


@pytest.mark.requirement("R128", "R129", "R130")
async def test_a_request_ends_with_the_portals_words_and_what_comes_next(
    portal: Portal, chat: Chat, known: Mapping[str, Letter]
) -> None:
    await tell(chat)
    await chat.say("yes")

    await submit(chat)

    assert chat.text.startswith("Account Request Processed!")
    for said in (
        "Go to your e-mail, ana@example.org, and confirm the account",
        "the account is now active",
        "Your school connects your children next",
        "(508) 555-0190",
    ):
        assert said in chat.text
    assert ("confirm_request", "ana@example.org") in mails(portal)


@pytest.mark.case("Q1")
@pytest.mark.requirement("R121", "R124", "R128")
@pytest.mark.parametrize(
    ("name", "email"),
    [("Ana López", "ana@example.org"), ("Eva Stone", "ana@example.org"), ("Ana López", "eva@example.org")],
)
async def test_everybody_hears_the_same_whatever_is_on_record(
    chat: Chat, known: Mapping[str, Letter], name: str, email: str
) -> None:
    await tell(chat, name, email)
    await chat.say("yes")

    await submit(chat)

    lines = chat.text.replace(email, "EMAIL").splitlines()
    assert lines[0] == "Account Request Processed!"
    assert lines[2].startswith("1. Go to your e-mail, EMAIL, and confirm the account")
    assert lines[5].startswith("No message within an hour?")
    assert len(lines) == 7


@pytest.mark.requirement("R126")
async def test_the_question_may_be_chosen_or_written(chat: Chat) -> None:
    await tell(chat)
    offered = [b.title for reply in chat.seen for b in reply.buttons if b.title.endswith("?")]
    await chat.say("no")
    await chat.press("The security question")

    await chat.say("Which boat did grandpa build?")

    assert offered[0] == QUESTION
    assert len(offered) == 4
    assert "Security question: Which boat did grandpa build?" in chat.text


@pytest.mark.parametrize("title", ["On which street did you grow up?", "Who was your favorite teacher?"])
async def test_each_offered_question_can_be_pressed(chat: Chat, title: str) -> None:
    await chat.say("request an account")
    for answer in ("Ana López", "yes", "ana@example.org"):
        await chat.say(answer)

    await chat.press(title)

    assert f"Security question: {title}" in chat.text


@pytest.mark.requirement("R126")
async def test_a_district_without_the_question_does_not_ask_for_it(portal: Portal, chat: Chat) -> None:
    make_district(portal, "boston", **{**BOSTON, "security_question": False})
    await chat.say("request an account")
    for answer in ("Ana López", "yes", "ana@example.org"):
        await chat.say(answer)
    summary = chat.text
    await chat.say("no")
    corrections = chat.titles
    await chat.say("yes")

    assert "Security question" not in summary
    assert corrections == ["My name", "The e-mail address"]
    assert [field.name for field in chat.secret.fields] == ["new_password", "new_password_again"]


@pytest.mark.requirement("R24", "R26", "R30", "R64")
async def test_what_is_refused_leads_back_with_everything_kept(chat: Chat) -> None:
    await tell(chat)
    await chat.say("yes")

    await submit(chat, new="short", again="other", answer=" ")

    assert chat.replies[0].text.splitlines()[0] == "New password must be at least 8 characters long."
    assert "The answer to your security question is missing." in chat.replies[0].text
    assert chat.replies[-1].secret is not None


@pytest.mark.requirement("R123")
@pytest.mark.parametrize("said", ["no", "Another district"])
async def test_another_district_is_not_asked_here(chat: Chat, said: str) -> None:
    await chat.say("request an account")
    await chat.say("Ana López")
    await (chat.say(said) if said == "no" else chat.press(said))
    asked = chat.text
    await chat.say("yes")

    assert "Shall I stop and forget what you told me so far?" in asked
    assert "only for Boston Public Schools. Nothing was sent." in chat.text


async def test_a_request_goes_on_where_it_was_after_all(chat: Chat) -> None:
    await chat.say("request an account")
    await chat.say("Ana López")
    await chat.press("Another district")

    await chat.press("No, it is Boston Public Schools")

    assert "What is your e-mail address?" in chat.text


@pytest.mark.parametrize("said", ["no middle name", "no I do not have a second name"])
async def test_a_no_to_something_else_throws_nothing_away(chat: Chat, said: str) -> None:
    await chat.say("request an account")
    await chat.say("Ana López")

    await chat.say(said)
    asked = chat.text
    await chat.say("yes")
    await chat.say("ana@example.org")
    await chat.press(QUESTION)

    assert "Everything that you told me is kept" in asked
    assert "First name: Ana" in chat.text


@pytest.mark.parametrize("said", ["it did not arrive", "nothing came", "still nothing", "No e-mail came"])
async def test_a_confirmation_that_does_not_come_leads_to_what_to_do(
    portal: Portal, chat: Chat, known: Mapping[str, Letter], said: str
) -> None:
    await tell(chat)
    await chat.say("yes")
    await submit(chat)

    await chat.say(said)
    told, titles = chat.text, chat.titles
    await chat.say("send it again")

    assert "junk or spam" in told
    assert "the same as your school has them" in told
    assert titles == ["Send it again", "Request it again", "Leave a message for the school"]
    assert "If ana@example.org waits to be confirmed here" in chat.text
    assert [kind for kind, _ in mails(portal)].count("confirm_request") == 2


@pytest.mark.parametrize("said", ["Boston Public Schools", "boston", "its boston", "it is Boston", "yes"])
async def test_the_district_may_be_named(chat: Chat, said: str) -> None:
    await chat.say("request an account")
    await chat.say("Ana López")

    await chat.say(said)

    assert "What is your e-mail address?" in chat.text


async def test_a_district_that_nobody_knows_is_asked_for_again(chat: Chat) -> None:
    await chat.say("request an account")
    await chat.say("Ana López")

    await chat.say("Gotham Schools")
    gotham = chat.text
    await chat.say("...")

    assert "did not recognize that district" in gotham
    assert "did not recognize that district" in chat.text


async def test_too_many_requests_pause(chat: Chat) -> None:
    for _ in range(21):
        await tell(chat)
        await chat.say("yes")
        await submit(chat)
        if "Processed" not in chat.text:
            break

    assert "please try again after" in chat.text


@pytest.mark.requirement("R113", "R119", "R120", "R121", "R122", "R123", "R124", "R125", "R126", "R127")
@pytest.mark.requirement("R128", "R129", "R130")
async def test_how_to_request_gives_both_ways_with_the_guides_words(chat: Chat) -> None:
    await chat.say("How do I request an account?")

    for said in (
        "How to Request a Parent Account (TEMPORARY)",
        "temporary",
        "right here",
        'https://sis.mybps.org and click "Request Account."',
        FIRST_OPTION,
        "the same as your school has them",
        "(Optional)",
        '"Boston Public Schools" as the school district',
        "the one that your school has",
        "create a password and a security question with its answer",
        '"Create My Account."',
        '"Account Request Processed!"',
        "confirm the account",
        "the account is now active",
    ):
        assert said in chat.text
    assert chat.titles == ["Request it here", "Contact your school"]


@pytest.mark.requirement("R131", "R134")
@pytest.mark.parametrize(
    "said",
    [
        "Update Contact Login with email address",
        "How do I update my contact login?",
        "When does the school connect my children?",
        "How long until my school connects my kids?",
        "What does the school do after I requested the account?",
        "After my account is active, what does the school do?",
    ],
)
async def test_step_of_the_school_is_not_a_parents(chat: Chat, said: str) -> None:
    await chat.say(said)

    assert chat.text.startswith("Your school does this step, not you.")
    assert '"Update Contact Login with email address."' in chat.text
    assert "(508) 555-0190" in chat.text
    assert "Contacts side tab" not in chat.text


@pytest.mark.requirement("R132", "R134")
async def test_no_step_names_the_address_for_staff(chat: Chat) -> None:
    await tell(chat)
    await chat.say("yes")
    await submit(chat)

    said = " ".join(reply.text for reply in chat.seen).casefold()
    assert "aspen@" not in said
    assert "merge" not in said
