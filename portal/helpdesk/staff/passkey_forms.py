"""Say what is carried between the browser and the keeper of passkeys."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Party:
    """Name this installation to the browser: its host, and the origin that its pages have."""

    host: str
    origin: str


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """Carry what the browser made; `token` is the session's cookie, which the challenge was made for."""

    credential: str = field(repr=False)
    challenge: str = field(repr=False)
    name: str
    party: Party
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ShownPasskey:
    """Carry what the browser signed; `successor` is the cookie of the session that begins."""

    credential: str = field(repr=False)
    challenge: str = field(repr=False)
    party: Party
    source: str
    token: str = field(repr=False)
    successor: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Passkey:
    """Show one passkey to whoever it belongs to."""

    id: str
    name: str
    created_at: datetime
    used_at: datetime | None
