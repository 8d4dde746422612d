import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.codes import ALPHABET, can_be_chosen, new_codes, normal

NOISE = st.text(alphabet=" \t\u00a0\u2009\u200b\u200d\ufeff\u00ad-\u2010\u2013\u2212_", max_size=3)


def test_a_code_has_more_than_fifty_eight_bits() -> None:
    code = normal(new_codes(1)[0])

    assert len(ALPHABET) == len(set(ALPHABET)) == 30
    assert len(code) == 12
    assert set(code) <= set(ALPHABET)


def test_codes_made_together_differ() -> None:
    codes = new_codes(1000)

    assert len({normal(code) for code in codes}) == 1000


def test_no_letter_of_a_code_can_be_mistaken_for_another() -> None:
    assert not set("0O1ILU") & set(ALPHABET)


@pytest.mark.parametrize(
    ("typed", "can_be"),
    [
        ("Summer-26", True),
        ("Lidö 10", True),
        ("A-1", False),
        ("SAVE/10", False),
        ("SAVE%10", False),
        ("SAVE?10", False),
        ("ß" * 12, True),
        ("ß-" * 12, False),
        ("-" * 20 + "SAVE10", False),
    ],
)
def test_a_code_that_somebody_chooses_can_be_printed_and_sent_back(
    typed: str, can_be: bool
) -> None:
    assert can_be_chosen(typed) is can_be


@pytest.mark.parametrize(
    "typed",
    [
        "K7QM-3TXW-9HRB",
        "k7qm-3txw-9hrb",
        "K7QM3TXW9HRB",
        " K7QM 3TXW 9HRB ",
        "K7QM\u20133TXW\u20149HRB",
        "K7QM\u22123TXW\u22129HRB",
        "K7QM_3TXW_9HRB",
        "K7QM\u200b-3TXW\u200d-9HRB",
        "\ufeffK7QM-3TXW-9HRB\r\n",
        "K7QM\u00a03TXW\u00a09HRB",
        "\uff2b\uff17\uff31\uff2d\uff0d\uff13\uff34\uff38\uff37\uff0d\uff19\uff28\uff32\uff22",
        "k7qm\u00ad3txw\ufe0f9hrb",
    ],
)
def test_a_code_works_however_it_is_typed(typed: str) -> None:
    assert normal(typed) == "K7QM3TXW9HRB"


@pytest.mark.parametrize("typed", ["", " ", "---", "\u200b", "A" * 65])
def test_what_is_no_code_becomes_nothing(typed: str) -> None:
    assert normal(typed) == ""


@given(st.lists(st.tuples(st.sampled_from(ALPHABET), NOISE, st.booleans()), max_size=12))
def test_noise_and_case_never_change_a_code(letters: list[tuple[str, str, bool]]) -> None:
    typed = "".join(noise + (letter.lower() if low else letter) for letter, noise, low in letters)

    assert normal(typed) == "".join(letter for letter, _, _ in letters)
