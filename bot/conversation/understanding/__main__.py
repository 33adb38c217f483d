"""Train a language pack and store its weights: `python -m bot.conversation.understanding PACK FILE`.

It ends when its input does: whoever waits for it holds the other end, and may be killed.
"""

import os
import sys
import threading
from pathlib import Path

from bot.conversation.understanding import weights_file
from bot.conversation.understanding.language_pack import train_pack


def main(pack: str, file: str) -> None:
    """Train what the pack's folder holds, and write the weights to the file."""
    weights_file.write(Path(file), *train_pack(Path(pack)))


def _end_with_input() -> None:
    # Not through sys.stdin: what reads it holds a lock that the end of the program needs.
    while os.read(0, 1):
        pass
    os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=_end_with_input, daemon=True).start()
    main(*sys.argv[1:])
