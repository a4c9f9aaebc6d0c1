"""Industries over areas: quotients, localisation, specialisation, co-agglomeration."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from geo.areas.coagglomeration import coagglomeration, coagglomeration_table
from geo.areas.concentration import gini
from geo.areas.localisation import hoover_balassa, localisation, locational_gini
from geo.areas.quotient import location_quotients
from geo.areas.specialisation import krugman_specialisation
from geo.errors import InfeasibleError

VECTORS = json.loads((Path(__file__).parents[2] / "data" / "areas_oracle.json").read_text())["vectors"]
TOY = VECTORS["toy_economy"]
TABLE = pd.DataFrame(TOY["employment"], index=TOY["regions"], columns=TOY["industries"])
UNEQUAL = pd.DataFrame(
    VECTORS["toy_unequal_regions"]["employment"], index=TOY["regions"], columns=TOY["industries"]
)
ECONOMIES = st.tuples(st.integers(2, 8), st.integers(2, 6)).flatmap(
    lambda shape: arrays(np.float64, shape, elements=st.floats(0.1, 1e5))
)


def frame(values) -> pd.DataFrame:
    areas, industries = np.asarray(values).shape
    return pd.DataFrame(
        values, index=[f"r{i}" for i in range(areas)], columns=[f"i{i}" for i in range(industries)]
    )


def close(ours, theirs) -> None:
    np.testing.assert_allclose(np.asarray(ours, dtype=float), theirs, rtol=1e-9, atol=1e-9)


def test_the_toy_economy() -> None:
    quotients = location_quotients(TABLE, reference_name="toy")
    close(quotients.values, TOY["LQ"])
    assert quotients.values.loc["D", "stone"] == pytest.approx(1.8)
    spread = localisation(TABLE)
    close(spread.values["hhi"], TOY["HHI_region_share_by_industry"])
    close(spread.values["hoover_balassa"], TOY["hoover_balassa_localization_by_industry"])
    close(spread.values["locational_gini"], TOY["locational_gini_lorenz_weighted"])
    close([gini(quotients.values[name]) for name in TABLE], TOY["gini_of_LQ_unweighted"])
    close(krugman_specialisation(TABLE).values, TOY["krugman_specialisation_vs_rest_of_economy"])
    whole = krugman_specialisation(TABLE, versus="whole")
    close(whole.values, TOY["krugman_specialisation_vs_whole_economy"])
    assert whole.versus == "whole"


def test_in_unequal_regions_the_two_ginis_differ() -> None:
    block = VECTORS["toy_unequal_regions"]
    quotients = location_quotients(UNEQUAL, reference_name="toy").values
    close(quotients, block["LQ"])
    close(localisation(UNEQUAL).values["locational_gini"], block["locational_gini_lorenz_weighted"])
    close([gini(quotients[name]) for name in UNEQUAL], block["gini_of_LQ_unweighted"])


def test_coagglomeration_of_the_text() -> None:
    block = VECTORS["egk"]
    assert coagglomeration(block["s1"], block["s2"], block["x"]) == pytest.approx(block["gamma_c"], rel=1e-12)
    other = block["opposite"]
    assert coagglomeration(other["s1"], other["s2"], other["x"]) == pytest.approx(other["gamma_c"], rel=1e-12)


@given(ECONOMIES)
@settings(max_examples=25, deadline=None)
def test_quotients_average_to_one_over_the_areas_of_the_reference(values) -> None:
    table = frame(values)
    quotients = location_quotients(table, reference_name="all").values
    weights = table.sum(axis=1) / table.to_numpy().sum()
    close(quotients.mul(weights, axis=0).sum(), 1.0)


@given(ECONOMIES, st.floats(1e-3, 1e3), st.randoms())
@settings(max_examples=20, deadline=None)
def test_neither_unit_nor_order_matters_and_bounds_hold(values, factor, chance) -> None:
    table = frame(values)
    areas, industries = list(table.index), list(table.columns)
    chance.shuffle(areas)
    chance.shuffle(industries)
    mixed = table.loc[areas, industries] * factor
    for measure in (
        lambda t: location_quotients(t, reference_name="all").values,
        lambda t: location_quotients(t, reference_name="others", includes_area=False).values,
        lambda t: localisation(t).values,
        coagglomeration_table,
    ):
        ours, theirs = measure(table), measure(mixed)
        close(theirs.reindex(index=ours.index, columns=ours.columns), ours)
    for versus in ("rest", "whole"):
        ours = krugman_specialisation(table, versus=versus).values
        close(krugman_specialisation(mixed, versus=versus).values.reindex(ours.index), ours)
        assert ours.between(-1e-9, 2 + 1e-9).all()
    spread = localisation(table).values
    assert spread.apply(lambda column: column.between(-1e-9, 1)).all(axis=None)
    # The curve lies below the broken line through its point of largest distance, which is Hoover's.
    assert (spread["hoover_balassa"] <= spread["locational_gini"] + 1e-9).all()


@given(ECONOMIES, st.integers(2, 4))
@settings(max_examples=25, deadline=None)
def test_cutting_areas_into_like_parts_leaves_localisation_as_it_is(values, parts) -> None:
    cut = np.repeat(values / parts, parts, axis=0)
    for measure in (hoover_balassa, locational_gini):
        ours = measure(values[:, 0], values.sum(axis=1))
        assert measure(cut[:, 0], cut.sum(axis=1)) == pytest.approx(ours, rel=1e-9, abs=1e-9)


def test_an_industry_spread_like_the_reference_has_no_localisation() -> None:
    assert hoover_balassa([1, 2, 3], [10, 20, 30]) == pytest.approx(0)
    assert locational_gini([1, 2, 3], [10, 20, 30]) == pytest.approx(0)
    assert hoover_balassa([5, 0], [1, 3]) == pytest.approx(0.75)
    assert locational_gini([5, 0], [1, 3]) == pytest.approx(0.75)
    assert locational_gini([5, 5, 0], [1, 0, 1]) == pytest.approx(0.75)


def test_the_reference_is_named_and_stored_and_says_whether_it_holds_the_area() -> None:
    province = pd.Series({"stone": 300.0, "textile": 500.0, "other": 9200.0})
    ours = location_quotients(TABLE, reference=province, reference_name="Fujian", includes_area=False)
    assert (ours.reference_name, ours.includes_area) == ("Fujian", False)
    assert ours.values.loc["A", "stone"] == pytest.approx(0.1 / 0.03)
    assert ours.reference.loc["A", "other"] == 9200
    others = location_quotients(TABLE, reference_name="the other regions", includes_area=False)
    assert others.reference.loc["A"].tolist() == [900, 700, 1400]
    assert others.values.loc["A", "stone"] == pytest.approx(0.1 / 0.3)


def test_unknown_quotients_say_why() -> None:
    table = pd.DataFrame({"stone": [10.0, 0, 5], "silk": [0.0, 0, 0]}, index=["A", "B", "C"])
    ours = location_quotients(table, reference_name="all")
    assert ours.why("A", "stone") is None
    assert ours.values.loc["A", "stone"] == pytest.approx(1)
    assert "nothing of any industry is recorded in “B”" in str(ours.why("B", "stone"))
    assert "holds nothing of “silk”" in str(ours.why("A", "silk"))
    with_gap = location_quotients(
        table.mask(table == 5), reference=pd.Series({"stone": 8.0, "silk": 1.0}), reference_name="land"
    )
    assert "sizes in “C” are unknown" in str(with_gap.why("C", "silk"))
    assert with_gap.values.loc["A", "stone"] == pytest.approx(9 / 8)
    inner_gap = location_quotients(table.mask(table == 5), reference_name="all")
    assert "sizes in the reference of “A” are unknown" in str(inner_gap.why("A", "stone"))


def test_an_industry_of_one_area_alone_is_not_infinitely_concentrated_against_the_others() -> None:
    table = pd.DataFrame({"jade": [0.3, 0, 0], "other": [0.1, 0.7, 0.2]}, index=["A", "B", "C"])
    ours = location_quotients(table, reference_name="others", includes_area=False)
    assert np.isnan(ours.values.loc["A", "jade"])
    assert "holds nothing of “jade”" in str(ours.why("A", "jade"))
    assert krugman_specialisation(table).values["A"] == pytest.approx(1.5)


def test_one_region_cannot_be_compared() -> None:
    lone = TABLE.loc[["A"]]
    for measure in (krugman_specialisation, localisation, coagglomeration_table):
        with pytest.raises(InfeasibleError, match="1 areas are too few"):
            measure(lone)
    with pytest.raises(InfeasibleError, match="1 areas are too few"):
        location_quotients(lone, reference_name="itself")


def test_unknown_industries_and_areas_are_listed_with_their_reason() -> None:
    table = TABLE.assign(silk=0.0)
    ours = localisation(table)
    assert ours.values.loc["silk"].isna().all()
    assert "the total of all sizes is zero" in str(ours.unknown["silk"])
    assert list(ours.unknown) == ["silk"]
    assert coagglomeration_table(table).loc["silk"].isna().all()
    close(coagglomeration_table(table).loc[TABLE.columns, TABLE.columns], coagglomeration_table(TABLE))
    empty = pd.concat([TABLE, pd.DataFrame(0.0, index=["E"], columns=TABLE.columns)])
    ours = krugman_specialisation(empty)
    assert "nothing of any industry is recorded in “E”" in str(ours.unknown["E"])
    close(ours.values.drop("E"), krugman_specialisation(TABLE).values)
    gap = TABLE.copy()
    gap.loc["A", "stone"] = np.nan
    with pytest.raises(InfeasibleError, match="1 of 4 sizes are unknown"):
        localisation(gap)
    ours = localisation(gap, reference=TABLE.sum(axis=1), reference_name="staff of all industries")
    assert list(ours.unknown) == ["stone"]
    assert ours.reference_name == "staff of all industries"
    close(ours.reference, TABLE.sum(axis=1))


def test_labels_that_come_twice_and_references_of_other_areas_are_refused() -> None:
    with pytest.raises(InfeasibleError, match="“A” is there more than once"):
        localisation(pd.concat([TABLE, TABLE.loc[["A"]]]))
    with pytest.raises(InfeasibleError, match="1 of 4 sizes are unknown"):
        localisation(TABLE, reference=TABLE.drop("A").sum(axis=1))
    with pytest.raises(InfeasibleError, match="3 areas and the reference 2"):
        hoover_balassa([1, 2, 3], [1, 2])


@given(ECONOMIES)
@settings(max_examples=25, deadline=None)
def test_coagglomeration_is_symmetric_and_that_of_each_pair(values) -> None:
    table = frame(values)
    ours = coagglomeration_table(table)
    x = (table / table.sum()).mean(axis=1)
    first, second = table.columns[:2]
    assert ours.loc[first, second] == pytest.approx(
        coagglomeration(table[first], table[second], x), rel=1e-9, abs=1e-12
    )
    np.testing.assert_allclose(ours, ours.T)
    # Deviations from the mean share sum to zero over industries: so does each row with its own square.
    off = table / table.sum() - x.to_numpy()[:, None]
    own = (off**2).sum() / (1 - (x**2).sum())
    close(ours.sum(axis=1), -own)
