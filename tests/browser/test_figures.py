"""The figures, in a browser."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.browser.conftest import NARROW, WIDE, overflows, violations


@pytest.mark.parametrize(("size", "scheme"), [(WIDE, "light"), (WIDE, "dark"), (NARROW, "light")], ids=str)
async def test_axe_finds_nothing_and_no_page_is_wider_than_the_screen(opens, teller, size, scheme):
    for number in range(1, 8):
        await teller(number).says("la météo ?", datetime.now(UTC) - timedelta(days=number % 2))
    async with opens("Camille", size, scheme) as page:
        for path in ("/chiffres", "/chiffres?jours=90", "/chiffres/rapport"):
            await page.goto(path)
            assert await violations(page) == "", path
            assert not await overflows(page), path
