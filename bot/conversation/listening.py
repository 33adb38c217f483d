"""Take what was spoken as what was typed, where it was heard well; else ask back. Nothing acts on noise."""

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.conversation.hearing import Incoming
from bot.conversation.memory import Scene
from bot.conversation.typed_secrets import REMOVED, without_access_password
from bot.conversation.understanding import Parse
from bot.messages import Listens, MessageKind, NotHeard, Recording, Reply, SaidAloud

if TYPE_CHECKING:
    from bot.conversation.dialogue import Tracker
    from bot.conversation.exchange import Exchange

# What the buttons about voice mean; nothing that is typed does.
VOICE = "voice"
# A channel's command that turns spoken answers on or off.
TURN = "turn_voice"
ON, OFF, AGAIN = "on", "off", "again"
# Marks the line that shows what was heard, and every reply that is to be given aloud.
HEARD, ALOUD = "heard", "aloud"
# A browser page speaks, or does not, as the parent sets it there.
BY_ITSELF = frozenset({"webchat"})
NOT_HERE = "utter_media_voice"
SPOKEN_SECRET = "utter_secret_spoken"  # noqa: S105  (the name of a response)


async def hear(
    listens: Listens | None, exchange: "Exchange", scene: Scene, incoming: Incoming
) -> Incoming | str:
    """Return the recording as if it were typed; or, where it was answered already, what the history shows."""
    said = NotHeard(OFF) if listens is None else await listens.listen(_recording(exchange, scene, incoming))
    if isinstance(said, NotHeard):
        await exchange.explain(NOT_HERE if said.why == OFF else f"utter_voice_{said.why}")
        return ""
    text = without_access_password(said.text)
    secret = incoming.withheld or exchange.tracker.secret_pending
    if said.is_secret or (secret and not said.sure):
        # A password is never taken by voice: no word of it is understood or kept.
        exchange.tracker.hear(Parse("", "", 1.0), scene.work.pending.turn_id, recorded=False)
        await exchange.explain(SPOKEN_SECRET)
        return REMOVED
    if not secret and REMOVED not in text and not (said.sure and said.code is None):
        _ask_back(exchange, said)
        return ""
    return replace(incoming, kind=MessageKind.TEXT, text=text)


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
    elif does == ON and not _may_speak(listens, exchange):
        exchange.utter("utter_voice_no_voice")
    elif does == ON:
        exchange.tracker.aloud = True
        exchange.utter("utter_voice_on", buttons=[_button("utter_button_voice_off", OFF)])
    else:
        exchange.tracker.aloud = False
        exchange.utter("utter_voice_in_writing")
    await exchange.ask_again()


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


def _recording(exchange: "Exchange", scene: Scene, incoming: Incoming) -> Recording:
    conversation, names = scene.work.conversation, scene.names
    return Recording(
        channel=conversation.channel,
        key=incoming.text,
        speaker=conversation.id,
        language=exchange.manner.language,
        names=(*names.students, *names.courses),
    )


def _ask_back(exchange: "Exchange", said: SaidAloud) -> None:
    """Ask whether that was said; what is not sure, and every code, is used only after a yes."""
    # A yes is taken as this text being typed. It must not begin as the payload of a button does.
    text = without_access_password(said.text).lstrip("/ ")
    response, shown = (
        ("utter_voice_unsure", text) if said.code is None else ("utter_voice_spelled", said.code)
    )
    yes = {"title": {"response": "utter_button_voice_yes"}, "payload": text}
    exchange.utter(response, heard=shown, buttons=[yes, _button("utter_button_voice_no", AGAIN)])


def _may_speak(listens: Listens | None, exchange: "Exchange") -> bool:
    by_page = exchange.manner.channel in BY_ITSELF
    return listens is not None and not by_page and listens.speaks(exchange.manner.language)


def _button(title: str, does: str) -> dict[str, object]:
    return {"title": {"response": title}, "payload": f'/{VOICE}{{"does": "{does}"}}'}
