"""Each mail says in plain words what happened, where to go, and what to do if it was not the reader."""

import html
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bot.conversation.wording import Wording
from bot.mail.letters import TOKEN_PAGES, Letters
from bot.mail.pieces import STAFF
from bot.mail.smtp import message_of
from bot.mail.words import MailPacks
from portal.core.districts import District
from portal.core.errors import SettingsError
from portal.core.options import read_options
from portal.core.outbox import MailKind
from portal.core.secret import Secret
from portal.core.tokens import TokenPurpose
from portal.delivery.outcomes import Mail, MailedToken
from portal.records.answers import (
    Attendance,
    AttendanceDay,
    AttendanceKind,
    GradeLine,
    Grades,
    ScoresSoFar,
    TermSpan,
)
from portal.records.notifications import Digest, Frequency, Subject
from portal.records.school_life import AccountBalance, Balance, Bulletin, Notice
from portal.records.school_work import AssignmentLine, AssignmentState
from tests.support.conversation import hallpass_project
from tests.support.languages import LANGUAGES
from tests.support.mails import DATA, PUBLIC_URL, letters_of

NOON = datetime(2026, 10, 15, 16, 0, tzinfo=UTC)
HALF_AN_HOUR = timedelta(minutes=30)
DISTRICT = {
    "name": "Westborough Public Schools",
    "portal_url": "https://ps.westboroughk12.org/public",
    "time_zone": "America/New_York",
}
TOKENS = {
    MailKind.RECOVER_PASSWORD: TokenPurpose.RECOVER_PASSWORD,
    MailKind.CONFIRM_EMAIL: TokenPurpose.CONFIRM_EMAIL,
    MailKind.CONFIRM_REQUEST: TokenPurpose.CONFIRM_REQUEST,
    MailKind.EMAIL_CHANGED: TokenPurpose.UNDO_EMAIL,
    MailKind.REQUEST_QUESTION: TokenPurpose.ANSWER_REQUEST,
    MailKind.REQUEST_REJECTED: TokenPurpose.ANSWER_REQUEST,
}


def digest_of(**told: Any) -> Digest:
    """Tell nothing of Maya but what the test is about."""
    usual: dict[str, Any] = {
        "student": "Maya",
        "subjects": (Subject.GRADES,),
        "frequency": Frequency.WEEKLY,
        "since": date(2026, 10, 6),
        "today": date(2026, 10, 15),
        "stop_key": Secret("the-stop-key"),
    }
    return Digest(**{**usual, **told})


def mail_of(
    kind: MailKind, *, life: timedelta = HALF_AN_HOUR, language: str = "en", **options: object
) -> Mail:
    purpose = TOKENS.get(kind)
    return Mail(
        message_id="0123abcd",
        district=District("westborough", read_options("test", {**DISTRICT, **options})),
        kind=kind,
        address="marisol@mailbox.example",
        language=language,
        details={"number": 7, "count": 1, "access_id": "BK4792"},
        created_at=NOON,
        token=MailedToken(purpose, Secret("the-token"), life) if purpose else None,
        usernames=("mlopez", "m.quintero") if kind is MailKind.RECOVER_USERNAME else (),
        content=digest_of() if kind is MailKind.NOTIFICATION else None,
    )


@pytest.mark.parametrize("kind", MailKind)
def test_every_mail_names_the_district_and_can_be_read_as_text_and_as_html(kind: MailKind) -> None:
    letter = letters_of().write(mail_of(kind))

    words = html.unescape(re.sub(r"<[^>]+>", " ", letter.html))
    assert "Westborough Public Schools" in letter.text
    assert "\n" not in letter.subject
    assert not re.search(r"[{}]", letter.subject + letter.text)
    for line in letter.text.splitlines():
        # The link itself is behind the button there.
        if "https://" not in line and line != "-- ":
            assert " ".join(line.removeprefix("- ").removesuffix(":").split()) in " ".join(words.split())


@pytest.mark.parametrize("kind", [kind for kind in MailKind if kind not in STAFF])
def test_every_mail_to_a_parent_leads_somewhere_and_says_what_to_do_if_it_was_not_them(
    kind: MailKind,
) -> None:
    letter = letters_of().write(mail_of(kind))

    assert letter.link is not None
    assert f'href="{letter.link}"' in letter.html
    assert letter.link in letter.text
    assert re.search(r"not you|You did not", letter.text)


@pytest.mark.requirement("R42")
@pytest.mark.parametrize(("kind", "purpose"), TOKENS.items())
def test_token_is_in_the_fragment_of_the_link_and_below_it_as_text(
    kind: MailKind, purpose: TokenPurpose
) -> None:
    letter = letters_of().write(mail_of(kind))

    assert letter.link == f"{PUBLIC_URL}/westborough/public/{TOKEN_PAGES[purpose]}#the-token"
    assert "\n\nthe-token\n\n" in letter.text


@pytest.mark.requirement("R33", "R35")
@pytest.mark.parametrize(
    ("life", "words"),
    [
        (timedelta(minutes=30), "30 minutes"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(minutes=90), "90 minutes"),
        (timedelta(hours=2), "2 hours"),
        (timedelta(days=3), "3 days"),
        (timedelta(seconds=90), "90 seconds"),
    ],
)
def test_mail_says_exactly_how_long_its_token_is_good_for(life: timedelta, words: str) -> None:
    letter = letters_of().write(mail_of(MailKind.RECOVER_PASSWORD, life=life))

    assert f"only for {words} from the moment this mail was sent" in letter.text


@pytest.mark.requirement("R45", "R48")
def test_username_mail_lists_each_username() -> None:
    letter = letters_of().write(mail_of(MailKind.RECOVER_USERNAME))

    assert "  mlopez\n  m.quintero\n" in letter.text
    assert letter.html.count("<li") == 2


@pytest.mark.case("RT11")
def test_links_begin_with_the_districts_public_address_else_with_the_installations() -> None:
    given = letters_of().write(mail_of(MailKind.PASSWORD_CHANGED))
    own = letters_of().write(
        mail_of(MailKind.PASSWORD_CHANGED, public_base_url="https://parents.westborough.example/")
    )

    assert given.link == f"{PUBLIC_URL}/westborough/public/trouble?tab=password"
    assert own.link == "https://parents.westborough.example/westborough/public/trouble?tab=password"


def test_mail_without_any_public_address_is_a_sentence_about_the_setting() -> None:
    with pytest.raises(SettingsError, match="HALLPASS_PUBLIC_URL"):
        letters_of(None).write(mail_of(MailKind.PASSWORD_CHANGED))


def test_mail_to_staff_holds_no_link_and_no_more_than_the_number() -> None:
    letter = letters_of(None).write(mail_of(MailKind.STAFF_CASE))

    assert letter.link is None
    assert letter.subject == "Case 7 waits for the help desk"


def test_what_a_district_calls_itself_cannot_become_part_of_the_html_or_of_a_header() -> None:
    letter = letters_of().write(
        mail_of(MailKind.PASSWORD_CHANGED, name="<b>Evil</b>\r\nBcc: all@mailbox.example")
    )

    assert "<b>" not in letter.html
    assert "\n" not in letter.subject


def test_time_is_the_districts() -> None:
    letter = letters_of().write(mail_of(MailKind.PASSWORD_CHANGED))

    assert "October 15, 2026, 12:00 PM" in letter.text


@pytest.mark.words
@pytest.mark.parametrize("language", LANGUAGES)
def test_whoever_sets_a_password_by_mail_is_told_that_calendars_end_and_where_new_ones_are(
    language: str,
) -> None:
    letter = letters_of().write(mail_of(MailKind.PASSWORD_CHANGED, language=language))

    assert '"My Calendars"' in letter.text


def test_help_is_named_in_full_and_answers_go_to_it() -> None:
    contact = {"name": "Help desk", "phone": "(508) 555-0192", "email": "help@schools.example"}

    letter = letters_of().write(mail_of(MailKind.PASSWORD_CHANGED, help={"default": contact}))

    assert "Questions? Help desk, (508) 555-0192, help@schools.example" in letter.text
    assert letter.reply_to == "help@schools.example"


def test_slip_in_the_districts_file_does_not_keep_its_mail_from_leaving() -> None:
    letter = letters_of().write(
        mail_of(
            MailKind.PASSWORD_CHANGED, name="Westborough\n Schools", help={"default": {"email": "the office"}}
        )
    )

    assert letter.reply_to is None
    assert message_of(letter, "portal@schools.example", NOON)["From"] == (
        "Westborough Schools <portal@schools.example>"
    )


def test_language_of_the_mail_else_the_districts_first_else_english(tmp_path: Path) -> None:
    for code, hello in {"en": "Hello,", "es": "Hola:", "ar": "مرحبا،"}.items():
        (tmp_path / code).mkdir()
        english = (DATA / "en" / "mails.yml").read_text(encoding="utf-8")
        pack = english if code == "en" else f'responses:\n  mail_hello:\n    - text: "{hello}"\n'
        (tmp_path / code / "mails.yml").write_text(pack, encoding="utf-8")
    letters = Letters(MailPacks(tmp_path), PUBLIC_URL, Wording(hallpass_project()))
    mail = mail_of(MailKind.RECOVER_PASSWORD, language="", locales=["xx", "es"])

    found = {
        wanted: letters.write(replace(mail, language=wanted)).text.splitlines()[0]
        for wanted in ("", "es_MX", "ar", "xx")
    }
    english = letters.write(mail_of(MailKind.RECOVER_PASSWORD, language="xx", locales=["xx"]))
    arabic = letters.write(replace(mail, language="ar"))

    assert found == {"": "Hola:", "es_MX": "Hola:", "ar": "مرحبا،", "xx": "Hola:"}
    assert english.text.startswith("Hello,")
    assert '<html lang="ar" dir="rtl">' in arabic.html


def test_secrets_of_a_letter_stay_out_of_its_repr() -> None:
    mail = mail_of(MailKind.RECOVER_PASSWORD)

    letter = letters_of().write(mail)

    assert "the-token" not in repr(letter) + repr(mail)


def grades_of(*lines: GradeLine) -> Grades:
    term = TermSpan("Fall", date(2026, 8, 31), date(2027, 1, 22), current=True)
    return Grades("Maya", term, lines)


@pytest.mark.requirement("R96")
@pytest.mark.parametrize(
    ("frequency", "subject"),
    [
        (Frequency.DAILY, "Your daily school summary"),
        (Frequency.WEEKLY, "Your weekly school summary"),
        (Frequency.TWO_WEEKS, "Your school summary of two weeks"),
        (Frequency.MONTHLY, "Your monthly school summary"),
        (None, "The school summary that you asked for"),
    ],
)
def test_subject_of_a_regular_mail_says_how_often_it_comes_and_nothing_of_the_child(
    frequency: Frequency | None, subject: str
) -> None:
    mail = replace(mail_of(MailKind.NOTIFICATION), content=digest_of(frequency=frequency))

    letter = letters_of().write(mail)

    assert letter.subject == subject
    assert "Maya" in letter.text


@pytest.mark.requirement("R96")
def test_regular_mail_tells_each_subject_as_text_and_as_html() -> None:
    digest = digest_of(
        subjects=tuple(Subject),
        grades=grades_of(
            GradeLine("Algebra I", letter="B+", percent=Decimal(88)),
            GradeLine("Art", so_far=ScoresSoFar(2, Decimal(27), Decimal(30))),
        ),
        attendance=ATTENDANCE,
        scored=(
            AssignmentLine(
                "Essay", "English 9", AssignmentState.SCORED, score=Decimal("42.125"), maximum=Decimal(50)
            ),
        ),
        missing=(AssignmentLine("Problem set 1", "Algebra I", AssignmentState.MISSING),),
        coming=(AssignmentLine("Quiz", "Algebra I", AssignmentState.DUE, due=date(2026, 10, 20)),),
        missed=(AttendanceDay(date(2026, 10, 7), AttendanceKind.UNEXCUSED, "Algebra I"),),
        bulletin=Bulletin(
            "Maya", ("Ridge School",), (Notice(date(2026, 10, 14), "Book fair", "All\nweek."),)
        ),
        balance=Balance("Maya", (AccountBalance("lunch", Decimal("13.50"), Decimal(0), Decimal(0)),), ()),
    )

    letter = letters_of().write(replace(mail_of(MailKind.NOTIFICATION), content=digest))

    told = letter.text[letter.text.index("This is") : letter.text.index("Look at it")].strip()
    assert told.split("\n\n") == [
        "This is about Maya: what the school has entered until today, October 15, 2026.",
        "Grades in Fall, as entered so far\n"
        "- Algebra I: B+ (88%)\n"
        "- Art: no grade yet; 2 scores so far, 27 of 30 points\n"
        "They are not final: they can still change.",
        "Attendance in Fall so far\n- Absent on 3 days\n- Absent from 1 single class\n- Late once",
        "Scores since October 6, 2026\n- Essay, English 9: 42.125 of 50 points",
        "Marked missing\n- Problem set 1, Algebra I: missing",
        "Due soon\n- Quiz, Algebra I, due Oct 20, 2026",
        "Absences and lateness since October 6, 2026\n- Oct 7, 2026: absent from Algebra I, unexcused",
        "School bulletin since October 6, 2026\n- Oct 14, 2026, Book fair: All week.",
        "Lunch and fees\n- $13.50 is on the lunch account of Maya.",
    ]
    assert letter.html.count("<h2") == 8
    assert "<li style=" in letter.html


ATTENDANCE = Attendance(
    student="Maya",
    since=date(2026, 8, 31),
    until=date(2027, 1, 22),
    term=TermSpan("Fall", date(2026, 8, 31), date(2027, 1, 22), current=True),
    absences=3,
    excused=2,
    unexcused=1,
    tardies=1,
    partial=0,
    class_absences=1,
    whole_days=3,
    days=(),
)


@pytest.mark.parametrize("subject", Subject)
def test_regular_mail_about_nothing_says_so_and_claims_nothing(subject: Subject) -> None:
    content = digest_of(subjects=(subject,))

    letter = letters_of().write(replace(mail_of(MailKind.NOTIFICATION), content=content))

    claimed = re.findall(r"\d+", letter.text.partition("Look at it")[0])
    assert {each for each in claimed if int(each) > 31} <= {"2026"}


def test_regular_mail_with_grades_of_both_kinds_says_which_are_final() -> None:
    lines = (
        GradeLine("Algebra I", letter="B+", final=True),
        GradeLine("Art", letter="A"),
    )

    letter = letters_of().write(
        replace(mail_of(MailKind.NOTIFICATION), content=digest_of(grades=grades_of(*lines)))
    )

    assert "- Algebra I: B+, final\n- Art: A, not final\n" in letter.text
    assert "They are" not in letter.text


def test_regular_mail_without_grades_says_that_none_are_entered() -> None:
    content = digest_of(grades=grades_of())

    letter = letters_of().write(replace(mail_of(MailKind.NOTIFICATION), content=content))

    assert "Grades in Fall, as entered so far\n- Nothing is entered yet." in letter.text


def test_regular_mail_without_news_is_short_and_says_that_all_is_well() -> None:
    content = digest_of(is_new=False, grades=grades_of(GradeLine("Algebra I", letter="B+")))

    letter = letters_of().write(replace(mail_of(MailKind.NOTIFICATION), content=content))

    assert "nothing new was entered since October 6, 2026" in letter.text
    assert "B+" not in letter.text + letter.html


@pytest.mark.requirement("R96")
def test_regular_mail_carries_its_way_out_in_the_text_the_html_and_the_headers() -> None:
    letter = letters_of().write(mail_of(MailKind.NOTIFICATION, public_base_url="https://parents.example"))

    message = message_of(letter, "portal@schools.example", NOON)
    link = "https://parents.example/unsubscribe/the-stop-key"
    assert f"Stop these mails:\n{link}\n" in letter.text
    assert f'href="{link}"' in letter.html
    assert "https://parents.example/westborough/public/email-notifications" in letter.text
    assert letter.link == "https://parents.example/westborough/public/start"
    assert message["List-Unsubscribe"] == f"<{link}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "the-stop-key" not in repr(letter)


@pytest.mark.parametrize("kind", [kind for kind in MailKind if kind is not MailKind.NOTIFICATION])
def test_mail_that_somebody_asked_for_has_nothing_to_unsubscribe_from(kind: MailKind) -> None:
    letter = letters_of().write(mail_of(kind))

    assert letter.unsubscribe is None
    assert "List-Unsubscribe" not in message_of(letter, "portal@schools.example", NOON)


def test_long_address_to_stop_mails_is_neither_folded_nor_encoded() -> None:
    base = f"https://{'parents.' * 12}example"
    letter = letters_of().write(mail_of(MailKind.NOTIFICATION, public_base_url=base))

    sent = bytes(message_of(letter, "portal@schools.example", NOON))

    assert f"\r\nList-Unsubscribe: <{base}/unsubscribe/the-stop-key>\r\n".encode() in sent


def test_what_a_school_typed_is_text_and_no_html() -> None:
    line = GradeLine("<b>Art</b>", letter="A & B")

    letter = letters_of().write(
        replace(mail_of(MailKind.NOTIFICATION), content=digest_of(grades=grades_of(line)))
    )

    assert "<b>Art</b>: A & B" in letter.text
    assert "&lt;b&gt;Art&lt;/b&gt;: A &amp; B" in letter.html
