"""List the sentences of the tests that are understood by a small margin, before an example tips them over.

`python -m bench.margins [--below 0.15] [LANGUAGE ...]` reads tests/languages. What the conversations in
tests/flows say is read too, from the file that a run of them with HALLPASS_SAID=FILE has written:
`python -m bench.margins --said FILE en`. Each line: the margin, by which stage, the sentence, the intents.
"""

import argparse
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from bot.conversation.understanding import FALLBACK, Names, Parse
from bot.conversation.understanding.language_pack import LanguagePack
from bot.conversation.understanding.tokens import clean
from tests.support.languages import FAMILY, LANGUAGES, said_in
from tests.support.trained import trained

TODAY = date(2026, 10, 15)
Line = tuple[float, str, str, Parse]


def main() -> None:
    """Print the sentences with small margins, the smallest first."""
    options = _options()
    understanding = trained()
    languages = options.languages or LANGUAGES
    for language in languages:
        pack = understanding.packs[language]
        lines: list[Line] = []
        for text, names in {*_sentences(language), *_said(options.said, language)}:
            lines += _margins(pack, text, names)
        for margin, stage, text, parse in sorted(lines, key=lambda line: line[:3]):
            if margin >= options.below:
                break
            told = ", ".join(f"{name} {chance:.2f}" for name, chance in parse.ranking[:2])
            print(f"{language} {margin:.2f} {stage:<7} {text!r}: {told}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("languages", nargs="*", metavar="LANGUAGE")
    parser.add_argument("--below", type=float, default=0.15)
    parser.add_argument("--said", type=Path)
    return parser.parse_args()


def _sentences(language: str) -> Iterator[tuple[str, Names]]:
    for intent, texts in said_in(language).sentences.items():
        if intent != FALLBACK:
            yield from ((text, FAMILY) for text in texts)


def _said(path: Path | None, language: str) -> Iterator[tuple[str, Names]]:
    """Read what the conversations said; a wish for something else is as sure as it needs to be."""
    for line in path.read_text("utf-8").splitlines() if path else ():
        told = json.loads(line)
        if told["language"] == language:
            yield told["text"], Names(*(tuple(part) for part in told["names"]))


def _margins(pack: LanguagePack, text: str, names: Names) -> Iterator[Line]:
    for stage, quickly in (("words", True), ("encoder", False)):
        parse = pack.parse(clean(text), names=names, today=TODAY, quickly=quickly)
        if len(parse.ranking) > 1:
            yield parse.ranking[0][1] - parse.ranking[1][1], stage, text, parse


if __name__ == "__main__":
    main()
