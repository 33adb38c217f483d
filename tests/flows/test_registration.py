"""See course requests, register for next year's classes and drop one: nothing counts before a yes."""

from collections.abc import Callable
from pathlib import Path

import pytest

from portal.core.districts import District
from portal.records.course_requests import CourseRequests
from portal.sis.sources.oneroster_csv import OneRosterFolderOrZip
from portal.transaction import Portal
from tests.flows.chat import everything, sign_in
from tests.flows.conftest import WESTBOROUGH
from tests.flows.school import write_school
from tests.support.clock import FakeClock
from tests.support.conversation import Chat
from tests.support.portals import PASSWORD, make_district, make_parent
from tests.support.portals import sign_in as sign_in_elsewhere

COURSES = {
    "CA2": ("Algebra II", "CA", "", ""),
    "CB": ("Biology", "", "", ""),
    "CC": ("Chemistry", "", "", ""),
    "CF1": ("French 1", "", "", ""),
    "CF2": ("French 2", "", "", ""),
    "CJ": ("Jazz Band", "", "", "1"),
    "CP": ("Physics", "CC", "", ""),
    "CS": ("Studio Art", "", "", ""),
    "CT": ("Statistics", "", "11,12", ""),
}


def write_registration(folder: Path, *, opens: str = "2026-10-01", closes: str = "2026-11-30") -> Path:
    """Write the school with nine courses for next year, of which Maya has two requested."""
    write_school(folder)
    courses = [f"{key},,,Y27,{title},,09,O101,," for key, (title, *_) in COURSES.items()]
    with (folder / "courses.csv").open("a", encoding="utf-8") as file:
        file.write("\n".join(courses) + "\n")
    offered = [
        f'{key},2028,,"{grades}",{seats},{after}' for key, (_, after, grades, seats) in COURSES.items()
    ]
    head = "courseSourcedId,schoolYear,description,grades,seats,prerequisites"
    (folder / "x_course_offerings.csv").write_text("\n".join([head, *offered]) + "\n", encoding="utf-8")
    (folder / "x_registration_windows.csv").write_text(
        "schoolIdentifier,schoolYear,grade,opens,closes,leastCourses,mostCourses\n"
        f"101,2028,,{opens},{closes},3,4\n",
        encoding="utf-8",
    )
    (folder / "x_course_requests.csv").write_text(
        "studentIdentifier,courseSourcedId,schoolYear,status\n"
        "7001,CS,2028,requested\n7001,CF1,2028,approved\n7003,CJ,2028,requested\n",
        encoding="utf-8",
    )
    return folder


@pytest.fixture
def set_window(portal: Portal, district: District, tmp_path: Path) -> Callable[[str, str], None]:
    """Bring in the courses of next year, with registration open between two days."""

    def bring_in(opens: str, closes: str) -> None:
        folder = write_registration(tmp_path / f"next-{opens}-{closes}", opens=opens, closes=closes)
        with portal.begin() as tx:
            tx.imports.run(district.slug, OneRosterFolderOrZip(folder))

    return bring_in


@pytest.fixture
def courses(families: None, set_window: Callable[[str, str], None]) -> None:
    set_window("2026-10-01", "2026-11-30")


pytestmark = pytest.mark.usefixtures("courses")


def requested(portal: Portal, username: str = "mlopez", child: str = "Leo") -> list[str]:
    """Return what the portal shows, looked at from elsewhere."""
    sign_in_elsewhere(portal, username)
    with portal.begin() as tx:
        shown = tx.registration.view("conversation", child)
    assert isinstance(shown, CourseRequests)
    return [line.course for line in shown.requests]


@pytest.mark.requirement("R99")
async def test_requests_are_shown_with_what_became_of_them_and_what_is_open(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("What classes did Maya request?")

    assert chat.text.splitlines() == [
        "These classes are asked for, for Maya in the school year 2027 to 2028:",
        "- French 1: approved by the school",
        "- Studio Art: requested, the school has not decided yet",
        "Registration at Assabet Ridge School is open until November 30, 2026, that day included.",
        "Each student chooses 3 to 4 classes.",
        "Maya can still choose Algebra II, Biology, Chemistry and French 2.",
    ]
    assert chat.replies[0].private
    assert chat.titles == ["Register for classes"]


@pytest.mark.requirement("R99")
async def test_a_class_is_registered_only_after_the_summary_was_confirmed(portal: Portal, chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("sign Leo up for Biology and chemistry")
    summary, before = chat.text, requested(portal)
    await chat.say("yes")

    assert summary.splitlines() == [
        "This is what I would register, for Leo in the school year 2027 to 2028 at Assabet Ridge School:",
        "- Biology",
        "- Chemistry",
        "Leo needs at least 3 classes in all, so more are still to be chosen.",
        "Nothing is registered yet. Shall I register Leo now?",
    ]
    assert before == []
    assert chat.text.startswith("Done: Leo is registered for Biology and Chemistry in the school year 2027")
    assert "Until November 30, 2026 you can still add a class or drop one" in chat.text
    assert requested(portal) == ["Biology", "Chemistry"]


async def test_no_registers_nothing(portal: Portal, chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("sign Leo up for Biology")

    await chat.say("no")

    assert chat.text.startswith("All right, nothing was changed.")
    assert requested(portal) == []


@pytest.mark.parametrize(
    ("said", "lines"),
    [
        ("no, Chemistry instead", ["- Chemistry"]),
        ("add Chemistry", ["- Biology", "- French 1", "- Chemistry"]),
        ("and Chemistry too", ["- Biology", "- French 1", "- Chemistry"]),
        ("yes and Chemistry", ["- Biology", "- French 1", "- Chemistry"]),
        ("without French 1", ["- Biology"]),
        ("drop French 1", ["- Biology"]),
        ("Chemistry instead of Biology", ["- French 1", "- Chemistry"]),
        ("yes, but not French 1", ["- Biology"]),
    ],
)
async def test_a_correction_changes_the_summary_and_is_confirmed_anew(
    portal: Portal, chat: Chat, said: str, lines: list[str]
) -> None:
    await sign_in(chat)
    await chat.say("register Leo for Biology and French 1")

    await chat.say(said)
    shown = [line for line in chat.text.splitlines() if line.startswith("- ")]
    before = requested(portal)
    await chat.say("yes")

    assert shown == lines
    assert before == []
    assert sorted(f"- {title}" for title in requested(portal)) == sorted(lines)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "Physics",
            "Physics comes after Chemistry, and I find no such class among those that Leo has taken.",
        ),
        ("Jazz Band", "Jazz Band is full: all 1 seats are taken."),
        ("Statistics", "Statistics is for students who are in grade 11 and 12 now, which Leo is not."),
        ("English 9", "English 9 is not offered at Assabet Ridge School next year."),
    ],
)
async def test_a_rule_that_stops_a_class_is_told_with_what_to_do_and_the_rest_is_asked_about(
    portal: Portal, chat: Chat, said: str, told: str
) -> None:
    await sign_in(chat)

    await chat.say(f"sign Leo up for {said} and Biology")

    assert chat.text.startswith(told)
    assert [line for line in chat.text.splitlines() if line.startswith("- ")] == ["- Biology"]
    assert chat.titles == ["Yes", "No"]
    assert requested(portal) == []


async def test_where_every_class_is_stopped_others_are_offered(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("sign Leo up for Physics")

    assert "These are open to Leo; choose one" in chat.text
    assert chat.titles == ["Biology", "Chemistry", "French 1", "French 2", "Studio Art"]

    await chat.press("French 2")

    assert "- French 2" in chat.text
    assert chat.titles == ["Yes", "No"]


async def test_more_than_the_limit_is_told_and_the_parent_chooses(portal: Portal, chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("register Maya for Biology, Chemistry and French 2")
    stopped = chat.text

    await chat.say("Biology and Chemistry")
    await chat.say("yes")

    assert "That would be more than 4 classes, and 4 is the most that Maya may have." in stopped
    assert requested(portal, child="Maya") == ["Biology", "Chemistry", "French 1", "Studio Art"]


async def test_what_is_asked_for_already_is_not_asked_for_again(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("sign Maya up for studio art")

    assert chat.text.startswith("Studio Art is asked for already for Maya; there is nothing more to do.")


async def test_of_several_classes_that_fit_one_is_chosen_by_a_button(portal: Portal, chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("register Leo for french and biology")
    asked, titles = chat.text, chat.titles

    await chat.press("French 2")

    assert asked == 'Which class do you mean by "french"?'
    assert titles == ["French 1", "French 2"]
    assert [line for line in chat.text.splitlines() if line.startswith("- ")] == ["- Biology", "- French 2"]
    assert requested(portal) == []


async def test_a_class_registered_here_is_dropped_once_that_is_confirmed(portal: Portal, chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("register Leo for Biology and Chemistry")
    await chat.say("yes")

    await chat.say("drop the biology request")
    summary, before = chat.text, requested(portal)
    await chat.say("yes")

    assert "Nothing is changed yet. Shall I take it back now?" in summary
    assert before == ["Biology", "Chemistry"]
    assert chat.text.startswith("Done: Leo is no longer registered for Biology")
    assert requested(portal) == ["Chemistry"]


async def test_what_the_school_has_already_only_the_school_takes_back(portal: Portal, chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("register Maya for Biology")
    await chat.say("yes")

    await chat.say("drop studio art")

    assert chat.text.startswith("The school has the request for Studio Art already")
    assert "Studio Art" in requested(portal, child="Maya")


async def test_where_nothing_was_registered_here_there_is_nothing_to_drop(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("drop a class for Maya")

    assert chat.text.startswith("Nothing was registered here for Maya that I could take back")


async def test_register_without_a_class_asks_which(portal: Portal, chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("register for classes")
    asked, titles = chat.text, chat.titles
    await chat.press("Leo")
    which = chat.text

    await chat.say("biology and french 2")
    await chat.say("yes")

    assert (asked, titles) == ("Which child do you mean?", ["Leo", "Maya"])
    assert which.startswith("Which classes shall I register Leo for, in the school year 2027 to 2028?")
    assert requested(portal) == ["Biology", "French 2"]


async def test_the_child_is_asked_for_with_the_classes_kept(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("sign up for biology and chemistry next year")
    asked = chat.text

    await chat.say("Leo")

    assert asked == "Which child do you mean?"
    assert [line for line in chat.text.splitlines() if line.startswith("- ")] == ["- Biology", "- Chemistry"]


async def test_several_children_are_registered_one_at_a_time(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("register Maya and Leo for biology")

    assert chat.text == "Which child do you mean?"
    await chat.press("Maya")
    assert chat.text.startswith("This is what I would register, for Maya")


async def test_another_child_named_at_the_summary_is_the_one_that_is_meant(
    portal: Portal, chat: Chat
) -> None:
    await sign_in(chat)
    await chat.say("sign Maya up for Biology")

    await chat.say("no, sign Leo up for Biology")
    shown = chat.text
    await chat.say("yes")

    assert shown.startswith("This is what I would register, for Leo")
    assert requested(portal) == ["Biology"]
    assert "Biology" not in requested(portal, child="Maya")


@pytest.mark.requirement("R99")
@pytest.mark.parametrize(
    ("opens", "closes", "told"),
    [
        (
            "2026-11-01",
            "2026-11-30",
            "Registration at Assabet Ridge School is not open yet: it opens on November 1, 2026",
        ),
        ("2026-09-01", "2026-10-14", "Registration at Assabet Ridge School closed on October 14, 2026."),
    ],
)
async def test_outside_the_window_it_is_said_when_and_what_to_do(
    chat: Chat, set_window: Callable[[str, str], None], opens: str, closes: str, told: str
) -> None:
    set_window(opens, closes)
    await sign_in(chat)

    await chat.say("sign Leo up for Biology")
    wished = chat.text
    await chat.say("when is registration for Leo?")

    assert wished.startswith(told)
    assert chat.text.startswith(told)
    assert "Shall I" not in everything(chat)


async def test_a_window_that_closes_before_the_yes_registers_nothing(
    portal: Portal, chat: Chat, set_window: Callable[[str, str], None]
) -> None:
    await sign_in(chat)
    await chat.say("sign Leo up for Biology")
    set_window("2026-09-01", "2026-10-14")

    await chat.say("yes")

    assert "closed on October 14, 2026" in chat.text
    assert "Nothing was changed." in chat.text
    assert requested(portal) == []


async def test_what_is_offered_is_listed_with_what_stops_it(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("What classes can Leo take next year?")

    lines = chat.text.splitlines()
    assert "This is offered to Leo in the school year 2027 to 2028:" in lines
    assert "- Algebra II (only after Algebra I)" in lines
    assert "- Jazz Band (full)" in lines
    assert "- Biology" in lines


async def test_a_question_in_between_is_answered_and_the_summary_stands(portal: Portal, chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("sign Maya up for Biology")

    await chat.say("What are Maya's grades in art?")
    between = chat.text
    await chat.say("yes")

    assert "Shall I register Maya now?" in between
    assert "Biology" in requested(portal, child="Maya")


async def test_nonsense_is_asked_again_and_then_a_person_is_named(portal: Portal, chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("register Leo for classes")

    said = []
    for _ in range(3):
        await chat.say("purple monkey dishwasher")
        said.append(chat.text)

    assert said[0].startswith('I find no class "purple monkey dishwasher"')
    assert len(set(said)) == 3
    assert "(508) 555-0190" in said[2]
    assert requested(portal) == []


async def test_cancel_leaves_it_and_a_later_yes_registers_nothing(portal: Portal, chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("sign Leo up for Biology")

    await chat.say("cancel")
    await chat.say("yes")

    assert requested(portal) == []


@pytest.mark.requirement("R99")
async def test_a_wish_from_before_signing_in_goes_on_after_it(portal: Portal, chat: Chat) -> None:
    await chat.say("register for biology")
    asked = chat.text
    await chat.say("kwhitfield")

    await chat.submit(password=PASSWORD)
    summary = chat.text
    await chat.say("yes")

    assert "What is your username?" in asked
    assert "This is what I would register, for Zoe" in summary
    assert requested(portal, "kwhitfield", "Zoe") == ["Biology", "Jazz Band"]


@pytest.mark.requirement("R99")
async def test_how_to_register_names_the_portals_page_and_the_way_here(chat: Chat) -> None:
    await chat.say("How do I register for classes?")

    assert 'the page "Class Registration"' in chat.text
    assert chat.titles == ["Show the course requests here", "Register for classes here"]


@pytest.mark.parametrize("said", ["register for classes", "what classes did Leo request", "drop art"])
async def test_a_page_that_is_off_is_said_to_be_off_with_the_school_instead(
    portal: Portal, chat: Chat, said: str
) -> None:
    make_district(portal, **WESTBOROUGH, class_registration=False)
    await sign_in(chat)

    await chat.say(said)

    assert chat.text.startswith('Your school has not turned on the page "Class Registration".')
    assert "(508) 555-0190" in chat.text


async def test_another_familys_child_is_never_confirmed_to_exist(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("sign Zoe up for Biology")
    about_zoe = chat.text
    await chat.say("sign Emma up for Biology")

    assert about_zoe.replace("Zoe", "Emma") == chat.text
    assert "Jazz" not in everything(chat)


async def test_another_familys_child_cannot_be_put_in_at_the_summary(portal: Portal, chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("sign Leo up for Biology")

    await chat.say("no, register Zoe for Chemistry")
    refused = chat.text
    await chat.say("yes")

    assert "Zoe" in refused
    assert "- Biology" in refused.splitlines()
    assert requested(portal) == ["Biology"]
    assert requested(portal, "kwhitfield", "Zoe") == ["Jazz Band"]


async def test_a_child_unlinked_before_the_yes_is_registered_for_nothing(
    portal: Portal, district: District, chat: Chat
) -> None:
    await sign_in(chat)
    await chat.say("sign Leo up for Biology")
    with portal.begin() as tx:
        account = tx.accounts.find(district.slug, "mlopez")
        leo = tx.imports.find_student(district.slug, "7002")
        assert account is not None
        assert leo is not None
        tx.links.unlink(account.account_id, leo.id)

    await chat.say("yes")

    assert chat.text.startswith('I do not find "Leo" among the children linked to your account.')
    make_parent(portal, district, username="other", children=[leo.id])
    assert requested(portal, "other") == []


async def test_a_session_that_ended_asks_to_sign_in_and_then_for_the_child(
    portal: Portal, chat: Chat, clock: FakeClock
) -> None:
    await sign_in(chat)
    await chat.say("sign Leo up for Biology")
    clock.advance(minutes=30)

    await chat.say("yes")
    ended = chat.text
    await chat.say("kwhitfield")
    await chat.submit(password=PASSWORD)

    assert "sign in" in ended.lower()
    assert "Leo" not in chat.text
    assert requested(portal) == []


async def test_a_yes_that_is_sent_twice_registers_once(portal: Portal, chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("sign Leo up for Biology")

    first = await chat.say("yes", message_id="one")
    again = await chat.say("yes", message_id="one")

    assert again == first
    assert requested(portal) == ["Biology"]


async def test_another_child_is_a_follow_up_that_only_looks(portal: Portal, chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("sign Leo up for Biology")
    await chat.say("yes")

    await chat.say("and Maya?")

    assert chat.text.startswith("These classes are asked for, for Maya")


async def test_one_more_class_can_be_added_once_others_are_registered(portal: Portal, chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("sign Leo up for Biology")
    await chat.say("yes")

    await chat.say("and Chemistry too")
    await chat.say("yes")

    assert requested(portal) == ["Biology", "Chemistry"]


async def test_a_question_about_registration_in_between_is_answered_and_the_form_goes_on(
    portal: Portal, chat: Chat
) -> None:
    await sign_in(chat)
    await chat.say("register Leo for classes")

    await chat.say("When is registration for Maya?")
    between = chat.text
    await chat.say("Biology")
    await chat.say("yes")

    assert between.startswith("Registration at Assabet Ridge School is open until November 30, 2026")
    assert "Which classes shall I register Leo for" in between
    assert requested(portal) == ["Biology"]


@pytest.mark.parametrize(
    ("said", "line"), [("french 2", "- French 2"), ("no, just french 2", "- French 2"), ("French", "")]
)
async def test_a_class_that_is_called_like_a_language_is_a_class_where_one_is_chosen(
    chat: Chat, said: str, line: str
) -> None:
    await sign_in(chat)
    await chat.say("sign Leo up for Biology")

    await chat.say(said)

    assert "language" not in chat.text
    assert line in chat.text.splitlines() or chat.titles == ["French 1", "French 2"]
    assert chat.language is None


async def test_a_language_is_still_changed_where_no_class_is_chosen(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("French please")

    assert "I do not speak that language yet" in chat.text


async def test_after_others_are_offered_a_name_alone_chooses_one(portal: Portal, chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("sign Leo up for Physics")

    await chat.say("french 2 and chemistry")
    shown = chat.text
    await chat.say("yes")

    assert "Nothing is registered yet." in shown
    assert requested(portal) == ["Chemistry", "French 2"]


async def test_rules_that_stop_a_class_are_never_counted_as_being_stuck(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("register Leo for classes")

    for title in ("Physics", "Jazz Band", "Statistics"):
        await chat.say(title)
        assert "stuck" not in chat.text

    assert "Which classes shall I register Leo for" in chat.text


async def test_what_was_not_registered_here_cannot_be_dropped(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("drop the chemistry request for Leo")

    assert chat.text == "Chemistry is not among the classes that are asked for, for Leo."
