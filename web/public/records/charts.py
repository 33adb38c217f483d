"""Offer the picture of what a page tells in numbers: grades over the terms, attendance over the days."""

from dataclasses import dataclass

from portal.core.outcomes import Refused
from portal.records.answers import Question
from portal.records.files import FileKind, as_asked
from portal.transaction import Transaction
from web.public.visits import Visit


@dataclass(frozen=True, slots=True)
class Chart:
    """Name a picture that a page shows beside its numbers."""

    kind: FileKind
    question: Question

    def offered(self, tx: Transaction, visit: Visit, language: str) -> str | None:
        """Return the private path of the picture, which is drawn when the browser asks for it."""
        asked = as_asked(self.question)
        path = tx.files.offer(visit.conversation, self.kind, language=language, **asked)
        return None if isinstance(path, Refused) else path
