"""What is spoken is taken as typed where it was heard well; nothing else acts."""

from collections.abc import Callable, Iterator, Mapping

import pytest

from bot.conversation.turn import Assistant
from bot.messages import MessageKind
from bot.settings import LogSettings
from portal.transaction import Portal
from tests.support.conversation import Chat
from tests.support.portals import PASSWORD
from tests.support.voices import ScriptedEars, voicing_of
from tests.support.watched import Watched, watched
from voice.speech import Transcribed, Unheard, Why

pytestmark = pytest.mark.not_in_telegram(
    "the recordings are scripted for the REST channel; Telegram has its own"
)

CANARY = "CANARY tiger tiger 44"
SAYS: Mapping[bytes, Transcribed | Unheard] = {
    b"grades": Transcribed("What are Maya's grades?", sure=True),
    b"sign in": Transcribed("I want to sign in.", sure=True),
    b"unsure": Transcribed("I want to sign out", sure=False),
    b"spelled": Transcribed("My Access ID is seven K Q M four R T X", sure=True),
    b"password": Transcribed(f"My password is {CANARY}", sure=True),
    b"words": Transcribed(CANARY, sure=True),
    b"cancel": Transcribed("Cancel.", sure=True),
    b"payload": Transcribed('/sign_out{"a": "b"}', sure=False),
    b"letter": Transcribed("It is AAA AAA AAA AAA AAA AAA", sure=True),
    b"yes": Transcribed("Yes.", sure=True),
    b"no": Transcribed("No, that is wrong.", sure=True),
    b"notas": Transcribed("¿Cuáles son las notas de Maya?", sure=True),
    b"entrar": Transcribed("Quiero entrar al portal.", sure=True),
    b"usuario": Transcribed("M López.", sure=True),
    b"que es": Transcribed("¿Qué es un Access ID?", sure=True),
    b"cancelar": Transcribed("Cancelar.", sure=True),
    b"si": Transcribed("Sí.", sure=True),
    b"en voz alta": Transcribed("Responder en voz alta.", sure=True),
    b"leemelo": Transcribed("Léamelo.", sure=True),
    b"esta bien": Transcribed("Sí, está bien.", sure=True),
    b"answer aloud unsure": Transcribed("Answer aloud.", sure=False),
    b"sign out and": Transcribed("Sign out, AAA AAA AAA AAA AAA AAA", sure=False),
    b"carta": Transcribed("Es AAA AAA AAA AAA AAA AAA", sure=True),
    b"no leo": Transcribed("No, las de Leo.", sure=True),
    b"si unsure": Transcribed("Sí.", sure=False),
    **{why.value.encode(): Unheard(why) for why in Why},
}

Speak = Callable[[bytes], object]


@pytest.fixture
def voiced(assistant: Assistant) -> ScriptedEars:
    voicing = voicing_of(SAYS)
    voicing.fetch_with("rest", voicing.kept)
    assistant.listen_with(voicing)
    assistant.keep = voicing.keep  # type: ignore[attr-defined]  (the tests' way to hand a recording in)
    assert isinstance(voicing.ears, ScriptedEars)
    return voicing.ears


async def speak(chat: Chat, recording: bytes) -> None:
    key = chat.assistant.keep(recording)  # type: ignore[attr-defined]  (as above)
    await chat.send(key, MessageKind.VOICE)


async def test_a_spoken_question_shows_what_was_heard_and_is_answered(
    chat: Chat, families: None, voiced: ScriptedEars
) -> None:
    await speak(chat, b"sign in")

    assert chat.replies[0].text == "🎤 I want to sign in."
    assert "username" in chat.text
    assert next(entry.text for entry in await chat.history()) == "I want to sign in."


async def test_the_names_of_own_children_lead_the_recogniser_only_while_signed_in(
    chat: Chat, families: None, voiced: ScriptedEars
) -> None:
    await speak(chat, b"sign in")
    await chat.say("mlopez")
    await chat.submit(password=PASSWORD)
    await speak(chat, b"grades")

    before, after = voiced.hints
    assert "Maya" not in before.prompt
    assert "Maya" in after.prompt
    assert "Leo" in after.prompt
    assert "Zoe" not in after.prompt
    assert "Maya" in chat.text


@pytest.mark.parametrize(
    ("why", "told"),
    [
        (Why.SILENT, "I heard no words"),
        (Why.EMPTY, "I heard no words"),
        (Why.UNREADABLE, "could not open"),
        (Why.TOO_LONG, "less than a minute"),
        (Why.TOO_LARGE, "less than a minute"),
        (Why.UNCLEAR, "could not make out"),
        (Why.BUSY, "One moment"),
        (Why.SLOW, "One moment"),
        (Why.LOST, "did not reach me"),
        (Why.OFF, "cannot listen"),
    ],
)
async def test_what_is_not_heard_is_told_and_the_step_is_asked_again(
    chat: Chat, families: None, voiced: ScriptedEars, why: Why, told: str
) -> None:
    await chat.say("sign in")
    await speak(chat, why.value.encode())

    assert told in chat.replies[0].text
    assert "username" in chat.replies[-1].text


async def test_without_engines_a_recording_is_answered_kindly(chat: Chat, families: None) -> None:
    await chat.send("any", MessageKind.VOICE)

    assert "cannot listen" in chat.text


async def test_what_is_unsure_acts_only_after_a_yes(chat: Chat, families: None, voiced: ScriptedEars) -> None:
    await speak(chat, b"unsure")
    asked = chat.text
    await chat.press("Yes, that is right")

    assert "“I want to sign out”" in asked
    assert "signed" in chat.text
    assert "signed" not in asked


async def test_a_no_asks_to_say_it_again(chat: Chat, families: None, voiced: ScriptedEars) -> None:
    await speak(chat, b"unsure")
    await chat.press("No")

    assert "say it again" in chat.text


@pytest.mark.parametrize(("answer", "told"), [(b"yes", "You are not signed in"), (b"no", "say it again")])
async def test_what_was_asked_back_may_be_answered_aloud(
    chat: Chat, families: None, voiced: ScriptedEars, answer: bytes, told: str
) -> None:
    await speak(chat, b"unsure")
    await speak(chat, answer)

    assert told in chat.text


async def test_a_yes_shows_in_the_history_what_it_was_said_to(
    chat: Chat, families: None, voiced: ScriptedEars
) -> None:
    await speak(chat, b"unsure")
    await chat.press("Yes, that is right")

    assert [entry.text for entry in await chat.history() if entry.author == "parent"] == [
        "I want to sign out"
    ]


@pytest.fixture
def padre(chat: Chat) -> Chat:
    chat.language = "es"
    return chat


async def test_in_a_language_not_proven_what_reveals_is_asked_back_though_it_was_heard_for_sure(
    padre: Chat, families: None, voiced: ScriptedEars
) -> None:
    await padre.say("entrar")
    await padre.say("mlopez")
    await padre.submit(password=PASSWORD)
    await speak(padre, b"notas")
    asked = padre.text
    await speak(padre, b"si")

    assert "«¿Cuáles son las notas de Maya?»" in asked
    assert "calificaciones" not in asked
    assert "calificaciones de Maya" in padre.text


async def test_in_a_language_not_proven_what_begins_something_is_asked_back(
    padre: Chat, families: None, voiced: ScriptedEars
) -> None:
    await speak(padre, b"entrar")
    asked = padre.text
    await padre.press("Sí, está bien")

    assert "«Quiero entrar al portal.»" in asked
    assert "nombre de usuario" not in asked
    assert "nombre de usuario" in padre.text


async def test_in_a_language_not_proven_what_everybody_may_know_is_told_at_once(
    padre: Chat, families: None, voiced: ScriptedEars
) -> None:
    await speak(padre, b"que es")

    assert "¿Dijo" not in padre.text
    assert "carta" in padre.text


@pytest.fixture
def seen(portal: Portal) -> Iterator[Watched]:
    with watched(portal, LogSettings("debug")) as made:
        yield made


async def test_in_a_language_not_proven_what_was_spoken_is_counted_once(
    padre: Chat, families: None, voiced: ScriptedEars, seen: Watched
) -> None:
    await speak(padre, b"que es")

    assert seen.value("understanding_confidence_count", language="es") == 1


async def test_in_a_language_not_proven_what_was_asked_back_is_counted_once_after_the_yes(
    padre: Chat, families: None, voiced: ScriptedEars, seen: Watched
) -> None:
    await speak(padre, b"entrar")
    await padre.press("Sí, está bien")

    assert seen.value("understanding_confidence_count", language="es") == 1


async def test_in_a_language_not_proven_a_no_that_names_somebody_else_is_asked_back_like_the_rest(
    padre: Chat, families: None, voiced: ScriptedEars
) -> None:
    await padre.say("entrar")
    await padre.say("mlopez")
    await padre.submit(password=PASSWORD)
    await speak(padre, b"notas")
    await speak(padre, b"no leo")

    assert "«No, las de Leo.»" in padre.text


@pytest.mark.parametrize("recording", [b"en voz alta", b"leemelo"])
async def test_in_a_language_not_proven_no_button_is_pressed_and_no_wish_is_done_without_a_yes(
    padre: Chat, families: None, voiced: ScriptedEars, recording: bytes
) -> None:
    await speak(padre, b"que es")
    await speak(padre, recording)
    asked = padre.text
    await speak(padre, b"esta bien")

    assert "¿Dijo" in asked
    assert "Desde ahora" not in asked
    assert "Desde ahora también respondo en voz alta" in padre.text


async def test_in_a_language_not_proven_an_access_password_is_not_asked_back(
    padre: Chat, families: None, voiced: ScriptedEars
) -> None:
    await padre.say("crear una cuenta")
    await speak(padre, b"carta")

    assert "¿Dijo" not in padre.text
    assert "AAA" not in repr(await padre.history()) + padre.text


async def test_in_a_language_not_proven_nothing_is_filled_in_without_a_yes(
    padre: Chat, families: None, voiced: ScriptedEars
) -> None:
    await padre.say("entrar")
    await speak(padre, b"usuario")
    asked = padre.text
    await speak(padre, b"si unsure")

    assert "«M López.»" in asked
    assert "«Sí.»" in padre.text


@pytest.mark.case("C2")
async def test_in_a_language_not_proven_a_spoken_password_is_not_repeated_to_ask_about_it(
    padre: Chat, families: None, voiced: ScriptedEars
) -> None:
    await padre.say("entrar")
    await padre.say("mlopez")
    await speak(padre, b"words")

    assert "tiger" not in padre.text + repr(await padre.history())
    assert padre.replies[0].custom["removed"] is True


async def test_an_unsure_title_of_a_button_presses_it_after_a_yes(
    chat: Chat, families: None, voiced: ScriptedEars
) -> None:
    await speak(chat, b"cancel")
    await speak(chat, b"answer aloud unsure")
    asked = chat.text
    await chat.press("Yes, that is right")

    assert "From now on" not in asked
    assert "From now on I answer aloud" in chat.text


async def test_nothing_is_done_that_was_said_unsurely_beside_an_access_password(
    chat: Chat, families: None, voiced: ScriptedEars
) -> None:
    await speak(chat, b"sign out and")

    assert "never say a password aloud" in chat.text
    assert "not signed in" not in chat.text


async def test_an_unsure_transcript_is_never_a_command(
    chat: Chat, families: None, voiced: ScriptedEars
) -> None:
    await speak(chat, b"payload")
    await chat.press("Yes, that is right")

    assert "signed out" not in chat.text


async def test_a_spelled_access_id_is_read_back_before_it_is_used(
    chat: Chat, families: None, voiced: ScriptedEars
) -> None:
    await chat.say("create an account")
    await speak(chat, b"spelled")
    asked = chat.text
    await chat.press("Yes, that is right")

    assert "7KQM 4RTX" in asked
    assert "Access ID" not in chat.text


async def test_a_spelled_access_id_may_be_confirmed_aloud(
    chat: Chat, families: None, voiced: ScriptedEars
) -> None:
    await chat.say("create an account")
    await speak(chat, b"spelled")
    await speak(chat, b"yes")

    assert "7KQM 4RTX" not in chat.text
    assert "Noted." in chat.text


@pytest.mark.case("C2")
@pytest.mark.parametrize("recording", [b"words", b"password"])
async def test_a_spoken_password_is_dropped_and_kept_nowhere(
    chat: Chat, families: None, voiced: ScriptedEars, recording: bytes
) -> None:
    await chat.say("sign in")
    await chat.say("mlopez")
    await speak(chat, recording)

    assert "never say a password aloud" in chat.text
    assert chat.replies[0].custom["removed"] is True
    history = repr(await chat.history())
    assert "tiger" not in history
    assert "[removed]" in history
    assert "Welcome" not in chat.text


@pytest.mark.case("C2")
async def test_a_told_password_is_dropped_also_when_none_is_asked_for(
    chat: Chat, families: None, voiced: ScriptedEars
) -> None:
    await speak(chat, b"password")

    assert "never say a password aloud" in chat.text
    assert "tiger" not in repr(await chat.history())


async def test_a_spoken_access_password_is_taken_out(
    chat: Chat, families: None, voiced: ScriptedEars
) -> None:
    await speak(chat, b"letter")

    assert "AAA" not in repr(await chat.history()) + chat.text


async def test_a_command_is_taken_by_voice_while_a_password_is_awaited(
    chat: Chat, families: None, voiced: ScriptedEars
) -> None:
    await chat.say("sign in")
    await chat.say("mlopez")
    await speak(chat, b"cancel")

    assert "never say" not in chat.text
    assert chat.replies[0].text == "🎤 Cancel."


async def test_answers_are_spoken_only_after_that_was_asked_for(
    chat: Chat, families: None, voiced: ScriptedEars
) -> None:
    await speak(chat, b"cancel")
    before = [reply.custom.get("aloud") for reply in chat.replies]
    await chat.press("Answer aloud")
    on = chat.replies[0]
    await chat.say("what is an access id?")
    spoken = [reply.custom.get("aloud") for reply in chat.replies]
    await chat.press("Only in writing")
    await chat.say("what is an access id?")

    assert set(before) == {None}
    assert "answer aloud" in on.text
    assert spoken
    assert set(spoken) == {True}
    assert all("aloud" not in reply.custom for reply in chat.replies)


async def test_to_answer_aloud_is_offered_once(chat: Chat, families: None, voiced: ScriptedEars) -> None:
    await speak(chat, b"cancel")
    first = chat.titles
    await speak(chat, b"cancel")

    assert "Answer aloud" in first
    assert "Answer aloud" not in chat.titles


async def test_a_sentence_turns_spoken_answers_on_and_off(
    chat: Chat, families: None, voiced: ScriptedEars
) -> None:
    await chat.say("Read it to me!")
    on = chat.text
    await chat.say("what is an access id?")
    spoken = [reply.custom.get("aloud") for reply in chat.replies]
    await chat.say("stop talking")

    assert "answer aloud" in on
    assert set(spoken) == {True}
    assert "in writing only" in chat.text
    assert all("aloud" not in reply.custom for reply in chat.replies)


async def test_on_a_page_that_speaks_by_itself_a_sentence_does_what_its_button_does(
    chat: Chat, families: None, voiced: ScriptedEars
) -> None:
    chat.channel = "webchat"
    await chat.say("Read it to me")
    on = chat.replies[0].custom
    await chat.say("Stop talking.")

    assert on["aloud_here"] is True
    assert chat.replies[0].custom["aloud_here"] is False
    assert "aloud" not in on


async def test_a_page_in_another_language_is_told_which_one_an_answer_is_read_in(
    chat: Chat, families: None, voiced: ScriptedEars
) -> None:
    chat.channel, chat.language = "webchat", "en"
    await chat.say("what is an access id?")
    same = [reply.custom.get("language") for reply in chat.replies]
    await chat.say("¿Qué es un Access ID? Hábleme en español, por favor.")

    assert set(same) == {None}
    assert {reply.custom.get("language") for reply in chat.replies} == {"es"}


async def test_without_voice_the_sentence_is_read_like_any_other(chat: Chat, families: None) -> None:
    await chat.say("Read it to me")

    assert "answer aloud" not in chat.text


async def test_where_a_language_has_neither_ears_nor_voice_it_is_told_kindly_in_that_language(
    chat: Chat, families: None, voiced: ScriptedEars
) -> None:
    chat.language = "kea"
    await speak(chat, b"grades")
    unheard = chat.text
    await chat.say("Responde ku vos")

    assert "N inda ka ta konsigi obi" in unheard
    assert "N ka ten inda vos" in chat.text
    assert voiced.hints == []
