"""A parent sees their own settings, and changes name and language without the password."""

import pytest
from sqlalchemy import select

from portal.accounts.mailing import for_confirming, post
from portal.accounts.models import AccountRow
from portal.accounts.outcomes import ChangeEmail, LiveSession, PreferencesShown
from portal.core.models import AuditRow
from portal.core.outcomes import Reason, Refused, Violation
from portal.core.secret import Secret
from portal.transaction import Portal
from tests.support.mailbox import EMAIL, hand_over
from tests.support.portals import PASSWORD, make_district, make_parent, sign_in

SHOWN = PreferencesShown(
    display_name="Marisol Quintero",
    username="mlopez",
    email=EMAIL,
    email_confirmed=True,
    pending_email=None,
    language=None,
)


def signed_in_marisol(portal: Portal) -> None:
    make_district(portal, locales=["en", "es"])
    make_parent(portal, email=EMAIL, email_confirmed=True)
    sign_in(portal)


def fields(*broken: tuple[str, str, int | None]) -> Refused:
    violations = tuple(Violation(key, number, field) for field, key, number in broken)
    return Refused(Reason.FIELDS_REFUSED, violations=violations)


@pytest.mark.requirement("R104")
def test_parent_sees_their_own_settings(portal: Portal) -> None:
    signed_in_marisol(portal)

    with portal.begin() as tx:
        assert tx.preferences.show("conversation") == SHOWN


def test_parent_without_an_address_sees_that_there_is_none(portal: Portal) -> None:
    make_district(portal)
    make_parent(portal, language="es")
    sign_in(portal)

    with portal.begin() as tx:
        shown = tx.preferences.show("conversation")

    assert shown == PreferencesShown(
        "Marisol Quintero", "mlopez", None, email_confirmed=False, pending_email=None, language="es"
    )


@pytest.mark.requirement("R74")
def test_new_name_is_the_one_the_parent_is_greeted_with(portal: Portal) -> None:
    signed_in_marisol(portal)

    with portal.begin() as tx:
        shown = tx.preferences.change_name("conversation", " Ana  Mar\u00eda ", "O\u2019Brien-L\u00f3pez")
    with portal.begin() as tx:
        live = tx.sessions.current("conversation")
        [event] = tx.session.scalars(select(AuditRow).where(AuditRow.event == "name.changed"))

    assert isinstance(shown, PreferencesShown)
    assert shown.display_name == "Ana Mar\u00eda O\u2019Brien-L\u00f3pez"
    assert isinstance(live, LiveSession)
    assert live.display_name == shown.display_name
    assert event.details == "{}"


@pytest.mark.parametrize(
    ("first", "last", "broken"),
    [
        ("", " ", [("first_name", "empty", None), ("last_name", "empty", None)]),
        ("x" * 81, "L\u00f3pez", [("first_name", "too_long", 80)]),
        ("Ana", "L\r\nBcc: b@x.example", [("last_name", "characters", None)]),
        ("A\0na", "\ud800", [("first_name", "characters", None), ("last_name", "characters", None)]),
    ],
)
def test_name_that_cannot_be_is_told_beside_the_field(
    portal: Portal, first: str, last: str, broken: list[tuple[str, str, int | None]]
) -> None:
    signed_in_marisol(portal)

    with portal.begin() as tx:
        outcome = tx.preferences.change_name("conversation", first, last)
        shown = tx.preferences.show("conversation")

    assert outcome == fields(*broken)
    assert shown == SHOWN


@pytest.mark.requirement("R7")
def test_language_is_one_of_the_district(portal: Portal) -> None:
    signed_in_marisol(portal)

    with portal.begin() as tx:
        spanish = tx.preferences.change_language("conversation", "es")
        others = [tx.preferences.change_language("conversation", each) for each in ("fr", "", "\0")]

    assert isinstance(spanish, PreferencesShown)
    assert spanish.language == "es"
    assert others == [Refused(Reason.INVALID_REQUEST)] * 3


def test_change_of_address_that_waits_is_taken_back(portal: Portal) -> None:
    signed_in_marisol(portal)
    new = "new@mailbox.example"
    portal.change_email(ChangeEmail("conversation", "source", new, Secret(PASSWORD), "one"))
    hand_over(portal, "confirm_email")

    with portal.begin() as tx:
        waiting = tx.preferences.show("conversation")
        cancelled = tx.preferences.cancel_email_change("conversation")
        [token] = tx.session.connection().exec_driver_sql(
            "select voided_at from tokens where purpose = 'confirm_email'"
        )

    assert isinstance(waiting, PreferencesShown)
    assert waiting.pending_email == new
    assert cancelled == SHOWN
    assert token.voided_at is not None


def test_taking_back_leaves_the_mail_of_a_new_account_good(portal: Portal) -> None:
    make_district(portal)
    account = make_parent(portal, email=EMAIL)
    sign_in(portal)
    with portal.begin() as tx:
        post(tx.context, for_confirming(tx.session.get_one(AccountRow, account), "opening", "en"))

    with portal.begin() as tx:
        shown = tx.preferences.cancel_email_change("conversation")

    assert isinstance(shown, PreferencesShown)
    assert (shown.email_confirmed, shown.pending_email) == (False, None)
    assert hand_over(portal, "confirm_email")


def test_nobody_signed_in_sees_and_changes_nothing(portal: Portal) -> None:
    make_district(portal)
    make_parent(portal, temporary=True)

    with portal.begin() as tx:
        outcomes = [
            tx.preferences.show("conversation"),
            tx.preferences.change_name("conversation", "Ana", "L\u00f3pez"),
            tx.preferences.change_language("conversation", "en"),
            tx.preferences.cancel_email_change("conversation"),
        ]
    sign_in(portal)
    with portal.begin() as tx:
        forced = tx.preferences.show("conversation")

    assert outcomes == [Refused(Reason.NOT_SIGNED_IN)] * 4
    assert forced == Refused(Reason.MUST_CHANGE_PASSWORD)
