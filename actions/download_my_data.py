"""Hand out "MyData": the records of all the children as one file (R87-R89)."""

from dataclasses import dataclass

from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from actions.base import Event, PortalAction, entity, part, set_slots, wants_steps
from actions.conversation import TURNED_ON
from actions.places import facts
from actions.refusals import refusal
from actions.sessions import ask_to_sign_in, needs_session
from portal.core.districts import District
from portal.core.outcomes import Reason, Refused
from portal.records.files import FileKind
from portal.transaction import Transaction

INTENT = "download_my_data"


@dataclass(frozen=True, slots=True)
class _Offered:
    """Hold where the file is, whose records are in it, and which children are not."""

    path: str
    inside: tuple[str, ...]
    left_out: tuple[str, ...]


class DownloadMyData(PortalAction):
    """Offer the file to whoever is signed in; it is made when it is opened, and goes with the session."""

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_download_my_data"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Offer it, say what it is, or say that the school has not turned it on."""
        district = await self.district(tracker)
        instead = _instead(tracker, district)
        if instead:
            dispatcher.utter_message(response=instead, **facts(district))
            return []
        language = tracker.get_slot("language") or "en"
        offered = await self.ask(lambda tx: _offer(tx, tracker.sender_id, language))
        if isinstance(offered, Refused):
            return self._refuse(dispatcher, tracker, district, offered)
        self._hand_out(dispatcher, offered)
        return set_slots({"resume": None})

    def _hand_out(self, dispatcher: CollectingDispatcher, offered: _Offered) -> None:
        left_out = part("utter_my_data_without", students=list(offered.left_out)) if offered.left_out else ""
        dispatcher.utter_message(
            response="utter_my_data",
            students=list(offered.inside),
            left_out=left_out,
            attachment=offered.path,
            attachment_title=part("utter_my_data_file"),
            private=True,
        )

    def _refuse(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, district: District, refused: Refused
    ) -> list[Event]:
        if needs_session(refused):
            resume = {"action": self.name(), "slots": {}}
            return ask_to_sign_in(dispatcher, tracker, district, refused, resume)
        words, buttons = refusal(refused, {}, INTENT)
        dispatcher.utter_message(**words, buttons=buttons, private=True, **facts(district))
        return set_slots({"resume": None})


def _instead(tracker: Tracker, district: District) -> str | None:
    if not TURNED_ON[INTENT](district.options):
        return f"utter_off_{INTENT}"
    if entity(tracker, "explaining"):
        return "utter_about_my_data"
    return f"utter_how_to_{INTENT}" if wants_steps(tracker) else None


def _offer(tx: Transaction, conversation: str, language: str) -> _Offered | Refused:
    family = tx.records.of(conversation)
    if isinstance(family, Refused):
        return family
    every = family.children.all()
    inside = tuple(each.child.label for each in every if each.available)
    if not inside:
        return Refused(Reason.STUDENT_UNAVAILABLE if every else Reason.NO_STUDENT)
    path = tx.files.offer(conversation, FileKind.MY_DATA, language=language)
    if isinstance(path, Refused):
        return path
    return _Offered(path, inside, tuple(each.child.label for each in every if not each.available))
