"""Let parents of a demo talk to Rasa: signed in before anything is asked, for it has no masked fields."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.bootstrap import open_portal
from bot.demo import Situation, seed
from bot.settings import ROOT, Settings, read_settings
from portal.accounts.outcomes import SignedIn, SignIn
from portal.core.secret import Secret
from portal.dialogue.outcomes import Arrival
from portal.transaction import Portal


@dataclass(frozen=True, slots=True)
class Parent:
    """Name a made-up parent with what signs them in."""

    district: str
    username: str
    password: str
    children: tuple[str, ...]


def demo_settings(folder: Path) -> Settings:
    """Return the settings of a demo that keeps its state in a folder."""
    return read_settings({"HALLPASS_VAR": str(folder)}, demo=True)


@contextmanager
def demo_portal(folder: Path) -> Iterator[Portal]:
    """Open the demo's portal, seeding it first where it is new."""
    settings = demo_settings(folder)
    portal = open_portal(settings)
    try:
        seed(portal, ROOT / "data" / "demo", folder)
        yield portal
    finally:
        portal.close()
        portal.engine.dispose()


def parents(folder: Path) -> list[Parent]:
    """Return the demo's parents of one district who sign in, in the order of its sheet."""
    settings = demo_settings(folder)
    with demo_portal(folder) as portal:
        sheet = seed(portal, ROOT / "data" / "demo", folder)
    return [
        Parent(each.district, each.username, each.password, tuple(child.name for child in each.children))
        for each in sheet.parents
        if each.situation is Situation.OK and each.district == settings.district
    ]


def sign_in_for_rasa(folder: Path, parents: list[Parent]) -> list[str]:
    """Sign one conversation in for each parent; Rasa has no masked fields, so the portal is asked itself.

    Returns the keys of the conversations, which Rasa then knows as its senders.
    """
    with demo_portal(folder) as portal:
        return [_signed_in(portal, parent) for parent in parents]


def _signed_in(portal: Portal, parent: Parent) -> str:
    sender = uuid.uuid4().hex
    with portal.begin() as tx:
        arrival = Arrival("rest", sender, f"message:{sender}", {}, {})
        conversation = tx.dialogue.receive(arrival).conversation_id
    request = SignIn(
        parent.district, parent.username, Secret(parent.password), sender, conversation, "rest", sender
    )
    answer = portal.sign_in(request)
    assert isinstance(answer, SignedIn), answer
    return conversation
