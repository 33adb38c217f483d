"""Train the encoder's head on the examples of all languages together, and fit how the stages are weighed."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.conversation.understanding import networks, training_files
from bot.conversation.understanding.encoder import Encoder
from bot.conversation.understanding.head import FILE, Blend, Head, UnreadableHeadError, read
from bot.conversation.understanding.language_pack import read_examples
from bot.conversation.understanding.model import Model, log_probabilities
from bot.conversation.understanding.training import importance, train
from bot.conversation.understanding.vectors import Vectors

# A third of the examples, each chosen by its own text, tells how sure the stages may be.
_PARTS = 3
_HELD = 0
# About so many examples kept aside are enough to trust what is fitted on them.
_ENOUGH = 2_000
_TELL = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Examples:
    """Hold a language's examples: intents, words, vectors, and the third that each belongs to."""

    intents: list[str]
    words: list[list[str]]
    vectors: NDArray[np.float32]
    parts: NDArray[np.int64]

    def chosen(self, mask: NDArray[np.bool_]) -> tuple[list[str], list[list[str]]]:
        """Return the intents and words of some of the examples."""
        kept = np.flatnonzero(mask)
        return [self.intents[at] for at in kept], [self.words[at] for at in kept]


def train_head(data_dir: Path, cache: Path, encoder: Encoder, tell: _TELL) -> Head:
    """Train on every pack under the folder; the vectors of sentences are remembered in the cache file."""
    vectors = Vectors(cache, encoder, tell)
    languages = training_files.languages(data_dir)
    packs = {language: _examples(data_dir / language, vectors) for language in languages}
    tell(f"training on {sum(len(pack.intents) for pack in packs.values())} sentences")
    head = _fitted(encoder.name, list(packs.values()))
    blends = _blends(encoder.name, packs, tell)
    seen = {language: fingerprint(data_dir / language) for language in languages}
    return replace(head, blends=blends, seen=seen)


def fingerprint(folder: Path) -> str:
    """Return a hash of a pack's examples; its word lists do not count."""
    examples = training_files.read(folder).examples
    return hashlib.sha256("\n".join(map("\t".join, examples)).encode()).hexdigest()[:16]


def unseen(data_dir: Path) -> list[str]:
    """Name the languages whose examples have changed since the stored head was trained."""
    try:
        seen = read(data_dir / FILE).seen
    except UnreadableHeadError:
        seen = {}
    languages = training_files.languages(data_dir)
    return [name for name in languages if seen.get(name) != fingerprint(data_dir / name)]


def _examples(folder: Path, vectors: Vectors) -> Examples:
    intents, words, texts = read_examples(folder)
    # By its own text, so that a new example leaves the others where they are.
    parts = [hashlib.sha256(text.encode()).digest()[0] % _PARTS for text in texts]
    return Examples(intents, words, vectors.of(texts), np.array(parts))


def _fitted(encoder: str, packs: Sequence[Examples], left_out: int | None = None) -> Head:
    """Fit a network on the vectors, those of one part left out."""
    kept = [pack.parts != left_out for pack in packs]
    rows = np.concatenate([pack.vectors[mask] for pack, mask in zip(packs, kept, strict=True)])
    intents = [name for pack, mask in zip(packs, kept, strict=True) for name in pack.chosen(mask)[0]]
    names = tuple(sorted(set(intents)))
    mean = rows.mean(axis=0)
    stretch = _stretch((rows - mean).astype(np.float64)).astype(np.float32)
    numbers = np.array([names.index(intent) for intent in intents])
    counts = importance(intents).astype(np.float32)
    network = networks.fitted(networks.Lessons((rows - mean) @ stretch, numbers, counts))
    return Head(encoder, names, mean, replace(network, hidden=stretch @ network.hidden))


def _stretch(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the turn that halves, on a logarithmic scale, how much further rows spread one way than another.

    The vectors of a sentence encoder lie in a narrow cone; without it few directions would tell.
    """
    spread, directions = np.linalg.eigh(rows.T @ rows / len(rows))
    stretch = directions / np.maximum(spread, spread.max() * 1e-4) ** 0.25
    length = np.sqrt(((rows @ stretch) ** 2).mean())
    stretched: NDArray[np.float64] = stretch / length
    return stretched


def _blends(encoder: str, packs: dict[str, Examples], tell: _TELL) -> dict[str, Blend]:
    """Fit the blend of every language on what the stages say of a part of the examples kept from them."""
    head = _fitted(encoder, list(packs.values()), _HELD)
    blends = {}
    for language, pack in packs.items():
        blends[language] = _blend(pack, head)
        tell(f"{language}: {blends[language]}")
    return blends


def _blend(pack: Examples, head: Head) -> Blend:
    others, held = pack.chosen(pack.parts != _HELD), pack.chosen(pack.parts == _HELD)
    if not set(held[0]) <= set(others[0]):
        return Blend()  # Too few examples to leave some out.
    model = train(others[1], others[0])
    columns = [head.intents.index(name) for name in model.intents]
    said = np.stack([model.scores(words) for words in held[1]])
    meant = head.scores(pack.vectors[pack.parts == _HELD])[:, columns]
    return fitted_blend(said, meant, _numbers(model, held[0]))


def _numbers(model: Model, intents: Sequence[str]) -> NDArray[np.int64]:
    return np.array([model.intents.index(intent) for intent in intents])


def fitted_blend(words: NDArray[np.float64], meaning: NDArray[np.float64], right: NDArray[np.int64]) -> Blend:
    """Return the powers under which the right intents are likeliest (the calibration of Platt)."""
    from scipy.optimize import minimize  # noqa: PLC0415  (heavy, needed only here)

    at = np.arange(len(right))

    def surprise(powers: NDArray[np.float64]) -> float:
        mixed = powers[0] * words + (powers[1] * meaning if len(powers) > 1 else 0.0)
        return -float(log_probabilities(mixed)[at, right].mean())

    alone = minimize(surprise, np.array([1.25]), method="Nelder-Mead", options={"xatol": 1e-3})
    both = minimize(surprise, np.array([1.0, 0.5]), method="Nelder-Mead", options={"xatol": 1e-3})
    # Few examples resemble one another less than parents' sentences resemble them, and a fit to them trusts
    # the words too little: the fewer they are, the nearer it stays to what holds for most languages.
    usual, pull = Blend(), 1 / (1 + (len(right) / _ENOUGH) ** 3)
    fitted = [
        (1 - pull) * power + pull * prior
        for power, prior in zip(both.x, (usual.words, usual.meaning), strict=True)
    ]
    powers = alone.x[0], *fitted
    return Blend(*(round(float(power), 2) for power in powers))
