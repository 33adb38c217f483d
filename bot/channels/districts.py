"""Look up for the doors which district a conversation is about."""

import asyncio

from bot.channels.base import ChatDistrict
from portal.transaction import Portal


class PortalDistricts:
    """Find districts in the portal."""

    def __init__(self, portal: Portal, *, preset: str | None = None) -> None:
        """Take the portal and the district of conversations that name none."""
        self._portal = portal
        self._preset = preset
        # No district is ever deleted, so whoever was found once is there.
        self._known: set[str] = set()

    async def find(self, slug: str | None) -> ChatDistrict | None:
        """Return that district, without a slug the preset or only one, or None."""
        return await asyncio.to_thread(self._find, slug or self._preset)

    async def slug(self, named: str | None) -> str | None:
        """Return the slug of that district, without looking again for one that was found before."""
        wanted = named or self._preset
        if wanted in self._known:
            return wanted
        found = await self.find(wanted)
        if found is None:
            return None
        # Which one is the only one may change.
        if wanted is not None:
            self._known.add(wanted)
        return found.slug

    def _find(self, slug: str | None) -> ChatDistrict | None:
        with self._portal.begin(read_only=True) as tx:
            if slug is None:
                every = tx.districts.all()
                found = every[0] if len(every) == 1 else None
            else:
                found = tx.districts.get(slug)
            if found is None:
                return None
            options = found.options
            return ChatDistrict(
                found.slug, options.name, tuple(options.locales) or ("en",), tuple(options.embed_origins)
            )
