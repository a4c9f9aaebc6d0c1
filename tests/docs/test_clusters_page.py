"""docs/clusters.md tells the thresholds, facilities and cases that the rules hold."""

import re

import pytest

from planning.ladder.cases import case_names, load_case
from planning.ladder.judge import judge
from planning.ladder.rules import load_ladder, load_recognition
from planning.stone import StoneParams
from scripts.pages import text

PAGE = text("docs/clusters.md")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line[:2] == "| "
]


@pytest.mark.parametrize("rules", [load_ladder(), load_recognition()])
def test_every_threshold_is_told_with_its_criteria_value_and_origin(rules):
    told = {row[0].strip("`"): row for row in ROWS if len(row) == 5}
    for name, one in rules.thresholds.items():
        if name.startswith("access."):
            continue
        users = [
            key
            for key, criterion in rules.criteria.items()
            if name in {test.threshold for test in criterion.test.walk()}
        ]
        assert told[name][1:4] == [", ".join(users), f"{one.value:g} {one.unit}".strip(), one.origin]


def test_every_facility_is_told_with_its_thresholds():
    rules = load_ladder()
    told = [(row[0].strip("`"), row[2]) for row in ROWS if len(row) == 3]
    for industry, facilities in rules.access.items():
        within = []
        for one in facilities:
            limits = [
                (kind, rules.thresholds.get(f"access.{industry}.{one.id}.{kind}")) for kind in one.kinds
            ]
            within.append(
                ", ".join(
                    f"`{kind}` {f'{at.value:g} {at.unit}' if at else 'no threshold'}" for kind, at in limits
                )
            )
        assert [cell for key, cell in told if key == industry] == within


def test_every_case_is_told_as_it_comes_out():
    told = {row[0]: row for row in ROWS if len(row) == 5}
    for name in case_names():
        case = load_case(name)
        result = judge(load_ladder(), case.facts, case.essays)
        row = told[case.title_en]
        assert row[2:4] == [" – ".join(result.from_inputs.stage), " – ".join(result.from_inputs.radiation)]
        decided = [key for key, value in result.from_inputs.criteria.items() if value is not None]
        assert re.findall(r"[A-Z]\d\w?", row[1]) == decided
        both = f"{' – '.join(result.with_essays.stage)}, {' – '.join(result.with_essays.radiation)}"
        assert both in row[4] or result.with_essays.stage == result.from_inputs.stage


def test_the_distances_of_stone_are_the_defaults():
    params = StoneParams()
    assert f"within {params.quarry_km:g} km" in PAGE
    assert f"within {params.port_km:g} km" in PAGE
