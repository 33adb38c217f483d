"""Say what each role of staff may do; this table is the only place that says it."""

from collections.abc import Mapping
from enum import StrEnum


class Role(StrEnum):
    """Name what a member of staff is there for."""

    DESK = "desk"
    SCHOOL_ADMINISTRATOR = "school_administrator"
    DISTRICT_ADMINISTRATOR = "district_administrator"
    AUDITOR = "auditor"


class Deed(StrEnum):
    """Name one thing that staff do; the words are the console's."""

    ENTER = "enter"
    SEARCH = "search"
    SEE_PARENT = "see_parent"
    UNLOCK = "unlock"
    UNLOCK_MANY = "unlock_many"
    SEND_RECOVERY = "send_recovery"
    SET_TEMPORARY_PASSWORD = "set_temporary_password"  # noqa: S105  (the name of a deed)
    END_SESSIONS = "end_sessions"
    CORRECT_EMAIL = "correct_email"
    LINK = "link"
    DISABLE = "disable"
    SEE_REQUESTS = "see_requests"
    DECIDE_REQUEST = "decide_request"
    MERGE = "merge"
    SEE_CASES = "see_cases"
    WORK_CASES = "work_cases"
    WRITE_SAVED_REPLIES = "write_saved_replies"
    SEE_FIGURES = "see_figures"
    PRINT_LETTERS = "print_letters"
    SEE_FUNNEL = "see_funnel"
    WRITE_ANNOUNCEMENTS = "write_announcements"
    EDIT_OPTIONS = "edit_options"
    FORGET_FAMILY = "forget_family"
    MANAGE_STAFF = "manage_staff"
    SEE_AUDIT = "see_audit"


_LOOK = frozenset(
    {
        Deed.ENTER,
        Deed.SEARCH,
        Deed.SEE_PARENT,
        Deed.SEE_REQUESTS,
        Deed.SEE_CASES,
        Deed.SEE_FIGURES,
    }
)
_HELP = _LOOK | {
    Deed.UNLOCK,
    Deed.SEND_RECOVERY,
    Deed.SET_TEMPORARY_PASSWORD,
    Deed.END_SESSIONS,
    Deed.CORRECT_EMAIL,
    Deed.LINK,
    Deed.DISABLE,
    Deed.DECIDE_REQUEST,
    Deed.WORK_CASES,
}
# What spans the schools of a district is not for those who see one of them only.
MAY: Mapping[Role, frozenset[Deed]] = {
    Role.DESK: _HELP | {Deed.UNLOCK_MANY, Deed.MERGE, Deed.WRITE_SAVED_REPLIES},
    Role.SCHOOL_ADMINISTRATOR: _HELP | {Deed.PRINT_LETTERS, Deed.SEE_FUNNEL, Deed.WRITE_ANNOUNCEMENTS},
    Role.DISTRICT_ADMINISTRATOR: frozenset(Deed),
    Role.AUDITOR: _LOOK | {Deed.SEE_FUNNEL, Deed.SEE_AUDIT},
}
