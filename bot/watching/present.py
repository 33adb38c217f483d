"""Say what this process has in hand just now beside the database."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from voice.speech import Busy

if TYPE_CHECKING:
    from bot.channels.live_news import LiveNews
    from bot.voicing import Voicing


@dataclass(frozen=True, slots=True)
class Present:
    """Count the live pages of the chat, and what is heard and spoken."""

    pages: int = 0
    voice: Mapping[str, Busy] = field(default_factory=dict)


def nothing() -> Present:
    """Return what a process has in hand that serves nobody."""
    return Present()


def present(news: "LiveNews", voicing: "Voicing | None") -> Callable[[], Present]:
    """Return who looks at the live pages and the workers of speech."""
    return lambda: Present(news.connected, voicing.busy() if voicing else {})
