import pytest
from sqlalchemy import Engine, select

from bot.conversation.turn import Assistant
from portal.dialogue.models import ConversationRow
from tests.support.desk import Keywords
from tests.support.telegram.line import Line
from tests.support.telegram.person import Person

GROUP = -1_001_234


def conversations(engine: Engine) -> int:
    """Count the conversations that were ever begun."""
    with engine.connect() as connection:
        return len(connection.execute(select(ConversationRow.id)).all())


async def said(line: Line, person: Person) -> str:
    """Return the words of the newest answer."""
    await line.settled()
    return person.last.text


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("/start", "Welcome to the desk."),
        ("/start@hallpass_test_bot", "Welcome to the desk."),
        ("/help", "I lend books."),
        ("/HELP", "I lend books."),
        ("/cancel", "Nothing to stop."),
        ("/human", "Call us."),
        ("/logout", "Signed out."),
        ("/privacy", "I keep what you write, encrypted."),
        ("/language", "Which language?"),
    ],
)
async def test_a_command_is_taken_as_what_it_stands_for(
    line: Line, ana: Person, understanding: Keywords, text: str, answer: str
) -> None:
    await ana.types(text)

    assert await said(line, ana) == answer
    assert understanding.heard == []


async def test_a_command_in_the_middle_of_a_step_returns_to_it(line: Line, ana: Person) -> None:
    await ana.types("borrow")
    await line.settled()
    await ana.types("/help")

    assert await said(line, ana) == "A title is on the cover.\n\nWhich book?"


async def test_start_and_cancel_end_a_step_and_say_so(line: Line, ana: Person) -> None:
    await ana.types("borrow")
    await line.settled()
    await ana.types("/start")
    begun = await said(line, ana)
    await ana.types("borrow")
    await line.settled()
    await ana.types("/cancel")

    assert begun == "Welcome to the desk."
    assert await said(line, ana) == "Stopped."


async def test_a_command_nobody_knows_is_text(line: Line, ana: Person, understanding: Keywords) -> None:
    await ana.types("/hours")
    await line.settled()

    assert understanding.heard == ["/hours"]


async def test_what_a_client_never_sends_as_a_button_is_text(line: Line, ana: Person) -> None:
    await ana.types('/borrow{"title": "Atlas"}')

    assert "Atlas" not in await said(line, ana)


async def test_every_kind_of_thing_that_is_sent_gets_an_answer(line: Line, ana: Person) -> None:
    answers = []
    for send in (
        ana.sends_photo,
        ana.sends_voice,
        ana.sends_sticker,
        ana.sends_location,
        ana.sends_contact,
        ana.sends_document,
    ):
        await send()
        answers.append(await said(line, ana))
    await ana.sends("dice", dice={"emoji": "🎲", "value": 3})
    answers.append(await said(line, ana))

    assert answers == ["I cannot see.", "I cannot listen.", *["I cannot read that."] * 5]


async def test_a_file_over_the_limit_gets_the_same_answer_and_is_not_fetched(line: Line, ana: Person) -> None:
    await ana.sends_document(size=21 * 1024 * 1024)
    await ana.sends_voice(size=21 * 1024 * 1024)

    assert await said(line, ana) == "I cannot listen."
    assert line.emulator.requests_of("getFile") == []


async def test_a_thing_sent_in_the_middle_of_a_step_returns_to_it(line: Line, ana: Person) -> None:
    await ana.types("borrow")
    await line.settled()
    await ana.sends_sticker()

    assert await said(line, ana) == "I cannot read that.\n\nWhich book?"


async def test_the_words_under_a_picture_forwarded_and_replied_are_read(line: Line, ana: Person) -> None:
    await ana.sends_photo(caption="hours")
    caption = await said(line, ana)
    await ana.forwards("count")
    forwarded = await said(line, ana)
    await ana.answers_to(ana.last.number, "count")

    assert caption == "Open nine to five."
    assert (forwarded, await said(line, ana)) == ("1", "2")


async def test_an_edit_is_told_apart_and_is_no_turn(line: Line, ana: Person) -> None:
    number = await ana.types("count")
    await line.settled()
    await ana.edits(number, "count")
    told = await said(line, ana)
    await ana.types("count")

    assert told == "I only read new messages."
    assert await said(line, ana) == "2"


async def test_a_text_longer_than_any_message_is_told_so(line: Line, ana: Person) -> None:
    await ana.types("a" * 4097)

    assert await said(line, ana) == "That was too long."


@pytest.mark.parametrize("text", ["\x00", "a\x00b", "\u202eevil", " \n\t "])
async def test_a_text_that_cannot_be_stored_as_it_is_gets_an_answer(
    line: Line, ana: Person, text: str
) -> None:
    await ana.types(text)

    assert await said(line, ana)


async def test_the_language_of_the_app_is_the_first_that_is_tried(line: Line, engine: Engine) -> None:
    berta = line.person(4103, "Berta", "es-419")
    await berta.types("hello")
    await line.settled()

    with engine.connect() as connection:
        assert connection.scalar(select(ConversationRow.language)) == "es"


@pytest.mark.case("C4")
@pytest.mark.parametrize("text", ["/start", "/logout", "/help@hallpass_test_bot", "/settings", "/start abc"])
async def test_a_command_in_a_group_is_answered_with_nothing_about_any_account(
    line: Line, ana: Person, engine: Engine, text: str
) -> None:
    await ana.brings_bot_into(GROUP)
    await ana.types(text)
    await line.settled()

    assert ana.read == "Please write to me privately."
    assert ana.last.titles == []
    assert conversations(engine) == 0


@pytest.mark.case("C4")
async def test_a_signed_in_parent_is_told_nothing_in_a_group(
    line: Line, ana: Person, desk: Assistant, engine: Engine
) -> None:
    await ana.types("hello")
    await line.settled()
    await ana.brings_bot_into(GROUP)
    await ana.types("/help")
    await ana.presses_data("1.a.0")
    await line.settled()

    assert {shown.text for shown in ana.hears} == {"Please write to me privately."}
    assert conversations(engine) == 1


@pytest.mark.case("C4")
async def test_what_people_tell_one_another_in_a_group_is_not_answered_nor_kept(
    line: Line, ana: Person, engine: Engine
) -> None:
    await ana.brings_bot_into(GROUP)
    await ana.types("shelf")
    number = await ana.types("my password is three green kettles hum")
    await ana.edits(number, "sign in")
    await ana.sends_photo(caption="count")
    await line.settled()

    assert ana.hears == []
    assert conversations(engine) == 0
