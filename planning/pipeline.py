"""The order of the stages, and nothing else. Both doors call these functions.

import → stack → clusters → access → zoning → balance
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from geo.area import to_wgs84_table
from geo.errors import N_, ChoiceError, GeometryError, UsageError
from geo.progress import Progress, tell
from layers.boundaries import to_boundary
from layers.facilities import builtin_facilities, coarse_roads, to_facilities
from layers.firms import has_a_point
from layers.sources.arguments import split_source
from layers.sources.importer import READING, Imported, import_source
from layers.sources.terrain import ImportedTerrain, import_terrain
from layers.stack import LayerStack, build_stack
from planning.catalogue.parks import ParkTemplate, load_template
from planning.plan import Plan
from planning.provenance import provenance_table, synthetic_label
from planning.scenario import Scenario
from planning.stages.access import AccessResult, measure_access
from planning.stages.balance import make_balance
from planning.stages.clusters import ClusterResult, find_clusters
from planning.stages.dispersion import DispersionResult, measure_dispersion
from planning.stages.zoning import SiteInputs, ZoningResult, zone_park

__all__ = [
    "COARSE_ORIGIN",
    "assemble_plan",
    "cluster_firms",
    "disperse_firms",
    "import_heights",
    "import_input",
    "load_inputs",
    "load_stack",
    "make_plan",
    "origins_access",
    "reach_facilities",
    "zone_alone",
    "zone_site",
]

COARSE_ORIGIN = N_("from a point of its county or city")
"""Precision of a way that begins where an address was all that was known."""


def import_input(
    source: str, kind: str = "any", *, name: str = "", progress: Progress | None = None
) -> Imported:
    """Read one input through the sandboxed worker, and look whether its kind can be made of it.

    Parameters
    ----------
    source : str
        ``FILE``, ``FILE::key=value,…`` or the directory of an earlier import.
    kind : str
        What the table is taken for.
    name : str
        What a question about the file calls it; by default ``file``.
    progress : callable, optional
        ``progress(share, what)``, called now and then; may raise `CancelledError` to stop the work.

    Raises
    ------
    SourceError, SchemaError, GeometryError
        If the file is refused, or a boundary crosses itself.
    ChoiceError
        If two readings are plausible; says of which input.
    """
    try:
        imported = import_source(source, kind, progress=progress)
        if imported.report.kind == "boundary":
            to_boundary(imported)
    except ChoiceError as error:
        error.input, error.source = name or "file", source
        raise
    except GeometryError as error:
        error.where = f"{Path(split_source(source)[0]).name} {error.where}".strip()
        raise
    return imported


def import_heights(source: str, *, progress: Progress | None = None) -> ImportedTerrain:
    """Read terrain through the sandboxed worker; see `import_terrain`."""
    try:
        return import_terrain(source, progress=progress)
    except ChoiceError as error:
        error.input, error.source = "file", source
        raise


def load_inputs(scenario: Scenario, *, progress: Progress | None = None) -> dict[str, Imported]:
    """Read every input of a scenario through the sandboxed worker.

    Raises
    ------
    SourceError, SchemaError, ChoiceError
        From the import of the first input that cannot be taken; `where` names it.
    """
    imports: dict[str, Imported] = {}
    for count, (kind, source) in enumerate(scenario.inputs.items()):
        part = _part(progress, count / len(scenario.inputs), (count + 1) / len(scenario.inputs))
        tell(part, 0.0, READING)
        imports[kind] = import_input(source, kind, name=kind, progress=part)
    return imports


def load_stack(scenario: Scenario, *, progress: Progress | None = None) -> LayerStack:
    """Read every input and bring it into one metric CRS."""
    imports = load_inputs(scenario, progress=progress)
    return build_stack(
        imports,
        within_km=scenario.within_km,
        crs=scenario.working_crs,
        with_closed=scenario.with_closed,
    )


def cluster_firms(stack: LayerStack, scenario: Scenario) -> ClusterResult:
    """Find the clusters among the firms of the study area.

    Raises
    ------
    UsageError
        If the stack has no firms.
    """
    firms = stack.firms_in_area
    if firms is None:
        raise UsageError(N_("there are no firms to cluster"), hint=N_("give a firm table"), where="firms")
    return find_clusters(firms, scenario.clusters, stack.site.get("roads"))


def disperse_firms(stack: LayerStack, scenario: Scenario) -> DispersionResult:
    """Measure how scattered each industry is.

    Raises
    ------
    UsageError
        If the stack has no firms.
    """
    firms = stack.firms_counted
    if firms is None:
        raise UsageError(N_("there are no firms to measure"), hint=N_("give a firm table"), where="firms")
    return measure_dispersion(firms, stack.area, scenario.dispersion)


def reach_facilities(
    stack: LayerStack, scenario: Scenario, clusters: ClusterResult | None = None
) -> AccessResult:
    """Measure how far the park, the clusters and the firms are from ports, airports and roads."""
    return measure_access(
        access_origins(stack, clusters),
        stack.facilities,
        scenario.access,
        graph=coarse_roads(),
        roads=stack.site.get("roads"),
    )


def origins_access(source: str, scenario: Scenario, *, progress: Progress | None = None) -> AccessResult:
    """Measure access from the rows of a file: its `id` column names them, else the source row.

    Parameters
    ----------
    source : str
        The origins. Of a line or polygon a point on it is taken.
    scenario : Scenario
        Its facilities, if it names some, and its parameters.
    progress : callable, optional
        ``progress(share, what)``; may raise `CancelledError` to stop the work.
    """
    tell(progress, 0.0, READING)
    imported = import_input(source, name="origins", progress=progress)
    origins, roles = imported.table, imported.roles
    rows = origins["source_row"].astype(str)
    names = origins[roles["id"]].astype(str).str.strip() if "id" in roles else rows
    table = gpd.GeoDataFrame(
        {"id": names.where(names != "", rows), "lon": origins["lon"], "lat": origins["lat"]},
        geometry=origins.geometry,
        crs=origins.crs,
    )
    facilities = builtin_facilities()
    if (own := scenario.inputs.get("facilities")) is not None:
        given = import_input(own, "facilities", name="facilities", progress=progress)
        facilities = to_facilities(given.table, given.roles)
    tell(progress, 0.5, N_("measuring access"))
    result = measure_access(table, facilities, scenario.access, graph=coarse_roads())
    coarse = set(table["id"][~has_a_point(origins["precision"])])
    if not coarse:
        return result
    known = result.table["precision"].astype(str)
    told = result.table["origin"].isin(coarse) & (known != "")
    return replace(
        result, table=result.table.assign(precision=known.mask(told, known + "; " + COARSE_ORIGIN))
    )


def access_origins(stack: LayerStack, clusters: ClusterResult | None) -> gpd.GeoDataFrame:
    """Points from which access is measured: ``park``, ``cluster-0`` …, then every firm in the area.

    Returns
    -------
    GeoDataFrame
        In the area's CRS, with `id`, `lon`, `lat` (degrees) and `what` (park, cluster, firm).
    """
    parts: list[gpd.GeoDataFrame] = []
    crs = stack.area.crs
    if stack.boundary is not None:
        inside = stack.boundary.representative_point()
        parts.append(gpd.GeoDataFrame({"id": ["park"], "what": ["park"]}, geometry=[inside], crs=crs))
    if clusters is not None and len(clusters.hulls):
        hulls = clusters.hulls
        parts.append(
            gpd.GeoDataFrame(
                {"id": "cluster-" + hulls["cluster"].astype(str), "what": "cluster"},
                geometry=shapely.point_on_surface(hulls.geometry.to_numpy()),
                crs=crs,
            )
        )
    firms = stack.firms_in_area
    if firms is not None and len(firms):
        parts.append(
            gpd.GeoDataFrame(
                {"id": firms["id"].astype(str), "what": "firm"}, geometry=firms.geometry, crs=crs
            )
        )
    if not parts:
        raise UsageError(N_("there is no park and no firm to measure access from"), where="origins")
    origins = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), geometry="geometry", crs=crs)
    degrees = to_wgs84_table(origins)
    return origins.assign(lon=degrees.geometry.x, lat=degrees.geometry.y)


def zone_site(stack: LayerStack, scenario: Scenario, *, progress: Progress | None = None) -> ZoningResult:
    """Lay out the park's functional zones from the scenario's template.

    Raises
    ------
    UsageError
        If there is no boundary or no template.
    InfeasibleError
        If the template cannot be laid out on this site; says by how much.
    """
    if stack.boundary is None:
        raise UsageError(
            N_("there is no park boundary to zone"), hint=N_("draw or upload a boundary"), where="boundary"
        )
    template = _needed_template(scenario)
    tables: dict[str, Any] = {kind: stack.site.get(kind) for kind in stack.site}
    inputs = SiteInputs(site=stack.boundary, crs=stack.area.crs, firms=stack.firms_in_area, **tables)
    return zone_park(inputs, template, scenario.zoning, seed=scenario.seed, progress=progress)


def zone_alone(scenario: Scenario, *, progress: Progress | None = None) -> Plan:
    """Lay out the zones of one scenario, without clusters and access; see `make_plan`."""
    _needed_template(scenario)  # what is misspelt is said before the work begins
    stack = load_stack(scenario, progress=_part(progress, 0.0, 0.2))
    zoning = zone_site(stack, scenario, progress=_part(progress, 0.2, 1.0))
    return assemble_plan(scenario, stack, clusters=None, access=None, zoning=zoning)


def make_plan(
    scenario: Scenario, stack: LayerStack | None = None, *, progress: Progress | None = None
) -> Plan:
    """Go the whole way for one scenario.

    Parameters
    ----------
    scenario : Scenario
        Stages without their input are left out: no firms, no clusters; no boundary or no
        template, no zoning.
    stack : LayerStack, optional
        Inputs that are read already; by default they are read now.
    progress : callable, optional
        ``progress(share, what)``; may raise `CancelledError` to stop the work.

    Returns
    -------
    Plan
        Bit-equal for equal inputs, parameters and seed.

    Raises
    ------
    ParkError
        Whatever the stages have to say.
    """
    template = _template(scenario)
    if stack is None:
        stack = load_stack(scenario, progress=_part(progress, 0.0, 0.2))
    tell(progress, 0.2, N_("finding clusters"))
    clusters = cluster_firms(stack, scenario) if stack.firms is not None else None
    tell(progress, 0.3, N_("measuring access"))
    counted = stack.firms_in_area
    anywhere = stack.boundary is not None or (counted is not None and len(counted) > 0)
    access = reach_facilities(stack, scenario, clusters) if anywhere else None
    zoning = None
    if stack.boundary is not None and template is not None:
        zoning = zone_site(stack, scenario, progress=_part(progress, 0.4, 1.0))
    tell(progress, 1.0, N_("done"))
    return assemble_plan(scenario, stack, clusters=clusters, access=access, zoning=zoning)


def assemble_plan(
    scenario: Scenario,
    stack: LayerStack,
    *,
    clusters: ClusterResult | None,
    access: AccessResult | None,
    zoning: ZoningResult | None,
) -> Plan:
    """Put the results of the stages together with their balance and provenance."""
    template = _template(scenario)
    label = synthetic_label(stack)
    return Plan(
        scenario=scenario,
        stack=stack,
        template=template,
        clusters=clusters,
        access=access,
        zoning=zoning,
        balance=make_balance(zoning.land_use) if zoning is not None else None,
        provenance=provenance_table(scenario, stack, template, access, label),
        synthetic_label=label,
    )


def _template(scenario: Scenario) -> ParkTemplate | None:
    return load_template(scenario.template) if scenario.template else None


def _needed_template(scenario: Scenario) -> ParkTemplate:
    template = _template(scenario)
    if template is None:
        raise UsageError(
            N_("no park template is chosen"), hint=N_("choose one, for example stone"), where="template"
        )
    return template


def _part(progress: Progress | None, start: float, end: float) -> Progress | None:
    """Map a stage's own 0–1 onto its part of the whole."""
    if progress is None:
        return None

    def part(share: float, what: str) -> None:
        progress(start + (end - start) * min(max(share, 0.0), 1.0), what)

    return part
