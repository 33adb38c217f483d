"""Give tests the trained understanding without training it for each of them."""

import fcntl
from pathlib import Path

from bot.conversation.understanding import Understanding

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".pytest_cache" / "understanding"


def trained() -> Understanding:
    """Load the product's own understanding; of parallel test workers one trains, the others wait."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return Understanding.load(ROOT / "data", CACHE)
