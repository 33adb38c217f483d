"""Make up who of the contacts has an account, with which password, in which situation."""

from typing import Any

from maker.fillers import seeded
from maker.people import Contact, Roster

WORDS = (
    "Amber", "Beacon", "Cedar", "Copper", "Daisy", "Ember", "Falcon", "Garnet", "Harbor", "Island",
    "Juniper", "Kettle", "Lantern", "Maple", "Nutmeg", "Orchard", "Pebble", "Quartz", "Ribbon", "Saddle",
    "Thistle", "Umbrella", "Velvet", "Walnut", "Yonder", "Zephyr",
)  # fmt: skip


def parents(slug: str, roster: Roster) -> list[dict[str, Any]]:
    """Return one entry for every contact with a situation.

    Somebody with no account yet has the name and the password that they would choose.
    """
    fake = seeded(f"passwords of {slug}")
    return [_entry(c, _passphrase(fake.random.sample(WORDS, 3), fake)) for c in roster.contacts if _used(c)]


def _used(contact: Contact) -> bool:
    return contact.adult.situation is not None


def _passphrase(words: list[str], fake: Any) -> str:
    return f"{words[0]}-{words[1]}-{fake.random.randint(23, 98)}-{words[2]}"


def _entry(contact: Contact, password: str) -> dict[str, Any]:
    return {
        "contact": contact.identifier,
        "name": f"{contact.adult.given} {contact.adult.family}",
        "username": contact.adult.username,
        "password": password,
        "situation": contact.adult.situation,
        "children": [{"student": s.identifier, "relation": relation} for s, relation in contact.relations],
    }
