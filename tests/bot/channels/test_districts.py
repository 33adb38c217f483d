from bot.channels.base import ChatDistrict
from bot.channels.districts import PortalDistricts
from portal.transaction import Portal
from tests.support.portals import make_district


def apply(portal: Portal, *slugs: str) -> None:
    for slug in slugs:
        make_district(portal, slug, name=slug.title(), locales=["en", "es"])


async def test_district_is_found_by_its_slug(portal: Portal) -> None:
    apply(portal, "boston", "westborough")

    found = await PortalDistricts(portal).find("boston")

    assert found == ChatDistrict("boston", "Boston", ("en", "es"), ())


async def test_preset_district_is_meant_where_none_is_named(portal: Portal) -> None:
    apply(portal, "boston", "westborough")

    found = await PortalDistricts(portal, preset="westborough").find(None)

    assert found is not None
    assert found.slug == "westborough"


async def test_only_district_is_meant_where_none_is_named(portal: Portal) -> None:
    apply(portal, "boston")

    found = await PortalDistricts(portal).find(None)

    assert found is not None
    assert found.slug == "boston"


async def test_several_districts_and_none_named_is_nobody(portal: Portal) -> None:
    apply(portal, "boston", "westborough")

    assert await PortalDistricts(portal).find(None) is None


async def test_unknown_slug_is_nobody(portal: Portal) -> None:
    assert await PortalDistricts(portal).find("nowhere") is None
