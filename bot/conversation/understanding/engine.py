"""Turn a text into an intent and its entities."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Self

from bot.conversation.understanding import training_files
from bot.conversation.understanding.clauses import with_second
from bot.conversation.understanding.language_pack import LanguagePack
from bot.conversation.understanding.parsed import FALLBACK, Names, Parse
from bot.conversation.understanding.tokens import clean
from bot.conversation.understanding.tongues import Tongues

_NOBODY = Names()
_DEFAULT_LANGUAGE = "en"
# A word or two in another language count only where they are surely a wish, and in the own one none.
_SURE = 0.82
_NAME_ALONE = "switch_student"


class Packs(Mapping[str, LanguagePack]):
    """Hold the packs by language, each brought into memory by the first message that needs it."""

    def __init__(self, loaders: Mapping[str, Callable[[], LanguagePack]]) -> None:
        """Take what loads each pack; nothing is loaded yet."""
        self._loaders = dict(loaders)
        self._loaded: dict[str, LanguagePack] = {}

    def __getitem__(self, language: str) -> LanguagePack:
        """Return the pack of a language."""
        if language not in self._loaded:
            self._loaded[language] = self._loaders[language]()
        return self._loaded[language]

    def __iter__(self) -> Iterator[str]:
        """Name the languages."""
        return iter(self._loaders)

    def __len__(self) -> int:
        """Count the languages."""
        return len(self._loaders)


@dataclass(frozen=True, slots=True)
class Understanding:
    """Understand texts in the languages that have training data."""

    packs: Mapping[str, LanguagePack]
    tongues: Tongues = field(default_factory=lambda: Tongues({}, {}))

    @classmethod
    def load(cls, data_dir: Path, cache_dir: Path) -> Self:
        """Train the languages whose stored weights are stale, two at a time, and be ready for all."""
        languages = training_files.languages(data_dir)
        shares = {name: LanguagePack.shares(data_dir / name, cache_dir) for name in languages}
        stale = [name for name, found in shares.items() if found is None]
        with ThreadPoolExecutor(2) as threads:
            trained = threads.map(lambda name: LanguagePack.prepare(data_dir / name, cache_dir), stale)
            shares.update(zip(stale, trained, strict=True))
        tongues = Tongues.of({name: found for name, found in shares.items() if found is not None})
        packs = Packs({name: partial(LanguagePack.load, data_dir / name, cache_dir) for name in languages})
        return cls(packs, tongues)

    def parse(self, text: str, *, language: str = "en", names: Names = _NOBODY, today: date) -> Parse:
        """Tell what the text means, in the language it is written in; never raise, whatever the text is.

        `language` is that of the conversation: a text that could be either is taken to be in it.
        """
        spoken = language if language in self.packs else _DEFAULT_LANGUAGE
        cleaned = clean(text)
        if spoken not in self.packs:
            return Parse(text=cleaned, intent=FALLBACK, confidence=0.0, language=language)
        guess = self.tongues.guess(cleaned, spoken)
        if guess is not None and guess.clear:
            return self._read(guess.language, cleaned, names, today)
        own = self._read(spoken, cleaned, names, today)
        if guess is None or (_is_sure(own) and not guess.likely):
            return own
        other = self._read(guess.language, cleaned, names, today)
        # A name alone ("Ana de la Cruz") is one in any language.
        is_name = _is_sure(own) and own.intent == other.intent == _NAME_ALONE
        if is_name or not _is_sure(other):
            return own
        # The portal's English labels are said in every language: they change none.
        is_label = not guess.told or (guess.language == _DEFAULT_LANGUAGE and not guess.likely)
        return replace(other, language=spoken) if is_label else other

    def _read(self, language: str, text: str, names: Names, today: date) -> Parse:
        pack = self.packs[language]
        parse = partial(pack.parse, names=names, today=today)
        # A half of a message is read in passing, often several times: by its words alone.
        return with_second(parse(text), pack.lexicon, partial(parse, quickly=True))


def _is_sure(parse: Parse) -> bool:
    return parse.intent != FALLBACK and parse.confidence >= _SURE
