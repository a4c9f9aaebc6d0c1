"""What business registers say: credit codes, statuses, dates, kinds of address."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import ChoiceError
from layers.sources.dates import parse_dates
from layers.sources.registry import credit_codes_hold, read_status

SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
REAL = [
    "91350100M000100Y43",
    "91110000600037341L",
    "914403001922038216",
    "91440300708461136T",
    "9111000071093123XX",
]


def with_check_sign(first: str) -> str:
    """The standard's own words, sign by sign: 31 minus the remainder of the weighted sum, 31 written 0."""
    total = sum(SIGNS.index(sign) * (3**place % 31) for place, sign in enumerate(first))
    return first + SIGNS[(31 - total % 31) % 31]


@pytest.mark.parametrize("code", REAL)
def test_codes_of_public_companies_hold(code: str) -> None:
    filled, right = credit_codes_hold(pd.Series([code, code.lower(), f" {code} "]))
    assert filled.all()
    assert right.all()


@settings(deadline=None)
@given(st.text(alphabet=SIGNS, min_size=17, max_size=17), st.integers(0, 16), st.integers(1, 30))
def test_one_wrong_sign_never_passes(first: str, place: int, shift: int) -> None:
    code = with_check_sign(first)
    wrong = code[:place] + SIGNS[(SIGNS.index(code[place]) + shift) % 31] + code[place + 1 :]
    assert credit_codes_hold(pd.Series([code, wrong]))[1].tolist() == [True, False]


@pytest.mark.parametrize(
    "text", ["91350100M000100Y44", "350100100012345", "信用代码", "9135010OM000100Y43", "1" * 17]
)
def test_what_is_no_credit_code_is_filled_but_wrong(text: str) -> None:
    filled, right = credit_codes_hold(pd.Series([text]))
    assert (filled[0], right[0]) == (True, False)


def test_a_blank_is_no_wrong_code() -> None:
    assert not credit_codes_hold(pd.Series(["", "  "]))[0].any()


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("存续（在营、开业、在册）", "active"), ("在业", "active"), ("开业", "active"), ("正常", "active"), ("迁入", "active"),
        ("注销", "closed"), ("吊销，未注销", "closed"), ("吊销", "closed"), ("已迁出", "closed"), ("注销企业", "closed"),
        ("Closed", "closed"), ("Active", "active"), ("未注销", "active"), ("", ""), ("　", ""), ("A类", "unknown"),
    ],
)  # fmt: skip
def test_statuses_are_told_by_their_words(text: str, meaning: str) -> None:
    assert read_status(pd.Series([text])).tolist() == [meaning]


DATES = [
    ("2019-03-01", "2019-03-01"), ("2019/3/1", "2019-03-01"), ("2019.3.1", "2019-03-01"), ("2019年3月1日", "2019-03-01"),
    ("20190301", "2019-03-01"), ("43525", "2019-03-01"), ("2019年3月", "2019-03"), ("201903", "2019-03"), ("2019", "2019"),
    ("2019年", "2019"), ("２０１９／３／１", "2019-03-01"), ("2019-03-01 00:00:00", "2019-03-01"),
    ("2019-03-01T08:30:00Z", "2019-03-01"), ("31/12/2018", "2018-12-31"), ("12/31/2018", "2018-12-31"), ("5/5/2018", "2018-05-05"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "iso"), DATES)
def test_dates_are_read_however_they_are_written(text: str, iso: str) -> None:
    dates, bad = parse_dates(pd.Series([text]))
    assert (dates.tolist(), bad.tolist()) == ([iso], [False])


@pytest.mark.parametrize(
    "text", ["2019-02-30", "19/3/1", "不详", "2019-13-01", "9999", "３", "20191301", "31/31/2018"]
)
def test_what_is_no_date_is_said_to_be_none(text: str) -> None:
    dates, bad = parse_dates(pd.Series([text, ""]))
    assert (dates.tolist(), bad.tolist()) == (["", ""], [True, False])


def test_day_and_month_that_could_be_exchanged_are_asked_for() -> None:
    with pytest.raises(ChoiceError) as asked:
        parse_dates(pd.Series(["3/4/2019", "5/6/2019"]))
    assert asked.value.about == "dates"
    assert [option["argument"] for option in asked.value.options] == ["--dates dmy", "--dates mdy"]
    assert parse_dates(pd.Series(["3/4/2019"]), "dmy")[0].tolist() == ["2019-04-03"]
    assert parse_dates(pd.Series(["3/4/2019"]), "mdy")[0].tolist() == ["2019-03-04"]


def test_one_row_that_can_be_read_in_one_way_speaks_for_the_column() -> None:
    assert parse_dates(pd.Series(["3/4/2019", "25/6/2019"]))[0].tolist() == ["2019-04-03", "2019-06-25"]
    assert parse_dates(pd.Series(["3/4/2019", "6/25/2019"]))[0].tolist() == ["2019-03-04", "2019-06-25"]


def test_rows_that_contradict_each_other_are_asked_about() -> None:
    with pytest.raises(ChoiceError):
        parse_dates(pd.Series(["3/4/2019", "25/6/2019", "6/25/2019"]))


@settings(deadline=None)
@given(st.dates(dt.date(1950, 1, 1), dt.date(2099, 12, 31)))
def test_serial_numbers_are_those_of_the_calendar(day: dt.date) -> None:
    serial = (day - dt.date(1899, 12, 30)).days
    dates, bad = parse_dates(pd.Series([str(serial), day.isoformat(), f"{day:%Y%m%d}"]))
    assert dates.tolist() == [day.isoformat()] * 3
    assert not bad.any()


TABLE = """统一社会信用代码,企业名称,经度,纬度,登记状态,成立日期,注册地址
91350100M000100Y43,甲,118.42,24.70,存续,2019/3/1,水头镇
91350100M000100Y44,乙,118.43,24.71,注销,43525,水头镇
,丙,118.44,24.72,吊销，未注销,昨天,
91440300708461136T,丁,118.45,24.73,整顿,,石井镇
"""


def test_registers_flag_and_reject_nothing(take: Callable[..., object]) -> None:
    got = take(TABLE.encode(), kind="firms")
    assert got.report.rejected == 0
    counts = {one.code: one.count for one in got.report.warnings}
    assert counts == {
        "CRS_ASSUMED": 4,
        "CLOSED_FIRM": 2,
        "UNKNOWN_STATUS": 1,
        "BAD_CREDIT_CODE": 1,
        "BAD_DATE": 1,
        "REGISTERED_ADDRESS": 3,
    }
    assert np.array(["CLOSED_FIRM" in flags for flags in got.table["flags"]]).tolist() == [
        False,
        True,
        True,
        False,
    ]
    assert got.roles["id"] == got.roles["credit_code"] == "统一社会信用代码"


def test_an_address_of_business_goes_before_the_registered_one(take: Callable[..., object]) -> None:
    got = take("名称,经度,纬度,注册地址,经营地址\n甲,118.4,24.7,a,b\n".encode(), kind="firms")
    assert got.roles["address"] == "经营地址"
    assert "REGISTERED_ADDRESS" not in {one.code for one in got.report.warnings}


def test_a_status_of_something_else_is_no_registration_status(take: Callable[..., object]) -> None:
    got = take("名称,经度,纬度,状态\n甲,118.4,24.7,A\n乙,118.5,24.7,B\n".encode(), kind="firms")
    assert {one.code for one in got.report.warnings} == {"CRS_ASSUMED"}


def test_dates_of_a_table_are_asked_about_and_answered(take: Callable[..., object]) -> None:
    data = "名称,经度,纬度,成立日期\n甲,118.4,24.7,3/4/2019\n".encode()
    with pytest.raises(ChoiceError, match="day or with the month"):
        take(data, kind="firms")
    assert take(data, kind="firms", dates="dmy").report.accepted == 1
