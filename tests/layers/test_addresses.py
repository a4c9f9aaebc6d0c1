"""Addresses and the units they name: every unit by its own name, and texts that must not be guessed at."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.addresses import find_units
from layers.admin import units

TABLE = units()

FOUND = [
    ("福建泉州南安水头闽南建材市场", "350583", "福建 泉州 南安"),
    ("福建省泉州市南安市水头镇", "350583", "福建省 泉州市 南安市"),
    ("泉州市南安水头", "350583", "泉州市 南安"),
    ("南安市", "350583", "南安市"),
    ("中国(福建)永安尼葛", "350481", "福建 永安"),
    ("362000 福建省 泉州市/南安市-水头", "350583", "福建省 泉州市 南安市"),
    ("注册地址：云浮市云城区", "445302", "云浮市 云城区"),
    ("山东莱州", "370683", "山东 莱州"),
    ("大连市沙河口区软件园东路40号", "210204", "大连市 沙河口区"),
    ("内蒙古锡林郭勒盟锡林浩特市", "152502", "内蒙古 锡林郭勒盟 锡林浩特市"),
    ("新疆生产建设兵团石河子市", "659001", "新疆 石河子市"),
    ("湖北省省直辖县级行政区划仙桃市", "429004", "湖北省 仙桃市"),
    ("北京市北京市朝阳区", "110105", "北京市 朝阳区"),
    ("上海浦东新区张江", "310115", "上海 浦东新区"),
    ("香港中西区", "810101", "香港 中西区"),
    ("臺灣省臺北市", "710009", "台湾省 台北市"),
    ("济南市市中区", "370103", "济南市 市中区"),
    ("福建省鼓楼区", "350102", "福建省 鼓楼区"),
    ("吉林市船营区", "220204", "吉林市 船营区"),
    ("辽宁省朝阳市双塔区", "211302", "辽宁省 朝阳市 双塔区"),
    ("海南藏族自治州共和县", "632521", "海南藏族自治州 共和县"),
    ("积石山县", "622927", "积石山县"),
    ("海门市", "320614", "海门市"),  # a former city is a district today
    ("佛山市南海市", "440605", "佛山市 南海市"),
    ("河北省唐山市路南区", "130202", "河北省 唐山市 路南区"),
    ("甘肃省临夏州临夏市", "622901", "甘肃省 临夏州 临夏市"),
    ("福建省三明市沙县", "350405", "福建省 三明市 沙县"),
    ("崇文区", "110101", "崇文区"),
]
CITIES = [
    ("泉州市", "350500"),
    ("泉州市惠安大厦", "350500"),  # a house may be called after another county
    ("福建泉州经济技术开发区", "350500"),
    ("东莞市长安镇", "441900"),  # Chang'an is a district of two other cities
    ("上海市", "310000"),
    ("邯郸县", "130400"),  # its land went to several districts
    ("那曲地区", "540600"),
]
UNKNOWN = [
    ("鼓楼区中山路", "ambiguous"),
    ("朝阳区建国路", "ambiguous"),
    ("市中区", "ambiguous"),
    ("江苏省鼓楼区", "ambiguous"),
    ("吉林", "ambiguous"),
    ("福建省", "province"),
    ("福建省海淀区", "contradiction"),
    ("泉州市海淀区", "contradiction"),
    ("南安水头", "unknown"),
    ("北京路12号", "unknown"),
    ("南安路12号", "unknown"),
    ("南安市场", "unknown"),
    ("唐山路北段12号", "unknown"),
    ("甘肃省临夏州临夏", "ambiguous"),
    ("北京大厦12号", "unknown"),
    ("长春药店", "unknown"),
    ("平安大厦", "unknown"),
    ("No. 18, Shuitou, Nan'an, Quanzhou, Fujian", "unknown"),
    ("", "unknown"),
    ("　 ", "unknown"),
]


@pytest.mark.parametrize(("address", "adcode", "words"), FOUND, ids=[row[0] for row in FOUND])
def test_a_county_is_found_with_the_words_that_name_it(address, adcode, words):
    found = find_units(pd.Series([address])).iloc[0]
    assert found.tolist() == [adcode, "county", words, ""]


@pytest.mark.parametrize(("address", "adcode"), CITIES, ids=[row[0] for row in CITIES])
def test_a_city_alone_is_a_city(address, adcode):
    found = find_units(pd.Series([address])).iloc[0]
    assert (found["adcode"], found["level"]) == (adcode, "city")


@pytest.mark.parametrize(("address", "why"), UNKNOWN)
def test_what_may_mean_two_places_is_left_unknown(address, why):
    found = find_units(pd.Series([address])).iloc[0]
    assert (found["adcode"], found["level"], found["why"]) == ("", "", why)


@pytest.mark.parametrize("name", ["name", "short"])
@pytest.mark.parametrize("rest", ["", "人民路1号", "3号"])
def test_every_unit_is_found_below_the_units_above_it(name, rest):
    own = TABLE[(TABLE["level"] == "county")]
    own = own[own["short"] != ""] if name == "short" else own
    parent = TABLE.loc[own["parent"]]
    top = TABLE.loc[[code[:2] + "0000" for code in own.index]]
    above = np.where((parent["level"] == "city").to_numpy(), parent["name"].to_numpy(), "")
    texts = pd.Series(top["name"].to_numpy() + above + own[name].to_numpy() + rest, index=own.index)
    found = find_units(texts)
    missed = found[found["adcode"].to_numpy() != found.index.to_numpy()]
    if name == "name":
        assert missed.empty
    else:  # 临夏 is a county and a city of one prefecture; whatever is told is never another county
        assert len(missed) < 0.01 * len(own)
        assert (missed["level"] != "county").all()


def test_a_full_name_without_its_city_is_found_only_where_no_other_unit_has_it():
    own = TABLE[(TABLE["level"] == "county") & (TABLE["name"].str.len() > 2)]
    found = find_units(own["name"])
    twice = own["name"].duplicated(keep=False).to_numpy()
    assert (found.loc[twice, "adcode"] == "").all()
    told = found[~twice & (found["level"] == "county").to_numpy()]
    assert (told["adcode"] == told.index).all()
    assert len(told) > 0.98 * (~twice).sum()


@pytest.mark.parametrize(
    "rest", ["", "人民路1号", "路1号", "东大街", "市场", "水头镇", "区", "市", "县", "新区"]
)
def test_whole_names_looked_up_at_once_are_what_reading_them_says(rest):
    own = TABLE[TABLE["level"] == "county"]
    parent = TABLE.loc[own["parent"]]
    texts = pd.Series(parent["name"].to_numpy() + own["name"].to_numpy() + rest)
    top = TABLE.loc[[code[:2] + "0000" for code in own.index]]
    texts = pd.concat([texts, top["name"].reset_index(drop=True) + texts], ignore_index=True)
    pd.testing.assert_frame_equal(find_units(texts), find_units(" " + texts))  # a blank in front: one by one


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from([row[0] for row in FOUND + CITIES + UNKNOWN]), max_size=30), st.randoms())
def test_each_address_is_read_for_itself(addresses, random):
    series = pd.Series(addresses, dtype=object)
    found = find_units(series)
    turn = list(range(len(series)))
    random.shuffle(turn)
    again = find_units(series.iloc[turn])
    pd.testing.assert_frame_equal(found.iloc[turn], again)


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="福建泉州南安市省县区北京朝阳长春路街1 ,吉林海自治", max_size=30))
def test_what_is_found_begins_with_words_of_the_text_and_lies_within_itself(text):
    found = find_units(pd.Series([text])).iloc[0]
    assert (found["adcode"] == "") == (found["why"] != "")
    if found["adcode"]:
        assert found["adcode"] in TABLE.index
        assert "".join(found["words"].split())[:2] in "".join(text.split()).replace(",", "")
