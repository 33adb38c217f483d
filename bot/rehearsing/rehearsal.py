"""Rehearse a district: look at what it has, walk through all it offers, and report."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bot.importing import require_district
from bot.rehearsing.checks import Finding, findings
from bot.rehearsing.stage import staged
from bot.rehearsing.walks import Walked, walk_all
from bot.settings import Settings
from portal.transaction import Portal


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """Hold what came of it; the district is ready when nothing must be mended and no walk stumbled."""

    findings: Sequence[Finding]
    walked: Sequence[Walked]

    @property
    def is_ready(self) -> bool:
        """Tell whether families may come."""
        return not any(each.must for each in self.findings) and not any(each.trouble for each in self.walked)


def rehearse(settings: Settings, portal: Portal, district: str, tell: Callable[[Walked], None]) -> Rehearsed:
    """Rehearse; the district itself is only read, and the walks are walked in a throw-away copy."""
    require_district(portal, district)
    with portal.begin(read_only=True) as tx:
        given, options = tx.districts.given(district), tx.districts.get_one(district).options
        stock, now = tx.readiness.of(district), tx.now
    walked: list[Walked] = []

    def note(walk: Walked) -> None:
        walked.append(walk)
        tell(walk)

    with staged(settings, district, given) as stage:
        asyncio.run(walk_all(stage, note))
    return Rehearsed(findings(settings, options, stock, now), walked)


def line_of(walk: Walked) -> str:
    """Return the line that tells of a walk while it is going on."""
    return f"  {'stumbled' if walk.trouble else 'ok':9}{walk.language:5}{walk.name}"


def report(rehearsed: Rehearsed) -> Iterator[str]:
    """Yield the readiness report."""
    stumbled = [each for each in rehearsed.walked if each.trouble]
    steps = sum(each.steps for each in rehearsed.walked)
    yield ""
    yield f"{len(rehearsed.walked)} walks, {steps} steps, {len(stumbled)} stumbled."
    yield from (f"- [{each.language}] {each.name}: {each.trouble}" for each in stumbled)
    for heading, must in (("Must be mended before families come:", True), ("Better mended:", False)):
        said = [each.said for each in rehearsed.findings if each.must is must]
        if said:
            yield ""
            yield heading
            yield from (f"- {each}" for each in said)
    yield ""
    yield "Ready: families may come." if rehearsed.is_ready else "Not ready yet: mend the lines above."
