"""Find words for everything that a page of records may have to name."""

from collections.abc import Iterable

import pytest

from portal.records.answers import AttendanceKind
from portal.records.course_requests import RequestStatus, Rule, WindowState
from portal.records.feeds import FeedKind
from portal.records.notifications import Frequency, InChat, Subject
from portal.records.school_work import AssignmentState, Work
from portal.records.turned_on import TURNED_ON
from tests.support.doors import DATA
from web.public.desk import MENU, PRINTED
from web.words import LanguagePacks


@pytest.mark.parametrize(
    ("prefix", "names"),
    [
        ("work", Work),
        ("no_work", Work),
        ("state", AssignmentState),
        ("attendance", AttendanceKind),
        ("subject", Subject),
        ("frequency", Frequency),
        ("in_chat", InChat),
        ("registration", Rule),
        ("pick", Rule),
        ("request", RequestStatus),
        ("registration_window", WindowState),
        ("calendar", FeedKind),
        ("calendar_subscribe", FeedKind),
        ("menu", MENU),
        ("menu", PRINTED),
        ("off", TURNED_ON),
    ],
)
def test_everything_that_a_page_may_name_has_words(prefix: str, names: Iterable[str]) -> None:
    words = LanguagePacks(DATA).words("en")

    assert [name for name in names if not words.knows(f"{prefix}_{name}")] == []
