"""Townships are read from the column or from behind the county of an address; what is unclear stays unknown."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from layers.townships import find_townships

READ = {
    "福建省泉州市南安市水头镇朴里村滨海大道88号": "水头镇",
    "福建泉州南安水头镇": "水头镇",
    "福建省 南安市，官桥镇": "官桥镇",
    "南安市南安市水头镇": "水头镇",
    "南安市溪美街道办事处成功街1号": "溪美街道",
    "福建省三明市永安市燕北街道尼葛开发区": "燕北街道",
    "永安市尼葛开发区": "尼葛开发区",
    "江苏省南通市经济技术开发区": "经济技术开发区",
    "湖南省长沙县经济技术开发区星沙街道": "星沙街道",
    "永安市青水畲族乡": "青水畲族乡",
    "中山市古镇镇海洲村": "古镇镇",
    "广东省东莞市虎门镇": "虎门镇",
    "内蒙古自治区锡林郭勒盟东乌珠穆沁旗满都胡宝拉格镇": "满都胡宝拉格镇",
    "内蒙古自治区锡林郭勒盟东乌珠穆沁旗嘎达布其苏木": "嘎达布其苏木",
    "浙江省桐乡市乌镇镇": "乌镇镇",
    "浙江省建德市杨村桥镇": "杨村桥镇",
    "浙江省宁波市镇海区招宝山街道": "招宝山街道",
    "北京市海淀区学院路街道": "学院路街道",
    "福建省南安市水头镇镇南路": "水头镇",
    "山西省临汾市乡宁县昌宁镇": "昌宁镇",
}
UNCLEAR = [
    "",
    "福建省永安市巴溪大道1号",
    "永安市朴里村水头镇",
    "福建省南安市中山路12号水头镇",
    "湖南省长沙县人民大街道北",
    "福建省南安市乡镇企业局",
    "浙江省宁波市镇海区镇宁西路",
    "福建省南安市石材之乡大酒店",
    "江西省景德镇市浮梁县",
    "水头镇朴里村",  # of which county?
    "泉州市上海市水头镇",
    "Shuitou Town, Nan'an",
]


@pytest.mark.parametrize(("address", "township"), READ.items())
def test_a_township_stands_behind_its_county(address: str, township: str) -> None:
    found = find_townships(pd.DataFrame({"address": [address]}))
    assert found.to_dict("list") == {"township": [township], "known": ["address"]}


@pytest.mark.parametrize("address", UNCLEAR)
def test_what_is_unclear_is_unknown(address: str) -> None:
    found = find_townships(pd.DataFrame({"address": [address]}))
    assert found.to_dict("list") == {"township": [""], "known": [""]}


def test_the_column_comes_first_and_is_cut_down_to_the_township() -> None:
    cells = ["水头镇", "福建省南安市水头镇", "水头镇朴里村", "尼葛园区", "溪美街道办事处", " ", None]
    firms = pd.DataFrame({"township": cells, "address": "福建省南安市官桥镇"})
    found = find_townships(firms)
    assert found["township"].tolist() == [
        "水头镇", "水头镇", "水头镇", "尼葛园区", "溪美街道", "官桥镇", "官桥镇",
    ]  # fmt: skip
    assert found["known"].tolist() == ["column"] * 5 + ["address"] * 2


def test_townships_of_one_name_in_two_counties_are_told_apart() -> None:
    addresses = ["福建省漳浦县石榴镇", "福建省建宁县濉溪镇", "安徽省淮北市濉溪县濉溪镇", ""]
    firms = pd.DataFrame({"township": ["", "", "", "濉溪镇"], "address": addresses})
    found = find_townships(firms)
    assert found["township"].tolist() == ["石榴镇", "建宁县濉溪镇", "濉溪县濉溪镇", ""]
    assert found["known"].tolist() == ["address"] * 3 + [""]


def test_without_column_and_address_all_is_unknown_and_the_rows_stay_in_place() -> None:
    assert find_townships(pd.DataFrame({"name": ["a"]})).to_dict("list") == {"township": [""], "known": [""]}
    assert find_townships(pd.DataFrame({"address": []})).empty
    firms = pd.DataFrame({"address": list(READ)}, index=np.arange(len(READ)) * 3 + 5)
    whole = find_townships(firms)
    for seed in range(20):
        shuffled = firms.sample(frac=1, random_state=seed)
        pd.testing.assert_frame_equal(find_townships(shuffled).loc[firms.index], whole)
