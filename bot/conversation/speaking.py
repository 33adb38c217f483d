"""Choose the language that a conversation goes on in."""

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.conversation.understanding import Parse

if TYPE_CHECKING:
    from bot.conversation.exchange import Exchange

CHANGE_LANGUAGE = "change_language"


def follow(exchange: "Exchange", parse: Parse) -> None:
    """Answer in the language of the message, and offer the way back."""
    before = exchange.manner.language
    if parse.language == before or parse.language not in exchange.engine.project.languages:
        return
    _speak(exchange, parse.language)
    if parse.intent != CHANGE_LANGUAGE:
        exchange.utter("utter_language_noticed", buttons=[_button(exchange, before)])


def change(exchange: "Exchange") -> None:
    """Go on in the language that the message asks for, or ask which one."""
    languages = exchange.engine.project.languages
    entities = exchange.tracker.latest.get("entities", [])
    wanted = next((str(e["value"]) for e in entities if e["entity"] == "language"), None)
    if wanted in languages:
        _speak(exchange, wanted)
        exchange.utter("utter_language_changed")
    else:
        response = "utter_choose_language" if wanted is None else "utter_language_unavailable"
        exchange.utter(response, buttons=[_button(exchange, each) for each in languages])


def _speak(exchange: "Exchange", language: str) -> None:
    exchange.tracker.set("language", language)
    exchange.manner = replace(exchange.manner, language=language)


def _button(exchange: "Exchange", language: str) -> dict[str, str]:
    """Return the button that chooses a language, called as its own speakers call it."""
    about = exchange.engine.project.about.get(language)
    payload = f'/{CHANGE_LANGUAGE}{{"language": "{language}"}}'
    return {"title": about.name if about else language, "payload": payload}
