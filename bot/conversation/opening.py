"""Begin a conversation: in its district, with what the code of a letter says, where everybody begins."""

from bot.conversation.exchange import Exchange
from bot.conversation.hearing import Incoming
from bot.conversation.memory import CHOOSE_DISTRICT, Scene
from bot.conversation.project import LETTER, OPEN_LETTER
from bot.conversation.understanding import Parse
from portal.core.outcomes import Refused
from portal.dialogue.start_codes import StartCode

GREETING = Parse("", "greet", 1.0)


async def open_chat(exchange: Exchange, scene: Scene, incoming: Incoming) -> None:
    """Greet whoever opens the chat, and take up what a letter's code is about."""
    exchange.tracker.hear(GREETING, scene.work.pending.turn_id)
    if incoming.start is not None:
        # Whoever begins anew stands where everybody begins, whatever was being filled in.
        exchange.tracker.apply({"event": "restart"})
    if isinstance(scene.begun, Refused):
        exchange.utter("utter_start_code_void")
    if scene.district is None:
        ask_district(exchange, scene)
    elif isinstance(scene.begun, StartCode) and scene.begun.access_id is not None:
        letter = {"student": scene.begun.student, "access_id": scene.begun.access_id}
        exchange.tracker.set(LETTER, letter)
        await exchange.perform(OPEN_LETTER)
    elif not exchange.has_greeted:
        await exchange.greet(GREETING)


def ask_district(exchange: Exchange, scene: Scene) -> None:
    """Ask which district it is about, with a button for each."""
    buttons = [
        {
            "title": district.options.name,
            "payload": f'/{CHOOSE_DISTRICT}{{"district": "{district.slug}"}}',
        }
        for district in scene.districts
    ]
    exchange.say({"response": "utter_ask_district", "buttons": buttons})


async def choose_district(exchange: Exchange, scene: Scene, slug: str | None) -> None:
    """Go on in the district that was chosen, or ask again."""
    if slug not in {district.slug for district in scene.districts}:
        ask_district(exchange, scene)
        return
    exchange.tracker.set("district", slug)
    await exchange.greet(GREETING)


def district_named(text: str, scene: Scene) -> str | None:
    """Return the one district that a text names, if it names one."""
    folded = text.casefold()
    found = [
        each.slug
        for each in scene.districts
        if each.slug.casefold() in folded or each.options.name.casefold() in folded
    ]
    return found[0] if len(found) == 1 else None
