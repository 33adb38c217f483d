"""Write replies as JSON for the database, and read them back."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import uuid4

from bot.conversation.dialogue import Draft
from bot.conversation.hearing import meaning_of
from bot.messages import Button, Reply, SecretField, SecretRequest
from portal.core.shallow import by_name
from portal.dialogue.outcomes import Choice, Line
from portal.dialogue.service import button_key

SECRET_PATH = "/secret/"  # noqa: S105  (a path, not a secret)
# Names the button of a reply that leads to the same masked field once more.
AGAIN = "again"


def finished(drafts: Sequence[Draft]) -> tuple[tuple[Reply, ...], dict[str, tuple[Choice, ...]]]:
    """Turn drafts into replies whose buttons carry keys; return the menus that the keys name."""
    replies: list[Reply] = []
    menus: dict[str, tuple[Choice, ...]] = {}
    for draft in drafts:
        menu = uuid4().hex
        if draft.buttons:
            menus[menu] = tuple(Choice(title, payload) for title, payload in draft.buttons)
        replies.append(_reply(draft, menu))
    return tuple(replies), menus


def secret_request(purpose: str, ticket: str, fields: Sequence[SecretField]) -> SecretRequest:
    """Return the masked way in for a ticket."""
    return SecretRequest(purpose, ticket, f"{SECRET_PATH}{ticket}", tuple(fields))


def reply_as_json(reply: Reply) -> dict[str, Any]:
    """Return a reply as the database keeps it."""
    secret = reply.secret
    return {
        **by_name(reply),
        "buttons": [by_name(button) for button in reply.buttons],
        "secret": secret and {**by_name(secret), "fields": [by_name(field) for field in secret.fields]},
    }


def reply_from_json(stored: Mapping[str, Any]) -> Reply:
    """Return the reply that was kept."""
    secret = stored.get("secret")
    fields = () if secret is None else tuple(SecretField(**field) for field in secret["fields"])
    return Reply(
        text=stored["text"],
        buttons=tuple(Button(**button) for button in stored["buttons"]),
        image=stored["image"],
        image_alt=stored.get("image_alt", ""),
        attachment=stored["attachment"],
        attachment_title=stored.get("attachment_title", ""),
        secret=None if secret is None else secret_request(secret["purpose"], secret["ticket"], fields),
        private=stored["private"],
        custom=stored["custom"],
    )


def _reply(draft: Draft, menu: str) -> Reply:
    secret = draft.secret
    fields = () if secret is None else [SecretField(**field) for field in secret["fields"]]
    buttons = [Button(title, button_key(menu, n)) for n, (title, _) in enumerate(draft.buttons)]
    again = next((n for n, (_, payload) in enumerate(draft.buttons) if _leads_again(payload)), None)
    marked = {} if again is None else {AGAIN: buttons[again].payload}
    return Reply(
        text=draft.text,
        buttons=tuple(buttons),
        image=draft.image,
        image_alt=draft.image_alt,
        attachment=draft.attachment,
        attachment_title=draft.attachment_title,
        secret=None if secret is None else secret_request(secret["purpose"], secret["ticket"], fields),
        private=draft.private,
        custom={**draft.custom, **marked},
    )


def _leads_again(payload: str) -> bool:
    meaning = meaning_of(payload)
    return meaning is not None and meaning.first("again") is True


def taking_back(replies: tuple[Reply, ...]) -> tuple[Reply, ...]:
    """Mark that where a message can be taken back, the channel does so before it says anything."""
    return tuple(replace(each, custom={**each.custom, "removed": True}) for each in replies[:1]) + replies[1:]


def lines_of(replies: Sequence[Reply]) -> tuple[Line, ...]:
    """Return the lines of the history that replies make."""
    return tuple(
        Line({"author": "assistant", "reply": reply_as_json(reply)}, reply.private) for reply in replies
    )
