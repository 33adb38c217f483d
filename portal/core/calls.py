"""Tell whoever waits for it that a commit left something to be done, in this process and in others.

A call is only a hint: whoever misses one looks by itself a little later.
"""

from collections.abc import Callable
from enum import StrEnum

Names = frozenset[str]
Hear = Callable[[Names], None]
NO_NAMES: Names = frozenset()


class Topic(StrEnum):
    """Name what there is to be done: mails leave, chats are written to, conversations have news."""

    MAIL = "mail"
    CHATS = "chats"
    NEWS = "news"


class Calls:
    """Hold who hears what here, and how others are told; called from any thread."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self._hear: dict[Topic, Hear] = {}
        self._outside: Callable[[Topic, Names], None] | None = None

    def listen(self, topic: Topic, hear: Hear | None) -> None:
        """Let that hear of a topic from now on; None lets nobody."""
        if hear is None:
            self._hear.pop(topic, None)
        else:
            self._hear[topic] = hear

    def pass_on(self, outside: Callable[[Topic, Names], None] | None) -> None:
        """Tell other processes by that, where there are any."""
        self._outside = outside

    def call(self, topic: Topic, names: Names = NO_NAMES) -> None:
        """Tell of something that this process left to be done."""
        hears_here = self.hear(topic, names)
        if self._outside is not None and _goes_out(topic, hears_here=hears_here):
            self._outside(topic, names)

    def hear(self, topic: Topic, names: Names = NO_NAMES) -> bool:
        """Tell whoever listens in this process; False where nobody does."""
        hear = self._hear.get(topic)
        if hear is not None:
            hear(names)
        return hear is not None


def _goes_out(topic: Topic, *, hears_here: bool) -> bool:
    match topic:
        case Topic.MAIL:
            # Every process that serves carries mail, so somebody here was told.
            return False
        case Topic.CHATS:
            return not hears_here
        case Topic.NEWS:
            # Two pages of one conversation may hang on two processes.
            return True
