"""Choose regular mails in a chat: everything said at once is taken, and nobody else's child is told of."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from portal.accounts.models import AccountRow
from portal.core.models import OutboxRow
from portal.core.outbox import MailKind
from portal.records.models import NotificationRow
from portal.sis.models import Student
from portal.transaction import Portal
from tests.flows.chat import everything, sign_in
from tests.flows.conftest import WESTBOROUGH
from tests.support.clock import FakeClock
from tests.support.conversation import Chat
from tests.support.notified import keep_mail_back, put_due, sent, student_id
from tests.support.portals import PASSWORD, make_district

pytestmark = pytest.mark.usefixtures("families", "addresses")
FIRST = "The next e-mail leaves on Oct 16, 2026, 6:00 AM."
TO = "They go to m•••@mailbox.example, and each of them has a link that stops it."


@pytest.fixture
def addresses(portal: Portal, families: None) -> None:
    """Give both parents an address that they have confirmed."""
    with portal.begin() as tx:
        for row in tx.session.scalars(select(AccountRow)):
            row.email = row.email_key = f"{row.username}@mailbox.example"
            row.email_confirmed_at = tx.now


def rows(portal: Portal) -> dict[str, tuple[str, str]]:
    """Return how often what is told, by the child's number."""
    by_id = {student_id(portal, number): number for number in ("7001", "7002", "7003")}
    with portal.begin(read_only=True) as tx:
        found = tx.session.scalars(select(NotificationRow))
        return {by_id[row.student_id]: (row.frequency, row.subjects) for row in found}


def mails(portal: Portal) -> list[OutboxRow]:
    with portal.begin(read_only=True) as tx:
        return list(tx.session.scalars(select(OutboxRow).where(OutboxRow.kind == MailKind.NOTIFICATION)))


def unlink(portal: Portal, number: str) -> None:
    """Take a child off the account of its mother."""
    student = student_id(portal, number)
    with portal.begin() as tx:
        account = tx.accounts.find("westborough", "mlopez")
        assert account is not None
        tx.links.unlink(account.account_id, student)


async def choose(chat: Chat, *said: str) -> None:
    """Say each of these, then yes."""
    for each in (*said, "yes"):
        await chat.say(each)


@pytest.mark.requirement("R96", "R112")
async def test_everything_said_at_once_only_needs_a_yes(portal: Portal, chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("send me Maya's grades every week")
    asked = chat.text
    before = rows(portal)
    await chat.say("yes")

    assert asked == "So I write to you about Maya, every week: grades and attendance in short. Is that right?"
    assert before == {}
    assert rows(portal) == {"7001": ("weekly", "grades")}
    assert chat.text.splitlines() == [
        "Done.",
        f"- Maya: grades and attendance in short, every week. {FIRST}",
        TO,
    ]


@pytest.mark.requirement("R96")
async def test_what_was_not_said_is_asked_for_step_by_step(portal: Portal, chat: Chat) -> None:
    await sign_in(chat)
    steps = []
    await chat.say("email notifications")
    steps.append((chat.text, chat.titles))
    await chat.press("Leo")
    steps.append((chat.text, chat.titles))
    await chat.say("grades and attendance")
    steps.append((chat.text, chat.titles))
    await chat.press("Every month")
    await chat.press("Yes, that is right")

    assert steps == [
        ("About which child shall I write to you?", ["Leo", "Maya", "All of them"]),
        (
            "What shall the e-mails tell? You can name several.",
            ["Grades and attendance", "Assignments", "Each absence", "Everything"],
        ),
        ("How often shall I write?", ["Every day", "Every week", "Every two weeks", "Every month", "Never"]),
    ]
    assert rows(portal) == {"7002": ("monthly", "grades")}


@pytest.mark.requirement("R96")
@pytest.mark.parametrize(
    ("said", "chosen"),
    [
        (
            "email me daily about attendance for both kids",
            {"7001": ("daily", "attendance"), "7002": ("daily", "attendance")},
        ),
        (
            "send me grades and homework for Leo every other week",
            {"7002": ("two_weeks", "grades assignments")},
        ),
        (
            "I want a monthly email with everything about Maya",
            {"7001": ("monthly", "grades assignments attendance")},
        ),
        ("email me Maya's missing work every friday", {"7001": ("weekly", "assignments")}),
    ],
)
async def test_child_subjects_and_rhythm_are_taken_from_one_sentence(
    portal: Portal, chat: Chat, said: str, chosen: dict[str, tuple[str, str]]
) -> None:
    await sign_in(chat)

    await choose(chat, said)

    assert rows(portal) == chosen


@pytest.mark.parametrize(
    ("corrected", "chosen"),
    [
        ("no, every day", {"7001": ("daily", "grades")}),
        ("Leo instead", {"7002": ("weekly", "grades")}),
        ("and attendance too", {"7001": ("weekly", "grades attendance")}),
        ("no, only assignments", {"7001": ("weekly", "assignments")}),
        ("all my kids", {"7001": ("weekly", "grades"), "7002": ("weekly", "grades")}),
        ("no, never", {"7001": ("never", "grades")}),
    ],
)
async def test_what_is_put_right_is_shown_again_before_it_counts(
    portal: Portal, chat: Chat, corrected: str, chosen: dict[str, tuple[str, str]]
) -> None:
    await sign_in(chat)
    await chat.say("send me Maya's grades every week")
    await chat.say(corrected)
    shown, before = chat.text, rows(portal)

    await chat.say("yes")

    assert shown.endswith("Is that right?")
    assert before == {}
    assert rows(portal) == chosen


async def test_a_no_changes_nothing(portal: Portal, chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("send me Maya's grades every week")

    await chat.say("no")

    assert chat.text.startswith("All right, your e-mails stay as they were.")
    assert rows(portal) == {}


async def test_cancelling_changes_nothing(portal: Portal, chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("send me Maya's grades every week")

    await chat.say("cancel")
    await chat.say("yes")

    assert rows(portal) == {}


@pytest.mark.parametrize(
    ("step", "question", "answer"),
    [
        (0, "What are Maya's grades?", "Algebra I: B+ (88%)"),
        (1, "What is Maya's attendance?", "3 days. Maya was absent for 3 days"),
        (2, "which emails do I get?", "- Leo: no e-mails"),
        (3, "what is an access id", "An Access ID and an Access Password are a pair of codes"),
    ],
)
async def test_a_question_in_between_is_answered_and_the_step_asked_again(
    portal: Portal, chat: Chat, step: int, question: str, answer: str
) -> None:
    await sign_in(chat)
    steps = ["Leo", "attendance", "every day", "yes"]
    await chat.say("notify me")
    for each in steps[:step]:
        await chat.say(each)
    asked = chat.replies[-1].text

    await chat.say(question)
    answered, again = chat.text, chat.replies[-1].text
    for each in steps[step:]:
        await chat.say(each)

    assert answer in answered
    assert again == asked
    assert rows(portal) == {"7002": ("daily", "attendance")}


@pytest.mark.parametrize("step", range(4))
async def test_each_step_has_help_of_its_own(chat: Chat, step: int) -> None:
    await sign_in(chat)
    await chat.say("notify me")
    for each in ["Leo", "attendance", "every day"][:step]:
        await chat.say(each)
    asked = chat.replies[-1].text

    await chat.say("help")

    assert chat.replies[0].text.startswith(("Say ", '"Grades and attendance"'))
    assert chat.replies[-1].text == asked


async def test_nonsense_is_asked_for_again_and_then_a_person_is_named(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("notify me about Leo's grades")

    await chat.say("purple umbrella")
    first = chat.text
    await chat.say("purple umbrella")
    await chat.say("purple umbrella")

    assert first.startswith("I did not find there how often.")
    assert "(508) 555-0190" in chat.text


@pytest.mark.requirement("R96")
async def test_whoever_is_not_signed_in_goes_on_after_it(portal: Portal, chat: Chat) -> None:
    await chat.say("email me Leo's attendance every day")
    first = chat.text
    await chat.say("mlopez")
    await chat.submit(password=PASSWORD)
    asked = chat.text
    await chat.say("yes")

    assert "Leo" not in first
    assert asked.endswith(
        "So I write to you about Leo, every day that brings news: each absence and lateness. Is that right?"
    )
    assert rows(portal) == {"7002": ("daily", "attendance")}


async def test_a_session_that_ends_before_the_yes_keeps_what_was_chosen(
    portal: Portal, chat: Chat, clock: FakeClock
) -> None:
    await sign_in(chat)
    await chat.say("send me Maya's grades every week")
    clock.advance(hours=2)
    await chat.say("yes")
    ended, before = chat.text, rows(portal)
    await chat.say("mlopez")
    await chat.submit(password=PASSWORD)
    await chat.say("yes")

    assert "What is your username?" in ended
    assert before == {}
    assert rows(portal) == {"7001": ("weekly", "grades")}


async def test_another_parent_who_signs_in_then_chooses_nothing_of_the_first_family(
    portal: Portal, chat: Chat, clock: FakeClock
) -> None:
    await sign_in(chat)
    await chat.say("send me Maya's grades every week")
    clock.advance(hours=2)
    await chat.say("yes")
    await chat.say("kwhitfield")
    await chat.submit(password=PASSWORD)
    after = chat.text
    await chat.say("yes")

    assert "Leo" not in after
    assert not rows(portal).keys() & {"7001", "7002"}


@pytest.mark.requirement("R96", "R112")
async def test_how_to_gives_the_portals_page_and_the_way_here(chat: Chat) -> None:
    await chat.say("How do I set up email notifications?")
    told, titles = chat.text, chat.titles
    await chat.press("Choose them here")

    assert '"Email Notification"' in told
    assert '"Email Notifications"' in told
    assert titles == ["Choose them here", "Stop the e-mails"]
    assert "What is your username?" in chat.text


@pytest.mark.requirement("R96")
async def test_what_is_set_is_shown_with_what_can_be_done(portal: Portal, chat: Chat) -> None:
    await sign_in(chat)
    await choose(chat, "send me Maya's grades every week")

    await chat.say("what emails do I get?")

    assert chat.text.splitlines() == [
        "These are your e-mail notifications.",
        "- Leo: no e-mails",
        f"- Maya: grades and attendance in short, every week. {FIRST}",
        "They go to m•••@mailbox.example.",
    ]
    assert chat.titles == ["Choose e-mails", "Send one now", "Stop the e-mails"]
    assert chat.replies[0].private


@pytest.mark.parametrize(
    ("said", "chosen"),
    [
        ("change my emails from weekly to daily", {"7001": ("daily", "grades attendance")}),
        ("add assignments to my emails", {"7001": ("weekly", "grades assignments attendance")}),
        (
            "email me about Leo too every week",
            {"7001": ("weekly", "grades attendance"), "7002": ("weekly", "grades")},
        ),
    ],
)
async def test_a_change_keeps_what_it_does_not_name(
    portal: Portal, chat: Chat, said: str, chosen: dict[str, tuple[str, str]]
) -> None:
    await sign_in(chat)
    await choose(chat, "send me Maya's grades and attendance in detail every week")

    await chat.say(said)
    if chat.text.startswith("What shall the e-mails tell?"):
        await chat.press("Grades and attendance")
    await chat.say("yes")

    assert rows(portal) == chosen


@pytest.mark.requirement("R96")
@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("stop the emails", {"7001": ("never", "grades attendance"), "7002": ("never", "grades attendance")}),
        ("unsubscribe me", {"7001": ("never", "grades attendance"), "7002": ("never", "grades attendance")}),
        (
            "stop the emails about Leo",
            {"7001": ("weekly", "grades attendance"), "7002": ("never", "grades attendance")},
        ),
        ("stop the emails about attendance", {"7001": ("weekly", "grades"), "7002": ("weekly", "grades")}),
    ],
)
async def test_mails_are_stopped_at_once(
    portal: Portal, chat: Chat, said: str, left: dict[str, tuple[str, str]]
) -> None:
    await sign_in(chat)
    await choose(chat, "send me grades and each absence every week for all my kids")

    await chat.say(said)

    assert chat.text.startswith("Done.")
    assert rows(portal) == left


async def test_without_any_mails_there_is_nothing_to_stop(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("stop the emails")

    assert chat.text.startswith("No regular e-mails are set")


@pytest.mark.requirement("R96")
async def test_one_mail_leaves_now_and_after_a_few_the_next_waits(portal: Portal, chat: Chat) -> None:
    await sign_in(chat)
    await choose(chat, "send me Maya's grades every week")
    said = []
    for _ in range(4):
        await chat.say("send it now")
        said.append(chat.text)

    assert said[0] == "An e-mail about Maya is on its way to m•••@mailbox.example. It is there in a moment."
    assert said[0] == said[2]
    assert said[3].startswith("I have just sent you several e-mails")
    assert "11:00 AM" in said[3]
    assert len(mails(portal)) == 3


@pytest.mark.parametrize(
    ("address", "told", "title"),
    [
        (None, "Your account has no e-mail address yet", "Give an e-mail address"),
        ("typed@wrong.example", "Your e-mail address is not confirmed yet", "Send it once more"),
    ],
)
async def test_without_a_confirmed_address_the_way_to_one_is_told(
    portal: Portal, chat: Chat, address: str | None, told: str, title: str
) -> None:
    with portal.begin() as tx:
        for row in tx.session.scalars(select(AccountRow)):
            row.email, row.email_confirmed_at = address, None
    await sign_in(chat)

    await chat.say("send me Maya's grades every week")
    first, titles = chat.text, chat.titles
    await chat.say("what emails do I get?")

    assert first.startswith(told)
    assert title in titles
    assert "needs a confirmed e-mail address" in chat.text


async def test_mail_that_the_school_keeps_back_is_said_to_be(portal: Portal, chat: Chat) -> None:
    with portal.begin() as tx:
        account = tx.accounts.find("westborough", "mlopez")
    assert account is not None
    keep_mail_back(portal, account.account_id, student_id(portal, "7001"))
    await sign_in(chat)

    await chat.say("send me Maya's grades every week")
    await chat.say("yes")

    assert chat.text.startswith("Your school has noted that e-mails about this child do not go to you")


@pytest.mark.requirement("R96", "R98", "R100")
async def test_what_the_district_has_turned_off_is_neither_offered_nor_taken(
    portal: Portal, chat: Chat
) -> None:
    await sign_in(chat)
    await chat.say("email me about Maya's lunch balance every week")
    off, titles = chat.text, chat.titles
    await chat.say("bulletin")
    still = chat.text
    make_district(portal, **WESTBOROUGH, lunch_balance=True)
    await choose(chat, "email me about Maya's lunch balance every week")

    assert off.startswith("Your school does not offer e-mails about the lunch and fee balance")
    assert "Balance" not in titles
    assert still.startswith("Your school does not offer e-mails about the school bulletin")
    assert rows(portal) == {"7001": ("weekly", "balance")}


@pytest.mark.parametrize("name", ["Zoe", "Olivia"])
async def test_a_child_that_is_not_theirs_is_never_confirmed_to_exist(
    portal: Portal, chat: Chat, name: str
) -> None:
    await sign_in(chat)

    await chat.say(f"send me {name}'s grades every week")
    first = chat.text
    await chat.press("Leo")
    await chat.say("yes")

    refusal = f'I do not find "{name}" among the children linked to your account.'
    assert first == f"{refusal} I can tell you about Leo and Maya."
    assert rows(portal) == {"7002": ("weekly", "grades")}


async def test_a_name_typed_at_the_step_is_looked_for_among_their_own_only(
    portal: Portal, chat: Chat
) -> None:
    await sign_in(chat)
    await chat.say("notify me")

    await chat.say("Zoe")

    assert 'I do not find "Zoe"' in chat.text
    assert chat.replies[-1].text == "About which child shall I write to you?"


async def test_two_families_choose_side_by_side(
    portal: Portal, new_chat: Callable[[], Chat], clock: FakeClock
) -> None:
    lopez, whitfield = new_chat(), new_chat()
    await sign_in(lopez)
    await sign_in(whitfield, "kwhitfield")
    await choose(lopez, "send me Maya's grades every week")
    await choose(whitfield, "send me grades every week")
    clock.advance(days=1)
    put_due(portal)

    told = {digest.student: repr(digest) for digest in sent(portal)}

    assert rows(portal) == {"7001": ("weekly", "grades"), "7003": ("weekly", "grades")}
    assert told.keys() == {"Maya", "Zoe"}
    assert "Decimal('61')" in told["Zoe"]
    assert "Decimal('61')" not in told["Maya"]
    assert "Zoe" not in everything(lopez)
    assert "Maya" not in everything(whitfield)


async def test_a_child_unlinked_before_the_yes_gets_nothing_set(portal: Portal, chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("send me Maya's grades every week")
    unlink(portal, "7001")

    await chat.say("yes")

    assert "I do not find" in chat.text
    assert rows(portal) == {}


@pytest.mark.requirement("R96")
@pytest.mark.parametrize(
    "said",
    ["send the emails to my husband too", "can I get texts instead of emails", "send it to my work email"],
)
async def test_mails_go_nowhere_but_to_the_accounts_own_address(
    portal: Portal, chat: Chat, said: str
) -> None:
    await sign_in(chat)

    await chat.say(said)

    assert "the confirmed address of your own account and nowhere else" in chat.text
    assert rows(portal) == {}


@pytest.mark.requirement("R90")
@pytest.mark.parametrize(
    "said", ["what does the exclamation point button do", "what is in the notifications popup"]
)
async def test_the_notifications_button_of_the_portal_is_told_apart_from_mails(chat: Chat, said: str) -> None:
    await chat.say(said)

    assert '"Notifications" pop-up' in chat.text
    assert '"Password Security" shows the date and time of your last sign-in' in chat.text
    assert chat.titles == ["When was my last sign-in?", "Choose e-mails"]


async def after_a_mail(portal: Portal, clock: FakeClock, **days: float) -> None:
    """Let a morning come and its mails leave."""
    clock.advance(**(days or {"days": 1}))
    put_due(portal)
    sent(portal)


@pytest.mark.requirement("R96")
async def test_the_chat_tells_nothing_unless_that_was_wished_for(
    portal: Portal, chat: Chat, clock: FakeClock
) -> None:
    await sign_in(chat)
    await choose(chat, "send me Maya's grades every week")
    await after_a_mail(portal, clock)

    await chat.say("hello")

    assert "news from school" not in chat.text


@pytest.mark.requirement("R96")
async def test_the_chat_tells_that_there_is_news_without_a_name_or_a_number(
    portal: Portal, chat: Chat, clock: FakeClock
) -> None:
    await sign_in(chat)
    await choose(chat, "send me Maya's grades every week")
    await chat.press("Tell me here, too, when there is news")
    agreed = chat.text
    await after_a_mail(portal, clock)

    await chat.say("hello")

    assert agreed.startswith("Done. When an e-mail about Maya brings news, I say so here")
    assert chat.replies[0].text == (
        "There is news from school: it is in the e-mail that we have just sent you. Shall I sign you in?"
    )
    assert "Maya" not in chat.text
    assert not any(character.isdigit() for character in chat.replies[0].text)


async def test_without_news_the_chat_tells_nothing(portal: Portal, chat: Chat, clock: FakeClock) -> None:
    await sign_in(chat)
    await choose(chat, "send me Maya's grades every week")
    await chat.press("Tell me here, too, when there is news")
    await after_a_mail(portal, clock)
    await chat.say("hello")
    await after_a_mail(portal, clock, days=7)

    await chat.say("hello")

    assert "news from school" not in chat.text


async def test_whoever_signed_out_is_told_nothing_in_that_chat(
    portal: Portal, chat: Chat, clock: FakeClock
) -> None:
    await sign_in(chat)
    await choose(chat, "send me Maya's grades every week")
    await chat.press("Tell me here, too, when there is news")
    await chat.say("sign out")
    await after_a_mail(portal, clock)

    await chat.say("hello")

    assert "news from school" not in chat.text


async def test_whoever_opted_in_hears_in_the_chat_what_the_mail_says(
    portal: Portal, new_chat: Callable[[], Chat], clock: FakeClock
) -> None:
    chat, other = new_chat(), new_chat()
    await sign_in(other, "kwhitfield")
    await sign_in(chat)
    await choose(chat, "send me Maya's grades every week")
    await chat.say("tell me here too")
    await chat.press("Tell me everything here")
    agreed = chat.text
    await after_a_mail(portal, clock)

    await chat.say("hello")
    await other.say("hello")

    assert "Whoever can read this chat can read it too" in agreed
    assert chat.replies[0].text.splitlines() == [
        "There is news from school about Maya.",
        "Grades in Fall, as entered so far:",
        "- Algebra I: B+ (88%)",
        "- Art: no grade yet; 2 scores so far, 27 of 30 points",
        "- English 9: A (95.5%)",
        "Attendance in Fall so far:",
        "- Absent on 3 days",
        "- Absent from 1 single class",
        "- Late once",
    ]
    assert "Maya" not in everything(other)


async def test_whoever_lost_the_child_hears_no_details(portal: Portal, chat: Chat, clock: FakeClock) -> None:
    await sign_in(chat)
    await choose(chat, "send me Maya's grades every week")
    await chat.say("tell me here too")
    await chat.press("Tell me everything here")
    await after_a_mail(portal, clock)
    unlink(portal, "7001")

    await chat.say("hello")

    assert "Maya" not in chat.text
    assert "88" not in chat.text


async def test_the_chat_can_be_silent_again(portal: Portal, chat: Chat, clock: FakeClock) -> None:
    await sign_in(chat)
    await choose(chat, "send me Maya's grades every week")
    await chat.say("tell me here too")
    await chat.press("Only by e-mail")
    told = chat.text
    await after_a_mail(portal, clock)

    await chat.say("hello")

    assert told == "Done. What is new about Maya comes by e-mail only."
    assert "news from school" not in chat.text


async def test_hearing_here_needs_mails_first(portal: Portal, chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("tell me here too when there is news")

    assert chat.text.startswith(
        "I tell you here when a regular e-mail brings news. Let us choose those first."
    )
    assert chat.replies[-1].text == "About which child shall I write to you?"


def close_record(portal: Portal, number: str) -> None:
    """Let the school close a record to the parents."""
    student = student_id(portal, number)
    with portal.begin() as tx:
        tx.session.get_one(Student, ("westborough", student)).enabled = False


@pytest.mark.requirement("R80", "R96")
async def test_a_closed_record_is_shown_as_such_and_gets_no_mails(portal: Portal, chat: Chat) -> None:
    close_record(portal, "7002")
    await sign_in(chat)

    await chat.say("what emails do I get?")
    shown = chat.text
    await choose(chat, "send me Leo's grades every week")

    assert "- Leo: no e-mails, because student information is not available at this time" in shown
    assert "Student information is not available at this time." in chat.text
    assert rows(portal) == {}


async def test_whoever_has_mails_and_names_nothing_is_shown_them(portal: Portal, chat: Chat) -> None:
    await sign_in(chat)
    await choose(chat, "send me Maya's grades every week")

    await chat.say("email notifications")
    shown = chat.text
    await chat.press("Choose e-mails")

    assert shown.startswith("These are your e-mail notifications.")
    assert chat.text == "About which child shall I write to you?"


async def test_an_address_that_was_changed_before_the_yes_has_to_be_confirmed_first(
    portal: Portal, chat: Chat
) -> None:
    await sign_in(chat)
    await chat.say("send me Maya's grades every week")
    with portal.begin() as tx:
        for row in tx.session.scalars(select(AccountRow)):
            row.email_confirmed_at = None

    await chat.say("yes")

    assert chat.text.startswith("Your e-mail address is not confirmed yet")
    assert rows(portal) == {}


@pytest.mark.parametrize("answer", ["Leo", "attendance"])
async def test_a_session_that_ends_between_two_steps_asks_to_sign_in_at_the_end(
    portal: Portal, chat: Chat, clock: FakeClock, answer: str
) -> None:
    await sign_in(chat)
    await chat.say("notify me")
    for each in ["Maya"] if answer == "attendance" else []:
        await chat.say(each)
    clock.advance(hours=2)
    await chat.say(answer)
    for each in ["attendance"] if answer == "Leo" else []:
        await chat.say(each)
    await chat.say("every day")
    before = rows(portal)

    await chat.say("yes")

    assert before == rows(portal) == {}
    assert "What is your username?" in chat.text


async def test_a_session_that_ends_lets_nobody_stop_or_send(
    portal: Portal, chat: Chat, clock: FakeClock
) -> None:
    await sign_in(chat)
    await choose(chat, "send me Maya's grades every week")
    clock.advance(hours=2)

    await chat.say("send it now")
    sending = chat.text
    await chat.say("cancel")
    await chat.say("stop the emails")

    assert "What is your username?" in sending
    assert "What is your username?" in chat.text
    assert mails(portal) == []
    assert rows(portal) == {"7001": ("weekly", "grades")}
