"""Tell the log how a message was understood and answered: ids and figures, never a word of it."""

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import structlog
from structlog.contextvars import bound_contextvars

from bot.conversation.hearing import Incoming
from bot.conversation.memory import Scene
from bot.conversation.understanding import FALLBACK, Parse

_log = structlog.get_logger("bot.conversation")
Timer = time.perf_counter


class TurnOutcome(StrEnum):
    """Name what came of a message."""

    ANSWERED = "answered"
    NOT_UNDERSTOOD = "not_understood"
    TO_STAFF = "to_staff"
    FAILED = "failed"
    LOST = "lost"


@dataclass(slots=True)
class Told:
    """Collect what is told when the turn is over; a turn that says nothing of itself has failed."""

    outcome: TurnOutcome = TurnOutcome.FAILED


@contextlib.contextmanager
def telling(scene: Scene, incoming: Incoming) -> Iterator[Told]:
    """Write one line for a turn; everything logged within it carries its id and the conversation's."""
    pending, conversation = scene.work.pending, scene.work.conversation
    told, started = Told(), Timer()
    with bound_contextvars(turn=pending.turn_id, conversation=conversation.id):
        try:
            yield told
        finally:
            _log.info(
                "turn",
                channel=conversation.channel,
                kind=incoming.kind.value,
                outcome=told.outcome.value,
                milliseconds=round((Timer() - started) * 1000, 1),
            )
            _tell_refusal(scene)


def understood(parse: Parse, language: str) -> None:
    """Tell how sure the meaning of a text is, and whether there is one; not which, and not the text."""
    known = parse.intent != FALLBACK
    _log.debug("understood", language=language, confidence=round(parse.confidence, 4), known=known)


def _tell_refusal(scene: Scene) -> None:
    settled = scene.settled
    if settled is not None and (reason := settled.outcome.get("reason")) is not None:
        _log.info("refused", door="masked", reason=reason)
