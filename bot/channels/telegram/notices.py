"""Word what a chat is told that nobody in it asked."""

from collections.abc import Mapping
from typing import Any

from bot.channels.telegram.parts import Part, Say, Words
from portal.dialogue.staff_chats import NoticeKind


def notice_parts(notice: Mapping[str, Any], word: Words, language: str) -> list[Part]:
    """Return the parts of a notice; of one that this version does not know there are none."""
    match notice:
        case {"kind": NoticeKind.OPENED, "district": district}:
            return [Say(word("utter_staff_on", language, district=district))]
        case {"kind": NoticeKind.CASE, "case": case}:
            about = word(f"utter_staff_about_{case}", language)
            since = {"datetime": notice["since"], "style": "medium"}
            values = {"district": notice["district"], "number": notice["number"], "since": since}
            return [Say(word("utter_staff_case", language, about=about, **values))]
        case {"kind": NoticeKind.REQUESTS, "district": district, "count": count}:
            return [Say(word("utter_staff_requests", language, district=district, number=str(count)))]
        case _:
            return []
