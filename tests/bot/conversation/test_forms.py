"""Forms take answers early, late, several at once, corrected and interrupted."""

import pytest

from tests.support.conversation import Chat


async def test_answers_one_by_one_fill_the_form_and_it_is_submitted(chat: Chat) -> None:
    await chat.say("borrow")
    assert chat.text == "Which book?"

    await chat.say("Emma")
    assert chat.text == "How many copies of Emma?"

    await chat.say("2")
    assert chat.text == "Lend 2 of Emma?"

    await chat.say("yes")

    assert chat.text == "Lent 2 copies of Emma until November 5, 2026."


async def test_one_copy_is_worded_in_the_singular(chat: Chat) -> None:
    await chat.say("borrow 1 called Emma")

    await chat.say("yes")

    assert chat.text == "Lent one copy of Emma until November 5, 2026."


async def test_an_answer_before_it_was_asked_is_not_asked_again(chat: Chat) -> None:
    await chat.say("borrow something called Emma")

    assert chat.text == "How many copies of Emma?"


async def test_several_answers_in_one_message_fill_several_slots(chat: Chat) -> None:
    await chat.say("borrow")

    await chat.say("3 called Emma")

    assert chat.text == "Lend 3 of Emma?"


async def test_a_slot_that_validation_refuses_is_explained_and_asked_again(chat: Chat) -> None:
    await chat.say("borrow something called Emma")

    await chat.say("9")

    assert chat.text == "At most five.\nHow many copies of Emma?"


async def test_validation_decides_that_a_slot_is_not_needed(chat: Chat) -> None:
    await chat.say("borrow something called Atlas")

    await chat.say("2")

    assert chat.text == "Is it one of these?"
    await chat.say("cancel")
    assert chat.text == "Nothing to stop."


async def test_the_submit_rule_follows_what_the_slots_say(chat: Chat) -> None:
    await chat.say("borrow 2 called Emma")

    await chat.say("no")

    assert chat.text == "Not lent."


async def test_a_correction_refills_an_earlier_slot_and_the_step_is_asked_again(chat: Chat) -> None:
    await chat.say("borrow 2 called Emma")

    await chat.say("no, the book called Persuasion")

    assert chat.text == "Lend 2 of Persuasion?"


async def test_a_question_in_between_is_answered_and_the_step_asked_again(chat: Chat) -> None:
    await chat.say("borrow")

    await chat.say("hours please")

    assert chat.text == "Open nine to five.\nWhich book?"


async def test_an_unsure_question_is_taken_as_the_answer_to_a_free_text_step(chat: Chat) -> None:
    await chat.say("borrow")

    await chat.say("hours of idleness?")

    assert chat.text == "How many copies of hours of idleness??"


async def test_an_unsure_question_at_a_step_without_free_text_is_answered(chat: Chat) -> None:
    await chat.say("borrow something called Emma")

    await chat.say("hours?")

    assert chat.text == "Open nine to five.\nSee you.\nHow many copies of Emma?"


async def test_starting_the_same_form_again_asks_the_same_step(chat: Chat) -> None:
    await chat.say("borrow something called Emma")

    await chat.say("borrow")

    assert chat.text == "How many copies of Emma?"


async def test_a_second_form_runs_first_and_then_the_first_goes_on(chat: Chat) -> None:
    await chat.say("borrow something called Emma")
    await chat.say("card")
    assert chat.text == "What name goes on the card?"

    await chat.say("Marisol")

    assert chat.text == "A card for Marisol.\nBack to borrowing.\nHow many copies of Emma?"


async def test_cancelling_the_second_form_goes_back_to_the_first(chat: Chat) -> None:
    await chat.say("borrow something called Emma")
    await chat.say("card")

    await chat.say("cancel")

    assert chat.text == "Stopped.\nBack to borrowing.\nHow many copies of Emma?"


async def test_cancel_leaves_the_form_and_forgets_its_answers(chat: Chat) -> None:
    await chat.say("borrow something called Emma")
    await chat.say("cancel")
    assert chat.text == "Stopped."

    await chat.say("borrow")

    assert chat.text == "Which book?"


async def test_cancel_without_a_form_says_so(chat: Chat) -> None:
    await chat.say("cancel")

    assert chat.text == "Nothing to stop."


async def test_a_rule_may_leave_the_form(chat: Chat) -> None:
    await chat.say("borrow")

    await chat.say("leave")

    assert chat.text == "Is it one of these?"
    await chat.say("cancel")
    assert chat.text == "Nothing to stop."


@pytest.mark.parametrize(
    ("so_far", "help_text"),
    [
        (["borrow"], "A title is on the cover.\nWhich book?"),
        (["borrow called Emma"], "Any number up to five.\nHow many copies of Emma?"),
        ([], "I lend books."),
    ],
)
async def test_help_explains_the_step_at_hand(chat: Chat, so_far: list[str], help_text: str) -> None:
    for text in so_far:
        await chat.say(text)

    await chat.say("help")

    assert chat.text == help_text


async def test_say_that_again_repeats_the_last_replies_and_their_buttons(chat: Chat) -> None:
    await chat.say("borrow called Emma")
    await chat.say("again")
    assert chat.text == "How many copies of Emma?"

    await chat.press("Two")

    assert chat.text == "Lend 2 of Emma?"


async def test_nothing_to_repeat_is_said(chat: Chat) -> None:
    await chat.say("again")

    assert chat.text == "Nothing to repeat."


async def test_restart_forgets_the_form_and_the_slots(chat: Chat) -> None:
    await chat.say("borrow called Emma")
    await chat.say("card")

    await chat.say("restart")

    assert chat.text == "From the start."
    await chat.say("borrow")
    assert chat.text == "Which book?"


async def test_another_language_keeps_the_step(chat: Chat) -> None:
    await chat.say("borrow called Emma")

    await chat.say("language es")

    assert chat.text == "En español.\n¿Cuántos ejemplares de Emma?"
    await chat.say("2")
    await chat.say("yes")
    assert chat.text == "Prestados 2 ejemplares de Emma hasta 5 de noviembre de 2026."


@pytest.mark.parametrize(
    ("text", "answer"), [("language", "Which language?"), ("language xx", "Not that one.")]
)
async def test_a_language_that_is_not_there_is_said(chat: Chat, text: str, answer: str) -> None:
    await chat.say(text)

    assert chat.text == answer


async def test_nonsense_is_met_with_rephrase_then_buttons_then_a_person(chat: Chat) -> None:
    said = [(await chat.say("qwertz"))[0].text for _ in range(4)]

    assert said == ["Say it another way.", "Is it one of these?", "Call us.", "Say it another way."]


async def test_nonsense_in_a_form_asks_the_step_again_until_a_person_is_offered(chat: Chat) -> None:
    await chat.say("borrow called Emma")

    said = []
    for _ in range(3):
        await chat.say("qwertz")
        said.append(chat.text)

    assert said == [
        "Say it another way.\nHow many copies of Emma?",
        "Is it one of these?\nHow many copies of Emma?",
        "Call us.\nHow many copies of Emma?",
    ]


async def test_something_understood_in_between_starts_the_count_again(chat: Chat) -> None:
    await chat.say("qwertz")
    await chat.say("hours")

    await chat.say("qwertz")

    assert chat.text == "Say it another way."


async def test_a_person_can_be_asked_for_at_any_step(chat: Chat) -> None:
    await chat.say("borrow")

    await chat.say("person")

    assert chat.text == "Call us.\nWhich book?"


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("hours", "Open nine to five."),
        ("hours on Monday and Friday", "Open on Monday and Friday."),
        ("hours on Sunday", "Closed."),
    ],
)
async def test_the_rule_that_asks_for_most_wins(chat: Chat, text: str, answer: str) -> None:
    await chat.say(text)

    assert chat.text == answer


async def test_a_question_that_also_answers_the_step_does_both(chat: Chat) -> None:
    await chat.say("borrow")

    await chat.say("hours for the book called Emma")

    assert chat.text == "Open nine to five.\nSee you.\nHow many copies of Emma?"


async def test_a_bare_value_answers_the_step_whatever_else_it_may_mean(chat: Chat) -> None:
    await chat.say("borrow")

    await chat.say("card called Emma")

    assert chat.text == "How many copies of Emma?"


async def test_validation_may_end_the_form_and_say_what_is_next(chat: Chat) -> None:
    await chat.say("borrow")

    await chat.say("Folio")

    assert chat.text == "Not lent."
    await chat.say("cancel")
    assert chat.text == "Nothing to stop."


async def test_an_intent_without_a_rule_is_met_like_nonsense(chat: Chat) -> None:
    await chat.say("yes")

    assert chat.text == "Say it another way."


async def test_a_free_text_step_does_not_take_an_ignored_intent(chat: Chat) -> None:
    await chat.say("borrow")

    await chat.say("yes")

    assert chat.text == "Say it another way.\nWhich book?"


async def test_an_action_may_reset_all_slots(chat: Chat) -> None:
    await chat.say("hello called Emma")

    await chat.say("sign out")

    await chat.say("hours")
    assert chat.text == "Open nine to five."
