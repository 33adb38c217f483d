"""What stands in the chat for each kind of reply."""

import pytest

from bot.channels.telegram import TelegramSettings
from bot.channels.telegram.channel import open_bot
from bot.channels.telegram.parts import Hand, Key, Part, Renderer, Say, Show, TakeBack, in_words
from bot.channels.telegram.sending import Speaker
from bot.channels.telegram.splitting import split, units
from bot.messages import Button, Reply, SecretField, SecretRequest
from tests.support.telegram.chats import Shown
from tests.support.telegram.emulator import TOKEN, Emulator
from tests.support.telegram.line import AT_ONCE, PUBLIC, AnyFile
from tests.support.telegram.network import InProcess

ANA = 4101
SECRET = SecretRequest("sign_in", "abc", "/secret/abc", (SecretField("password", "Password"),))


class Folder:
    """Hold two files."""

    async def open(self, path: str) -> AnyFile | None:
        if path == "/files/broken":
            raise ValueError(path)
        kept = {"/files/chart": AnyFile("", b"\x89PNG"), "/files/letter": AnyFile("letter.pdf", b"%PDF")}
        return kept.get(path)


async def sent(emulator: Emulator, *replies: Reply, public: str = PUBLIC, **context: object) -> list[Shown]:
    """Send replies; return what stands in the chat."""
    settings = TelegramSettings(TOKEN, public, pace=AT_ONCE)
    speaker = Speaker(open_bot(settings, InProcess(emulator)), Folder(), AT_ONCE)
    for part in Renderer(settings, lambda word, *_, **__: word).parts(replies, context, "en"):
        await speaker.send(ANA, part)
    return emulator.chats.of(ANA)


async def test_texts_that_follow_one_another_are_one_message_with_the_last_one_s_buttons(
    emulator: Emulator,
) -> None:
    [shown] = await sent(emulator, Reply("One."), Reply("Two.", (Button("Yes", "1.a.0"),)))

    assert (shown.text, shown.titles) == ("One.\n\nTwo.", ["Yes"])


async def test_what_comes_from_records_is_protected_and_what_does_not_is_not(emulator: Emulator) -> None:
    shown = await sent(
        emulator,
        Reply("Maya: A", (Button("More", "1.a.0"),), private=True),
        Reply("Anything else?"),
        Reply("", image="/files/chart", image_alt="A chart", private=True),
        Reply("", attachment="/files/letter", attachment_title="The letter", private=True),
    )

    assert [each.is_protected for each in shown] == [True, False, True, True]


async def test_an_answer_longer_than_a_message_is_cut_at_lines_and_loses_nothing(emulator: Emulator) -> None:
    lines = [f"{number}. Biology 😀 B+" for number in range(600)]
    shown = await sent(emulator, Reply("\n".join(lines), (Button("More", "1.a.0"),), private=True))

    assert "\n".join(each.text for each in shown).splitlines() == lines
    assert len(shown) > 2
    assert all(units(each.text) <= 4096 and each.is_protected for each in shown)
    assert [each.titles for each in shown] == [*[[]] * (len(shown) - 1), ["More"]]


def test_a_long_text_is_cut_where_a_reader_pauses() -> None:
    assert split("One two three. Four five.", 20) == ["One two three.", "Four five."]
    assert split("\u4e00\u4e8c\u3002\u4e09\u56db\u4e94", 5) == ["\u4e00\u4e8c\u3002", "\u4e09\u56db\u4e94"]
    assert split("seven eight nine", 9) == ["seven", "eight", "nine"]


def test_a_letter_is_not_parted_from_its_marks() -> None:
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"

    assert split(f"abcd{family}", 10) == ["abcd", family]
    assert split("\u0c24\u0c46" * 3, 5) == ["\u0c24\u0c46" * 2, "\u0c24\u0c46"]


@pytest.mark.parametrize("text", ["a" * 4097, "😀" * 4097, "a" + "😀" * 2048, f"{'b' * 4095} c d"])
def test_a_text_without_a_place_to_cut_is_cut_between_letters(text: str) -> None:
    pieces = split(text, 4096)

    assert "".join(pieces).replace(" ", "") == text.replace(" ", "")
    assert all(0 < units(piece) <= 4096 for piece in pieces)


async def test_a_chart_says_in_words_all_that_it_shows(emulator: Emulator) -> None:
    [shown] = await sent(emulator, Reply("", image="/files/chart", image_alt="Absent on October 6."))

    assert (shown.kind, shown.file, shown.text) == ("photo", b"\x89PNG", "Absent on October 6.")


async def test_words_of_a_chart_too_long_for_a_caption_follow_it(emulator: Emulator) -> None:
    told = "\n".join(f"Absent on October {day}." for day in range(1, 100))
    shown = await sent(emulator, Reply("Look:", image="/files/chart", image_alt=told))

    assert [each.kind for each in shown] == ["text", "photo", "text"]
    assert [each.text for each in shown] == ["Look:", "", told]
    assert all(each.is_protected for each in shown)


async def test_a_picture_that_is_gone_is_told_in_words(emulator: Emulator) -> None:
    [shown] = await sent(emulator, Reply("", image="/files/gone", image_alt="Absent on October 6."))

    assert (shown.kind, shown.text) == ("text", "Absent on October 6.")


async def test_a_picture_that_cannot_be_drawn_is_told_in_words_too(emulator: Emulator) -> None:
    shown = await sent(
        emulator, Reply("", image="/files/broken", image_alt="Absent on October 6."), Reply("Anything else?")
    )

    assert [each.text for each in shown] == ["Absent on October 6.", "Anything else?"]


async def test_buttons_under_a_picture_and_under_a_paper_are_there(emulator: Emulator) -> None:
    yes = (Button("Yes", "1.a.0"),)
    shown = await sent(
        emulator,
        Reply("", yes, image="/files/chart", image_alt="A chart"),
        Reply("", yes, attachment="/files/letter", attachment_title="The letter"),
    )

    assert [title for each in shown for title in each.titles] == ["Yes", "Yes"]


async def test_a_paper_comes_with_its_name_and_what_it_is(emulator: Emulator) -> None:
    [shown] = await sent(emulator, Reply("", attachment="/files/letter", attachment_title="The letter"))

    assert (shown.kind, shown.file_name, shown.text) == ("document", "letter.pdf", "The letter")


@pytest.mark.case("C1")
async def test_a_secret_is_a_mini_app_where_the_server_is_public(emulator: Emulator) -> None:
    [shown] = await sent(emulator, Reply("Your password, please.", secret=SECRET))

    assert shown.buttons[0][0]["web_app"] == {"url": f"{PUBLIC}/secret/abc"}


async def test_long_titles_stand_one_under_the_other(emulator: Emulator) -> None:
    titles = ["Grades", "Attendance", "Ask for something else entirely", "Talk to a person at the school"]
    [shown] = await sent(emulator, Reply("What?", tuple(Button(each, f"1.a.{each[0]}") for each in titles)))

    assert [[button["text"] for button in row] for row in shown.buttons] == [
        titles[:2],
        [titles[2]],
        [titles[3]],
    ]


async def test_what_is_said_of_a_chart_or_a_paper_stands_under_it(emulator: Emulator) -> None:
    shown = await sent(
        emulator,
        Reply("How it went:", image="/files/chart", image_alt="From B to A."),
        Reply("Here it is to print.", attachment="/files/letter", attachment_title="Download it"),
    )

    assert [(each.kind, each.text) for each in shown] == [
        ("photo", "How it went:\n\nFrom B to A."),
        ("document", "Here it is to print."),
    ]


async def test_a_paper_that_is_gone_is_told_with_what_to_do(emulator: Emulator) -> None:
    gone = Reply("Here it is.", attachment="/files/gone", attachment_title="The letter")
    [shown] = await sent(emulator, gone)

    assert (shown.kind, shown.text) == ("text", "utter_telegram_file_gone")


async def test_buttons_without_words_get_some(emulator: Emulator) -> None:
    [shown] = await sent(emulator, Reply("", (Button("Yes", "1.a.0"),), private=True))

    assert (shown.text, shown.titles, shown.is_protected) == ("utter_telegram_choose", ["Yes"], True)


async def test_titles_longer_than_a_phone_shows_are_written_out_and_numbered(emulator: Emulator) -> None:
    long = "Advanced Placement United States Government and Politics"
    [shown] = await sent(emulator, Reply("Which?", (Button(long, "1.a.0"), Button("None", "1.a.1"))))

    assert shown.text == f"Which?\n1. {long}\n2. None"
    assert shown.titles == ["1. Advanced Placement United States …", "2. None"]


async def test_a_calendar_is_a_button_where_a_phone_can_reach_it_and_text_everywhere(
    emulator: Emulator,
) -> None:
    far, near = "https://portal.example/calendar/a.ics", "https://10.0.0.4/calendar/b.ics"
    calendars = {"homework": far, "events": near}
    [shown] = await sent(emulator, Reply(f"{far}\n{near}", private=True, custom={"calendars": calendars}))

    assert shown.text == f"{far}\n{near}"
    assert shown.buttons == [[{"text": "utter_calendar_homework_title", "url": far}]]


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "192.168.1.7", "[::1]", "[", "school.local", "portal.lan", "portal", ""],
)
def test_an_address_of_one_machine_or_house_is_not_public(host: str) -> None:
    assert not TelegramSettings(TOKEN, f"https://{host}").is_public


async def test_a_private_menu_takes_the_place_of_a_protected_one_only(emulator: Emulator) -> None:
    menu = Reply("Which child?", (Button("Maya", "1.b.0"),), private=True)
    [first] = await sent(emulator, Reply("What?", (Button("Grades", "1.a.0"),), private=True))
    again = await sent(emulator, menu, pressed=first.number, protected=True)
    edits = [each.edits for each in again]
    new = await sent(emulator, menu, pressed=first.number, protected=False)

    assert (edits, [each.edits for each in new]) == ([1], [1, 0])
    assert all(each.is_protected for each in new)


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (Say("What?", ((Key("Yes", data="1.a.0"),),), private=True), Say("What?", private=True)),
        (Show("/files/chart", "From B to A."), Say("From B to A.", private=True)),
        (Hand("/files/letter", "To print", "It is gone."), Say("It is gone.", private=True)),
        (Show("/files/chart", ""), None),
        (TakeBack(7), None),
    ],
)
def test_what_telegram_refuses_is_left_in_plain_words(part: Part, words: Say | None) -> None:
    assert in_words(part) == words
