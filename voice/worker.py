"""Work in a process of its own that may be killed: hear recordings of strangers, or speak."""

import contextlib
import json
import os
import resource
import sys
from collections.abc import Callable, Mapping
from typing import Any

from voice.frames import packed, read
from voice.speech import Hint, Transcribed, Unheard, Why

Head = dict[str, Any]
Work = Callable[[Head, bytes], tuple[Head, bytes]]
# Engines map much more than they use; what a file makes them take beyond it ends the process.
MOST_MEMORY = 6 << 30
MOST_FILES = 256
# Whoever types is answered first.
POLITENESS = 10


def main() -> None:
    """Work until the pipe is closed; `sys.argv` says at what, and with which engines."""
    given = json.loads(sys.argv[1])
    _bound()
    # What an engine prints must not get between the messages.
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    work = _hearing(given) if given["work"] == "hear" else _speaking(given)
    out.write(packed({"ready": True}))
    out.flush()
    while (message := read(sys.stdin.buffer)) is not None:
        out.write(packed(*work(*message)))
        out.flush()


def _bound() -> None:
    os.nice(POLITENESS)
    for limit, value in ((resource.RLIMIT_AS, MOST_MEMORY), (resource.RLIMIT_NOFILE, MOST_FILES)):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(limit, (value, value))
    # A killed worker must not leave what a parent said in a file.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _hearing(given: Mapping[str, Any]) -> Work:
    from voice.decoding import NotDecodedError, decode  # noqa: PLC0415  (extras: only where they are needed)
    from voice.engines.whisper import Whisper  # noqa: PLC0415

    engine = Whisper(given["models"], given["threads"])
    engine.load()

    def hear(head: Head, audio: bytes) -> tuple[Head, bytes]:
        try:
            samples = decode(audio)
        except NotDecodedError as error:
            return {"why": error.why.value}, b""
        heard = engine.recognise(samples, Hint(head["language"], head["prompt"]))
        match heard:
            case Transcribed():
                return {"text": heard.text, "sure": heard.sure, "seconds": heard.seconds}, b""
            case Unheard():
                return {"why": heard.why.value}, b""

    return hear


def _speaking(given: Mapping[str, Any]) -> Work:
    from voice.encoding import encode  # noqa: PLC0415  (as above)
    from voice.engines.voices import Voices  # noqa: PLC0415

    voices = Voices(given["voices"], espeak=given["espeak"])

    def speak(head: Head, _: bytes) -> tuple[Head, bytes]:
        try:
            rate, pieces = voices.synthesise(head["text"], head["language"])
        except LookupError:
            return {"why": Why.OFF.value}, b""
        audio, seconds = encode(pieces, rate)
        return {"seconds": round(seconds, 2)}, audio

    return speak


if __name__ == "__main__":
    main()
