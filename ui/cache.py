"""Results of one session, each made once for its inputs and parameters; never shared between people."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any, TypeVar

from geo.errors import N_

if TYPE_CHECKING:
    import pandas as pd

    from geo.params import Params
    from layers.sources.importer import Imported
    from layers.sources.plain import PlainTable
    from layers.stack import LayerStack
    from planning.plan import Plan
    from planning.scenario import Scenario
    from planning.stages.access import AccessResult
    from planning.stages.clusters import ClusterResult
    from planning.stages.dispersion import DispersionResult
    from planning.stages.zoning import ZoningResult
    from ui.jobs import Progress

__all__ = ["Results", "dispersion_key", "plan_key", "stack_key", "zoning_key"]

_T = TypeVar("_T")
_KEPT = 40


def stack_key(scenario: Scenario) -> Hashable:
    """Identify the inputs of a scenario: files (their names carry their content) and extent."""
    return (
        tuple(sorted(scenario.inputs.items())),
        scenario.within_km,
        scenario.working_crs,
        scenario.with_closed,
    )


def zoning_key(scenario: Scenario) -> Hashable:
    """Identify everything that the zoning depends on."""
    return (stack_key(scenario), scenario.template, scenario.seed, _values(scenario.zoning))


def dispersion_key(scenario: Scenario) -> Hashable:
    """Identify everything that the dispersion depends on."""
    return ("dispersion", stack_key(scenario), _values(scenario.dispersion))


def plan_key(scenario: Scenario) -> Hashable:
    """Identify a whole plan."""
    return (
        zoning_key(scenario),
        _values(scenario.dispersion),
        _values(scenario.clusters),
        _values(scenario.access),
        scenario.title,
        scenario.notes,
        scenario.map_number,
        scenario.out_crs,
    )


def _values(params: Params) -> Hashable:
    return tuple(params.to_mapping().items())


class Results:
    """What the pipeline made for one session. Safe to ask from several threads.

    Notes
    -----
    The pages ask stage by stage, so that a new cluster radius does not zone the site again;
    every stage is the pipeline's own function, and `plan` puts the same results together.
    """

    def __init__(self, kept: int = _KEPT) -> None:
        self._kept = kept
        self._made: OrderedDict[Hashable, Any] = OrderedDict()
        self._locks: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()

    def peek(self, key: Hashable) -> Any | None:
        """Return what was made for a key, or None."""
        with self._lock:
            if key in self._made:
                self._made.move_to_end(key)
            return self._made.get(key)

    def make(self, key: Hashable, work: Callable[[], _T]) -> _T:
        """Return the result for a key; two threads that ask at once make it once."""
        with self._lock:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            found: _T | None = self.peek(key)
            if found is not None:
                return found
            made = work()
            with self._lock:
                self._made[key] = made
                while len(self._made) > self._kept:
                    dropped, _result = self._made.popitem(last=False)
                    self._locks.pop(dropped, None)
            return made

    def imported(self, scenario: Scenario, kind: str, progress: Progress) -> Imported:
        """Read one input of a scenario through the sandboxed import."""
        from planning.pipeline import import_input

        source = scenario.inputs[kind]
        return self.make(
            ("input", kind, source),
            lambda: import_input(source, kind, name=kind, progress=progress),
        )

    def plain(self, source: str, kind: str) -> PlainTable:
        """Read a file as it stands, its rows unchecked."""
        from layers.sources.plain import read_plain

        return self.make(("plain", kind, source), lambda: read_plain(source, kind))

    def rejected(self, source: str, kind: str, imported: Imported) -> pd.DataFrame:
        """Return the rejected rows of an import in the columns of their file."""
        from layers.sources.plain import read_plain, rejected_cells

        return self.make(
            ("rejected", kind, source), lambda: rejected_cells(read_plain(source, kind), imported)
        )

    def stack(self, scenario: Scenario, progress: Progress) -> LayerStack:
        """Read every input and bring it into one metric CRS."""
        from layers.stack import build_stack

        def work() -> LayerStack:
            imports = {}
            for count, kind in enumerate(scenario.inputs):
                progress(count / len(scenario.inputs), N_("reading the input files"))
                imports[kind] = self.imported(scenario, kind, lambda _share, what: progress(0.0, what))
            return build_stack(
                imports,
                within_km=scenario.within_km,
                crs=scenario.working_crs,
                with_closed=scenario.with_closed,
            )

        return self.make(("stack", stack_key(scenario)), work)

    def dispersion(self, scenario: Scenario, progress: Progress) -> DispersionResult | None:
        """Return how scattered the industries are; None without firms."""
        from planning.pipeline import disperse_firms

        stack = self.stack(scenario, progress)
        if stack.firms is None:
            return None
        progress(0.5, N_("measuring the dispersion"))
        return self.make(dispersion_key(scenario), lambda: disperse_firms(stack, scenario))

    def clusters(self, scenario: Scenario, progress: Progress) -> ClusterResult | None:
        """Return the clusters; None without firms."""
        from geo.density import is_ready
        from planning.pipeline import cluster_firms

        def work() -> ClusterResult:
            if not is_ready():
                progress(
                    0.5, N_("compiling what finds clusters, once an installation: a quarter of a minute")
                )
            return cluster_firms(stack, scenario)

        stack = self.stack(scenario, progress)
        if stack.firms is None:
            return None
        progress(0.5, N_("finding clusters"))
        return self.make(
            ("clusters", stack.fingerprint, _values(scenario.clusters)),
            work,
        )

    def access(self, scenario: Scenario, progress: Progress) -> AccessResult:
        """Return how far park, clusters and firms are from ports, airports and roads."""
        from planning.pipeline import reach_facilities

        clusters = self.clusters(scenario, progress)
        stack = self.stack(scenario, progress)
        progress(0.7, N_("measuring access"))
        key = ("access", stack.fingerprint, _values(scenario.clusters), _values(scenario.access))
        return self.make(key, lambda: reach_facilities(stack, scenario, clusters))

    def zoning(self, scenario: Scenario, progress: Progress) -> ZoningResult:
        """Lay out the functional zones."""
        from planning.pipeline import zone_site

        stack = self.stack(scenario, lambda share, what: progress(share / 10, what))
        return self.make(
            ("zoning", zoning_key(scenario)),
            lambda: zone_site(
                stack, scenario, progress=lambda share, what: progress(0.1 + 0.9 * share, what)
            ),
        )

    def zoned(self, scenario: Scenario) -> ZoningResult | None:
        """Return the zoning if it was made already."""
        return self.peek(("zoning", zoning_key(scenario)))

    def plan(self, scenario: Scenario, progress: Progress) -> Plan:
        """Go the whole way, taking from the stages what was made already."""
        from planning.pipeline import assemble_plan

        def early(share: float, what: str) -> None:
            progress(share * 0.3, what)

        def work() -> Plan:
            stack = self.stack(scenario, early)
            clusters = self.clusters(scenario, early)
            access = self.access(scenario, early)
            zoning = None
            if stack.boundary is not None and scenario.template:
                zoning = self.zoning(scenario, lambda share, what: progress(0.3 + 0.7 * share, what))
            return assemble_plan(scenario, stack, clusters=clusters, access=access, zoning=zoning)

        return self.make(("plan", plan_key(scenario)), work)

    def balance(self, zoning: ZoningResult) -> pd.DataFrame:
        """Return the land-use balance of a layout."""
        from planning.stages.balance import make_balance

        return make_balance(zoning.land_use)
