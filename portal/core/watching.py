"""Tell whoever watches what a transaction did, once it is committed: ids and keys, no names and no words."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session

HAPPENED = "happened"


@dataclass(frozen=True, slots=True)
class Noted:
    """Tell that an event was put on record; about whom, only the audit knows."""

    district: str
    event: str


@dataclass(frozen=True, slots=True)
class MailPut:
    """Tell that a mail was put into the outbox."""

    message_id: str
    kind: str


Happening = Noted | MailPut
Watch = Callable[[Happening], None]


def happened(session: Session, happening: Happening) -> None:
    """Keep for after the commit what this transaction does."""
    session.info.setdefault(HAPPENED, []).append(happening)


def nobody_watches(_: Happening) -> None:
    """Let it pass."""
