"""Put what was said in a turn together, to be stored and sent."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.conversation import listening
from bot.conversation.dialogue import Draft, Tracker
from bot.conversation.exchange import Exchange
from bot.conversation.formats import Manner
from bot.conversation.memory import Scene
from bot.conversation.stored import finished, lines_of, reply_as_json, taking_back
from bot.conversation.telling import TurnOutcome
from bot.conversation.typed_secrets import REMOVED
from bot.conversation.wording import Wording
from bot.messages import Reply
from portal.core.shallow import by_name
from portal.dialogue.outcomes import Answer, Line


@dataclass(frozen=True, slots=True)
class Composed:
    """Hold the answer to store and the replies to send."""

    answer: Answer
    replies: tuple[Reply, ...]
    outcome: TurnOutcome = TurnOutcome.ANSWERED


def composed(exchange: Exchange, scene: Scene, said: str) -> Composed:
    """Return the answer to store, with all that the turn changed; `said` is what the history may show."""
    tracker = exchange.tracker
    if exchange.said:
        _remember(tracker, exchange.said)
    replies, menus = finished(exchange.said)
    replies = listening.in_another_language(listening.aloud(replies, tracker), exchange)
    if REMOVED in said:
        replies = taking_back(replies)
    private = any(reply.private for reply in replies)
    typed = (Line({"author": "parent", "reply": reply_as_json(Reply(said))}, private),) if said else ()
    answer = Answer(
        work=scene.work,
        state=tracker.stored(),
        replies=tuple(reply_as_json(reply) for reply in replies),
        lines=typed + lines_of(replies),
        menus=menus,
        language=exchange.manner.language,
        district=tracker.slots["district"] or "",
        secret_pending=tracker.may_hear_secret,
        for_case=exchange.for_case,
    )
    return Composed(answer, replies, _outcome(exchange))


def apology(wording: Wording, scene: Scene, error_id: str) -> Composed:
    """Say that something went wrong; the conversation stands where it stood before."""
    conversation = scene.work.conversation
    manner = Manner(conversation.language or "en", channel=conversation.channel)
    draft = wording.draft({"response": "utter_error", "error_id": error_id}, manner)
    replies, menus = finished([draft])
    if scene.incoming.withheld:
        replies = taking_back(replies)
    answer = Answer(
        work=scene.work,
        state=conversation.state,
        replies=tuple(reply_as_json(reply) for reply in replies),
        lines=lines_of(replies),
        menus=menus,
        language=conversation.language,
        district=conversation.district,
        secret_pending=conversation.secret_pending,
    )
    return Composed(answer, replies)


def _remember(tracker: Tracker, drafts: Sequence[Draft]) -> None:
    # A ticket serves once; what is repeated of a masked field is a new one.
    said = (draft for draft in drafts if listening.HEARD not in draft.custom)
    tracker.last_replies = [{**by_name(draft), "secret": None} for draft in said]


def _outcome(exchange: Exchange) -> TurnOutcome:
    if exchange.for_case is not None:
        return TurnOutcome.TO_STAFF
    return TurnOutcome.NOT_UNDERSTOOD if exchange.fell_back else TurnOutcome.ANSWERED
