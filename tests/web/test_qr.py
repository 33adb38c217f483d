import re

from web.qr import qr_svg

LINK = "https://t.me/school_bot?start="


def test_a_qr_code_is_drawn_with_its_quiet_border_and_without_styles() -> None:
    drawn = str(qr_svg(LINK))

    side = int(re.match(r'<svg viewBox="0 0 (\d+) \1">', drawn)[1])  # type: ignore[index]
    # A code has 17 squares and four more for each version; the border takes four on each side.
    assert (side - 8 - 17) % 4 == 0
    assert "M4 4.5h7" in drawn
    assert "style" not in drawn


def test_another_address_is_another_code_and_none_of_its_words_are_in_it() -> None:
    drawn = {str(qr_svg(f"{LINK}{code}<b>")) for code in ("abc", "abd")}

    assert len(drawn) == 2
    assert all("<b>" not in each and "school_bot" not in each for each in drawn)
