"""Write a plan's files: all of them, or none."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import tomli_w

from geo.schema import TableSchema
from layers.sources.arguments import file_answers, join_source, split_source
from layers.sources.custom_crs import is_crs_file
from layers.sources.importer import Imported
from layers.sources.terrain import ImportedTerrain
from layers.stack import LayerStack
from layers.tables import ACCEPTED, DUPLICATES, REJECTS
from planning.analysis import Analysis
from planning.catalogue.parks import is_template_file
from planning.plan import Plan, Translate
from planning.provenance import PROVENANCE
from planning.report.files import fresh_directory, write_json, write_package, write_table
from planning.report.parcel_text import grid_of, write_parcels_txt
from planning.report.statistics import CURVES, INDICATORS, curve_table, indicator_table, statistics_json
from planning.report.tables import CLUSTERED, cluster_layers, plan_layers
from planning.scenario import Scenario
from planning.stages.access import ACCESS, AccessResult
from planning.stages.balance import BALANCE
from planning.stages.clusters import HULLS, ClusterResult
from planning.zones.tables import (
    ADJACENCY,
    BOUNDARY,
    CHECKS,
    GATES,
    LAND_USE,
    PARCELS,
    REASONS,
    ROAD_LINES,
    ZONES,
)

__all__ = [
    "FILES",
    "import_mapping",
    "write_access",
    "write_clusters",
    "write_import",
    "write_plan",
    "write_statistics",
    "write_terrain",
    "write_zoning",
]
FILES: dict[str, tuple[TableSchema, ...]] = {
    "accepted.gpkg": (ACCEPTED,),
    "rejects.csv": (REJECTS,),
    "duplicates.csv": (DUPLICATES,),
    "clusters.gpkg": (CLUSTERED, HULLS),
    "indicators.csv": (INDICATORS,),
    "curves.csv": (CURVES,),
    "access.csv": (ACCESS,),
    "plan.gpkg": (BOUNDARY, LAND_USE, ZONES, PARCELS, ROAD_LINES, GATES, ADJACENCY, PROVENANCE),
    "balance.csv": (BALANCE,),
    "checks.csv": (CHECKS,),
    "reasons.csv": (REASONS,),
}
"""Result file → its layers in order, or its one table; docs/tables.md shows them."""
CRS_FILE = "crs.toml"
"""Beside a mapping: the user's description of the coordinate system, where there was one."""


def write_plan(
    plan: Plan,
    directory: str | Path,
    *,
    translate: Translate = str,
    lang: str = "zh",
    force: bool = False,
    carried: Sequence[Path] = (),
) -> list[Path]:
    """Write all files of a plan into a directory.

    Parameters
    ----------
    plan : Plan
    directory : path
        Receives ``plan.gpkg``, ``boundary.txt``, ``clusters.gpkg``, ``access.csv``, ``balance.csv``,
        ``checks.csv``, ``reasons.csv``, ``map.html``, ``plan.png``, ``summary.json``, ``scenario.toml``:
        those for which the plan has results.
    translate : callable
        Translates message templates.
    lang : str
        ``zh`` or ``en``: which of the catalogue's names are shown.
    force : bool
        Replace files of the same names in a directory that holds files.
    carried : sequence of path
        Folders whose files go along, into ``inputs``, where they are inputs of the scenario; any other
        input is named in ``scenario.toml`` by its way from there.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    UsageError
        If the directory holds files and `force` is not given.
    """
    # Drawing libraries, which an import or a table need not wait for.
    from planning.report.html_map import write_html_map
    from planning.report.picture import write_picture

    with fresh_directory(directory, force=force) as folder:
        if plan.clusters is not None:
            write_package(folder / "clusters.gpkg", cluster_layers(plan.clusters, plan.stack, plan.scenario))
        if plan.access is not None:
            write_table(folder / "access.csv", plan.access.table)
        if plan.zoning is not None:
            _write_zoning(plan, folder)
        write_html_map(plan, folder / "map.html", translate=translate, lang=lang)
        write_picture(plan, folder / "plan.png", translate=translate, lang=lang)
        write_json(folder / "summary.json", plan.summary(translate))
        _write_scenario(plan.scenario, folder, Path(directory), carried)
        names = _names(folder)
    return [Path(directory) / name for name in names]


def write_zoning(plan: Plan, directory: str | Path, *, force: bool = False) -> list[Path]:
    """Write the zoning alone: plan, outline as boundary points, balance, checks and reasons."""
    with fresh_directory(directory, force=force) as folder:
        _write_zoning(plan, folder)
        names = _names(folder)
    return [Path(directory) / name for name in names]


def write_import(
    imported: Imported, directory: str | Path, *, translate: Translate = str, force: bool = False
) -> None:
    """Write ``accepted.gpkg``, ``rejects.csv`` and ``mapping.toml`` of one import.

    ``duplicates.csv`` on top, where firms seem to stand in the table twice.

    The mapping given back with the same file gives the same import: so it holds what was said and
    found, but no system that was only assumed.
    """
    rejects = imported.rejects.assign(message=imported.rejects["message"].map(translate))
    with fresh_directory(directory, force=force) as folder:
        crs = imported.options.crs
        if crs is not None and is_crs_file(crs):  # goes along, so that the folder is whole
            shutil.copyfile(crs.strip(), folder / CRS_FILE)
        write_package(folder / "accepted.gpkg", {imported.report.kind: imported.table})
        write_table(folder / "rejects.csv", rejects)
        if len(imported.findings.duplicates):
            write_table(folder / "duplicates.csv", imported.findings.duplicates)
        (folder / "mapping.toml").write_text(import_mapping(imported), encoding="utf-8")


def import_mapping(imported: Imported) -> str:
    """Return the answers of an import, those found included, as the text of a mapping file."""
    report, options = imported.report, imported.options
    answers = {
        "crs": CRS_FILE if options.crs is not None and is_crs_file(options.crs) else options.crs,
        "axes": options.axes,
        "layer": report.layer,
        "units": options.units,
        "header": options.header,
        "encoding": report.encoding,
        "locate": options.locate,
        "geometry": options.geometry,
        "code_edition": options.code_edition,
        "dates": options.dates,
    }
    source = {name: column for column, name in imported.renamed.items()}
    mapping: dict[str, Any] = {
        "kind": report.kind,
        "file": {key: value for key, value in answers.items() if value},
        "columns": {role: source.get(name, name) for role, name in imported.roles.items()},
    }
    if imported.renamed:
        mapping["renamed"] = dict(imported.renamed)
    return tomli_w.dumps(mapping)


def write_terrain(terrain: ImportedTerrain, directory: str | Path, *, force: bool = False) -> None:
    """Write ``accepted.tif`` and ``mapping.toml`` of imported terrain."""
    answers = {"crs": terrain.options.crs, "layer": terrain.layer}
    mapping = {"kind": "terrain", "file": {key: value for key, value in answers.items() if value}}
    with fresh_directory(directory, force=force) as folder:
        (folder / "accepted.tif").write_bytes(terrain.data)
        (folder / "mapping.toml").write_text(tomli_w.dumps(mapping), encoding="utf-8")


def write_clusters(
    result: ClusterResult,
    stack: LayerStack,
    scenario: Scenario,
    directory: str | Path,
    *,
    force: bool = False,
) -> None:
    """Write ``clusters.gpkg`` with the layers `firms` and `hulls`."""
    with fresh_directory(directory, force=force) as folder:
        write_package(folder / "clusters.gpkg", cluster_layers(result, stack, scenario))


def write_statistics(
    analysis: Analysis, directory: str | Path, *, translate: Translate = str, force: bool = False
) -> list[Path]:
    """Write ``statistics.json``, ``indicators.csv``, ``curves.csv`` and a PNG of each kind of curve."""
    from planning.report.curve_pictures import write_curve_pictures

    with fresh_directory(directory, force=force) as folder:
        write_json(folder / "statistics.json", statistics_json(analysis, translate))
        write_table(folder / "indicators.csv", indicator_table(analysis, translate))
        write_table(folder / "curves.csv", curve_table(analysis))
        write_curve_pictures(analysis, folder, translate=translate)
        names = _names(folder)
    return [Path(directory) / name for name in names]


def write_access(result: AccessResult, directory: str | Path, *, force: bool = False) -> None:
    """Write ``access.csv``: one row per origin and kind of facility."""
    with fresh_directory(directory, force=force) as folder:
        write_table(folder / "access.csv", result.table)


def _write_scenario(scenario: Scenario, folder: Path, directory: Path, carried: Sequence[Path]) -> None:
    """Write the scenario so that it runs again from where it will lie."""
    ours = [one.resolve() for one in carried]

    def carry(path: str, name: str) -> str | None:
        """Copy a file that goes along; return its new name, None for a file that stays."""
        there = Path(path).resolve()
        if not there.is_file() or not any(there.is_relative_to(one) for one in ours):
            return None
        copy = folder / "inputs" / f"{name}{there.suffix}"
        copy.parent.mkdir(exist_ok=True)
        shutil.copyfile(there, copy)
        return f"inputs/{copy.name}"

    near = scenario.near(directory)
    inputs = dict(near.inputs)
    for kind, source in scenario.inputs.items():
        path, answers = split_source(source)
        if (copy := carry(path, kind)) is not None:
            for key in file_answers(answers):
                answers[key] = carry(answers[key], f"{kind}.{key}") or answers[key]
            inputs[kind] = join_source(copy, answers)
    template = near.template
    if is_template_file(template) and (copy := carry(scenario.template, "template")) is not None:
        template = copy
    text = near.with_(inputs=inputs, template=template).to_toml()
    (folder / "scenario.toml").write_text(text, encoding="utf-8")


def _names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def _write_zoning(plan: Plan, folder: Path) -> None:
    assert plan.zoning is not None
    assert plan.balance is not None
    layers = plan_layers(plan)
    write_package(folder / "plan.gpkg", layers)
    boundary = layers["boundary"]
    if boundary.crs is not None and grid_of(boundary.crs) is not None:  # as land offices read outlines
        write_parcels_txt(folder / "boundary.txt", list(boundary.geometry), boundary.crs)
    write_table(folder / "balance.csv", plan.balance)
    write_table(folder / "checks.csv", pd.DataFrame(plan.zoning.checks))
    write_table(folder / "reasons.csv", pd.DataFrame(plan.zoning.reasons))
