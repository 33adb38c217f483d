"""Measure hearing and speaking, on speech that is synthesised here: compare rows, forecast nothing with them.

Run `python -m bench.voice [--people FOLDER] [--languages en,es,pt]` where the voice extras are
installed. Every sentence is spoken once, by one of two speakers at one of three speeds, and heard clean and
with 10 dB noise. English speaks Piper's voice, as it is and a third higher. With `--people` two of Kokoro's
people speak Spanish and Portuguese and one of them French (they are fetched into the folder, once); all other
languages have eSpeak NG, whose rules are far harder to hear than people. Figures go to docs/benchmarks.md.
"""

import argparse
import asyncio
import json
import tempfile
import time
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil
from rapidfuzz.distance import Levenshtein

from bench.report import Goal, Measured, Row, Table, keep
from bench.voice_tally import Tally, percentile
from bench.voice_test_set import CHILDREN, Sentence, Speakers, noisy, note, sentences_of, words_of
from bot.bootstrap import Application, start
from bot.conversation.listening import HARMLESS
from bot.messages import Bearer, IncomingMessage, MessageKind
from bot.settings import read_settings
from bot.voicing import Voicing
from voice.crew import Shift
from voice.ears import PROVEN
from voice.finding import VoicePlaces, find_voice
from voice.speech import Hint, Transcribed
from voice.spoken import read_spoken

LANGUAGES = "en,es,pt,fr,ar,ht,te,vi,zh"
BY_RULES = "eSpeak NG"
# Of voices that are no measure of people only so many sentences are heard.
FEW = 16
# Waiting is measured, and nothing is given up because others use the machine, too.
PATIENT = Shift(seconds=240.0, starting=240.0)
FOUR_SECONDS = "Hello, I would like to know what the grades of my children are at the moment."
ANSWER_P50, ANSWER_P95 = "note of four seconds, p50 (s)", "note of four seconds, p95 (s)"
FIRST_SOUND = "first sound, p95 (s)"
# The goals, on two cores and by voices that sound like people.
MOST_WRONG = {("en", "clean"): 5, ("en", "noisy"): 10, ("es", "clean"): 12, ("pt", "clean"): 12}
MOST_SECONDS = {ANSWER_P50: 1.2, ANSWER_P95: 2.0, FIRST_SOUND: 0.7}
NOTE = (
    "Speech is synthesised: compare rows, forecast nothing with them. What eSpeak NG says is harder to hear "
    'than people. "Typed" is how many intents are wrong without any hearing; "wrong though sure" is what '
    'hearing alone spoiled and the model was sure of, "acted wrongly" what of that is not asked back first.'
)
TEXTS = ("what are the grades", "what is the district code", "how many days absent", "thank you")


async def heard(
    application: Application, voicing: Voicing, speakers: Speakers, asked: tuple[str, int]
) -> list[dict[str, Any]]:
    """Hear every sentence clean and noisy, and understand it; `asked` is the language, and how many."""
    language, most = asked
    tallies = {"clean": Tally(), "noisy": Tally()}
    who, words = speakers.who(language), voicing.words[language]
    count = min(most, FEW) if who == BY_RULES else most
    for number, sentence in enumerate(sentences_of(language, count)):
        rate, samples = speakers.say(sentence.text, language, number)
        # A parent has three children, also whoever does not name one.
        own = dict.fromkeys((sentence.child or CHILDREN[0], *CHILDREN))
        hint = Hint(language, words.prompt.format(names=", ".join(list(own)[:3])))
        for sound, tally in tallies.items():
            given = samples if sound == "clean" else noisy(samples, number)
            await _hear(application, voicing, (sentence, hint, note(given, rate)), tally)
    named = {"language": language, "voices": who}
    return [{**named, "sound": sound, **tally.row()} for sound, tally in tallies.items()]


async def _hear(
    application: Application,
    voicing: Voicing,
    given: tuple[Sentence, Hint, tuple[bytes, float]],
    tally: Tally,
) -> None:
    sentence, hint, (audio, seconds) = given
    assert voicing.ears is not None
    begun = time.perf_counter()
    outcome = await voicing.ears.hear(audio, hint)
    tally.seconds.append(time.perf_counter() - begun)
    text = outcome.text if isinstance(outcome, Transcribed) else ""
    sure = isinstance(outcome, Transcribed) and outcome.sure
    understood = (await application.assistant.parse(text, hint.language)).intent if text else ""
    typed = (await application.assistant.parse(sentence.text, hint.language)).intent
    expected, got = (words_of(each, hint.language) for each in (sentence.text, text))
    spoiled = sure and understood != sentence.intent == typed and understood not in HARMLESS
    unasked = hint.language in PROVEN or understood in HARMLESS
    if spoiled:
        print(f"wrong though sure: {sentence.text!r} -> {text!r} ({understood})", flush=True)
    tally.said += 1
    tally.spoken += seconds
    tally.words += len(expected)
    tally.wrong_words += min(len(expected), Levenshtein.distance(expected, got))
    tally.misunderstood += understood != sentence.intent
    tally.misunderstood_typed += typed != sentence.intent
    tally.spoiled_though_sure += spoiled
    tally.acted_wrongly += spoiled and unasked
    tally.asked_back += bool(text) and not (sure and unasked)
    tally.names += bool(sentence.child)
    tally.names_right += bool(sentence.child) and sentence.child.lower() in text.lower()


class Parents:
    """Hold conversations that speak and type."""

    def __init__(self, application: Application, voicing: Voicing) -> None:
        """Take the parent who signs in."""
        self._assistant = application.assistant
        self._voicing = voicing
        demo: dict[str, Any] = json.loads((application.settings.var / "demo.json").read_text())
        self._parent: Mapping[str, Any] = next(p for p in demo["parents"] if p["situation"] == "ok")
        voicing.fetch_with("rest", voicing.kept)

    async def send(self, sender: str, text: str, kind: MessageKind = MessageKind.TEXT) -> float:
        """Take a turn; return how many seconds it took. A masked field is filled in."""
        message = IncomingMessage(
            "rest", sender, text, kind, message_id=uuid.uuid4().hex, district=self._parent["district"]
        )
        begun = time.perf_counter()
        replies = await self._assistant.take_turn(message)
        took = time.perf_counter() - begun
        for reply in replies:
            if reply.secret:
                values = {"password": self._parent["password"]}
                bearer = Bearer("rest", sender, sender)
                await self._assistant.submit_secret(reply.secret.ticket, values, bearer=bearer)
        return took

    async def signed_in(self) -> str:
        """Return the key of a conversation in which a parent is signed in."""
        sender = uuid.uuid4().hex
        for text in ("sign in", self._parent["username"]):
            await self.send(sender, text)
        return sender

    async def speak(self, sender: str, audio: bytes) -> float:
        """Send a voice note; return how many seconds its answer took."""
        return await self.send(sender, self._voicing.keep(audio), MessageKind.VOICE)


async def answered(application: Application, voicing: Voicing, speakers: Speakers) -> dict[str, Any]:
    """Time voice notes of four seconds to their answer, and text turns beside ten of them."""
    parents = Parents(application, voicing)
    rate, samples = speakers.say(FOUR_SECONDS, "en", 2)
    audio, seconds = note(samples, rate)
    senders = [await parents.signed_in() for _ in range(11)]
    whole = [await parents.speak(senders[turn % 10], audio) for turn in range(20)]
    alone = [await parents.send(senders[10], TEXTS[turn % 4]) for turn in range(40)]
    notes = asyncio.gather(*(parents.speak(sender, audio) for sender in senders[:10]))
    beside: list[float] = []
    while not notes.done():
        beside.append(await parents.send(senders[10], TEXTS[len(beside) % 4]))
    await notes
    return {
        "note (s)": round(seconds, 1),
        ANSWER_P50: percentile(whole, 0.5),
        ANSWER_P95: percentile(whole, 0.95),
        "text turn alone, p95 (ms)": round(percentile([1000 * t for t in alone], 0.95)),
        "text turn beside ten notes, p95 (ms)": round(percentile([1000 * t for t in beside], 0.95)),
    }


async def first_sound(voicing: Voicing) -> dict[str, float]:
    """Time the first sound of answers, and speaking as such."""
    answers = (
        "You are signed in. What would you like to know?",
        "Maya's grades in the first term:\nAlgebra I: A- (91%)\nBiology: B+ (88%)\nEnglish 9: A (95%)",
        "Leo was absent on Nov 3, 2026 and late twice since the beginning of the term.",
    )
    first: list[float] = []
    spent = spoken = 0.0
    for answer in answers * 4:
        for number, piece in enumerate(voicing.pieces(answer, "en")):
            begun = time.perf_counter()
            outcome = await voicing.say_piece(piece, "en")
            took = time.perf_counter() - begun
            spent, spoken = spent + took, spoken + getattr(outcome, "seconds", 0.0)
            if number == 0:
                first.append(took)
    return {
        "first sound, p50 (s)": percentile(first, 0.5),
        FIRST_SOUND: percentile(first, 0.95),
        "speaking, of real time": round(spent / spoken, 2),
    }


def memory() -> dict[str, int]:
    """Return what each worker has resident, in megabytes."""
    workers = [p for p in psutil.Process().children(recursive=True) if "voice.worker" in p.cmdline()]
    return {json.loads(p.cmdline()[-1])["work"]: p.memory_info().rss >> 20 for p in workers}


async def measure(
    application: Application, speakers: Speakers, languages: Sequence[str], most: int
) -> dict[str, Any]:
    """Measure everything, one after the other."""
    found = find_voice(VoicePlaces(application.settings.var), PATIENT)
    voicing = Voicing(found.ears, found.mouth, read_spoken(application.settings.data), found=found)
    application.assistant.listen_with(voicing)
    async with voicing.working():
        await voicing.say("Ready.", "en")
        rows = []
        for language in languages:
            for row in await heard(application, voicing, speakers, (language, most)):
                rows.append(row)
                print("  ".join(f"{name} {value}" for name, value in row.items()), flush=True)
        figures = {**await answered(application, voicing, speakers), **await first_sound(voicing)}
        for name, megabytes in memory().items():
            figures[f"memory, {name} (MB)"] = megabytes
        return {"hearing": rows, "figures": figures}


def told(hearing: Sequence[Mapping[str, Any]], figures: Mapping[str, Any], how: str) -> Measured:
    """Return the figures as they are kept, each goal beside what was found."""
    others: list[Row] = [{"what": name, "value": value} for name, value in figures.items()]
    tables = [Table("Hearing", hearing), Table("Answering and speaking", others)]
    return Measured("Voice", how, tables, [*_goals_of(hearing), *_goals_in_time(figures)], NOTE)


def _goals_of(hearing: Sequence[Mapping[str, Any]]) -> list[Goal]:
    goals = []
    for row in hearing:
        name = f"{row['language']}, {row['sound']}"
        most = MOST_WRONG.get((row["language"], row["sound"]))
        if most is not None and row["voices"] != BY_RULES:
            goals.append(Goal(f"intents wrong, {name}", row["intents wrong %"], "%", at_most=most))
        if row["language"] == "en" and row["names right %"] is not None:
            right = row["names right %"]
            goals.append(Goal(f"children's names right, {name}", right, "%", at_least=90))
        goals.append(Goal(f"acted wrongly, {name}", row["acted wrongly %"], "%", at_most=0))
    return goals


def _goals_in_time(figures: Mapping[str, Any]) -> list[Goal]:
    return [Goal(name, figures[name], "s", at_most=most) for name, most in MOST_SECONDS.items()]


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--languages", default=LANGUAGES)
    parser.add_argument("--sentences", type=int, default=48)
    parser.add_argument("--people", type=Path, help="a folder for Kokoro's voices, to keep between runs")
    parser.add_argument("--var", help="a state folder to keep between runs")
    given = parser.parse_args()
    speakers = Speakers(given.people)
    with tempfile.TemporaryDirectory() as fresh:
        # A folder that is kept spares the training of the understanding, which takes minutes.
        settings = read_settings({"HALLPASS_VAR": given.var or fresh}, demo=True)
        application = start(settings)
        try:
            languages = given.languages.split(",")
            found = asyncio.run(measure(application, speakers, languages, given.sentences))
        finally:
            application.close()
    for name, value in found["figures"].items():
        print(name, value)
    how = f"python -m bench.voice --languages {given.languages} --sentences {given.sentences}"
    keep("voice", told(found["hearing"], found["figures"], f"{how}{' --people FOLDER' * bool(given.people)}"))


if __name__ == "__main__":
    main()
