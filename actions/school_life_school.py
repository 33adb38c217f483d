"""Tell where a child's school is, how it is reached, and what it announced."""

from datetime import date
from typing import Any

from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker

from actions.also_asked import Asked
from actions.base import Event, Words, part
from actions.child_question import ChildQuestion
from actions.places import facts
from portal.core.districts import District
from portal.core.outcomes import Reason, Refused
from portal.records.answers import Question
from portal.records.school_life import Bulletin, CalendarDay, Notice, SchoolCard, SchoolInformation
from portal.transaction import Transaction

# As many notices as a parent reads in a chat; older ones are counted.
MOST_NOTICES = 8
MOST_DAYS = 6


class TellSchoolInformation(ChildQuestion[SchoolInformation]):
    """Answer with the address and the numbers of the child's school."""

    intent = "ask_school_information"
    intents = frozenset({"ask_school_information"})
    is_of_a_course = False

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_tell_school_information"

    def steps(self, tracker: Tracker) -> None:
        """Answer "how do I reach the school" at once: the portal's page is named beside the answer."""

    def look_up(self, tx: Transaction, conversation: str, question: Question) -> SchoolInformation | Refused:
        """Ask the portal."""
        return tx.records.school_information(conversation, question)

    def tell(
        self, dispatcher: CollectingDispatcher, answer: SchoolInformation, asked: Asked, today: date
    ) -> str:
        """Write a card for each school, and say what is not on file."""
        heading = "utter_school_of_student" if answer.student else "utter_school_of_all"
        cards = [line for card in answer.schools for line in _card(card)]
        missing = _missing(answer, asked)
        lines = [part(heading, student=answer.student), *cards, *missing, part("utter_school_page")]
        dispatcher.utter_message(**part("utter_school_information", lines=lines), private=True)
        return answer.student

    def _refuse(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        district: District,
        asked: Asked,
        refused: Refused,
    ) -> list[Event]:
        if refused.reason is not Reason.NOT_SIGNED_IN:
            return super()._refuse(dispatcher, tracker, district, asked, refused)
        # Whom to call is no secret, and who cannot sign in needs it most.
        dispatcher.utter_message(response="utter_school_information_signed_out", **facts(district))
        return [SlotSet("resume", self._question(asked))]


class TellSchoolBulletin(ChildQuestion[Bulletin]):
    """Answer with what the child's school announced."""

    intent = "ask_school_bulletin"
    intents = frozenset({"ask_school_bulletin"})
    is_of_a_course = False

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_tell_school_bulletin"

    def look_up(self, tx: Transaction, conversation: str, question: Question) -> Bulletin | Refused:
        """Ask the portal."""
        return tx.records.school_bulletin(conversation, question)

    def tell(self, dispatcher: CollectingDispatcher, answer: Bulletin, asked: Asked, today: date) -> str:
        """Tell the newest first, then what the calendar holds."""
        lines = [*_announced(answer), *_calendar(answer.calendar)]
        dispatcher.utter_message(**part("utter_bulletin", lines=lines), private=True)
        return answer.student


def _card(card: SchoolCard) -> list[Words]:
    city = f"{card.city} {card.postal_code}".strip()
    values = {
        "address": ", ".join(each for each in (card.address, city) if each),
        "phone": card.phone,
        "fax": card.fax,
        "email": card.email,
        "hours": card.hours,
        "map": card.map_url,
    }
    known = [part(f"utter_card_{name}", **{name: value}) for name, value in values.items() if value]
    return [part("utter_card_name", school=card.name), *(known or [part("utter_card_empty")])]


def _missing(answer: SchoolInformation, asked: Asked) -> list[Words]:
    match asked.get("detail"):
        case "map" if not answer.maps:
            return [part("utter_maps_off")]
        case "map":
            return [part("utter_no_map", school=each.name) for each in answer.schools if not each.map_url]
        case "principal":
            return [part("utter_no_principal")]
        case _:
            return []


def _announced(answer: Bulletin) -> list[Words]:
    schools = list(answer.schools)
    when = _when(answer)
    if answer.notices:
        return [part("utter_bulletin_of", schools=schools, when=when), *notice_lines(answer.notices)]
    if not answer.older:
        return [part("utter_bulletin_nothing", schools=schools, when=when)]
    nothing = part("utter_bulletin_nothing_then", schools=schools, when=when)
    return [nothing, *notice_lines(answer.older)]


def _when(answer: Bulletin) -> Words | str:
    if answer.since is None or answer.until is None:
        return ""
    since, until = ({"date": each.isoformat()} for each in (answer.since, answer.until))
    if answer.since == answer.until:
        return part("utter_bulletin_day", since=since)
    return part("utter_bulletin_days", since=since, until=until)


def notice_lines(notices: tuple[Notice, ...]) -> list[Words]:
    """Word the notices, the newest first, as many as a parent reads at once."""
    lines = [part("utter_notice", date=_day(each.date), **_told(each)) for each in notices[:MOST_NOTICES]]
    earlier = len(notices) - len(lines)
    return [*lines, *([part("utter_days_earlier", count=earlier)] if earlier else [])]


def _told(notice: Notice) -> dict[str, Any]:
    if not notice.told:
        return {"title": notice.title, "text": notice.text}
    # Which language the family reads is known only when the reply is worded.
    titles = {language: title for language, title, _ in notice.told}
    texts = {language: text for language, _, text in notice.told}
    return {"title": {"told": titles}, "text": {"told": texts}}


def _calendar(days: tuple[CalendarDay, ...]) -> list[Words]:
    lines = [part("utter_calendar_line", date=_day(each.date), title=each.title) for each in days[:MOST_DAYS]]
    return [part("utter_calendar"), *lines] if lines else []


def _day(day: date) -> dict[str, str]:
    return {"date": day.isoformat(), "style": "medium"}
