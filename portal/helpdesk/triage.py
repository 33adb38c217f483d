"""Attach to a case what the assistant had found and tried before a person was asked."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from portal.accounts.diagnosis import Diagnosis
from portal.accounts.models import AccountRow
from portal.core.context import Context
from portal.core.sealed import seal, unseal
from portal.helpdesk.case_outcomes import Found, Step, Triage
from portal.helpdesk.outcomes import NewCase

# Returns what was said in a conversation, line by line: who, the words, when.
Steps = Callable[[str], Sequence[Mapping[str, Any]]]
MOST_STEPS = 40
MOST_WORDS = 500


def taken_down(context: Context, new: NewCase, steps: Steps) -> bytes:
    """Return, encrypted, what stands in the way of the name and what was said until now.

    What is said on a masked page, and what came from a child's records, is in none of it.
    """
    username = _username(context, new)
    found = list(_found(context, new.district, username)) if username else []
    said = [
        {"author": step["author"], "text": str(step["text"])[:MOST_WORDS], "at": step["at"].isoformat()}
        for step in steps(new.conversation)[-MOST_STEPS:]
    ]
    return seal(context.keys, {"username": username, "found": found, "steps": said})


def shown(context: Context, sealed: bytes | None) -> Triage:
    """Return what was attached to a case."""
    if sealed is None:
        return Triage()
    kept = unseal(context.keys, sealed)
    found = [
        Found(each["cause"], _moment(each["since"]), _moment(each["until"]), each["count"])
        for each in kept["found"]
    ]
    steps = [Step(each["author"], each["text"], datetime.fromisoformat(each["at"])) for each in kept["steps"]]
    return Triage(kept["username"], found, steps)


def _username(context: Context, new: NewCase) -> str:
    if new.account_id is not None:
        return context.session.get_one(AccountRow, new.account_id).username
    typed = new.details.get("username", "")
    return typed.split("\n")[-1].strip()


def _found(context: Context, district: str, username: str) -> Iterator[dict[str, Any]]:
    for finding in Diagnosis(context).of(district, username).findings:
        yield {
            "cause": finding.cause.value,
            "since": finding.since and finding.since.isoformat(),
            "until": finding.until and finding.until.isoformat(),
            "count": finding.count,
        }


def _moment(stored: str | None) -> datetime | None:
    return None if stored is None else datetime.fromisoformat(stored)
