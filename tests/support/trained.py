"""Give tests the trained understanding without training it for each of them; run alone, only train it."""

import fcntl
import json
import os
from collections.abc import Callable
from dataclasses import astuple
from functools import wraps
from pathlib import Path

from bot.conversation.understanding import Names, Parse, Understanding

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".pytest_cache" / "understanding"
# Where it names a file, what the tests say is written there, for bench/margins.py to read.
SAID = "HALLPASS_SAID"


def trained() -> Understanding:
    """Load the product's own understanding; of parallel test workers one trains, the others wait."""
    CACHE.mkdir(parents=True, exist_ok=True)
    if SAID in os.environ and not hasattr(Understanding.parse, "__wrapped__"):
        Understanding.parse = _written(Understanding.parse, Path(os.environ[SAID]))  # type: ignore[method-assign]
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return Understanding.load(ROOT / "data", CACHE)


def lend(var: Path) -> None:
    """Let a start in a folder of its own find what is trained: to train it again takes minutes."""
    trained()
    (var / "models").symlink_to(CACHE)


def _written(parse: Callable[..., Parse], path: Path) -> Callable[..., Parse]:
    @wraps(parse)
    def written(self: Understanding, text: str, *, names: Names = Names(), **rest: object) -> Parse:  # noqa: B008
        found = parse(self, text, names=names, **rest)
        line = json.dumps({"language": found.language, "text": text, "names": astuple(names)})
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")
        return found

    return written


if __name__ == "__main__":
    trained()
