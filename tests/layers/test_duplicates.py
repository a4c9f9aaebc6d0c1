"""Firms that stand in a table twice are told, never dropped."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pyproj
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.sources.checked import Rows
from layers.sources.duplicates import Keys, find_duplicates, plain_firm_names

GEOD = pyproj.Geod(ellps="WGS84")


def rows(lon: list[float], lat: list[float], **columns: list[str]) -> Rows:
    made = Rows.of(pd.DataFrame(columns, dtype="str"), np.arange(2, len(lon) + 2))
    made.lon[:], made.lat[:] = lon, lat
    return made


def grouped(table: Rows, roles: dict[str, str]) -> pd.DataFrame:
    return find_duplicates(table, roles, Keys(table.source, roles))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("南安市华联石材有限公司", "南安市华联石材有限责任公司"),
        ("南安市华联石材股份有限公司", "南安市华联石材"),
        ("南安市华联石材（福建）有限公司", "南安市华联石材(福建)有限公司"),
        ("ＡＢＣ石材 有限公司", "abc石材有限公司"),
        ("Hualian Stone Co., Ltd.", "HUALIAN STONE CO.,LTD"),
    ],
)
def test_spellings_of_one_name_are_one(one: str, other: str) -> None:
    plain = plain_firm_names(pd.Series([one, other]))
    assert plain[0] == plain[1] != ""


def test_other_names_stay_others() -> None:
    names = pd.Series(["华联石材厂", "华联石材一厂", "华联石材(南安)有限公司", "华联石材(惠安)有限公司"])
    assert plain_firm_names(names).is_unique


def test_a_name_within_two_hundred_metres_is_one_firm() -> None:
    lon, lat, _ = GEOD.fwd([118.4] * 3, [24.7] * 3, [0, 60, 200], [199.0, 201.5, 5_000])
    found = grouped(
        rows([118.4, *lon], [24.7, *lat], name=["华联有限公司", "华联", "华联", "华联"]), {"name": "name"}
    )
    assert found[["place", "reason"]].to_numpy().tolist()[0:1] == [[0, "name"]]
    assert 1 in set(found["place"])
    assert 3 not in set(found["place"])


def test_the_same_code_is_one_firm_wherever_it_lies() -> None:
    code = "91350100M000100Y43"
    found = grouped(
        rows([118.0, 119.0, 120.0], [24.0, 25.0, 26.0], code=[code, "x", code.lower()]),
        {"credit_code": "code"},
    )
    assert found.to_numpy().tolist() == [[1, 0, "credit_code"], [1, 2, "credit_code"]]


def test_a_code_that_is_wrong_joins_nobody() -> None:
    wrong = "000000000000000001"
    assert grouped(rows([118.0, 119.0], [24.0, 24.0], code=[wrong, wrong]), {"credit_code": "code"}).empty


def test_a_placeholder_that_many_share_is_no_name() -> None:
    lon = (118.4 + np.arange(60) * 1e-5).tolist()
    assert grouped(rows(lon, [24.7] * 60, name=["个体户"] * 60), {"name": "name"}).empty


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["甲", "乙", "甲有限公司"]), st.integers(0, 8), st.integers(0, 8)),
        min_size=2,
        max_size=25,
    ),
    st.randoms(use_true_random=False),
)
def test_groups_are_those_of_every_pair_looked_at_one_by_one(
    firms: list[tuple[str, int, int]], random: object
) -> None:
    random.shuffle(firms)  # type: ignore[attr-defined]
    names = [name for name, _, _ in firms]
    lon, lat = [118.4 + 0.0015 * x for _, x, _ in firms], [24.7 + 0.0013 * y for _, _, y in firms]
    found = grouped(rows(lon, lat, name=names, key=[str(n) for n in range(len(firms))]), {"name": "name"})
    group = list(range(len(firms)))
    for a in range(len(firms)):
        for b in range(a):
            near = GEOD.inv(lon[a], lat[a], lon[b], lat[b])[2] <= 200
            if near and names[a][0] == names[b][0]:
                old, new = group[a], group[b]
                group = [new if one == old else one for one in group]
    expected = {frozenset(np.flatnonzero(np.array(group) == one).tolist()) for one in set(group)}
    expected = {one for one in expected if len(one) > 1}
    got = {frozenset(part["place"].tolist()) for _, part in found.groupby("group")}
    assert got == expected


def test_an_import_counts_pairs_and_keeps_every_row(take: Callable[..., object]) -> None:
    data = (
        "编号,企业名称,经度,纬度\n1,华联有限公司,118.4,24.7\n2,华联有限责任公司,118.4005,24.7\n"
        "3,丙,118.5,24.7\n3,丁,118.6,24.7\n5,戊,118.7,24.7\n"
    ).encode()
    got = take(data, kind="firms")
    assert got.report.accepted == 5
    assert {one.code: one.count for one in got.report.warnings} == {
        "CRS_ASSUMED": 5,
        "DUPLICATE": 1,
        "NEAR_DUPLICATE": 1,
    }
    assert got.findings.duplicates[["group", "source_row", "reason"]].to_numpy().tolist() == [
        [1, 2, "name"], [1, 3, "name"], [2, 4, "id"], [2, 5, "id"],
    ]  # fmt: skip
    assert got.findings.to_json()["duplicates"] == {"groups": 2, "rows": 4}
