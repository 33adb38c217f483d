"""Lead back to the one step that the portal refused, or say why nothing more can be done here."""

from collections.abc import Mapping, Sequence
from typing import Any

from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker

from actions.base import Event, PortalAction, part
from actions.places import facts
from actions.steps import OUTCOME, Answers, violation_words
from portal.accounts.outcomes import LiveSession
from portal.core.outcomes import Reason, Violation
from portal.helpdesk.outcomes import CaseKind, CaseOpened, NewCase
from portal.transaction import Transaction

# These are put right step by step; any other refusal ends the form.
MENDABLE = frozenset({Reason.FIELDS_REFUSED, Reason.PASSWORD_REFUSED, Reason.PAIR_NOT_FOUND})
AGAIN = frozenset({Reason.INVALID_REQUEST, Reason.TICKET_VOID, Reason.BUSY})
# The step in which a field of the portal is asked for; those of the masked fields need no other.
STEPS = {
    "first_name": "first_name",
    "last_name": "last_name",
    "email": "email",
    "username": "desired_username",
    "question": "security_question",
}
# What is told of each child; the child is asked for anew.
OF_CHILD = frozenset({"student_name", "access_id", "relationship"})
# What a family gave may go to the school, so that nobody has to say it twice.
GIVEN = ("first_name", "last_name", "email", "desired_username")


def lead_back(value: Any, answers: Answers) -> None:
    """Take an outcome; of a refusal say all that is wrong, and ask only for that again."""
    reason = value.get("reason") if value else None
    if reason in MENDABLE:
        _mend(value, answers)
    elif reason in AGAIN:
        answers.said.append(part("utter_secret_again"))
        answers.slots[OUTCOME] = None
    else:
        answers.slots[OUTCOME] = value


def _mend(outcome: Mapping[str, Any], answers: Answers) -> None:
    answers.slots[OUTCOME] = None
    violations = [_violation(each) for each in outcome.get("violations") or ()]
    lines = [_line(each) for each in violations]
    steps = [STEPS[each.field] for each in violations if each.field in STEPS]
    for step in steps:
        answers.slots[step] = None
    for row in sorted({each.row for each in violations if each.row and each.field in OF_CHILD}, reverse=True):
        drop_child(answers.slots, row)
    if outcome.get("choices"):
        answers.slots["suggestions"] = list(outcome["choices"])
    is_long = bool(answers.slots.get("confirmed") or answers.slots.get("children"))
    kept = "utter_fields_refused_steps" if steps else "utter_fields_refused"
    words = kept if is_long else "utter_fields_refused_alone"
    answers.said.append(part(words, lines=lines, buttons=_other_access_ids(violations)))


def drop_child(slots: dict[str, Any], row: int) -> None:
    """Take a child out, counted from 1, and ask for it anew."""
    children = list(slots.get("children") or [])
    slots["children"] = [child for at, child in enumerate(children, 1) if at != row]
    slots |= {"access_id": None, "relationship": None, "more_children": True}


def _violation(told: Mapping[str, Any]) -> Violation:
    return Violation(told["key"], told.get("number"), told.get("field") or "", told.get("row"))


def _line(violation: Violation) -> dict[str, Any]:
    words = violation_words(violation, violation.field)
    return words if violation.row is None else part("utter_of_child", child=violation.row, line=words)


def _other_access_ids(violations: Sequence[Violation]) -> list[dict[str, Any]]:
    # Which of the two codes is wrong nobody is told: the parent may change either.
    rows = sorted({each.row for each in violations if each.key == "pair_not_found" and each.row})
    return [
        {
            "title": part("utter_button_other_access_id", child=row),
            "payload": f'/get_account{{"correct": "child_{row}"}}',
        }
        for row in rows
    ]


async def tell_refusal(
    action: PortalAction, dispatcher: CollectingDispatcher, tracker: Tracker, about: str
) -> list[Event]:
    """Say why it cannot be done here and what to do instead; what was told is kept for another try."""
    outcome: Mapping[str, Any] = tracker.get_slot(OUTCOME) or {}
    values: dict[str, Any] = {"at": {"datetime": outcome.get("retry_at")}}
    response = _response(outcome)
    if outcome.get("reason") == Reason.BARRED:
        opened = await action.ask(lambda tx: _open_case(tx, tracker))
        values["number"] = str(opened.number)
    buttons = (
        [{"title": part("utter_button_try_again"), "payload": f'/{about}{{"again": true}}'}]
        if response == "utter_account_throttled"
        else []
    )
    district = await action.district(tracker)
    dispatcher.utter_message(response=response, buttons=buttons, **facts(district), **values)
    return [SlotSet(OUTCOME, None)]


def _response(outcome: Mapping[str, Any]) -> str:  # noqa: PLR0911  (one way out for each)
    match outcome.get("reason"):
        case Reason.THROTTLED if outcome.get("retry_at"):
            return "utter_account_throttled"
        case Reason.THROTTLED:
            return "utter_account_throttled_soon"
        case Reason.ACCESS_ID_PAUSED if outcome.get("retry_at"):
            return "utter_access_id_paused"
        case Reason.BARRED:
            return "utter_account_barred"
        case Reason.NOT_IN_PILOT:
            return "utter_not_in_pilot"
        case Reason.TURNED_OFF:
            return "utter_off_get_account"
        case _:
            return "utter_account_refused"


def _open_case(tx: Transaction, tracker: Tracker) -> CaseOpened:
    live = tx.sessions.any_scope(tracker.sender_id)
    given = {name: tracker.get_slot(name) for name in GIVEN}
    return tx.cases.open(
        NewCase(
            district=tracker.get_slot("district") or "",
            kind=CaseKind.BARRED,
            conversation=tracker.sender_id,
            channel=tracker.get_slot("channel") or "",
            language=tracker.get_slot("language") or "en",
            account_id=live.account_id if isinstance(live, LiveSession) else None,
            details={name: str(value) for name, value in given.items() if value},
        )
    )
