"""Train a language pack and store its weights: `python -m bot.conversation.understanding PACK FILE`."""

import sys
from pathlib import Path

from bot.conversation.understanding import weights_file
from bot.conversation.understanding.language_pack import train_pack


def main(pack: str, file: str) -> None:
    """Train what the pack's folder holds, and write the weights to the file."""
    weights_file.write(Path(file), *train_pack(Path(pack)))


if __name__ == "__main__":
    main(*sys.argv[1:])
