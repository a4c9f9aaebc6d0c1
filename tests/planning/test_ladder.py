"""Stage and radiation: attained and ceiling from what is known, and nothing from what is not."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from data import CATALOGUES
from geo.errors import SourceError, UsageError
from planning.ladder.cases import case_names, load_case
from planning.ladder.facts import FACTS, PLATFORM, SERVICES, AccessRow, Facts, Source
from planning.ladder.judge import judge, judge_checks
from planning.ladder.quantities import quantity
from planning.ladder.rules import load_ladder, load_recognition
from planning.ladder.verdicts import EssayRow
from planning.three_valued import Interval, every, share, some

RULES = load_ladder()
ORDER = ["none", "dispersed", "concentration", "agglomeration", "cluster"]
RADIATION = ["none", "receive", "inward", "outward"]
EXACTLY = Interval.exactly
PORT = AccessRow(kind="seaport", value=EXACTLY(7.6), unit="km")
ROAD = AccessRow(kind="expressway", value=EXACTLY(10), unit="min", measure="network")
WHOLE = Facts(
    industry="stone",
    firms=EXACTLY(50),
    in_park=EXACTLY(30),
    policy_package=True,
    lq=EXACTLY(3),
    access=(PORT, ROAD),
    lead_firms=EXACTLY(3),
    size_missing_share=EXACTLY(0.1),
    market=True,
    services=dict.fromkeys(["packaging", "storage", "logistics"], True),
    inside_pairs=Interval(20),
    completeness=EXACTLY(0.7),
    terminal_stages=EXACTLY(2),
    flows_present=EXACTLY(4),
    local_matching_rate=EXACTLY(0.4),
    partner_share=EXACTLY(0.6),
    rd_share=EXACTLY(0.02),
    regional_brand=True,
    association=True,
    platform=dict.fromkeys(["equipment", "transport", "finance", "information", "customs"], True),
    suppliers_of_one_lead_firm=EXACTLY(15),
    lead_with_four_functions=True,
    external_producers=EXACTLY(2),
    outward_share=EXACTLY(0.5),
    standard_led=True,
)


def criteria(**facts: Any) -> dict[str, bool | None]:
    return dict(judge(RULES, Facts(**facts)).from_inputs.criteria)


# --- levels ---------------------------------------------------------------------------------------


def test_no_data_is_from_none_to_the_top_and_lists_every_criterion() -> None:
    verdict = judge(RULES, Facts()).from_inputs
    assert (verdict.stage, verdict.radiation) == (("none", "cluster"), ("none", "outward"))
    assert {row.criterion for row in verdict.missing} == set(RULES.criteria)
    assert verdict.evidence == ()


def test_all_known_and_met_is_the_top() -> None:
    verdict = judge(RULES, WHOLE).from_inputs
    assert (verdict.stage, verdict.radiation) == (("cluster", "cluster"), ("outward", "outward"))


@pytest.mark.parametrize(
    ("changed", "stage", "radiation"),
    [
        ({"firms": EXACTLY(0), "in_park": None, "lead_firms": None}, ("none", "none"), ("none", "none")),
        ({"in_park": EXACTLY(10)}, ("dispersed", "cluster"), ("none", "outward")),
        ({"rd_share": None}, ("agglomeration", "cluster"), ("outward", "outward")),
        ({"partner_share": EXACTLY(0.1)}, ("agglomeration", "agglomeration"), ("outward", "outward")),
        (
            {"lq": EXACTLY(1), "dominant_share": EXACTLY(0.1)},
            ("concentration", "concentration"),
            ("none", "none"),
        ),
        ({"lead_with_four_functions": None}, ("cluster", "cluster"), ("receive", "outward")),
        ({"outward_share": EXACTLY(0.1)}, ("cluster", "cluster"), ("inward", "inward")),
        ({"market": None, "association": None}, ("concentration", "cluster"), ("none", "outward")),
    ],
)
def test_a_level_needs_all_below_it(
    changed: dict[str, Any], stage: tuple[str, str], radiation: tuple[str, str]
) -> None:
    verdict = judge(RULES, dataclasses.replace(WHOLE, **changed)).from_inputs
    assert (verdict.stage, verdict.radiation) == (stage, radiation)


# --- single criteria ------------------------------------------------------------------------------

KD = {"kd_firms": EXACTLY(40), "other_industries_located": True}


@pytest.mark.parametrize(
    ("facts", "c1a", "c1b", "c1"),
    [
        ({"firms": EXACTLY(70), "in_park": EXACTLY(40)}, True, None, True),
        ({"firms": EXACTLY(70), "in_park": EXACTLY(40), "kd_localised": False, **KD}, True, False, True),
        ({"firms": EXACTLY(70), "in_park": Interval(0, 29)}, False, None, None),
        ({"firms": EXACTLY(70), "in_park": Interval(0, 29), "kd_localised": False, **KD}, False, False, False),
        ({"firms": EXACTLY(70), "in_park": Interval(0, 29), "kd_localised": True, **KD}, False, True, None),
        ({"firms": EXACTLY(70), "in_park": Interval(20, 50), "kd_localised": False, **KD}, None, False, None),
        ({"firms": EXACTLY(70), "kd_localised": True, **KD}, None, True, None),
        ({"no_park": True, "kd_localised": True, **KD}, None, True, True),
        ({"no_park": True, "kd_localised": False, **KD}, None, False, False),
        ({"no_park": True}, None, None, None),
        ({"kd_localised": True, "kd_firms": EXACTLY(10), "other_industries_located": True}, None, None, None),
        ({"kd_localised": False, "kd_firms": EXACTLY(40), "other_industries_located": False}, None, None, None),
    ],
)  # fmt: skip
def test_concentration_is_by_the_park_and_confirmed_by_kd(
    facts: dict[str, Any], c1a: bool | None, c1b: bool | None, c1: bool | None
) -> None:
    found = criteria(**facts)
    assert (found["C1a"], found["C1b"], found["C1"]) == (c1a, c1b, c1)


@pytest.mark.parametrize(
    ("facts", "a6"),
    [
        ({}, None),
        ({"inside_pairs": EXACTLY(0)}, False),
        ({"inside_pairs": Interval(0)}, None),
        ({"inside_pairs": Interval(1)}, True),
        ({"local_matching_rate": EXACTLY(0)}, False),
        ({"local_matching_rate": Interval(0.01, 0.3)}, True),
        ({"suppliers_of_one_lead_firm": Interval(100)}, True),
        ({"suppliers_of_one_lead_firm": EXACTLY(0)}, None),
    ],
)
def test_cooperation_is_denied_by_purchase_records_alone(facts: dict[str, Any], a6: bool | None) -> None:
    assert criteria(**facts)["A6"] is a6


def test_recorded_and_denied_suppliers_are_a_contradiction() -> None:
    with pytest.raises(UsageError, match="both recorded and denied"):
        judge(RULES, Facts(inside_pairs=EXACTLY(0), suppliers_of_one_lead_firm=EXACTLY(3)))


@pytest.mark.parametrize(
    ("rows", "a2"),
    [
        ((PORT, ROAD), True),
        ((PORT,), None),
        ((dataclasses.replace(ROAD, value=EXACTLY(16)),), False),
        ((dataclasses.replace(PORT, value=Interval(0, 92.8)), ROAD), None),
        ((dataclasses.replace(PORT, value=EXACTLY(60)), ROAD), None),
        (
            (
                dataclasses.replace(PORT, value=EXACTLY(170)),
                AccessRow(kind="river_port", value=EXACTLY(19)),
                ROAD,
            ),
            True,
        ),
        (
            (
                dataclasses.replace(PORT, value=EXACTLY(170)),
                AccessRow(kind="river_port", value=EXACTLY(500)),
                ROAD,
            ),
            False,
        ),
        ((PORT, AccessRow(kind="expressway", value=EXACTLY(3), unit="km", measure="network")), None),
    ],
)
def test_every_critical_facility_must_be_near(rows: tuple[AccessRow, ...], a2: bool | None) -> None:
    assert criteria(industry="stone", access=rows)["A2"] is a2


def test_without_a_list_of_facilities_or_a_threshold_access_is_unknown() -> None:
    assert criteria(industry="", access=(PORT, ROAD))["A2"] is None
    rows = (
        AccessRow(kind="airport", value=EXACTLY(30), unit="min", measure="network"),
        AccessRow(kind="university", value=EXACTLY(3)),
        AccessRow(kind="feeders", value=EXACTLY(2), unit="feeders"),
    )
    assert criteria(industry="software_outsourcing", access=rows)["A2"] is None
    fibre = AccessRow(kind="fibre", met=True)
    assert criteria(industry="software_outsourcing", access=(*rows, fibre))["A2"] is True


def test_straight_lines_and_networks_are_never_mixed() -> None:
    mixed = (PORT, AccessRow(kind="river_port", value=EXACTLY(60), measure="network"))
    with pytest.raises(UsageError, match="mixed"):
        judge(RULES, Facts(industry="stone", access=mixed))
    with pytest.raises(UsageError, match="minutes need a network"):
        AccessRow(kind="expressway", value=EXACTLY(10), unit="min")
    with pytest.raises(UsageError, match="given twice"):
        Facts(access=(PORT, PORT))


@pytest.mark.parametrize(("missing", "a3"), [(0.2, True), (0.21, None), (None, None)])
def test_sizes_that_are_not_recorded_leave_lead_firms_unknown(missing: float | None, a3: bool | None) -> None:
    gap = None if missing is None else EXACTLY(missing)
    assert criteria(firms=EXACTLY(20), lead_firms=EXACTLY(2), size_missing_share=gap)["A3"] is a3
    assert criteria(firms=EXACTLY(19))["A3"] is False


def test_services_that_nobody_recorded_may_be_there() -> None:
    assert criteria(services={"guarantee": True})["A5"] is None
    assert criteria(services=dict.fromkeys(list(SERVICES)[:3], True))["A5"] is True
    assert criteria(services=dict.fromkeys(list(SERVICES)[:6], False))["A5"] is False
    assert criteria(association=True, platform=dict.fromkeys(list(PLATFORM)[:5], True))["K6"] is True


# --- essays, assumptions, thresholds ----------------------------------------------------------------


def test_an_essay_fills_a_gap_and_replaces_nothing() -> None:
    rows = [EssayRow(criterion="C1", value=False, quote="离散状态"), EssayRow(criterion="A4", value=False)]
    result = judge(RULES, Facts(firms=EXACTLY(70), market=True), rows)
    assert result.from_inputs.stage == ("dispersed", "cluster")
    assert result.with_essays.stage == ("dispersed", "dispersed")
    assert result.with_essays.criteria["A4"] is True
    assert [row.criterion for row in result.disagreements] == ["A4"]
    (told,) = result.with_essays.evidence_of("C1")
    assert (told.origins, told.source) == (("essay",), "离散状态")


def test_essays_that_contradict_each_other_decide_nothing() -> None:
    rows = [EssayRow(criterion="A4", value=value) for value in (True, False)]
    result = judge(RULES, Facts(), rows)
    assert result.with_essays.criteria["A4"] is None
    assert len(result.disagreements) == 2
    with pytest.raises(UsageError, match="no criterion"):
        judge(RULES, Facts(), [EssayRow(criterion="C9", value=True)])


def test_what_a_generator_assumed_decides_nothing() -> None:
    facts = Facts(
        firms=EXACTLY(70),
        market=True,
        sources={
            "firms": Source(origin="generator_assumption"),
            "market": Source(origin="essay", text="市场"),
        },
    )
    result = judge(RULES, facts)
    assert (result.from_inputs.stage, result.shown_only) == (("none", "cluster"), ("firms",))
    (row,) = result.from_inputs.evidence_of("A4")
    assert (row.met, row.origins, row.source) == (True, ("essay",), "市场")


def test_evidence_says_value_threshold_number_and_origin() -> None:
    facts = Facts(
        firms=EXACTLY(70),
        in_park=Interval(0, 29),
        sources={"firms": Source(origin="essay", text="70家", n=70)},
    )
    (row,) = judge(RULES, facts).from_inputs.evidence_of("C1a")
    assert (row.value, row.sign, row.threshold, row.met, row.n) == (
        Interval(0, 29 / 70),
        ">=",
        0.5,
        False,
        70,
    )
    assert (row.threshold_origin, row.origins, row.source) == ("project_default", ("data", "essay"), "70家")


@pytest.mark.parametrize("name", sorted(RULES.thresholds))
def test_a_threshold_changes_only_criteria_that_use_it(name: str) -> None:
    users = RULES.users_of(name)
    assert users
    for value in (-1.0, RULES.thresholds[name].value + 1e6):
        changed = RULES.with_thresholds({name: value})
        for facts in (WHOLE, Facts(firms=EXACTLY(3), in_park=EXACTLY(1), lq=EXACTLY(1))):
            one, two = (judge(rules, facts).from_inputs.criteria for rules in (RULES, changed))
            assert {key for key in one if one[key] is not two[key]} <= users
    assert changed.thresholds[name].origin == "user"


def test_a_changed_threshold_stands_in_the_evidence() -> None:
    rules = RULES.with_thresholds({"in_park_share": 0.6})
    verdict = judge(rules, WHOLE).from_inputs
    assert verdict.evidence_of("C1a")[0].threshold_origin == "user"
    with pytest.raises(UsageError, match="did you mean “in_park_share”"):
        RULES.with_thresholds({"in_park_shar": 0.6})


# --- properties -------------------------------------------------------------------------------------


@st.composite
def truths(draw: st.DrawFn) -> dict[str, Any]:
    """One consistent world in which everything is known."""
    firms = draw(st.integers(0, 60))
    around = draw(st.integers(0, firms))
    pairs = draw(st.integers(0, 20))
    world: dict[str, Any] = {
        "firms": firms,
        "in_or_around_park": around,
        "in_park": draw(st.integers(0, around)),
        "kd_firms": draw(st.integers(0, firms)),
        "lead_firms": draw(st.integers(0, min(firms, 4))),
        "inside_pairs": pairs,
        "suppliers_of_one_lead_firm": draw(st.integers(0, pairs)),
        "local_matching_rate": draw(st.sampled_from([0.1, 0.3, 0.5])) if pairs else 0.0,
    }
    for name, fact in FACTS.items():
        if name in world:
            continue
        if fact.kind == "flag":
            world[name] = draw(st.booleans())
        elif fact.kind == "checklist":
            world[name] = {key: draw(st.booleans()) for key in fact.functions}
        elif fact.kind == "share":
            world[name] = draw(st.sampled_from([0.0, 0.01, 0.25, 0.5, 0.7, 1.0]))
        else:
            world[name] = draw(st.integers(0, 15))
    world["access"] = (
        AccessRow(kind="seaport", value=EXACTLY(draw(st.sampled_from([10, 90])))),
        AccessRow(kind="river_port", value=EXACTLY(draw(st.sampled_from([10, 90])))),
        AccessRow(
            kind="expressway", value=EXACTLY(draw(st.sampled_from([5, 40]))), unit="min", measure="network"
        ),
    )
    return world


def known(world: dict[str, Any], slack: dict[str, float]) -> Facts:
    """What is known of a world: slack 0 all, up to 1 less, above it nothing."""
    facts: dict[str, Any] = {}
    for name, value in world.items():
        loose = slack[name]
        if isinstance(value, dict):
            facts[name] = dict(list(value.items())[: round(len(value) * max(0.0, 1 - loose))])
        elif name == "access":
            facts[name] = value[: round(3 * max(0.0, 1 - loose))]
        elif isinstance(value, bool):
            facts[name] = value if loose < 0.5 else None
        elif loose > 1:
            facts[name] = None
        else:
            top = 1.0 if FACTS[name].kind == "share" else value + 20 * loose
            facts[name] = Interval(
                max(0.0, value - 20 * loose), min(top, value + loose) if top == 1.0 else top
            )
    return Facts(industry="stone", **facts)


SLACKS = st.fixed_dictionaries({name: st.floats(0, 1.3) for name in (*FACTS, "access")})
SHRINK = st.fixed_dictionaries({name: st.floats(0, 1) for name in (*FACTS, "access")})


@settings(max_examples=200, deadline=None)
@given(world=truths(), slack=SLACKS, shrink=SHRINK)
def test_more_data_never_widens_the_answer(
    world: dict[str, Any], slack: dict[str, float], shrink: dict[str, float]
) -> None:
    loose = judge(RULES, known(world, slack)).from_inputs
    tight = judge(RULES, known(world, {name: slack[name] * shrink[name] for name in slack})).from_inputs
    for key, value in loose.criteria.items():
        assert value is None or tight.criteria[key] is value, key
    for one, two, order in (
        (loose.stage, tight.stage, ORDER),
        (loose.radiation, tight.radiation, RADIATION),
    ):
        low, high = map(order.index, one)
        lower, upper = map(order.index, two)
        assert low <= lower <= upper <= high


@settings(deadline=None)
@given(world=truths(), slack=SLACKS)
def test_each_decision_has_evidence_and_each_question_what_is_missing(
    world: dict[str, Any], slack: dict[str, float]
) -> None:
    verdict = judge(RULES, known(world, slack)).from_inputs
    evident = {row.criterion for row in verdict.evidence if row.met is not None}
    missing = {row.criterion for row in verdict.missing}
    for key, value in verdict.criteria.items():
        assert (key in missing) == (value is None)
        assert value is None or key in evident


@settings(deadline=None)
@given(world=truths(), slack=SLACKS, order=st.randoms(use_true_random=False))
def test_order_does_not_matter(world: dict[str, Any], slack: dict[str, float], order: Any) -> None:
    facts = known(world, slack)
    shuffled: dict[str, Any] = {}
    for name in ("services", "platform"):
        items = list(getattr(facts, name).items())
        order.shuffle(items)
        shuffled[name] = dict(items)
    access = list(facts.access)
    order.shuffle(access)
    rows = [
        EssayRow(criterion=key, value=value, quote=q)
        for key in ("C1", "A4")
        for value, q in ((True, "b"), (True, "a"))
    ]
    mixed = list(rows)
    order.shuffle(mixed)
    one = judge(RULES, facts, rows)
    two = judge(RULES, dataclasses.replace(facts, access=tuple(access), **shuffled), mixed)
    assert one.with_essays.criteria == two.with_essays.criteria
    assert set(one.with_essays.evidence) == set(two.with_essays.evidence)
    assert (one.with_essays.stage, one.from_inputs.radiation) == (
        two.with_essays.stage,
        two.from_inputs.radiation,
    )


TRUTH = st.sampled_from([True, False, None])


@given(values=st.lists(TRUTH, max_size=4))
def test_kleenes_and_is_what_all_worlds_agree_on(values: list[bool | None]) -> None:
    import itertools

    worlds = list(itertools.product(*([True, False] if one is None else [one] for one in values)))
    ands, ors = {all(world) for world in worlds}, {any(world) for world in worlds}
    assert every(values) is (ands.pop() if len(ands) == 1 else None)
    assert some(values) is (ors.pop() if len(ors) == 1 else None)


@given(low=st.integers(0, 9), more=st.integers(0, 9), whole=st.integers(1, 9))
def test_an_interval_meets_a_threshold_only_as_a_whole(low: int, more: int, whole: int) -> None:
    part = Interval(low, low + more)
    for sign in (">=", ">", "<=", "<"):
        met = {Interval.exactly(one).compare(sign, whole) for one in range(low, low + more + 1)}
        assert part.compare(sign, whole) is (met.pop() if len(met) == 1 else None)
    assume(low + more <= whole)
    assert share(part, EXACTLY(whole)) == Interval(low / whole, (low + more) / whole)


# --- cases, checks, files ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", case_names())
def test_a_seed_case_prints_neither_cluster_nor_outward(name: str) -> None:
    case = load_case(name)
    result = judge(RULES, case.facts, case.essays)
    bottom = "none" if name == "no-data" else "dispersed"
    assert (result.from_inputs.stage, result.from_inputs.radiation) == (
        (bottom, "cluster"),
        ("none", "outward"),
    )
    ceiling = ("dispersed", "none") if name == "yongan-textile" else ("cluster", "outward")
    assert (result.with_essays.stage[1], result.with_essays.radiation[1]) == ceiling
    assert all(source.origin in ("essay", "calc") for source in case.facts.sources.values())


def test_yongan_counts_outside_its_park() -> None:
    facts = load_case("yongan-textile").facts
    assert quantity(facts, "firms_outside") == Interval(41, 49)
    assert quantity(facts, "in_or_around_park_share") == Interval(0.3, 29 / 70)


def test_recognition_is_a_check_of_its_own() -> None:
    rules = load_recognition()
    facts = Facts(
        cluster_area_km2=EXACTLY(60),
        least_output_yi=EXACTLY(41),
        sme_output_share=EXACTLY(0.7),
        dominant_share=EXACTLY(0.7),
        output_growth=EXACTLY(0.12),
    )
    miit, yunnan = judge_checks(rules, facts)
    # More than 70 % is asked of the lead industry: 70 % is not enough.
    assert (miit.met, miit.verdict["M4"], yunnan.met) == (False, False, None)
    assert [row.criterion for row in yunnan.missing] == ["Y5"]
    assert judge_checks(rules, Facts())[0].met is None
    shrinking = dataclasses.replace(facts, output_growth=EXACTLY(-0.1))
    assert judge_checks(rules, shrinking)[0].verdict["M5"] is False


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"in_park": EXACTLY(5), "firms": EXACTLY(4)}, "more firms than there are"),
        ({"lq": EXACTLY(-1)}, "outside its range"),
        ({"rd_share": Interval(0, 1.2)}, "outside its range"),
        ({"services": {"packing": True}}, "did you mean “packaging”"),
        ({"no_park": True, "in_park": EXACTLY(1)}, "no park is declared"),
        ({"sources": {"firm": Source()}}, "did you mean “firms”"),
    ],
)
def test_facts_that_cannot_be_are_refused(facts: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        Facts(**facts)


def test_an_interval_or_origin_that_cannot_be_is_refused() -> None:
    with pytest.raises(UsageError, match="holds no number"):
        Interval(2, 1)
    with pytest.raises(UsageError, match="no origin"):
        Source(origin="rumour")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[facts]\nfirmz = 3", ["did you mean “firms”", "mine.toml facts"]),
        ("[facts]\nfirms = [3, 2]", ["holds no number"]),
        ("[facts]\nfirms = '少'", ["facts.firms", "must be a number or two"]),
        ("[facts]\nmarket = 1", ["facts.market", "true or false"]),
        ("[chain]\nkey = 'textile'\npresent = ['yarm']", ["did you mean “yarn”"]),
        ("[chain]\nkey = 'textile'\n[facts]\ncompleteness = 0.5", ["follows from the section chain"]),
        ("[[access]]\nkinds = 'port'", ["is no entry of sources, access or essay_rows"]),
        ("titel = 'x'", ["unknown key “titel”"]),
    ],
)
def test_a_slip_in_a_case_is_told(tmp_path: Path, text: str, words: list[str]) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as error:
        load_case(path)
    assert all(word in f"{error.value} {error.value.where}" for word in words)


LADDER = (CATALOGUES / "ladder.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('quantity = "lead_firms"', 'quantity = "lead_firm"', ["“lead_firm” is not known", "criteria.A3"]),
        ('threshold = "services"', 'threshold = "service"', ["“service” is not known", "services"]),
        ('confirm = ["C1a", "C1b"]', 'confirm = ["C1a", "C9"]', ["“C9” is not known"]),
        ('required = ["C1", "C2"]', 'required = ["C1", "C22"]', ["“C22” is not known"]),
        ('test = { yes = "lead_with', 'test = { yep = "lead_with', ["criteria.R2", "must hold one of"]),
        ('origin = "seed", source = "产业协作增强"', 'origin = "hearsay"', ["thresholds.inside_links"]),
        ('sign = ">=", threshold = "services"', 'sign = "=>", threshold = "services"', ["“=>” is not known"]),
        ("[thresholds]", "[thresholds]\nspare = { value = 1 }", ["thresholds.spare", "used by no criterion"]),
    ],
)
def test_a_slip_in_the_rules_is_told(tmp_path: Path, old: str, new: str, words: list[str]) -> None:
    assert old in LADDER
    path = tmp_path / "mine.toml"
    path.write_text(LADDER.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(UsageError) as error:
        load_ladder(path)
    assert all(word in f"{error.value} {error.value.where}" for word in ["mine.toml", *words])


def test_files_that_are_not_there_are_told(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be read"):
        load_ladder(tmp_path / "none.toml")
    with pytest.raises(SourceError, match="cannot be read"):
        load_case(tmp_path / "none.toml")
    with pytest.raises(UsageError, match="did you mean “yongan-textile”"):
        load_case("yongan-textiles")
