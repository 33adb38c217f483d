"""Check what was typed into the fields of a form, all of it at once, before anything is counted."""

import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from portal.accounts.addresses import address_of
from portal.accounts.choosing import Choice
from portal.accounts.names import ALLOWED, compared, is_storable
from portal.accounts.outcomes import StudentClaim
from portal.accounts.passwords import fits
from portal.accounts.policy import Owner
from portal.accounts.relationships import relation_of
from portal.core.options import DistrictOptions
from portal.core.outcomes import Reason, Refused, Violation

MOST_NAME = 80
MOST_ADDRESS = 254
MOST_USERNAME = 50
MOST_STUDENT_NAME = 200
MOST_ACCESS_ID = 64
MOST_QUESTION = 200
MOST_STUDENTS = 10
# What the names of people are written with, in any script; neither a line break, which would add a
# line to the head of a mail, nor signs that turn what follows around.
IN_NAMES = frozenset("'\u2019\u02bc`\u00b4.-\u2010\u2011,\u00b7 \u200c\u200d")


def name_violations(field: str, typed: str) -> list[Violation]:
    """Return what is wrong with a first or last name."""
    name = typed.strip()
    if not name:
        return [Violation("empty", field=field)]
    if len(name) > MOST_NAME:
        return [Violation("too_long", MOST_NAME, field)]
    return [] if _is_name(name) else [Violation("characters", field=field)]


def email_violations(typed: str) -> list[Violation]:
    """Return what is wrong with an e-mail address."""
    if not typed.strip():
        return [Violation("empty", field="email")]
    if len(typed.strip()) > MOST_ADDRESS:
        return [Violation("too_long", MOST_ADDRESS, "email")]
    # What cannot be stored is not even shown to the reader of addresses.
    if not is_storable(typed) or address_of(typed) is None:
        return [Violation("email_invalid", field="email")]
    return []


def username_violations(typed: str) -> list[Violation]:
    """Return what is wrong with a desired username, apart from somebody having it."""
    name = typed.strip()
    if not name:
        return [Violation("empty", field="username")]
    if len(name) > MOST_USERNAME:
        return [Violation("too_long", MOST_USERNAME, "username")]
    # Plain letters only: a name that merely looks like another must not get in.
    if not name.isascii() or not ALLOWED.fullmatch(compared(name)):
        return [Violation("username_invalid", field="username")]
    return []


def password_violations(choice: Choice, owner: Owner, options: DistrictOptions) -> list[Violation]:
    """Return what is wrong with a new password, in the order in which parents read it."""
    return [replace(each, field="new_password") for each in choice.violations(owner, options)]


def question_violations(question: str, answer: str) -> list[Violation]:
    """Return what is wrong with a security question and its answer."""
    broken = []
    if not question.strip():
        broken.append(Violation("question_empty", field="question"))
    elif len(question) > MOST_QUESTION:
        broken.append(Violation("too_long", MOST_QUESTION, "question"))
    elif not _is_plain(question):
        broken.append(Violation("characters", field="question"))
    if not answer.strip():
        broken.append(Violation("answer_empty", field="security_answer"))
    return broken


def student_violations(students: Sequence[StudentClaim]) -> list[Violation]:
    """Return what is wrong with the students to link, each with its row."""
    if not students:
        return [Violation("no_student", field="students")]
    if len(students) > MOST_STUDENTS:
        return [Violation("too_many_students", MOST_STUDENTS, "students")]
    return [
        replace(violation, row=row) for row, claim in enumerate(students, 1) for violation in _of_claim(claim)
    ]


def refused(violations: Sequence[Violation]) -> Refused | None:
    """Refuse the fields, or return None where nothing is wrong with any."""
    return Refused(Reason.FIELDS_REFUSED, violations=tuple(violations)) if violations else None


def _of_claim(claim: StudentClaim) -> list[Violation]:
    broken = []
    # The name proves nothing and the school's own is shown: it only has to be something harmless.
    if len(claim.name) > MOST_STUDENT_NAME:
        broken.append(Violation("too_long", MOST_STUDENT_NAME, "student_name"))
    elif not _is_plain(claim.name):
        broken.append(Violation("characters", field="student_name"))
    if not claim.access_id.strip():
        broken.append(Violation("empty", field="access_id"))
    elif len(claim.access_id) > MOST_ACCESS_ID:
        broken.append(Violation("too_long", MOST_ACCESS_ID, "access_id"))
    elif not _is_plain(claim.access_id):
        broken.append(Violation("characters", field="access_id"))
    broken.extend(_of_access_password(claim))
    if not claim.relationship.strip():
        broken.append(Violation("empty", field="relationship"))
    elif relation_of(claim.relationship[:MOST_NAME]) is None:
        broken.append(Violation("relationship_unknown", field="relationship"))
    return broken


def _of_access_password(claim: StudentClaim) -> list[Violation]:
    if not claim.access_password.value.strip():
        return [Violation("empty", field="access_password")]
    is_readable = fits(claim.access_password) and is_storable(claim.access_password.value)
    return [] if is_readable else [Violation("characters", field="access_password")]


def _is_name(name: str) -> bool:
    known = all(each in IN_NAMES or unicodedata.category(each)[0] in "LM" for each in name)
    return known and any(unicodedata.category(each)[0] == "L" for each in name)


def _is_plain(text: str) -> bool:
    return all(unicodedata.category(each)[0] not in "CZ" or each in " \u00a0\u200c\u200d" for each in text)
