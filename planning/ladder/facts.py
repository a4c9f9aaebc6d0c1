"""What is known of an industry in one place: typed in, or computed from tables; anything may be unknown."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, get_type_hints

from geo.errors import N_, UsageError, nearest_name
from planning.three_valued import Interval, Truth

__all__ = ["FACTS", "MEASURES", "PLATFORM", "SERVICES", "AccessRow", "Fact", "Facts", "Source"]

SERVICES = {
    "packaging": N_("packaging (包装)"),
    "storage": N_("storage (仓储)"),
    "logistics": N_("logistics (物流)"),
    "information": N_("information (信息)"),
    "guarantee": N_("financing guarantees (融资担保)"),
    "testing": N_("testing (检测)"),
    "training": N_("training (培训)"),
    "customs": N_("customs clearance (通关)"),
}
"""Functions of services: the first five from the Yong'an essay, customs and training from the stone essay."""
PLATFORM = {
    "equipment": N_("supply of equipment (装备配套)"),
    "transport": N_("transport (交通运输)"),
    "finance": N_("settlement and finance (结算融资)"),
    "information": N_("news of the trade (行业资讯)"),
    "customs": N_("customs clearance (通关)"),
    "testing": N_("testing (检测)"),
    "training": N_("training (培训)"),
}
"""Functions of a service platform: the first five from the stone essay."""
MEASURES = ("straight line", "network")
ORIGINS = ("data", "calc", "essay", "generator_assumption")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a fact comes from.

    Attributes
    ----------
    origin : str
        data: a table of the user; calc: computed here; essay: a count or a yes/no fact of an essay;
        generator_assumption: chosen to make sample data, which decides nothing.
    text : str
        Its words, or the name of the table.
    n : int, optional
        Number of firms behind it.
    """

    origin: str = "data"
    text: str = ""
    n: int | None = None

    def __post_init__(self) -> None:
        if self.origin not in ORIGINS:
            raise UsageError(
                N_("“{name}” is no origin of a fact"),
                hint=N_("known are: {known}"),
                where=self.origin,
                name=self.origin,
                known=", ".join(ORIGINS),
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRow:
    """How near the nearest facility of a kind is.

    Attributes
    ----------
    kind : str
        seaport, river_port, expressway … as in the access rules.
    value : Interval, optional
        From 0 to a bound where a nearer one may lack coordinates.
    unit : str
        km, min, or what else the threshold counts (feeders).
    measure : str
        ``straight line`` or ``network``: always shown, never mixed for one facility.
    met : bool, optional
        What a person says where the rule has no threshold.
    """

    kind: str
    value: Interval | None = None
    unit: str = "km"
    measure: str = "straight line"
    met: Truth = None

    def __post_init__(self) -> None:
        if self.measure not in MEASURES:
            raise _wrong(self.kind, N_("“{name}”: distances are by “straight line” or “network”"))
        if self.unit == "min" and self.measure != "network":
            raise _wrong(self.kind, N_("“{name}”: minutes need a network, a straight line has none"))


@dataclass(frozen=True, slots=True)
class Fact:
    """What a field of `Facts` is: enough to make a form of it.

    Attributes
    ----------
    kind : str
        count, share (0–1), number, growth (may be negative), flag, or checklist.
    label : str
        A message.
    unit : str
    functions : mapping of str to str
        Entries of a checklist → a message.
    """

    kind: str
    label: str
    unit: str = ""
    functions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of an industry in one place. None is unknown; an interval is known in part.

    Attributes
    ----------
    industry : str
        Key of the access rules, usually that of a chain; empty where there are none.
    no_park : bool
        The user declares that the area has no park: then Kd alone decides concentration.
    access : tuple of AccessRow
    sources : mapping of str to Source
        Field → where it comes from; ``data`` where nothing is said.

    Raises
    ------
    UsageError
        If a value lies outside its range, a function is unknown, or facts contradict each other.

    Notes
    -----
    The other fields are described by `FACTS`. ``in_park`` counts firms that are inside for certain at
    the lower end, and those that may be at the upper one: unlocated firms, and firms stated as in or
    around the park (及其周围). ``inside_pairs`` is zero only where purchase records of these firms show
    no supplier inside.
    """

    industry: str = ""
    no_park: bool = False
    firms: Annotated[Interval | None, Fact("count", N_("firms of the industry in the area"), "firms")] = None
    in_park: Annotated[Interval | None, Fact("count", N_("of them in the park"), "firms")] = None
    in_or_around_park: Annotated[
        Interval | None, Fact("count", N_("of them in or around the park"), "firms")
    ] = None
    kd_localised: Annotated[Truth, Fact("flag", N_("Kd lies above the upper global band somewhere"))] = None
    kd_firms: Annotated[
        Interval | None, Fact("count", N_("located firms that Kd was computed from"), "firms")
    ] = None
    other_industries_located: Annotated[
        Truth, Fact("flag", N_("firms of all industries were the reference of Kd"))
    ] = None
    policy_package: Annotated[Truth, Fact("flag", N_("policy package"))] = None
    shared_utilities: Annotated[Truth, Fact("flag", N_("shared utilities"))] = None
    dominant_share: Annotated[
        Interval | None, Fact("share", N_("share of the lead industry in output or jobs"))
    ] = None
    lq: Annotated[Interval | None, Fact("number", N_("location quotient"))] = None
    access: tuple[AccessRow, ...] = ()
    lead_firms: Annotated[Interval | None, Fact("count", N_("lead firms (above scale)"), "firms")] = None
    size_missing_share: Annotated[
        Interval | None, Fact("share", N_("share of firms whose size is not recorded"))
    ] = None
    market: Annotated[Truth, Fact("flag", N_("exchange or market"))] = None
    standards: Annotated[Truth, Fact("flag", N_("standards"))] = None
    association: Annotated[Truth, Fact("flag", N_("industry association at work"))] = None
    services: Annotated[Mapping[str, bool], Fact("checklist", N_("services"), "", SERVICES)] = field(
        default_factory=dict
    )
    inside_pairs: Annotated[
        Interval | None, Fact("count", N_("recorded pairs of buyer and supplier inside"), "pairs")
    ] = None
    local_matching_rate: Annotated[Interval | None, Fact("share", N_("local matching rate (本地配套率)"))] = (
        None
    )
    suppliers_of_one_lead_firm: Annotated[
        Interval | None, Fact("count", N_("local suppliers of one lead firm"), "firms")
    ] = None
    completeness: Annotated[Interval | None, Fact("share", N_("completeness of the chain"))] = None
    terminal_stages: Annotated[
        Interval | None, Fact("count", N_("stages with a terminal product"), "stages")
    ] = None
    flows_present: Annotated[
        Interval | None, Fact("count", N_("flows of the chain between local stages"), "flows")
    ] = None
    partner_share: Annotated[Interval | None, Fact("share", N_("share of firms with a local partner"))] = None
    rd_share: Annotated[Interval | None, Fact("share", N_("R&D over revenue"))] = None
    little_giants: Annotated[
        Interval | None, Fact("count", N_("little giants and single champions"), "firms")
    ] = None
    titled_firms: Annotated[
        Interval | None, Fact("count", N_("firms titled specialised or high-tech"), "firms")
    ] = None
    regional_brand: Annotated[Truth, Fact("flag", N_("regional brand"))] = None
    geographical_trademark: Annotated[Truth, Fact("flag", N_("geographical trademark"))] = None
    rooted_share: Annotated[
        Interval | None, Fact("share", N_("share of firms founded here five years ago or more"))
    ] = None
    platform: Annotated[
        Mapping[str, bool], Fact("checklist", N_("functions of the service platform"), "", PLATFORM)
    ] = field(default_factory=dict)
    production_job_share: Annotated[
        Interval | None, Fact("share", N_("jobs in production, of production, R&D, marketing and management"))
    ] = None
    external_technology_share: Annotated[
        Interval | None, Fact("share", N_("share of technology from outside"))
    ] = None
    lead_with_four_functions: Annotated[
        Truth, Fact("flag", N_("a lead firm has R&D, production, marketing and management here"))
    ] = None
    external_producers: Annotated[
        Interval | None, Fact("count", N_("outside firms that produce for lead firms"), "firms")
    ] = None
    outward_share: Annotated[
        Interval | None, Fact("share", N_("share of orders that go to outside suppliers"))
    ] = None
    licences_out: Annotated[Interval | None, Fact("number", N_("licences given"))] = None
    licences_in: Annotated[Interval | None, Fact("number", N_("licences taken"))] = None
    standard_led: Annotated[Truth, Fact("flag", N_("a national or international standard was led"))] = None
    branches_outside: Annotated[Truth, Fact("flag", N_("lead firms have branches outside"))] = None
    cluster_area_km2: Annotated[Interval | None, Fact("number", N_("area of the cluster"), "km2")] = None
    least_output_yi: Annotated[
        Interval | None, Fact("number", N_("least output of the last three years"), "亿元")
    ] = None
    sme_output_share: Annotated[
        Interval | None, Fact("share", N_("share of small and medium firms in the output"))
    ] = None
    output_growth: Annotated[Interval | None, Fact("growth", N_("mean yearly growth of the output"))] = None
    platform_adoption_share: Annotated[
        Interval | None, Fact("share", N_("share of firms on an industrial internet platform"))
    ] = None
    sources: Mapping[str, Source] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, fact in FACTS.items():
            value = getattr(self, name)
            if fact.kind == "checklist":
                _check_functions(name, value, fact.functions)
            elif isinstance(value, Interval):
                top = 1.0 if fact.kind == "share" else math.inf
                if fact.kind != "growth" and (value.low < 0 or (value.high > top and top == 1.0)):
                    raise _wrong(name, N_("“{name}” lies outside its range"))
        for name in self.sources:
            if name not in FACTS and name != "access":
                near = nearest_name(name, list(FACTS))
                raise UsageError(
                    N_("a source is given for “{name}”, which is no fact"),
                    hint=N_("did you mean “{near}”?") if near else "",
                    where=name,
                    name=name,
                    near=near,
                )
        kinds = [row.kind for row in self.access]
        for kind in kinds:
            if kinds.count(kind) > 1:
                raise _wrong(kind, N_("“{name}” is given twice: give the nearest one"))
        if self.no_park and (self.in_park or self.in_or_around_park):
            raise _wrong("no_park", N_("firms in a park are counted where no park is declared"))
        for part in ("in_park", "in_or_around_park", "lead_firms", "kd_firms"):
            _check_part(part, getattr(self, part), self.firms)
        _check_part("in_park", self.in_park, self.in_or_around_park)

    def source(self, name: str) -> Source:
        """Return where a field comes from."""
        return self.sources.get(name, Source())

    def assumed(self) -> tuple[str, ...]:
        """Return the fields that a generator assumed: they are shown and decide nothing."""
        return tuple(
            sorted(name for name, one in self.sources.items() if one.origin == "generator_assumption")
        )

    def without_assumptions(self) -> Facts:
        """Return the facts without those that a generator assumed."""
        blank: dict[str, Any] = {
            name: {}
            if name in FACTS and FACTS[name].kind == "checklist"
            else ()
            if name == "access"
            else None
            for name in self.assumed()
        }
        return dataclasses.replace(self, **blank) if blank else self


FACTS: Mapping[str, Fact] = {
    name: hint.__metadata__[0]
    for name, hint in get_type_hints(Facts, include_extras=True).items()
    if hasattr(hint, "__metadata__")
}
"""Field → what it is, in the order of the form."""


def _check_functions(name: str, value: Mapping[str, bool], functions: Mapping[str, str]) -> None:
    for function in value:
        if function not in functions:
            near = nearest_name(function, list(functions))
            raise UsageError(
                N_("“{function}” is no entry of the checklist “{name}”"),
                hint=N_("did you mean “{near}”?") if near else N_("known are: {known}"),
                where=f"{name}.{function}",
                function=function,
                name=name,
                near=near,
                known=", ".join(functions),
            )


def _check_part(name: str, part: Interval | None, whole: Interval | None) -> None:
    if part and whole and part.low > whole.high:
        raise _wrong(name, N_("“{name}” counts more firms than there are"))


def _wrong(name: str, message: str) -> UsageError:
    return UsageError(message, hint=N_("correct the inputs"), where=name, name=name)
