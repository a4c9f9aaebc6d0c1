"""What the rules compare: facts as they are, and what follows from several of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from geo.errors import N_, UsageError
from planning.ladder.facts import FACTS, PLATFORM, SERVICES, Facts
from planning.three_valued import Interval, Truth, share

__all__ = ["QUANTITIES", "fields_of", "label_of", "quantity"]


def quantity(facts: Facts, name: str) -> Interval | Truth:
    """Return a fact, or a quantity that follows from facts; None is unknown.

    Raises
    ------
    UsageError
        If the facts that it follows from contradict each other.
    """
    if name in QUANTITIES:
        return QUANTITIES[name][2](facts)
    value: Interval | Truth = getattr(facts, name)
    return value


def fields_of(name: str) -> tuple[str, ...]:
    """Return the facts that a quantity follows from."""
    return QUANTITIES[name][1] if name in QUANTITIES else (name,)


def label_of(name: str) -> str:
    """Return what a quantity is called, a message."""
    return QUANTITIES[name][0] if name in QUANTITIES else FACTS[name].label


def _in_park(facts: Facts) -> Interval | None:
    inside, around = facts.in_park, facts.in_or_around_park
    if inside is None and around is None:
        return None
    low = inside.low if inside else 0.0
    high = min(one.high for one in (inside, around) if one)
    return Interval(low, high)


def _in_park_share(facts: Facts) -> Interval | None:
    inside = _in_park(facts)
    return share(inside, facts.firms) if inside and facts.firms else None


def _in_or_around_share(facts: Facts) -> Interval | None:
    around = facts.in_or_around_park
    return share(around, facts.firms) if around and facts.firms else None


def _outside(facts: Facts) -> Interval | None:
    around = facts.in_or_around_park
    if around is None or facts.firms is None:
        return None
    return Interval(max(facts.firms.low - around.high, 0.0), facts.firms.high - around.low)


def _covered(list_: str, functions: Mapping[str, str]) -> Callable[[Facts], Interval | None]:
    def count(facts: Facts) -> Interval | None:
        told: Mapping[str, bool] = getattr(facts, list_)
        if not told:
            return None
        yes = sum(told.values())
        return Interval(yes, yes + len(functions) - len(told))

    return count


def _inside_links(facts: Facts) -> Interval | None:
    """Suppliers inside: any one that is recorded is enough; none only where the records show none."""
    pairs, rate, lead = facts.inside_pairs, facts.local_matching_rate, facts.suppliers_of_one_lead_firm
    if pairs is None and rate is None and lead is None:
        return None
    low = max(pairs.low if pairs else 0.0, lead.low if lead else 0.0, 1.0 if rate and rate.low > 0 else 0.0)
    high = 0.0 if rate and rate.high == 0 else pairs.high if pairs else float("inf")
    if low > high:
        raise UsageError(
            N_("suppliers inside are both recorded and denied: pairs, matching rate, lead firms"),
            hint=N_("correct the inputs"),
            where="inside_pairs, local_matching_rate, suppliers_of_one_lead_firm",
        )
    return Interval(low, high)


def _licence_balance(facts: Facts) -> Interval | None:
    out, taken = facts.licences_out, facts.licences_in
    return Interval(out.low - taken.high, out.high - taken.low) if out and taken else None


QUANTITIES: Mapping[str, tuple[str, tuple[str, ...], Callable[[Facts], Interval | None]]] = {
    "in_park_share": (N_("share in the park"), ("in_park", "in_or_around_park", "firms"), _in_park_share),
    "in_or_around_park_share": (
        N_("share in or around the park"),
        ("in_or_around_park", "firms"),
        _in_or_around_share,
    ),
    "firms_outside": (
        N_("firms outside the park and its surroundings"),
        ("in_or_around_park", "firms"),
        _outside,
    ),
    "services_covered": (
        N_("service functions that are there"),
        ("services",),
        _covered("services", SERVICES),
    ),
    "platform_covered": (
        N_("platform functions that are there"),
        ("platform",),
        _covered("platform", PLATFORM),
    ),
    "inside_links": (
        N_("recorded suppliers inside"),
        ("inside_pairs", "local_matching_rate", "suppliers_of_one_lead_firm"),
        _inside_links,
    ),
    "licence_balance": (
        N_("licences given less licences taken"),
        ("licences_out", "licences_in"),
        _licence_balance,
    ),
}
"""Name → what it is called, the facts that it follows from, and how."""
