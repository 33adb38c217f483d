"""Take what was spoken as what was typed, where it was heard well; else ask back. Nothing acts on noise."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bot.conversation.hearing import Incoming, meaning_of
from bot.conversation.memory import Scene
from bot.conversation.offered import title_typed
from bot.conversation.typed_secrets import REMOVED, without_access_password
from bot.conversation.understanding import FALLBACK, Parse
from bot.messages import Listens, MessageKind, NotHeard, Recording, Reply, SaidAloud
from portal.dialogue.outcomes import Choice

if TYPE_CHECKING:
    from bot.conversation.dialogue import Tracker
    from bot.conversation.exchange import Exchange

# What the buttons about voice mean; nothing that is typed does.
VOICE = "voice"
# A channel's command that turns spoken answers on or off.
TURN = "turn_voice"
ON, OFF, AGAIN, YES = "on", "off", "again", "yes"
# Marks the line that shows what was heard, and every reply that is to be given aloud.
HEARD, ALOUD = "heard", "aloud"
# Marks that there was no recording where its turn was taken: whoever has it may take another turn.
LOST = "lost"
# Tells a page that speaks by itself to begin, or to stop.
HERE = "aloud_here"
# Names the language of a reply to a page that is in another one.
LANGUAGE = "language"
# A browser page speaks, or does not, as the parent sets it there.
BY_ITSELF = frozenset({"webchat"})
NOT_HERE = "utter_media_voice"
SPOKEN_SECRET = "utter_secret_spoken"  # noqa: S105  (the name of a response)
# What is answered alike to everybody, or stands there already, and changes nothing: misheard, it costs one
# more sentence.
HARMLESS = frozenset(
    {
        "greet", "say_goodbye", "say_thanks", "ask_bot_nature", "ask_help", "ask_access_id",
        "ask_district_code", "ask_portal_address", "repeat", FALLBACK,
    }
)  # fmt: skip
# While a form asks for something, every other word may be taken as that.
HARMLESS_IN_A_FORM = frozenset({"ask_help"})
SUBJECT = "topic"


async def hear(
    listens: Listens | None, exchange: "Exchange", scene: Scene, incoming: Incoming
) -> SaidAloud | str:
    """Return what was said and may be read; or, where it was answered already, what the history shows."""
    said = NotHeard(OFF) if listens is None else await listens.listen(_recording(exchange, scene, incoming))
    if isinstance(said, NotHeard):
        marked = {"custom": {LOST: True}} if said.why == LOST else {}
        await exchange.explain(NOT_HERE if said.why == OFF else f"utter_voice_{said.why}", **marked)
        return ""
    text = without_access_password(said.text)
    secret = incoming.withheld or exchange.tracker.secret_pending
    # What else was said beside an access password was not heard well enough to go by.
    removed = REMOVED in text and not (said.sure and said.proven)
    if said.is_secret or removed or (secret and not said.sure):
        # A password is never taken by voice: no word of it is understood or kept.
        exchange.tracker.hear(Parse("", "", 1.0), scene.work.pending.turn_id, recorded=False)
        await exchange.explain(SPOKEN_SECRET)
        return REMOVED
    if not secret and REMOVED not in text and not (said.sure and said.code is None):
        typed = replace(incoming, kind=MessageKind.TEXT, text=text)
        ask_back(exchange, said, title_typed(exchange.tracker, scene, typed))
        return ""
    return replace(said, text=text)


def acts(parse: Parse, tracker: "Tracker") -> bool:
    """Tell whether what was said would change something, or reveal what not everybody may know."""
    if _answer_of(parse) is not None and _asked_back(tracker.last_replies):
        return False
    harmless = HARMLESS if tracker.loop is None else HARMLESS_IN_A_FORM
    told = {entity.name for entity in parse.entities} - {SUBJECT}
    return bool(told) or parse.also is not None or tracker.takes_name or parse.intent not in harmless


def ask_back(exchange: "Exchange", said: SaidAloud, pressed: Choice | None = None) -> None:
    """Ask whether that was said; what is not sure, and every code, is used only after a yes.

    `pressed` is the button whose title was said: a yes presses it, though it stands there no more.
    """
    # A yes is taken as this text being typed. It must not begin as the payload of a button does.
    text = without_access_password(said.text).lstrip("/ ")
    response, shown = (
        ("utter_voice_unsure", text) if said.code is None else ("utter_voice_spelled", said.code)
    )
    press = {} if pressed is None else {"press": pressed.payload}
    yes = _button("utter_button_voice_yes", YES, said=text, **press)
    # What only a session offered is taken up again within that session only.
    private = any(
        reply["private"] and list(press.values()) == [payload]
        for reply in exchange.tracker.last_replies
        for _, payload in reply["buttons"]
    )
    buttons = [yes, _button("utter_button_voice_no", AGAIN)]
    exchange.utter(response, heard=shown, buttons=buttons, private=private)


def answered(parse: Parse, choices: Iterable[Choice]) -> Choice | None:
    """Return the button that a plain yes or no stands for, where it was asked whether that was said."""
    wanted = _answer_of(parse)
    return next((each for each in choices if wanted and _does(each.payload) == wanted), None)


def answers(choice: Choice) -> bool:
    """Tell whether a button only answers whether something was said."""
    return _does(choice.payload) in {YES, AGAIN}


def confirmed(meaning: Parse | None) -> str | None:
    """Return the text that a parent said yes to; None for any other button."""
    if meaning is None or meaning.intent != VOICE or meaning.first("does") != YES:
        return None
    return str(meaning.first("said"))


def pressing(meaning: Parse | None) -> Parse | None:
    """Return what the button means whose title a parent said yes to having said."""
    payload = None if meaning is None else meaning.first("press")
    return None if payload is None else meaning_of(str(payload))


def show_heard(exchange: "Exchange", said: str) -> None:
    """Show first what was heard, so that it can be corrected; nothing of what may be a secret."""
    if said and REMOVED not in said:
        exchange.utter("utter_voice_heard", heard=said, custom={HEARD: said})
        exchange.said.insert(0, exchange.said.pop())


def offer(listens: Listens | None, exchange: "Exchange") -> None:
    """Offer once to answer aloud, too, to somebody who speaks."""
    tracker = exchange.tracker
    if tracker.aloud is None and tracker.loop is None and not tracker.secret_pending:
        tracker.aloud = False
        if _may_speak(listens, exchange):
            exchange.utter("utter_voice_offer", buttons=[_button("utter_button_voice_on", ON)])


async def pressed(listens: Listens | None, exchange: "Exchange", does: object) -> None:
    """Do what a button about voice says."""
    if does == AGAIN:
        exchange.utter("utter_voice_again")
    elif (
        exchange.manner.channel in BY_ITSELF
        and listens is not None
        and listens.speaks(exchange.manner.language)
    ):
        exchange.utter(f"utter_voice_{'on' if does == ON else 'in_writing'}", custom={HERE: does == ON})
    elif does == ON and not _may_speak(listens, exchange):
        exchange.utter("utter_voice_no_voice")
    elif does == ON:
        exchange.tracker.aloud = True
        exchange.utter("utter_voice_on", buttons=[_button("utter_button_voice_off", OFF)])
    else:
        exchange.tracker.aloud = False
        exchange.utter("utter_voice_in_writing")
    await exchange.ask_again()


def wished(listens: Listens | None, exchange: "Exchange", text: str) -> str | None:
    """Return which of on and off a sentence asks for, as in "read it to me"; None for any other sentence."""
    language = exchange.manner.language
    wish = None if listens is None else listens.wishes_aloud(text, language)
    return None if wish is None else (ON if wish else OFF)


def turned(exchange: "Exchange") -> str:
    """Return the other of on and off."""
    return OFF if exchange.tracker.aloud else ON


def aloud(replies: tuple[Reply, ...], tracker: "Tracker") -> tuple[Reply, ...]:
    """Mark what is to be given aloud beside the text, for a parent who asked for that."""
    if not tracker.aloud:
        return replies
    return tuple(
        each if HEARD in each.custom else replace(each, custom={**each.custom, ALOUD: True})
        for each in replies
    )


def in_another_language(replies: tuple[Reply, ...], exchange: "Exchange") -> tuple[Reply, ...]:
    """Name the language of an answer on a page that is in another one, so that it is read aloud rightly."""
    language, offered = exchange.manner.language, exchange.tracker.offered_language
    if exchange.manner.channel not in BY_ITSELF or offered in {None, language}:
        return replies
    return tuple(replace(each, custom={**each.custom, LANGUAGE: language}) for each in replies)


def _recording(exchange: "Exchange", scene: Scene, incoming: Incoming) -> Recording:
    conversation, names = scene.work.conversation, scene.names
    return Recording(
        channel=conversation.channel,
        key=incoming.text,
        speaker=conversation.id,
        language=exchange.manner.language,
        names=(*names.students, *names.courses),
    )


def _answer_of(parse: Parse) -> str | None:
    """Return what a bare yes or no means; "no, I mean Leo" is neither."""
    bare = not parse.entities and parse.also is None
    return {"affirm": YES, "deny": AGAIN}.get(parse.intent) if bare else None


def _asked_back(replies: Iterable[Mapping[str, Any]]) -> bool:
    payloads = [payload for reply in replies for _, payload in reply["buttons"]]
    return any(_does(payload) == YES for payload in payloads)


def _does(payload: str) -> object:
    meaning = meaning_of(payload)
    return meaning.first("does") if meaning is not None and meaning.intent == VOICE else None


def _may_speak(listens: Listens | None, exchange: "Exchange") -> bool:
    by_page = exchange.manner.channel in BY_ITSELF
    return listens is not None and not by_page and listens.speaks(exchange.manner.language)


def _button(title: str, does: str, **more: str) -> dict[str, object]:
    meant = json.dumps({"does": does, **more}, ensure_ascii=False)
    return {"title": {"response": title}, "payload": f"/{VOICE}{meant}"}
