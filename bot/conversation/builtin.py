"""Perform what every flow takes: cancel, help, repeat, restart, another language, not understood."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from bot.conversation import speaking
from bot.conversation.dialogue import REQUESTED, RESUME, Draft

if TYPE_CHECKING:
    from bot.conversation.exchange import Exchange

PERSON = "action_talk_to_person"


async def fall_back(exchange: "Exchange") -> str | None:
    """Ask to rephrase, then offer buttons, then a person; never a fourth time the same."""
    tracker = exchange.tracker
    tracker.fallbacks += 1
    exchange.fell_back = True
    match tracker.fallbacks:
        case 1:
            await exchange.explain("utter_rephrase")
        case 2:
            await exchange.explain("utter_choose")
        case _:
            tracker.fallbacks = 0
            return PERSON
    return None


async def cancel(exchange: "Exchange") -> str | None:
    """Leave the form and forget what was typed into it."""
    tracker = exchange.tracker
    tracker.later = None
    if tracker.loop is None:
        exchange.utter("utter_nothing_to_cancel")
        return None
    required = exchange.engine.project.forms[tracker.loop].required
    tracker.leave()
    for slot in (*required, RESUME):
        if slot in tracker.slots:
            tracker.set(slot, None)
    exchange.utter("utter_cancelled")
    return None


async def help_here(exchange: "Exchange") -> str | None:
    """Explain the step that waits for an answer and ask again; without one, say what is possible."""
    form, slot = exchange.tracker.loop, exchange.tracker.slots.get(REQUESTED)
    names = (f"utter_help_{form}_{slot}", f"utter_help_{slot}", "utter_help")
    exchange.utter(next(name for name in names if name == names[-1] or exchange.engine.wording.has(name)))
    await exchange.ask_again()
    return None


async def repeat(exchange: "Exchange") -> str | None:
    """Say the last replies again; a masked field is offered anew, and what was private stays so."""
    tracker = exchange.tracker
    if tracker.secret_pending:
        await exchange.ask_again()
        return None
    said = map(Draft.from_json, tracker.last_replies)
    last = [draft for draft in said if exchange.may_repeat or not draft.private]
    exchange.said.extend(last)
    exchange.asked = bool(last)
    if not last:
        exchange.utter("utter_nothing_to_repeat")
    return None


async def restart(exchange: "Exchange") -> str | None:
    """Forget the slots and forms of the conversation; who is signed in stays signed in."""
    exchange.tracker.apply({"event": "restart"})
    exchange.utter("utter_restarted")
    return None


async def change_language(exchange: "Exchange") -> str | None:
    """Go on in another language, at the same step."""
    speaking.change(exchange)
    return None


async def deactivate(exchange: "Exchange") -> str | None:
    """Leave the active form without a word."""
    exchange.tracker.leave()
    return None


BUILTIN: dict[str, Callable[["Exchange"], Awaitable[str | None]]] = {
    "action_default_fallback": fall_back,
    "action_cancel": cancel,
    "action_help_here": help_here,
    "action_repeat": repeat,
    "action_restart": restart,
    "action_change_language": change_language,
    "action_deactivate_loop": deactivate,
}
