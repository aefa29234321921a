"""Messages that Telegram accepts: escaped, never too long, nothing lost."""

import re
from html import unescape

from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram.formatting import MAX_UNITS, message_html, pack, paragraphs, plain, shortened, units
from bot.dialogue.effects import Citation, Say

TEXTS = st.text(alphabet=st.sampled_from("ab <&>\"'.\n😀é"), max_size=300)


def test_a_message_is_the_answer_then_its_sources_then_the_reservations():
    say = Say("A < B", citations=(Citation("Page", "https://x.org/?a=1&b=2"),), notes=("À confirmer.",))
    assert message_html(say) == [
        'A &lt; B\n\n<a href="https://x.org/?a=1&amp;b=2">Page</a>\n\n<i>À confirmer.</i>',
    ]


def test_sources_stand_under_each_other():
    say = Say("A", citations=(Citation("1", "https://a"), Citation("2", "https://b")))
    assert message_html(say)[0].endswith('1</a>\n<a href="https://b">2</a>')


def test_sources_that_do_not_fit_go_into_the_next_message():
    first, second = "1" * 2000, "2" * 2000
    say = Say("a" * 2000, (Citation(first, "https://a"), Citation(second, "https://b")), ("Note",))
    assert message_html(say) == [
        f'{"a" * 2000}\n\n<a href="https://a">{first}</a>',
        f'<a href="https://b">{second}</a>\n\n<i>Note</i>',
    ]


def test_a_quote_in_an_address_cannot_leave_the_link():
    assert 'href="https://x/&quot;&gt;"' in message_html(Say("A", citations=(Citation("1", 'https://x/">'),)))[0]


def test_a_long_answer_is_cut_between_paragraphs():
    first, second = "a" * 3000, "b" * 3000
    assert message_html(Say(f"{first}\n\n{second}")) == [first, second]


def test_an_overlong_paragraph_is_cut_after_a_sentence():
    pieces = [block.text for block in paragraphs("Un. Deux. Trois.", limit=10)]
    assert pieces == ["Un. Deux.", "Trois."]


def test_emoji_count_twice():
    assert units("😀") == 2
    assert [units(block.text) for block in paragraphs("😀" * 6, limit=5)] == [4, 4, 4]


def test_plain_gives_the_words_and_the_addresses():
    assert plain('<b>A</b> &lt; <a href="https://x">B</a>') == "A < B (https://x)"


def test_shortened_text_is_one_line_with_an_ellipsis():
    assert shortened("un\n deux   trois", 8) == "un deux…"
    assert shortened("un\ndeux", 8) == "un deux"


@given(TEXTS, st.integers(2, 40))
def test_no_piece_is_longer_than_the_limit(text, limit):
    assert all(units(block.text) <= limit for block in paragraphs(text, limit))


@given(TEXTS, st.integers(2, 40))
def test_cutting_loses_nothing_but_space(text, limit):
    pieces = "".join(block.text for block in paragraphs(text, limit))
    assert "".join(pieces.split()) == "".join(text.split())


@given(st.lists(TEXTS, max_size=5))
def test_packed_messages_fit_and_hold_everything(texts):
    messages = pack([block for text in texts for block in paragraphs(text, 20)], limit=20)
    read = [unescape(message) for message in messages]
    assert all(0 < units(message) <= 20 for message in read)
    assert "".join("".join(read).split()) == "".join("".join(texts).split())


@given(TEXTS, st.lists(st.integers(1, 5000), max_size=40), st.integers(0, 9000))
def test_any_number_of_sources_fits_and_none_is_lost(text, lengths, note):
    links = tuple(Citation(f"{n}".ljust(length, "é"), f"https://x/{n}") for n, length in enumerate(lengths))
    messages = message_html(Say(text, links, ("n " * note,)))
    assert all(0 < units(unescape(re.sub(r"<[^>]+>", "", message))) <= MAX_UNITS for message in messages)
    assert re.findall(r'href="([^"]+)"', "".join(messages)) == [link.url for link in links]


@given(TEXTS)
def test_what_people_write_never_becomes_markup(text):
    assert all(plain(html) == unescape(html) for html in message_html(Say(text)))


def test_the_limit_is_telegrams():
    assert MAX_UNITS == 4096
