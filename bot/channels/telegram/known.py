"""Keep between two starts what Telegram was told about a bot, and what the bot is called there."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

FILE = "telegram.json"


@dataclass(frozen=True, slots=True)
class KnownBot:
    """Hold a bot's public name, and a hash of the texts and commands that were set last."""

    username: str
    told: str = ""


class KnownBots:
    """Read and write the one file that holds them; there is nothing secret in it."""

    def __init__(self, folder: Path) -> None:
        """Take the state folder."""
        self._path = folder / FILE

    def get(self, bot_id: str) -> KnownBot | None:
        """Return what is known of a bot, if anything is."""
        kept = self._read().get(bot_id)
        return None if kept is None else KnownBot(**kept)

    def put(self, bot_id: str, bot: KnownBot) -> None:
        """Keep what is known of a bot now; several workers may do so at once."""
        kept = {**self._read(), bot_id: asdict(bot)}
        beside = self._path.with_suffix(".new")
        beside.write_text(json.dumps(kept, indent=1, sort_keys=True), encoding="utf-8")
        beside.replace(self._path)

    def _read(self) -> dict[str, dict[str, str]]:
        try:
            kept: dict[str, dict[str, str]] = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            # Not there, lost or cut short: it is all told anew.
            return {}
        return kept
