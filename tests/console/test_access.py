"""Coming in, staying in, and being put out."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.console.access import CHECKED_EVERY, LINK_GOOD_FOR, SESSION, UNCHECKED, Access, hashed, network_of
from bot.console.pages import Parts, cookie_name
from bot.storage.console_sql import SqlConsole
from bot.storage.tables import console_attempts, metadata
from tests.console.conftest import CAMILLE, STRANGER, TOKEN, URL, Browser, Clock, Group, hidden
from tests.console.test_init_data import at, signed

PREPARED = "prepared-by-somebody-else"
HERE = {"origin": URL, "sec-fetch-site": "same-origin"}


async def link_of(parts: Parts, user_id: int) -> str:
    secret = await parts.access.new_link(user_id)
    assert secret is not None
    return f"/entrer/{secret}"


async def enters(browser: Browser, path: str, **fields: str):
    return await browser.post(path, data=fields, headers=HERE)


# By a link


async def test_a_link_lets_in_once(browser: Browser, parts: Parts):
    path = await link_of(parts, CAMILLE)
    assert "Continuer" in (await browser.get(path)).text
    entered = await enters(browser, path)
    assert (entered.status_code, entered.headers["location"]) == (303, "/")
    assert (await browser.get("/conversations")).status_code == 200


async def test_looking_at_a_link_does_not_use_it(browser: Browser, parts: Parts):
    """Previews of messages look; HEAD does, too."""
    path = await link_of(parts, CAMILLE)
    for method in ("GET", "HEAD", "GET"):
        assert (await browser.request(method, path)).status_code == 200
    assert (await enters(browser, path)).status_code == 303


async def test_a_link_used_again_is_refused_and_says_so(browser: Browser, browsers, parts: Parts):
    path = await link_of(parts, CAMILLE)
    await enters(browser, path)
    thief = browsers()
    assert (await thief.get(path)).status_code == 410
    again = await enters(thief, path)
    assert again.status_code == 403
    assert "déjà servi" in again.text
    assert not thief.cookies


async def test_a_link_is_good_for_ten_minutes(browser: Browser, parts: Parts, clock: Clock):
    path = await link_of(parts, CAMILLE)
    clock.now += LINK_GOOD_FOR
    assert (await browser.get(path)).status_code == 410
    assert (await enters(browser, path)).status_code == 403


async def test_who_left_the_group_since_gets_in_no_more(browser: Browser, parts: Parts, group: Group):
    path = await link_of(parts, CAMILLE)
    del group.members[CAMILLE]
    refused = await enters(browser, path)
    assert refused.status_code == 403
    assert "réservée" in refused.text


async def test_nobody_else_gets_a_link(parts: Parts):
    assert await parts.access.new_link(STRANGER) is None


async def test_the_secrets_of_links_and_sessions_are_not_stored(browser: Browser, parts: Parts, store):
    path = await link_of(parts, CAMILLE)
    await enters(browser, path)
    async with store.reading() as connection:
        stored = repr([(await connection.execute(table.select())).all() for table in metadata.sorted_tables])
    assert path.removeprefix("/entrer/") not in stored
    assert browser.secret not in stored
    assert hashed(browser.secret) in stored


async def test_links_that_were_invented_are_refused(browser: Browser):
    for secret in ("x", "..", "%00", "a" * 500, "' OR 1=1 --"):
        assert (await enters(browser, f"/entrer/{secret}")).status_code in {403, 404, 405, 429}


# As a Mini App


async def test_a_mini_app_lets_in_whom_telegram_vouches_for(browser: Browser, clock: Clock):
    data = signed(user='{"id":1}', auth_date=at(clock.now))
    assert (await enters(browser, "/entrer/telegram", init_data=data)).status_code == 303
    assert (await browser.get("/conversations")).status_code == 200


async def test_what_telegram_signed_is_good_once(browser: Browser, browsers, clock: Clock):
    data = signed(user='{"id":1}', auth_date=at(clock.now))
    await enters(browser, "/entrer/telegram", init_data=data)
    thief = browsers()
    assert (await enters(thief, "/entrer/telegram", init_data=data)).status_code == 403
    assert not thief.cookies


async def test_forged_or_old_data_lets_nobody_in(browser: Browser, clock: Clock):
    old = signed(user='{"id":1}', auth_date=at(clock.now - timedelta(minutes=10)))
    forged = signed("123456:other", user='{"id":1}', auth_date=at(clock.now))
    for data in (old, forged, "", "hash=x"):
        assert (await enters(browser, "/entrer/telegram", init_data=data)).status_code == 403
    assert not browser.cookies


async def test_a_mini_app_of_a_citizen_is_refused(browser: Browser, clock: Clock):
    data = signed(user='{"id":99}', auth_date=at(clock.now))
    assert (await enters(browser, "/entrer/telegram", init_data=data)).status_code == 403


# In a demonstration only


async def test_nobody_is_played_where_things_are_real(browser: Browser):
    assert (await enters(browser, "/entrer/demo", who="3")).status_code == 404


# Sessions


async def test_a_cookie_is_for_this_host_and_out_of_reach_of_scripts(browser: Browser, parts: Parts):
    entered = await enters(browser, await link_of(parts, CAMILLE))
    cookie = entered.headers["set-cookie"]
    assert cookie.startswith("__Host-passerelle=")
    for attribute in ("HttpOnly", "Secure", "SameSite=lax", "Path=/"):
        assert attribute in cookie
    assert "Domain" not in cookie


async def test_a_session_that_somebody_else_prepared_is_not_taken_up(browser: Browser, parts: Parts):
    """Session fixation: the cookie that the browser brings is replaced, whoever put it there."""
    browser.cookies.set(cookie_name(parts), PREPARED, domain="console.example.org")
    await enters(browser, await link_of(parts, CAMILLE))
    assert browser.secret != PREPARED
    assert await parts.access.session(PREPARED) is None


async def test_signing_in_again_ends_the_session_before(camille: Browser, parts: Parts):
    before = camille.secret
    await enters(camille, await link_of(parts, CAMILLE))
    assert camille.secret != before
    assert await parts.access.session(before) is None


async def test_who_signs_out_is_out(camille: Browser, parts: Parts):
    secret = camille.secret
    assert (await camille.submits("/sortir")).headers["location"] == "/entrer"
    assert await parts.access.session(secret) is None
    assert (await camille.get("/conversations")).status_code == 303


async def test_membership_is_asked_again_after_ten_minutes_and_not_before(camille: Browser, group: Group, clock: Clock):
    asked = group.asked
    await camille.get("/conversations")
    assert group.asked == asked
    clock.now += CHECKED_EVERY
    await camille.get("/conversations")
    await camille.get("/conversations")
    assert group.asked == asked + 1


async def test_leaving_the_group_ends_all_sessions(sign_in, group: Group, clock: Clock):
    first, second = await sign_in(CAMILLE), await sign_in(CAMILLE)
    del group.members[CAMILLE]
    clock.now += CHECKED_EVERY
    assert (await first.get("/conversations")).headers["location"] == "/entrer"
    group.members[CAMILLE] = group.members[2]  # back again: what has ended has ended
    assert (await second.get("/conversations")).headers["location"] == "/entrer"


async def test_while_telegram_is_away_a_session_goes_on_for_an_hour(camille: Browser, group: Group, clock: Clock):
    group.away = True
    clock.now += UNCHECKED - timedelta(seconds=1)
    assert (await camille.get("/conversations")).status_code == 200
    clock.passes(seconds=1)
    assert (await camille.get("/conversations")).status_code == 303


async def test_nobody_gets_in_while_telegram_is_away(browser: Browser, parts: Parts, group: Group):
    path = await link_of(parts, CAMILLE)
    group.away = True
    assert "Telegram ne répond pas" in (await enters(browser, path)).text


async def test_a_session_ends_after_a_working_day_whatever_one_does(camille: Browser, clock: Clock):
    end = clock.now + SESSION
    while clock.now < end - timedelta(minutes=30):
        clock.passes(minutes=30)
        assert (await camille.get("/conversations")).status_code == 200
    clock.passes(minutes=30)
    assert (await camille.get("/conversations")).status_code == 303


async def test_who_becomes_administrator_is_one_at_the_next_check(camille: Browser, group: Group, clock: Clock):
    assert (await camille.get("/equipe")).status_code == 403
    group.members[CAMILLE] = group.members[3]
    clock.now += CHECKED_EVERY
    assert (await camille.get("/equipe")).status_code == 200


async def test_attempts_from_one_address_are_limited(browser: Browser, clock: Clock, parts: Parts):
    for _ in range(10):
        assert (await enters(browser, "/entrer/x")).status_code == 403
    path = await link_of(parts, CAMILLE)
    assert (await enters(browser, path)).status_code == 429
    clock.passes(minutes=5)
    assert (await enters(browser, path)).status_code == 303


async def test_attempts_are_counted_for_all_processes_together(browser: Browser, parts: Parts, store):
    other = Access(SqlConsole(store), parts.access.membership, TOKEN, parts.clock)
    for _ in range(5):
        await enters(browser, "/entrer/x")
        assert await other.may_try("127.0.0.1")
    assert not await other.may_try("127.0.0.1")
    assert (await enters(browser, await link_of(parts, CAMILLE))).status_code == 429
    assert await other.may_try("192.0.2.1")


async def test_the_address_of_an_attempt_is_not_kept(browser: Browser, store, clock: Clock):
    await enters(browser, "/entrer/x")
    async with store.reading() as connection:
        kept = (await connection.execute(select(console_attempts))).all()
    assert len(kept) == 1
    assert "127.0.0.1" not in str(kept)
    assert hashed("127.0.0.1") not in str(kept), "all addresses can be tried"


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
    ],
)
def test_addresses_that_one_subscriber_chooses_among_count_as_one(address: str, network: str):
    assert network_of(address) == network


async def test_a_person_has_no_more_than_five_links_at_once(parts: Parts, clock: Clock):
    for _ in range(5):
        await link_of(parts, CAMILLE)
    with pytest.raises(Exception, match="too_many_links"):
        await parts.access.new_link(CAMILLE)
    clock.now += LINK_GOOD_FOR
    assert await parts.access.new_link(CAMILLE) is not None


async def test_a_part_of_a_page_leads_the_whole_page_to_the_sign_in(browser: Browser):
    refused = await browser.get("/conversations", headers={"hx-request": "true"})
    assert (refused.status_code, refused.headers["hx-redirect"]) == (401, "/entrer")


async def test_a_form_sent_after_the_session_ended_says_so(camille: Browser, clock: Clock):
    page = await camille.get("/conversations")
    clock.now += SESSION
    refused = await camille.submits("/sortir", key=hidden(page, "key"))
    assert refused.status_code == 401
    assert "Votre session est finie" in refused.text
