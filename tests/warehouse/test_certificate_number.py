"""The number of a certificate: deterministic, keyed, and no typing error stays unnoticed."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.certificate.number import ALPHABET, CODES, LENGTH, MistypedError, code, read, written

SECRET = b"certificate-secret-of-the-tests-0123"
DAY = date(2023, 8, 21)
CODE = st.integers(0, CODES - 1)


@given(CODE)
def test_a_number_is_read_as_it_was_written(of: int) -> None:
    number = written(of)
    assert [len(part) for part in number.split("-")] == [4, 4, 4, 4]
    assert read(number) == of


@given(CODE, st.integers(0, LENGTH - 1), st.sampled_from(ALPHABET))
def test_any_single_wrong_character_is_noticed(of: int, place: int, wrong: str) -> None:
    plain = written(of).replace("-", "")
    typed = plain[:place] + wrong + plain[place + 1:]
    if typed == plain:
        assert read(typed) == of
    else:
        with pytest.raises(MistypedError, match="校验字符不符"):
            read(typed)


@given(CODE, st.integers(0, LENGTH - 1), st.integers(0, LENGTH - 1))
def test_any_two_characters_that_changed_places_are_noticed(of: int, one: int, two: int) -> None:
    characters = list(written(of).replace("-", ""))
    if characters[one] == characters[two]:
        return
    characters[one], characters[two] = characters[two], characters[one]
    with pytest.raises(MistypedError, match="校验字符不符"):
        read("".join(characters))


@given(CODE, st.sampled_from(["{}", " {} ", "{}\u3000"]))
def test_case_width_and_grouping_do_not_matter(of: int, around: str) -> None:
    number = written(of)
    wide = "".join(chr(ord(c) + 0xFEE0) for c in number)
    regrouped = [number.replace("-", between) for between in ("", " – ", "\u00a0")]
    for typed in (number, number.lower(), wide, *regrouped):
        assert read(around.format(typed)) == of


@pytest.mark.parametrize(("typed", "why"), [
    ("", "应为 16 个字符，输入了 0 个"),
    ("2222-2222-2222-222", "应为 16 个字符，输入了 15 个"),
    ("2222-2222-2222-22222", "应为 16 个字符，输入了 17 个"),
    ("O222-2222-2222-2222", "编号中没有字符 'O'"),
    ("2222-2222-2222-222书", "编号中没有字符 '书'"),
])
def test_what_cannot_be_a_number_is_told(typed: str, why: str) -> None:
    with pytest.raises(MistypedError, match=why):
        read(typed)


def test_the_number_is_of_this_programme_teacher_day_and_key_alone() -> None:
    number = written(code(SECRET, "2023-summer", "t1", DAY))
    assert number == "PM3T-5AXH-A4V6-4RHK"  # what was printed must stay valid for ever
    others = {
        written(code(SECRET, "2023-ethics", "t1", DAY)),
        written(code(SECRET, "2023-summer", "t2", DAY)),
        written(code(SECRET, "2023-summer", "t1", DAY + timedelta(days=1))),
        written(code(SECRET + b"!", "2023-summer", "t1", DAY)),
    }
    assert len(others - {number}) == 4


def test_no_two_of_many_certificates_have_one_number() -> None:
    codes = {code(SECRET, "2023-summer", f"t{n:06}", DAY + timedelta(days=n % 50))
             for n in range(200_000)}
    assert len(codes) == 200_000
    places = list(zip(*(written(one) for one in list(codes)[:5000]), strict=True))
    assert all(len(set(column)) == len(ALPHABET) for column in places if set(column) != {"-"})
