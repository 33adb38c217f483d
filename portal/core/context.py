"""Hand a service what belongs to the transaction it works in."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.core.keys import Keys


@dataclass(frozen=True, slots=True)
class Context:
    """Hold the session, the time and the keys that all services of one transaction share.

    Every service is built as `Service(context)`; one that needs another builds it from the same
    context. `now` stays the same for the whole transaction. A service never commits. `kept` are rows
    that a transaction looks at again and again: the session itself lets go of what nobody holds.
    `found` is what a service looked up once and need not look up again; whoever changes that forgets it.
    """

    session: Session
    now: datetime
    keys: Keys
    new_token: Callable[[], str]
    read_only: bool = False
    kept: list[object] = field(default_factory=list, repr=False)
    found: dict[tuple[str, str], Any] = field(default_factory=dict, repr=False)
