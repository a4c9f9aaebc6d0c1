"""Codes with their edition, words, and the chain and stage that they stand for."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from geo.errors import ChoiceError
from layers.sources.chains import chains as all_chains
from layers.sources.editions import code_editions
from layers.sources.industries import find_chains, industries_catalogue, read_codes


def chains(edition: str = "", **text: str) -> list[object]:
    cells = {role: pd.Series([cell]) for role, cell in text.items()}
    return find_chains(cells, pd.Series([edition])).iloc[0].tolist()


def test_the_editions_of_the_catalogue_agree_with_each_other() -> None:
    editions = code_editions()
    only_2011, only_2017 = editions.only["2011"], editions.only["2017"]
    assert not only_2011 & only_2017
    assert not set(editions.changed) & (only_2011 | only_2017)
    assert not set(editions.moved) & only_2017
    assert not {code for classes in editions.moved.values() for code in classes} & only_2011
    # A class that kept its number and did not change is among those that took it over.
    kept = set(editions.moved) - only_2011 - set(editions.changed)
    assert all(code in editions.moved[code] for code in kept)
    # The name says what moved where: 3033 of 2011 is called as 3032 of 2017.
    for code, classes in editions.moved.items():
        if code in editions.changed and len(classes) == 1 and classes[0] in editions.changed:
            old, new = editions.changed[code][0], editions.changed[classes[0]][1]
            assert set(old) & set(new) >= {*old[:1]} or len(set(old) & set(new)) >= 2, (code, old, new)


def test_divisions_that_moved_up_are_those_before_them() -> None:
    editions = code_editions()
    moved = editions.divisions
    assert list(moved) == [str(number) for number in range(79, 97)]
    for number in range(79, 96):
        assert moved[str(number)][0].removesuffix("录音制作业") in moved[str(number + 1)][1]
    open_ = {*moved, *editions.not_compared}
    known = {*editions.changed, *editions.moved, *editions.only["2011"], *editions.only["2017"]}
    assert not {code for code in known if code[:2] in open_}


def test_the_chains_are_of_the_edition_of_2017() -> None:
    classes = set(industries_catalogue().classes)
    assert not classes & code_editions().only["2011"]
    stages = [stage for chain in all_chains().values() for stage in chain.stages.values()]
    names = {code: name for stage in stages for code, name in stage.classes.items()}
    for code, (_, new) in code_editions().changed.items():
        assert names.get(code, new) == new


@pytest.mark.parametrize(
    ("edition", "code", "chain", "stage"),
    [
        ("2011", "3033", "stone", "composite|product|slab"),
        ("2017", "3032", "stone", "composite|product|slab"),
        ("2011", "3032", None, None),
        ("2017", "3033", None, None),
        ("", "3032", None, None),
        ("", "1012", "stone", "quarry"),
        ("2017", "1711", "textile", "yarn"),
        ("", "1810", "textile", "garment"),
        ("2011", "3650", "automobile", "body"),
        ("2017", "3650", None, None),
        ("2011", "2033", "forest_bamboo", "floor"),
        ("2017", "5920", None, None),
        # Not compared: what a class of 2011 became is not known, though the number may be the same.
        ("2017", "0711", "petrochemical", "crude"),
        ("2011", "0711", None, None),
        ("", "7721", "stone", "waste"),
        ("2011", "7721", None, None),
        # From 79 on a division of 2011 is the next one of 2017: 83 was health and is education.
        ("2017", "8341", "software_outsourcing", "training"),
        ("2011", "8341", None, None),
        ("", "8341", None, None),
    ],
)
def test_a_code_stands_for_what_its_edition_says(
    edition: str, code: str, chain: object, stage: object
) -> None:
    assert chains(edition, industry_code=code)[:2] == [chain, stage]


@pytest.mark.parametrize(
    ("text", "chain", "stage"),
    [
        ("石材加工", "stone", None), ("建筑用石加工", "stone", "composite|product|slab"), ("石雕", "stone", "carving"),
        ("石材机械", "stone", "equipment"), ("棉纺", "textile", "yarn"), ("竹胶板", "forest_bamboo", "bambooboard"),
        ("水泥", "building_materials", None), ("软件开发", "software_outsourcing", "coding"), ("餐饮", None, None), ("", None, None),
    ],
)  # fmt: skip
def test_words_find_their_chain_and_nothing_is_guessed(text: str, chain: object, stage: object) -> None:
    assert chains(industry=text)[:2] == [chain, stage]


def test_the_product_tells_the_stages_of_one_class_apart() -> None:
    assert chains("2017", industry_code="3032", product="大板、毛板")[1] == "slab"
    assert chains("2017", industry_code="3032", product="其他")[1] == "composite|product|slab"


def test_the_match_is_shown() -> None:
    assert chains("2011", industry_code="3033")[2] == "3033 (2011)"
    assert chains(industry="福建石材")[2] == "石材"


def test_codes_are_text() -> None:
    cells = pd.Series(["0131", "C3032", "３０３２", "131", "3032.0", "", "水泥"])
    assert read_codes(cells).tolist() == ["0131", "3032", "3032", "", "", "", ""]


def csv(head: str, *rows: str) -> bytes:
    return "\n".join(
        [
            f"名称,经度,纬度,{head}",
            *(f"甲{place},118.{place + 1},24.7,{row}" for place, row in enumerate(rows)),
        ]
    ).encode()


@pytest.mark.parametrize("kind", ["firms", "any"])
def test_a_code_that_means_two_things_is_asked_about(take: Callable[..., object], kind: str) -> None:
    with pytest.raises(ChoiceError) as asked:
        take(csv("行业代码", "3032", "3033", "1012"), kind=kind)
    error = asked.value
    assert (error.about, error.exit_code) == ("code-edition", 4)
    assert [option["argument"] for option in error.options] == ["--code-edition 2011", "--code-edition 2017"]
    assert {row["code"]: row["2011"] for row in error.preview} == {
        "3032": "建筑陶瓷制品制造",
        "3033": "建筑用石加工",
    }


def test_a_code_of_a_division_that_moved_is_asked_about(take: Callable[..., object]) -> None:
    data = csv("行业代码", "8341", "1012")
    with pytest.raises(ChoiceError) as asked:
        take(data, kind="firms")
    assert asked.value.preview == [{"code": "8341", "rows": 1, "2011": "卫生", "2017": "教育"}]
    assert take(data, kind="firms", code_edition="2011").report.accepted == 2


@pytest.mark.parametrize(
    ("data", "answers"),
    [
        (csv("行业代码", "3032"), {"code_edition": "2017"}),
        (csv("行业代码(GB/T 4754-2017)", "3032"), {}),
        (csv("行业代码,行业代码版本", "3032,2017", "3033,GB/T 4754-2011"), {}),
        (csv("行业代码", "1012", "1711"), {}),
        (csv("naics", "3032"), {}),
    ],
)
def test_a_stated_or_needless_edition_is_not_asked_for(
    take: Callable[..., object], data: bytes, answers: dict[str, str]
) -> None:
    assert take(data, kind="firms", **answers).report.rejected == 0


def test_what_industries_were_taken_for_is_told(take: Callable[..., object]) -> None:
    got = take(csv("行业代码,行业", "3032,石材", "3032,石材", ",餐饮"), kind="firms", code_edition="2017")
    assert got.findings.industries == (
        {
            "industry": "3032 石材",
            "chain": "stone",
            "stage": "composite|product|slab",
            "match": "3032 (2017)",
            "rows": 2,
        },
        {"industry": "餐饮", "chain": None, "stage": None, "match": None, "rows": 1},
    )
