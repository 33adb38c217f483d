"""Open an account with the Access IDs of the children, step by step, as "Create Parent Account" asks."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from portal.accounts.outcomes import AccountOpened, SignedIn
from portal.core.districts import District
from portal.helpdesk.outcomes import CaseKind
from portal.transaction import Portal
from tests.flows.chat import sign_in
from tests.flows.conftest import WESTBOROUGH
from tests.support.conversation import Chat
from tests.support.families import Letter, import_roster, mails, open_account
from tests.support.portals import NEW_PASSWORD, make_district, make_parent
from tests.support.portals import sign_in as sign_in_at
from tests.support.rosters import small_roster

Letters = Mapping[str, Letter]
MASKED = [("new_password", "Password"), ("new_password_again", "Re-Enter Password")]


async def tell_parent(chat: Chat, username: str = "ana.ruiz") -> None:
    """Answer everything up to the first Access ID."""
    await chat.say("I want to create an account")
    for answer in ("Ana Ruiz", "ana@mailbox.example", username):
        await chat.say(answer)


async def tell_child(chat: Chat, letter: Letter, relationship: str = "Mother", more: str = "no") -> None:
    """Answer what is asked of one child."""
    for answer in (letter.access_id, relationship, more):
        await chat.say(answer)


async def reach_secret(chat: Chat, letters: Letters, username: str = "ana.ruiz") -> None:
    """Answer everything for one child up to the masked fields."""
    await tell_parent(chat, username)
    await tell_child(chat, letters["S1"])
    await chat.say("yes")


async def submit(chat: Chat, *passwords: str, new: str = NEW_PASSWORD, again: str = "") -> None:
    """Fill in the masked fields."""
    access = {f"access_password_{number}": each for number, each in enumerate(passwords, 1)}
    await chat.submit(new_password=new, new_password_again=again or new, **access)


@pytest.mark.requirement("R49", "R50", "R54", "R55", "R58", "R59", "R62", "R63")
async def test_an_account_with_two_children_is_opened_and_then_signed_in(
    portal: Portal, chat: Chat, letters: Letters
) -> None:
    maya, diego = letters["S1"], letters["S2"]
    await tell_parent(chat)
    await tell_child(chat, maya, "Mother", more="yes")
    await tell_child(chat, diego, "Legal Guardian")
    summary = chat.text
    await chat.say("yes")
    await submit(chat, maya.password, diego.password)
    opened = chat.text
    await chat.submit(password=NEW_PASSWORD)

    assert summary.splitlines() == [
        "Is this right?",
        "First Name: Ana",
        "Last Name: Ruiz",
        "Email: ana@mailbox.example",
        "Desired Username: ana.ruiz",
        f"Child 1: Access ID {maya.access_id}, Mother",
        f"Child 2: Access ID {diego.access_id}, Legal Guardian",
    ]
    assert "you see Maya López and Diego López in it" in opened
    assert "Welcome, Ana Ruiz" in chat.text
    with portal.begin() as tx:
        account = tx.accounts.find("westborough", "ana.ruiz")
        assert account is not None
        linked = tx.links.students_of(account.account_id)
    assert {each.student_id: each.relationship for each in linked} == {
        maya.student_id: "mother",
        diego.student_id: "legal_guardian",
    }


@pytest.mark.requirement("R63")
async def test_the_new_account_is_not_signed_in_by_itself(
    portal: Portal, chat: Chat, letters: Letters
) -> None:
    await reach_secret(chat, letters)

    await submit(chat, letters["S1"].password)

    assert "Now sign in with your new password." in chat.text
    assert chat.secret.purpose == "sign_in"
    assert isinstance(sign_in_at(portal, "ana.ruiz", NEW_PASSWORD), SignedIn)


@pytest.mark.requirement("R49", "R51")
async def test_it_begins_with_how_it_works_and_what_is_needed(chat: Chat, letters: Letters) -> None:
    await chat.say("create an account")

    assert "Access ID and the Access Password of at least one child" in chat.replies[0].text
    assert chat.titles == ["I do not have the letter"]
    assert "What is your first name?" in chat.replies[-1].text


@pytest.mark.requirement("R54", "R57", "R61")
async def test_the_password_rules_stand_above_one_set_of_masked_fields(chat: Chat, letters: Letters) -> None:
    await reach_secret(chat, letters)

    fields = [(field.name, field.label) for field in chat.secret.fields]
    assert "be at least 10 characters long" in chat.text
    assert "one of your last" not in chat.text
    assert "exactly the same" in chat.text
    assert fields == [*MASKED, ("access_password_1", "Access Password, child 1")]
    assert chat.secret.purpose == "open_account"


async def test_the_masked_page_names_the_fields_alike(chat: Chat, letters: Letters) -> None:
    await reach_secret(chat, letters)

    form = await chat.assistant.secret_form(chat.secret.ticket, bearer=chat.bearer)

    assert form == chat.secret


@pytest.mark.requirement("R62")
async def test_the_relationship_is_chosen_by_a_button(chat: Chat, letters: Letters) -> None:
    await tell_parent(chat)
    await chat.say(letters["S1"].access_id)
    titles = chat.titles

    await chat.press("Stepfather")
    await chat.press("No, that is all")

    assert titles[:4] == ["Mother", "Father", "Stepmother", "Stepfather"]
    assert titles[-1] == "Other"
    assert f"Access ID {letters['S1'].access_id}, Stepfather" in chat.text


@pytest.mark.parametrize("said", ["I'm her grandmother", "his grandma", "Grandmother", "abuela"])
async def test_the_relationship_may_be_said(chat: Chat, letters: Letters, said: str) -> None:
    await tell_parent(chat)
    await tell_child(chat, letters["S1"], said)

    assert f"{letters['S1'].access_id}, Grandmother" in chat.text


@pytest.mark.requirement("R56")
async def test_a_username_made_of_the_names_is_suggested(chat: Chat, letters: Letters) -> None:
    await chat.say("create an account")
    await chat.say("Ana Ruiz")
    await chat.say("ana@mailbox.example")
    suggested = chat.titles

    await chat.press("aruiz")

    assert suggested == ["aruiz"]
    assert "What is the Access ID" in chat.text


@pytest.mark.requirement("R56")
async def test_a_taken_username_is_asked_for_again_with_free_ones_and_all_else_kept(
    portal: Portal, chat: Chat, letters: Letters, district: District
) -> None:
    make_parent(portal, district, username="ana.ruiz")
    await reach_secret(chat, letters)

    await submit(chat, letters["S1"].password)
    refused, suggested = chat.text, chat.titles
    await chat.press(suggested[0])
    await submit(chat, letters["S1"].password)

    assert refused.startswith("This username is already in use. Please select or enter another one.")
    assert len(suggested) == 3
    assert f"Your username is {suggested[0]}." in chat.text


async def test_whether_a_username_is_taken_shows_only_with_a_right_letter(
    portal: Portal, chat: Chat, letters: Letters, district: District
) -> None:
    make_parent(portal, district, username="ana.ruiz")
    await reach_secret(chat, letters)

    await submit(chat, letters["S2"].password)

    assert "already in use" not in chat.text


@pytest.mark.requirement("R24", "R26", "R30", "R64")
async def test_a_password_that_breaks_rules_leads_back_to_the_masked_fields_alone(
    chat: Chat, letters: Letters
) -> None:
    await reach_secret(chat, letters)

    await submit(chat, letters["S1"].password, new="short", again="other")

    assert chat.replies[0].text.splitlines()[:2] == [
        "New password must be at least 10 characters long.",
        "The verification password you enter must match the new password.",
    ]
    assert "Everything else that you told me is kept" in chat.replies[0].text
    assert "Current password" not in chat.text
    assert chat.replies[-1].secret is not None


@pytest.mark.case("L1", "L6")
@pytest.mark.requirement("R60", "R61")
async def test_a_pair_that_does_not_fit_names_the_child_and_can_be_corrected(
    chat: Chat, letters: Letters
) -> None:
    maya, diego = letters["S1"], letters["S2"]
    await tell_parent(chat)
    await tell_child(chat, maya, more="yes")
    await tell_child(
        chat,
        replace(
            diego,
            access_id=f"{diego.access_id[:-1]}9"
            if diego.access_id[-1] != "9"
            else f"{diego.access_id[:-1]}7",
        ),
    )
    await chat.say("yes")

    await submit(chat, maya.password, diego.password)
    refused = chat.replies[0].text
    await chat.press("Change the Access ID of child 2")
    await tell_child(chat, diego)
    await chat.say("yes")
    await submit(chat, maya.password, diego.password)

    assert refused.startswith("Child 2: this Access ID and this Access Password do not belong together.")
    assert "you see Maya López and Diego López" in chat.text


@pytest.mark.case("L1")
async def test_after_too_many_wrong_pairs_it_pauses_and_goes_on_later(chat: Chat, letters: Letters) -> None:
    await reach_secret(chat, letters)

    for _ in range(6):
        await submit(chat, "not the password")
    paused = chat.text
    await chat.press("Try again")

    assert "please try again after" in paused
    assert "(508) 555-0190" in paused
    assert "First Name: Ana" in chat.text or chat.replies[-1].secret is not None


@pytest.mark.case("L2")
async def test_an_access_id_that_rests_is_told_with_the_time(
    portal: Portal, chat: Chat, letters: Letters
) -> None:
    maya = letters["S1"]
    for _ in range(11):
        open_account(portal, [maya.claim("wrong")])
    await reach_secret(chat, letters)

    await submit(chat, maya.password)

    assert "this Access ID rests until" in chat.text
    assert "Your school has been told." in chat.text


async def test_a_barred_parent_is_sent_to_the_school_with_a_case(
    portal: Portal, chat: Chat, district: District, tmp_path: Path
) -> None:
    roster = small_roster()
    roster.add(
        "x_portal_access",
        parentIdentifier="NP1",
        studentIdentifier="NS1",
        portalAccess="false",
        receivesEmail="true",
    )
    letters = import_roster(portal, tmp_path, roster, district.slug)
    await chat.say("create an account")
    for answer in ("Ana López", "ana@example.org", "ana.lopez"):
        await chat.say(answer)
    await tell_child(chat, letters["S1"])
    await chat.say("yes")

    await submit(chat, letters["S1"].password)

    with portal.begin() as tx:
        [case] = tx.cases.waiting("westborough")
    assert "it is case 1 there" in chat.text
    assert case.kind is CaseKind.BARRED
    assert case.details["last_name"] == "López"


async def test_everything_may_be_told_at_once(chat: Chat, letters: Letters) -> None:
    access_id = letters["S1"].access_id

    await chat.say(
        f"I want to create an account, I'm Ana Ruiz, my email is ana@mailbox.example, access id {access_id}"
    )
    asked = chat.text
    await chat.say("the username is ana.ruiz")
    await chat.say("Aunt")
    await chat.say("no")

    assert "Which username would you like?" in asked
    assert chat.text.splitlines()[1:] == [
        "First Name: Ana",
        "Last Name: Ruiz",
        "Email: ana@mailbox.example",
        "Desired Username: ana.ruiz",
        f"Child 1: Access ID {access_id}, Aunt",
    ]


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("no, my last name is Garcia", "Last Name: Garcia"),
        ("no, my first name is Anna", "First Name: Anna"),
        ("my name is Eva Stone", "First Name: Eva"),
        ("the email is eva@mailbox.example", "Email: eva@mailbox.example"),
        ("no, the username is eva.stone", "Desired Username: eva.stone"),
        ("I'm her stepmother", "Stepmother"),
    ],
)
async def test_a_correction_changes_the_summary(chat: Chat, letters: Letters, said: str, line: str) -> None:
    await tell_parent(chat)
    await tell_child(chat, letters["S1"])

    await chat.say(said)

    assert chat.text.startswith("Is this right?")
    assert line in chat.text


async def test_a_corrected_access_id_takes_the_place_of_the_mistyped_one(
    chat: Chat, letters: Letters
) -> None:
    right = letters["S1"].access_id
    wrong = right[:-1] + ("A" if right[-1] != "A" else "C")
    await tell_parent(chat)
    await tell_child(chat, replace(letters["S1"], access_id=wrong))

    await chat.say(f"no, the access id is {right}")

    assert f"Child 1: Access ID {right}, Mother" in chat.text
    assert "Child 2" not in chat.text


@pytest.mark.parametrize(
    ("button", "asks"),
    [
        ("My name", "What is your first name?"),
        ("The e-mail address", "Which e-mail address"),
        ("The username", "Which username"),
        ("Add another child", "the next child's Access ID"),
    ],
)
async def test_what_is_not_right_is_asked_for_again_and_nothing_else(
    chat: Chat, letters: Letters, button: str, asks: str
) -> None:
    await tell_parent(chat)
    await tell_child(chat, letters["S1"])
    await chat.press("Change something")
    offered = chat.text

    await chat.press(button)

    assert "What shall we change?" in offered
    assert "First Name" not in offered
    assert asks in chat.text


async def test_a_child_told_wrong_can_be_told_anew(chat: Chat, letters: Letters) -> None:
    await tell_parent(chat)
    await tell_child(chat, letters["S1"])
    await chat.say("no")

    await chat.press(f"The child with Access ID {letters['S1'].access_id}")
    await tell_child(chat, letters["S2"], "Uncle")

    assert f"Child 1: Access ID {letters['S2'].access_id}, Uncle" in chat.text
    assert letters["S1"].access_id not in chat.text


async def test_a_correction_at_the_masked_fields_shows_the_summary_again(
    chat: Chat, letters: Letters
) -> None:
    await reach_secret(chat, letters)

    await chat.say("no, my email is new@mailbox.example")

    assert chat.text.startswith("Is this right?")
    assert "Email: new@mailbox.example" in chat.text


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (("An4",), "A first name can have letters"),
        (("A" * 81,), "longer than the 80 characters"),
        (("Ana Ruiz", "ana.mailbox.example"), "does not look like an e-mail address"),
        (("Ana Ruiz", "ana@mailbox.example", "a b"), "A username has 4 to 50 letters"),
        (("Ana Ruiz", "ana@mailbox.example", "\u0430lice"), "A username has 4 to 50 letters"),
        (("Ana Ruiz", "ana@mailbox.example", "ana@mailbox.example"), "A username has 4 to 50 letters"),
        (("Ana Ruiz", "ana@mailbox.example", "ana.ruiz", "some thing"), "could not find an Access ID"),
        (("Ana Ruiz", "ana@mailbox.example", "ana.ruiz", "7KQM4RTX", "babysitter"), "not on the list"),
        (("Ana\r\nBcc: x@y.example",), "A first name can have letters"),
    ],
)
async def test_what_cannot_be_taken_is_said_at_its_step(
    chat: Chat, letters: Letters, answers: tuple[str, ...], said: str
) -> None:
    await chat.say("create an account")

    for answer in answers:
        await chat.say(answer)

    assert said in chat.text


async def test_after_three_answers_that_cannot_be_taken_a_person_is_named(
    chat: Chat, letters: Letters
) -> None:
    await chat.say("create an account")
    await chat.say("Ana Ruiz")

    offers = []
    for _ in range(3):
        await chat.say("nowhere")
        offers.append(chat.titles)

    assert offers[0] == []
    assert offers[1] == ["Help with this step", "Stop here", "Contact your school"]
    assert "(508) 555-0190" in chat.text


@pytest.mark.requirement("R60")
async def test_spaces_hyphens_and_case_of_an_access_id_do_not_matter(chat: Chat, letters: Letters) -> None:
    access_id = letters["S1"].access_id
    await tell_parent(chat)

    await tell_child(chat, replace(letters["S1"], access_id=f"{access_id[:4]}-{access_id[4:]}".lower()))

    assert f"Access ID {access_id}," in chat.text


async def test_the_same_access_id_twice_is_one_child(chat: Chat, letters: Letters) -> None:
    await tell_parent(chat)
    await tell_child(chat, letters["S1"], more="yes")

    await tell_child(chat, letters["S1"], "Aunt")

    assert "Child 2" not in chat.text


@pytest.mark.case("G1")
@pytest.mark.parametrize("wrapped", ["{}", "the access password is {}", "ID 7KQM4RTX and {}"])
async def test_an_access_password_typed_into_the_chat_is_taken_out(
    chat: Chat, letters: Letters, wrapped: str
) -> None:
    secret = letters["S1"].password
    await tell_parent(chat)

    await chat.say(wrapped.format(secret))

    lines = " ".join(entry.text for entry in await chat.history())
    assert "looked like an Access Password" in chat.text
    assert secret not in lines
    assert secret.replace("-", "") not in lines


async def test_two_parents_open_accounts_of_their_own(portal: Portal, chat: Chat, letters: Letters) -> None:
    first = open_account(portal, [letters["S1"].claim()], username="first.one", email="one@x.example")
    await reach_secret(chat, letters)

    await submit(chat, letters["S1"].password)

    assert isinstance(first, AccountOpened)
    assert "you see Maya López in it" in chat.text
    assert "first.one" not in chat.text


@pytest.mark.requirement("R55")
async def test_an_address_that_the_school_does_not_know_is_written_to(
    portal: Portal, chat: Chat, letters: Letters
) -> None:
    await reach_secret(chat, letters)

    await submit(chat, letters["S1"].password)

    assert ("confirm_email", "ana@mailbox.example") in mails(portal)
    assert "If a message comes to ana@mailbox.example, please click its link" in chat.text


async def test_whoever_is_signed_in_is_offered_to_link_another_child(
    portal: Portal, chat: Chat, letters: Letters, district: District
) -> None:
    make_parent(portal, district, username="mlopez", children=[letters["S1"].student_id])
    await sign_in(chat)

    await chat.say("create an account")

    assert chat.titles == ["Link another child", "Sign Out"]


async def test_signing_in_instead_gives_the_new_account_up(
    portal: Portal, chat: Chat, letters: Letters, district: District
) -> None:
    make_parent(portal, district, username="mlopez", children=[letters["S1"].student_id])
    await tell_parent(chat)

    await sign_in(chat)

    assert "Welcome, Marisol Quintero" in chat.text
    assert "new account" not in chat.text


async def test_a_message_for_the_school_leads_back_to_the_new_account(chat: Chat, letters: Letters) -> None:
    await tell_parent(chat)
    await chat.say("I lost the letter")
    await chat.press("Ask the school for a new letter")
    await chat.say("508 555 0147")

    await chat.say("I am Ana Ruiz, mother of Maya at Assabet High")

    assert "it is case 1 there" in chat.text
    assert "Back to your new account." in chat.text
    assert "What is the Access ID" in chat.text


async def test_cancel_forgets_what_was_told(chat: Chat, letters: Letters) -> None:
    await tell_parent(chat)
    await tell_child(chat, letters["S1"])

    await chat.say("cancel")
    await chat.say("create an account")
    await chat.say("Eva Stone")

    assert "Which e-mail address" in chat.text


@pytest.mark.requirement("R52")
async def test_without_parent_single_sign_on_the_school_opens_accounts(portal: Portal, chat: Chat) -> None:
    make_district(portal, **{**WESTBOROUGH, "parent_single_sign_on": False})

    await chat.say("create an account")

    assert "has not turned on" in chat.text
    assert "(508) 555-0190" in chat.text


@pytest.mark.requirement("R49", "R50", "R51", "R53", "R54", "R55", "R56", "R57", "R58", "R59", "R63")
async def test_how_to_create_an_account_gives_both_ways_with_the_portals_labels(
    chat: Chat, district: District
) -> None:
    await chat.say("How do I create an account?")

    for said in (
        "right here",
        "https://ps.westboroughk12.org/public",
        '"Create Account" tab',
        '"Create Parent Account" page',
        "First Name, Last Name, Email, Desired Username, Password and Re-Enter Password",
        "prompted to select or enter another one",
        "exactly the same",
        '"Link Students to Account"',
        "Student Name, Access ID, Access Password and Relationship",
        "Whatever name you type",
        '"Parent Sign In" page',
        "at least one child who is enrolled",
        "account recovery notices",
        "contact your school",
    ):
        assert said in chat.text
    assert chat.titles == ["Create it here", "What is an Access ID?", "Contact your school"]


async def test_a_correction_pressed_after_giving_up_begins_anew(chat: Chat, letters: Letters) -> None:
    await tell_parent(chat)
    await tell_child(chat, letters["S1"])
    await chat.say("no")
    await chat.say("cancel")

    await chat.press("The username")

    assert "What is your first name?" in chat.text


async def test_a_username_that_resembles_an_access_id_is_a_username(chat: Chat, letters: Letters) -> None:
    await tell_parent(chat, "kathy793")
    await tell_child(chat, letters["S1"])

    assert "Desired Username: kathy793" in chat.text
    assert f"Child 1: Access ID {letters['S1'].access_id}" in chat.text


@pytest.mark.parametrize("said", ["no more kids", "that's all", "just the one", "no"])
async def test_that_there_is_no_other_child_may_be_said_in_many_ways(
    chat: Chat, letters: Letters, said: str
) -> None:
    await tell_parent(chat)

    await tell_child(chat, letters["S1"], more=said)

    assert "Is this right?" in chat.text


@pytest.mark.parametrize("said", ["yes", "yes, another one", "add another child"])
async def test_that_there_is_another_child_may_be_said_in_many_ways(
    chat: Chat, letters: Letters, said: str
) -> None:
    await tell_parent(chat)

    await tell_child(chat, letters["S1"], more=said)

    assert "the next child's Access ID" in chat.text


async def test_the_next_child_may_be_told_at_once(chat: Chat, letters: Letters) -> None:
    await tell_parent(chat)

    await tell_child(chat, letters["S1"], more=f"yes, {letters['S2'].access_id}, I'm his aunt")
    await chat.say("no")

    assert f"Child 2: Access ID {letters['S2'].access_id}, Aunt" in chat.text


async def test_a_yes_takes_the_one_username_that_is_suggested(chat: Chat) -> None:
    await chat.say("create an account")
    await chat.say("Ana Silva")
    await chat.say("ana@mailbox.example")
    suggested = chat.titles

    await chat.say("yes")

    assert suggested == ["asilva"]
    assert "What is the Access ID" in chat.text


async def test_a_full_name_in_the_place_of_the_last_one_is_parted(chat: Chat) -> None:
    await chat.say("create an account")
    await chat.say("Ana")
    await chat.say("Ana Silva")
    await chat.say("ana@mailbox.example")

    assert chat.titles == ["asilva"]


async def test_another_child_that_is_none_after_all_is_left_out(chat: Chat, letters: Letters) -> None:
    await tell_parent(chat)
    await tell_child(chat, letters["S1"], more="yes, another child")
    asked = chat.text

    await chat.say("no, that is all")

    assert "next child" in asked
    assert chat.text.startswith("Is this right?")
    assert letters["S1"].access_id in chat.text


async def test_a_no_in_the_place_of_the_first_child_tells_the_way_out(chat: Chat) -> None:
    await tell_parent(chat)

    await chat.say("no")

    assert 'say "cancel"' in chat.replies[0].text
    assert "What is the Access ID" in chat.text
