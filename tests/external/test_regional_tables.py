"""Ellison and Glaeser's γ on a table of R's REAT (GPL, so not in the project): its printed answers."""

from __future__ import annotations

import pandas as pd
import pytest

from geo.areas.ellison_glaeser import ellison_glaeser

PRINTED = {"Clothing trade": -0.09379384, "Forestry": 0.16838003}


@pytest.mark.parametrize("industry", PRINTED)
def test_gamma_is_what_reat_prints(shared, industry) -> None:
    plants, sample, _ = _table(shared, industry)
    ours = ellison_glaeser(plants["emp_firm"], plants["region"], sample, reference_name="firms of the table")
    assert ours.gamma == pytest.approx(PRINTED[industry], abs=5e-9)


def test_the_sign_turns_with_the_reference(shared) -> None:
    plants, _, all_staff = _table(shared, "Clothing trade")
    ours = ellison_glaeser(plants["emp_firm"], plants["region"], all_staff, reference_name="all staff")
    assert ours.gamma == pytest.approx(0.054, abs=5e-4)


def _table(shared, industry):
    table = pd.read_csv(shared / "data" / "reat" / "FK2014_EGC.csv")
    regions = table.groupby("region")
    return table[table["industry"] == industry], regions["emp_firm"].sum(), regions["emp_region"].first()
