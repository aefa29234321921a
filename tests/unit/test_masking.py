"""What identifies a person is masked; amounts, dates and public numbers are not."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from stdnum.fr import nir

from bot.privacy.masking import EMAIL, IBAN, NIR, PHONE, mask

MASKED = {
    # Telephone, as people write it
    "06 12 34 56 78": PHONE,
    "0612345678": PHONE,
    "06.12.34.56.78": PHONE,
    "06-12-34-56-78": PHONE,
    "06/12/34/56/78": PHONE,
    "06\u00a012\u00a034\u00a056\u00a078": PHONE,
    "0 6 1 2 3 4 5 6 7 8": PHONE,
    "06 12 345 678": PHONE,
    "03 84 90 90 90": PHONE,
    "+33 6 12 34 56 78": PHONE,
    "+33612345678": PHONE,
    "+33 (0)6 12 34 56 78": PHONE,
    "0033 6 12 34 56 78": PHONE,
    "+49 151 23456789": PHONE,
    "+381 63 123 4567": PHONE,
    "+961 3 123 456": PHONE,
    "+226 70 12 34 56": PHONE,
    "٠٦ ١٢ ٣٤ ٥٦ ٧٨": PHONE,
    # E-mail
    "awa.diallo@exemple.fr": EMAIL,
    "Awa+asso@mairie.exemple.org": EMAIL,
    "élodie@exemple.fr": EMAIL,
    "awa @ exemple.fr": EMAIL,
    "awa(at)exemple.fr": EMAIL,
    "awa arobase exemple.fr": EMAIL,
    # Social security number
    "1 84 12 76 451 089 46": NIR,
    "184127645108946": NIR,
    "1 84 12 76 451 089": NIR,
    "1841276451089": NIR,
    "1 84 12 76 451 089 47": NIR,
    "2 53 07 2B 073 004 70": NIR,
    "253072b07300470": NIR,
    "1.84.12.76.451.089.46": NIR,
    # IBAN
    "FR76 3000 6000 0112 3456 7890 189": IBAN,
    "FR7630006000011234567890189": IBAN,
    "fr76 3000 6000 0112 3456 7890 189": IBAN,
    "FR14-2004-1010-0505-0001-3M02-606": IBAN,
    "FR76 3000 6000 0112 3456 7890 180": IBAN,
    "DE89 3704 0044 0532 0130 00": IBAN,
    "RS35260005601001611379": IBAN,
}

LEFT = (
    "Le projet coûte 120 000 000 € sur 3 ans",
    "1 500 000 euros, puis 10 000,00 €",
    "350 000,00 et 250 000,00",
    "du 01/02/2026 au 03/04/2027",
    "le 01/02/2026 10:30, ou le 24.11.2026 à 10h30",
    "entre 01 02 2026 et 05 06 2026",
    "l'année 2026-2027, de 1998 à 2026",
    "90000 Belfort, 6 place de la Révolution française",
    "SIRET 552 100 554 00013",
    "SIRET 55210055400013",
    "SIREN 552 100 554",
    "552100554",
    "le 119, le 3114, le 17, le 112 et le 3919",
    "la loi n° 2014-773 du 7 juillet 2014",
    "demande n° 12, page 3/17, ref. 2024-06-12-345",
    "@passerelle_bot et #solidarite",
    "rendez-vous à 10 h @ la mairie",
    "ISBN 978-2-07-036822-8",
    "RO12 groupes de 25 élèves et 3 adultes accompagnants",
    "من 10 إلى 15 سنة",
)


@pytest.mark.parametrize(("written", "masked"), MASKED.items(), ids=MASKED)
@pytest.mark.parametrize("around", ["{}", "Écrivez-moi : {}.", "c'est {} merci", "({}), svp", "Bonjour\n{}\nAwa"])
def test_what_identifies_a_person_is_masked_and_nothing_around_it(written: str, masked: str, around: str):
    assert mask(around.format(written)) == around.format(masked)


@pytest.mark.parametrize("text", LEFT)
def test_what_identifies_nobody_is_left(text: str):
    assert mask(text) == text


def test_a_number_glued_to_words_is_masked():
    assert mask("mon tel:0612345678merci") == f"mon tel:{PHONE}merci"


def test_each_of_several_is_masked():
    assert mask("0384909090 ou 06 12 34 56 78, a@b.fr ; c@d.de") == f"{PHONE} ou {PHONE}, {EMAIL} ; {EMAIL}"


@given(st.text() | st.from_regex(r"[ 0-9+./@A-Za-z-]{0,60}"))
@example("FR76 3000 6000 0112 3456 7890 1899")
def test_masking_twice_changes_nothing_more(text: str):
    assert mask(mask(text)) == mask(text)


@given(st.text(alphabet="abcdeéàçñöß ,.;:!?'’-()\nшђжشكرا"))
def test_words_alone_are_left(text: str):
    assert mask(text) == text


@given(
    number=st.integers(1, 9).flatmap(lambda first: st.integers(0, 10**8 - 1).map(lambda rest: f"0{first}{rest:08}")),
    gap=st.sampled_from(["", " ", ".", "-", "/"]),
    before=st.sampled_from(["", "tel ", "Bonjour, "]),
)
def test_every_french_number_is_masked_in_pairs(number: str, gap: str, before: str):
    pairs = gap.join(number[place : place + 2] for place in range(0, 10, 2))
    assert mask(f"{before}{pairs}") == f"{before}{PHONE}"


@given(
    st.integers(1, 2),
    st.integers(0, 99),
    st.integers(1, 12),
    st.integers(1, 95),
    st.integers(1, 999),
    st.integers(1, 999),
)
def test_every_social_security_number_is_masked(sex: int, year: int, month: int, place: int, town: int, serial: int):
    number = f"{sex}{year:02}{month:02}{place:02}{town:03}{serial:03}"
    number += nir.calc_check_digits(number)
    assert mask(number) == NIR
    assert mask(nir.format(number)) == NIR


@given(st.integers(0, 999_999_999))
def test_no_amount_in_groups_of_three_is_masked(euros: int):
    amount = f"{euros:,}".replace(",", " ")
    assert mask(f"{amount} €") == f"{amount} €"


@given(st.dates())
def test_no_date_is_masked(day):
    for form in ("%d/%m/%Y", "%d.%m.%Y", "%Y-%m-%d", "%d %m %Y", "%d-%m-%Y"):
        assert mask(day.strftime(form)) == day.strftime(form)


def test_a_long_message_is_masked_in_bounded_time():
    """No pattern grows faster than the text: this would take minutes."""
    text = "a." * 2000 + "1 2 " * 1000 + "FR12" * 1000
    assert mask(text).startswith("a.")
