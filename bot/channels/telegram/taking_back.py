"""Delete what may be a password; where Telegram does not, tell the parent and the portal."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter

from bot.channels.telegram.parts import Part, Say, Speak, TakeBack, Words
from bot.channels.telegram.sending import Speaker, seconds_of

MOST_TRIES = 3
MOST_KEPT = 10_000
PASSWORD_SAID = "utter_secret_typed"  # noqa: S105  (the name of a response)
SECRET_SPOKEN = "utter_secret_spoken"  # noqa: S105  (the name of a response)
ACCESS_PASSWORD_SAID = "utter_access_password_typed"  # noqa: S105  (the name of a response)
NOT_DELETED = "utter_secret_not_deleted"

Place = tuple[int, int]


class NotYetError(Exception):
    """Tell that deleting is tried again after so many seconds."""

    def __init__(self, seconds: float) -> None:
        """Take how long to leave the chat alone."""
        super().__init__(f"for {seconds} s")
        self.seconds = seconds


class TakingBack:
    """Delete messages, each in at most three tries; nothing is said in a chat before."""

    def __init__(self, speaker: Speaker, away: float) -> None:
        """Take who asks Telegram, and how long to wait where it does not answer."""
        self._speaker = speaker
        self._away = away
        # A new process tries as often again: better than to tell a parent of a failure too early.
        self._tries: dict[Place, int] = {}
        self._given_up: set[Place] = set()

    async def take(self, chat: int, part: TakeBack) -> bool:
        """Delete a message; False where it stays. Raises NotYetError while there are tries left."""
        place = (chat, part.message)
        tries = self._tries.get(place, 0) + 1
        if tries > MOST_TRIES:
            return False
        if len(self._tries) >= MOST_KEPT:
            self._tries.clear()
        self._tries[place] = tries
        try:
            await self._speaker.send(chat, part)
        except RetryAfter as slow:
            return self._again(tries, seconds_of(slow))
        except BadRequest as refused:
            if "not found" not in refused.message.lower():
                # It is too old, or not ours to delete: asking again changes nothing.
                self._tries[place] = MOST_TRIES
                return False
        except Forbidden:
            self._tries[place] = MOST_TRIES
            return False
        except NetworkError:
            return self._again(tries, self._away)
        del self._tries[place]
        return True

    def is_new_failure(self, chat: int, part: TakeBack) -> bool:
        """Tell once of each message that it stays."""
        place = (chat, part.message)
        if place in self._given_up:
            return False
        if len(self._given_up) >= MOST_KEPT:
            self._given_up.clear()
        self._given_up.add(place)
        return True

    @staticmethod
    def _again(tries: int, seconds: float) -> bool:
        if tries < MOST_TRIES:
            raise NotYetError(seconds) from None
        return False


def owning_up(parts: Sequence[Part], word: Words, language: str) -> list[Part]:
    """Return an answer that says it was deleted as one that asks the parent to delete it."""
    told = word(NOT_DELETED, language)
    texts = [number for number, part in enumerate(parts) if isinstance(part, Say)]
    if not texts:
        return [*parts, Say(told)]
    # Nor is it said aloud that it was deleted.
    owned: list[Part] = [part for part in parts if not isinstance(part, Speak)]
    first = owned[texts[0]]
    if isinstance(first, Say):
        owned[texts[0]] = replace(first, text=_replaced(first.text, told, word, language))
    return owned


def was_password(parts: Sequence[Part], word: Words, language: str) -> bool:
    """Tell whether it may be the account's password, and is not that of a letter."""
    letter = word(ACCESS_PASSWORD_SAID, language)
    return not any(isinstance(part, Say) and part.text.startswith(letter) for part in parts)


def _replaced(text: str, told: str, word: Callable[..., str], language: str) -> str:
    for response in (PASSWORD_SAID, SECRET_SPOKEN, ACCESS_PASSWORD_SAID):
        claimed = word(response, language)
        if text.startswith(claimed):
            return f"{told}{text.removeprefix(claimed)}"
    return f"{told}\n\n{text}"
