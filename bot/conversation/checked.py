"""Define what the checks of the conversation files look at and report."""

from dataclasses import dataclass

from bot.conversation.builtin import BUILTIN
from bot.conversation.callers import Callers
from bot.conversation.exchange import LISTEN
from bot.conversation.project import Project
from bot.conversation.rules import Where

RESPONSE = "utter_"
ENGINE_RESPONSES = (
    "utter_help",
    "utter_choose",
    "utter_rephrase",
    "utter_cancelled",
    "utter_nothing_to_cancel",
    "utter_restarted",
    "utter_nothing_to_repeat",
    "utter_language_changed",
    "utter_language_noticed",
    "utter_choose_language",
    "utter_language_unavailable",
    "utter_old_button",
    "utter_secret_typed",
    "utter_access_password_typed",
    "utter_empty",
    "utter_too_long",
    "utter_error",
    "utter_ask_district",
    "utter_secret_spoken",
    "utter_voice_heard",
    "utter_voice_unsure",
    "utter_voice_spelled",
    "utter_voice_again",
    "utter_voice_silent",
    "utter_voice_unreadable",
    "utter_voice_too_long",
    "utter_voice_unclear",
    "utter_voice_busy",
    "utter_voice_lost",
    "utter_voice_offer",
    "utter_voice_on",
    "utter_voice_in_writing",
    "utter_voice_no_voice",
    "utter_button_voice_yes",
    "utter_button_voice_no",
    "utter_button_voice_on",
    "utter_button_voice_off",
)


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Name one mistake and where it stands."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        """Return `file:line: what is wrong`."""
        return f"{self.file}:{self.line}: {self.text}"


def problem(where: Where, text: str) -> Problem:
    """Return a problem at a place."""
    return Problem(where.file, where.line, text)


@dataclass(frozen=True, slots=True)
class Checked:
    """Hold what the checks look at: the files, the registered actions and what their code says."""

    project: Project
    registered: frozenset[str]
    callers: Callers

    @property
    def english(self) -> frozenset[str]:
        """Name the responses that exist."""
        return frozenset(self.project.responses.get("en", {}))

    def can_perform(self, name: str) -> bool:
        """Tell whether a rule may name this action."""
        known = name in self.project.forms or name in BUILTIN or name == LISTEN
        return known or name in (self.english if name.startswith(RESPONSE) else self.registered)
