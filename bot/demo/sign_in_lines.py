"""Tell whoever started the demo how to sign in, as which made-up parent."""

from collections.abc import Iterator

from bot.demo.sheet import Demo, DemoParent, Situation

SHOWN_WHO_SIGN_IN = 3
SHOWS = {
    Situation.OK: "signs in",
    Situation.LOCKED: "locked after wrong passwords",
    Situation.TEMPORARY_PASSWORD: "must change a temporary password",
    Situation.EXPIRED_PASSWORD: "must change an expired password",
    Situation.NO_EMAIL: "signs in, has no e-mail on file",
    Situation.BARRED: "barred by the school",
    Situation.NO_ACCOUNT: "has no account yet",
}


def demo_sign_in_lines(demo: Demo) -> list[str]:
    """Return short lines for the terminal; the sheet has everybody."""
    lines = ["Sign in as one of these made-up parents (everybody is in demo.json):"]
    for district in dict.fromkeys(parent.district for parent in demo.parents):
        lines.append(f"  {district}: username, password, children")
        lines += [_line(parent) for parent in _shown(demo, district)]
    if demo.staff:
        lines.append(
            "Or work at the help desk (/helpdesk/): e-mail, password, role; the code of each is shown by"
        )
        lines.append("  ./run staff code EMAIL")
        lines += [f"    {each['email']:<30} {each['password']:<28} {each['role']}" for each in demo.staff]
    return lines


def _shown(demo: Demo, district: str) -> Iterator[DemoParent]:
    own = [parent for parent in demo.parents if parent.district == district]
    for situation in Situation:
        most = SHOWN_WHO_SIGN_IN if situation is Situation.OK else 1
        yield from [parent for parent in own if parent.situation is situation][:most]


def _line(parent: DemoParent) -> str:
    children = ", ".join(child.name for child in parent.children)
    return f"    {parent.username:<12} {parent.password:<28} {children} ({SHOWS[parent.situation]})"
