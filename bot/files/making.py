"""Define how a file is made: gathered inside the transaction that opened it, drawn outside of it."""

from collections.abc import Callable
from dataclasses import dataclass

from portal.core.outcomes import Refused
from portal.records.files import OpenedFile


@dataclass(frozen=True, slots=True)
class MadeFile:
    """Hold a file as it leaves; with a `name` it is one to keep, without one it is shown in place."""

    content: bytes
    media_type: str
    name: str = ""


# Called outside of every transaction, in a thread, for drawing may take a while.
Draw = Callable[[], MadeFile]
# Called inside the transaction: all that is to be drawn is asked for here, as the parent.
Gather = Callable[[OpenedFile], Draw | Refused]
