"""What stands in the chat for each kind of reply."""

import pytest

from bot.channels.telegram import TelegramSettings
from bot.channels.telegram.channel import open_bot
from bot.channels.telegram.parts import Renderer, split, units
from bot.channels.telegram.sending import Speaker
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
        kept = {"/files/chart": AnyFile("", b"\x89PNG"), "/files/letter": AnyFile("letter.pdf", b"%PDF")}
        return kept.get(path)


async def sent(
    emulator: Emulator, *replies: Reply, public: str = PUBLIC, pressed: int | None = None
) -> list[Shown]:
    """Send replies; return what stands in the chat."""
    settings = TelegramSettings(TOKEN, public, pace=AT_ONCE)
    speaker = Speaker(open_bot(settings, InProcess(emulator)), Folder(), AT_ONCE)
    context = {"pressed": pressed} if pressed else {}
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

    assert [each.kind for each in shown].count("photo") == 1
    assert told in "\n".join(each.text for each in shown)


async def test_a_picture_that_is_gone_is_told_in_words(emulator: Emulator) -> None:
    [shown] = await sent(emulator, Reply("", image="/files/gone", image_alt="Absent on October 6."))

    assert (shown.kind, shown.text) == ("text", "Absent on October 6.")


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
