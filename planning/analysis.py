"""From a firm table to its statistics: import, study window, parks, figures."""

from __future__ import annotations

from dataclasses import dataclass

import shapely
from shapely.geometry.base import BaseGeometry

from geo.errors import N_, SchemaError, UsageError
from layers.firms import has_a_point
from layers.stack import LayerStack, build_stack
from planning.pipeline import import_input
from planning.plan import Progress
from planning.scenario import Scenario
from planning.stages.patterns import PatternResult, describe_patterns

__all__ = ["Analysis", "analyse_firms"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Analysis:
    """Figures and curves of firms, with the inputs that they came from.

    Attributes
    ----------
    patterns : PatternResult
    stack : LayerStack
        The firms, and the window as its boundary where one was given.
    parks_sha256 : str
        Of the parks' file; empty without one.
    unlocated : int
        Firms that are known to their county or city alone.
    """

    patterns: PatternResult
    stack: LayerStack
    parks_sha256: str
    unlocated: int


def analyse_firms(
    scenario: Scenario, *, window: str = "", parks: str = "", progress: Progress | None = None
) -> Analysis:
    """Read the firms, and the window and parks where they are given, and describe the firms' places.

    Parameters
    ----------
    scenario : Scenario
        With the input firms; its section `patterns` says what is computed.
    window, parks : str
        ``FILE``, ``FILE::key=value,…`` or the directory of an earlier import; empty: none.
    progress : callable, optional
        ``progress(share, what)``; may raise `CancelledError` to stop the work.

    Raises
    ------
    SourceError, SchemaError, GeometryError, ChoiceError
        If an input cannot be taken.
    UsageError
        Without firms.
    InfeasibleError
        If no firm has the industry asked for, or none lies in the window.
    """
    if "firms" not in scenario.inputs:
        raise UsageError(N_("there are no firms to analyse"), hint=N_("give a firm table"), where="firms")
    imports = {"firms": import_input(scenario.inputs["firms"], "firms", name="firms", progress=progress)}
    if window:
        imports["boundary"] = import_input(window, "boundary", name="window", progress=progress)
    stack = build_stack(imports, crs=scenario.working_crs, with_closed=scenario.with_closed)
    outlines, sha256 = _parks(parks, stack, progress) if parks else (None, "")
    firms = stack.firms_in_area
    assert stack.firms is not None
    assert firms is not None
    pointless = stack.firms[~has_a_point(stack.firms["precision"])]
    if not stack.with_closed:
        pointless = pointless[~pointless["closed"]]
    industries = pointless["industry"].tolist() if "industry" in pointless else [None] * len(pointless)
    patterns = describe_patterns(
        firms,
        scenario.patterns,
        window=stack.boundary,
        parks=outlines,
        unlocated=industries,
        seed=scenario.seed,
        progress=progress,
    )
    return Analysis(patterns=patterns, stack=stack, parks_sha256=sha256, unlocated=len(pointless))


def _parks(source: str, stack: LayerStack, progress: Progress | None) -> tuple[BaseGeometry, str]:
    imported = import_input(source, "parks", name="parks", progress=progress)
    shapes = stack.area.to_metric(imported.table[["geometry"]]).geometry.to_numpy()
    shapes = shapes[shapely.area(shapes) > 0]
    if not len(shapes):
        raise SchemaError(
            N_("the file of parks holds no area"), hint=N_("give their outlines"), where="parks"
        )
    return shapely.union_all(shapes), imported.report.sha256
