"""Every seed case of the study comes out as it expects, from its listed inputs alone."""

import json

import pytest

from planning.ladder.cases import load_case
from planning.ladder.judge import judge
from planning.ladder.quantities import quantity
from planning.ladder.rules import load_ladder
from planning.three_valued import Interval

KEYS = {
    "Yong'an textile": "yongan-textile",
    "Shuitou stone": "shuitou-stone",
    "Dalian software": "dalian-software",
    "Yancheng auto parts": "yancheng-auto-parts",
    "Heilongjiang equipment": "heilongjiang-equipment",
    "no data": "no-data",
}
CASES = sorted(KEYS)


def interval(value):
    low, high = value if isinstance(value, list) else (value, value)
    return Interval(low, float("inf") if high is None else high)


@pytest.fixture(scope="module")
def study(shared):
    rules = json.loads((shared / "domain" / "rules.json").read_text(encoding="utf-8"))
    return {case["case"]: case for case in rules["seed_cases_expected"]}


def test_all_cases_of_the_study_are_here(study):
    assert set(study) == set(KEYS)


@pytest.mark.parametrize("name", CASES)
def test_the_inputs_are_those_that_the_study_lists(study, name):
    told, facts = study[name]["inputs"], load_case(KEYS[name]).facts
    for field in ("firms", "in_park", "in_or_around_park", "suppliers_of_one_lead_firm"):
        assert getattr(facts, field) == (interval(told[field]) if field in told else None)
    for field in ("association", "market", "standards", "policy_package", "other_industries_located"):
        assert getattr(facts, field) is told.get(field)
    assert sum(facts.services.values()) == len(told.get("services", {}))
    assert facts.local_matching_rate is None
    case = load_case(KEYS[name])
    if "chain" in told:
        assert case.chain.chain.key == told["chain"]
        assert [one.stage for one in case.chain.stages if one.state == "present"] == told["stages_named"]
    assert [(row.criterion, row.value) for row in case.essays] == [
        (row["criterion"], row["value"]) for row in study[name]["essay_rows"]
    ]


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("way", ["from_inputs", "with_essay_rows"])
def test_a_case_comes_out_as_expected(study, name, way):
    expected = study[name]["expect"][way]
    case = load_case(KEYS[name])
    result = judge(load_ladder(), case.facts, case.essays)
    verdict = result.from_inputs if way == "from_inputs" else result.with_essays
    decided = {key: value for key, value in verdict.criteria.items() if value is not None}
    assert decided == expected["criteria"]
    assert list(verdict.stage) == expected["stage"]
    assert list(verdict.radiation) == expected["radiation"]


def test_every_quantity_of_yongan_is_that_of_the_study(study):
    told = study["Yong'an textile"]["expect"]["quantities"]
    case = load_case("yongan-textile")
    ours = {
        "in_or_around_park_share": quantity(case.facts, "in_or_around_park_share"),
        "in_park_share": quantity(case.facts, "in_park_share"),
        "firms_outside_park_and_surroundings": quantity(case.facts, "firms_outside"),
        "stage_completeness": case.chain.stage_completeness,
        "completeness": case.facts.completeness,
        "terminal_stages": case.facts.terminal_stages,
        "link_completeness": case.chain.link_completeness,
    }
    for name, value in ours.items():
        assert value == interval(told.pop(name)), name
    links = {f"{one.start}->{one.end}": one.state for one in case.chain.links}
    assert (told.pop("link fibre->yarn"), links.pop("fibre->yarn")) == ("broken (stated)", "broken_stated")
    assert (told.pop("other local flows"), set(links.values())) == ("unknown", {"unknown"})
    assert told == {}


def test_thresholds_and_levels_are_those_of_the_study(shared):
    rules = load_ladder()
    told = json.loads((shared / "domain" / "rules.json").read_text(encoding="utf-8"))
    for ours, theirs in ((rules.stages, told["stages"]), (rules.radiation, told["radiation"])):
        assert [level.id for level in ours] == [level["id"] for level in theirs]
        for level, one in zip(ours, theirs, strict=True):
            assert level.name_zh == one.get("zh")
            assert list(level.required) == [row["id"] for row in one["required"]]
            assert list(level.signature) == [row["id"] for row in one.get("signature", [])]
    for industry, theirs in told["access_rules"].items():
        key = {"software": "software_outsourcing"}.get(industry, industry)
        if "critical" in theirs:
            assert len(rules.access[key]) == len(theirs["critical"])


def test_recognition_thresholds_are_those_of_the_standards_table(shared):
    import csv

    from planning.ladder.rules import load_recognition

    rules = load_recognition()
    with (shared / "domain" / "standards.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.reader(file) if row[1] == "集群认定"]
    for prefix, check in (("C", "miit_2022"), ("CY", "yunnan")):
        told = {row[0]: row for row in rows}
        for place, criterion in enumerate(rules.checks[check].criteria, start=1):
            row = told[f"{prefix}{place}"]
            test = rules.criteria[criterion].test
            scale = 100 if row[6] == "%" else 1
            assert (test.sign, rules.thresholds[test.threshold].value * scale) == (
                row[4],
                pytest.approx(float(row[5])),
            )
