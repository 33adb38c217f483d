"""Say which rule stops a class, what to do about it, and what is open instead."""

from pathlib import Path

import pytest

from portal.core.districts import District
from portal.sis.sources.oneroster_csv import OneRosterFolderOrZip
from portal.transaction import Portal
from tests.flows.chat import everything, sign_in
from tests.flows.conftest import BringIn, SetWindow
from tests.flows.next_year import requested, write_registration
from tests.support.conversation import Chat

pytestmark = pytest.mark.usefixtures("courses")


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
    chat: Chat, set_window: SetWindow, opens: str, closes: str, told: str
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
    portal: Portal, chat: Chat, set_window: SetWindow
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


async def test_a_summary_that_is_shown_again_is_checked_again(
    portal: Portal, chat: Chat, set_window: SetWindow
) -> None:
    await sign_in(chat)
    await chat.say("sign Leo up for Biology")
    set_window("2026-09-01", "2026-10-14")

    await chat.say("What are Maya's grades in art?")

    assert "closed on October 14, 2026" in chat.text
    assert "Shall I" not in chat.text


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


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        (",", []),
        ("3,", ["Each student chooses at least 3 classes."]),
        (",4", ["Each student chooses at most 4 classes."]),
    ],
)
async def test_limits_are_told_where_there_are_any(
    bring_in: BringIn, chat: Chat, limits: str, told: list[str]
) -> None:
    bring_in({"x_registration_windows.csv": ("3,4", limits)})
    await sign_in(chat)

    await chat.say("When is class registration for Leo?")

    lines = chat.text.splitlines()
    assert lines[0].startswith("Registration at Assabet Ridge School is open until")
    assert lines[1:] == told


async def test_many_classes_are_shown_in_part(
    portal: Portal, district: District, chat: Chat, tmp_path: Path
) -> None:
    folder = write_registration(tmp_path / "many")
    with (folder / "courses.csv").open("a", encoding="utf-8") as file:
        file.writelines(f"M{at},,,Y27,Seminar {at},,09,O101,,\n" for at in range(20))
    with (folder / "x_course_offerings.csv").open("a", encoding="utf-8") as file:
        file.writelines(f"M{at},2028,All about {at}.,,{9 + at},\n" for at in range(20))
    with portal.begin() as tx:
        tx.imports.run(district.slug, OneRosterFolderOrZip(folder))
    await sign_in(chat)

    await chat.say("What classes did Leo request?")
    shown = chat.text
    await chat.say("What classes can Leo take next year?")

    assert ", and 10 more." in shown
    assert "- Seminar 0: All about 0 (9 seats left)" in chat.text.splitlines()
    assert chat.text.splitlines()[-1] == "- and 13 more; name a class, and I look it up"


async def test_where_nothing_is_offered_it_is_said(bring_in: BringIn, chat: Chat) -> None:
    bring_in({"x_course_offerings.csv": None})
    await sign_in(chat)

    await chat.say("What classes did Leo request?")
    shown = chat.text
    await chat.say("What classes can Leo take next year?")

    assert "can still choose" not in shown
    assert "I find no class that is offered to Leo in the school year 2027 to 2028." in chat.text


async def test_where_nothing_is_left_the_way_to_the_reasons_is_told(
    portal: Portal, district: District, chat: Chat, tmp_path: Path
) -> None:
    offerings = write_registration(tmp_path / "left") / "x_course_offerings.csv"
    kept = [
        line
        for line in offerings.read_text("utf-8").splitlines()
        if not line.startswith(("CB", "CC", "CF", "CS"))
    ]
    offerings.write_text("\n".join(kept) + "\n", "utf-8")
    with portal.begin() as tx:
        tx.imports.run(district.slug, OneRosterFolderOrZip(offerings.parent))
    await sign_in(chat)

    await chat.say("What classes did Leo request?")

    assert "No other class is open to Leo now." in chat.text
    assert chat.titles == []


async def test_without_a_window_the_school_is_named(bring_in: BringIn, chat: Chat) -> None:
    bring_in({"x_registration_windows.csv": None})
    await sign_in(chat)

    await chat.say("sign Leo up for Biology")

    assert chat.text.startswith("Assabet Ridge School has not said when families register Leo")
