"""Word what was measured: one table, the goals, and what is unequal."""

import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.rasa.measuring import CONVERSATIONS, Figures, sentences
from bench.rasa.usage import Spent
from bench.report import Cell, Goal, Measured, Row, Table

HALLPASS, RASA = "Hallpass", "Rasa"
Learned = tuple[Spent, float]
Line = tuple[str, str, float | None, float | None]
NOTE = f"""\
Rasa Open Source 3.6.21 with `intents/` and `data/en` as they are, `config.yml` with three parts changed \
(`bench/rasa/project.py` says which and why), and our actions behind rasa-sdk's action server. \
Both engines stand on demos of the same made-up school and are asked the same over REST, in turns, on one \
machine at one time. Unequal, in Rasa's favour: it keeps conversations in memory alone and may lose a \
message, where Hallpass stores every message and answer; it knows English only, where Hallpass has eleven \
languages loaded; its words are put in by the action server. In ours: Rasa calls its actions over HTTP, \
which is how it is built. Rasa's memory is that of its server alone; the action server, without which it \
answers nothing of this, is counted in the row after it. The {CONVERSATIONS} conversations are held by \
threads of the bench, which take part of the machine from both. Training is measured when the model is \
made; `--keep` measures the rest anew."""


@dataclass(frozen=True, slots=True)
class Training:
    """Hold what learning cost each engine, and the most megabytes that it held."""

    rasa: Learned
    hallpass: Learned


@dataclass(frozen=True, slots=True)
class Found:
    """Hold everything that one run found of one engine."""

    starts: Sequence[Spent]
    idle: float
    resident: float
    figures: Figures


def write_training(home: Path, training: Training) -> None:
    """Keep what training cost beside the model."""
    (home / "training.json").write_text(json.dumps(asdict(training)), encoding="utf-8")


def read_training(home: Path) -> Training | None:
    """Return what training cost when the model was made, or None where none was."""
    path = home / "training.json"
    if not path.exists():
        return None
    read = json.loads(path.read_text("utf-8"))
    rasa, hallpass = ((Spent(**spent), most) for spent, most in (read["rasa"], read["hallpass"]))
    return Training(rasa, hallpass)


def measured(training: Training | None, ours: Found, theirs: Found, actions: float) -> Measured:
    """Return the table and the goals; what training cost is left open where the model was only found."""
    return Measured(
        title="Against Rasa Open Source 3.6.21",
        how="python -m bench.rasa",
        tables=(
            Table("", [_row(*line) for line in _lines(training, ours, theirs, actions)]),
            Table("Answers to the same questions", list(_answers(ours.figures, theirs.figures))),
        ),
        goals=tuple(_goals(ours, theirs)),
        note=NOTE,
    )


def accuracy(figures: Figures) -> float:
    """Return in how many of a hundred sentences the intent was found."""
    given = sentences()
    return 100 * sum(figures.intents[text] == intent for intent, text in given) / len(given)


def same_answers(ours: Figures, theirs: Figures) -> int:
    """Return how many questions were answered in the same words."""
    return sum(theirs.answers[question] == answer for question, answer in ours.answers.items())


def _lines(training: Training | None, ours: Found, theirs: Found, actions: float) -> list[Line]:
    one, two = ours.figures, theirs.figures
    return [
        *_learned(training),
        ("start until it answers, by the clock", "s", *(_median(f.starts, "wall") for f in (ours, theirs))),
        ("start until it answers, processor", "s", *(_median(f.starts, "cpu") for f in (ours, theirs))),
        ("resident once it answers", "MB", ours.idle, theirs.idle),
        ("resident after all of this", "MB", ours.resident, theirs.resident),
        ("resident, all that answering takes", "MB", ours.resident, theirs.resident + actions),
        ("a message, p50", "ms", one.percentile(0.5), two.percentile(0.5)),
        ("a message, p95", "ms", one.percentile(0.95), two.percentile(0.95)),
        ("a message, processor", "ms", one.cpu_a_message, two.cpu_a_message),
        (f"messages a second, {CONVERSATIONS} conversations", "", max(one.a_second), max(two.a_second)),
        (f"a message, processor, {CONVERSATIONS} conversations", "ms", one.cpu_at_once, two.cpu_at_once),
        (f"intents found in {len(sentences())} unseen sentences", "%", accuracy(one), accuracy(two)),
        (f"same words of {len(one.answers)} answers", "", None, float(same_answers(one, two))),
    ]


def _learned(training: Training | None) -> list[Line]:
    ours, theirs = (training.hallpass, training.rasa) if training else (None, None)
    return [
        ("training English, by the clock", "s", ours and ours[0].wall, theirs and theirs[0].wall),
        ("training English, processor", "s", ours and ours[0].cpu, theirs and theirs[0].cpu),
        ("training English, most memory", "MB", ours and ours[1], theirs and theirs[1]),
    ]


def _row(what: str, unit: str, ours: float | None, theirs: float | None) -> Row:
    times = theirs / ours if ours and theirs else None
    return {
        "what": what,
        "unit": unit,
        HALLPASS: _rounded(ours),
        RASA: _rounded(theirs),
        "ratio": _rounded(times),
    }


def _answers(ours: Figures, theirs: Figures) -> list[Mapping[str, Cell]]:
    return [
        {"asked": question, "same words": theirs.answers[question] == answer}
        for question, answer in ours.answers.items()
    ]


def _goals(ours: Found, theirs: Found) -> list[Goal]:
    one, two = ours.figures, theirs.figures
    start = {kind: _median(theirs.starts, kind) / _median(ours.starts, kind) for kind in ("wall", "cpu")}
    return [
        Goal(
            "less a message by the clock (p50)",
            two.percentile(0.5) / one.percentile(0.5),
            "times",
            at_least=10,
        ),
        Goal("less a message by the processor", two.cpu_a_message / one.cpu_a_message, "times", at_least=10),
        Goal("less memory", theirs.resident / ours.resident, "times", at_least=5),
        Goal("faster to start by the clock", start["wall"], "times", at_least=20),
        Goal("faster to start by the processor", start["cpu"], "times", at_least=20),
        Goal("better understood than by Rasa", accuracy(one) - accuracy(two), "points", at_least=0),
    ]


def _median(spent: Sequence[Spent], kind: str) -> float:
    return float(statistics.median(getattr(one, kind) for one in spent))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1 if value >= 10 else 2)
