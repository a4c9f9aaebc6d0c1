"""The chains that ship are those of the study, class by class."""

import json

import pytest

from layers.sources.chains import chains


@pytest.fixture(scope="module")
def study(shared):
    return json.loads((shared / "domain" / "chains.json").read_text(encoding="utf-8"))["chains"]


def test_stages_roles_classes_flows_and_alternatives_are_those_of_the_study(study):
    assert set(study) == set(chains())
    for key, told in study.items():
        chain = chains()[key]
        assert [list(flow) for flow in chain.flows] == told["flows"]
        assert [list(group) for group in chain.alternatives] == told["alternatives"]
        assert {code: list(fits) for code, fits in chain.ambiguous_classes.items()} == {
            code: [one for one in chain.stages if one in fits]
            for code, fits in told["ambiguous_codes"].items()
        }
        for stage in told["stages"]:
            ours = chain.stages[stage["id"]]
            assert (ours.role, ours.name_zh) == (stage["role"], stage["zh"])
            assert list(ours.classes) == [one["code"] for one in stage["codes"]]
