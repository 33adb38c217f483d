"""Draw an address as a QR code, for whoever reads a page on another screen than the phone's."""

import segno
from markupsafe import Markup

# Every device reads dark on light; some read nothing else, so dark mode changes neither.
DARK, LIGHT = "#000", "#fff"


def qr_svg(address: str) -> Markup:
    """Return the code as an SVG image that takes the size of what it is put into."""
    code = segno.make_qr(address, error="m")
    drawn = code.svg_inline(omitsize=True, dark=DARK, light=LIGHT, svgclass=None, lineclass=None)
    return Markup(drawn)  # noqa: S704  (drawn here out of squares: no word of the address is in it)
