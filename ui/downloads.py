"""Downloads are made when somebody clicks: each returns the bytes of one file."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from geo.errors import N_

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from layers.sources.importer import Imported
    from layers.stack import LayerStack
    from planning.plan import Plan, Translate

__all__ = [
    "Download",
    "clean_bytes",
    "everything",
    "mapping_bytes",
    "plan_downloads",
    "saved_name",
    "table_bytes",
    "workbook_bytes",
]

_SYNTHETIC = "synthetic-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """One file that a person can take away.

    Attributes
    ----------
    name : str
        Name of the file, as the command line has it.
    saved : str
        Name under which it is saved: one that says so when firms in it are synthetic, for a table
        of figures has no other place to say it.
    title : str
        Message template: what it is.
    mime : str
    make : callable
        Returns the bytes; called on the click.
    """

    name: str
    saved: str
    title: str
    mime: str
    make: Callable[[], bytes]


def plan_downloads(plan: Plan, translate: Translate, lang: str) -> list[Download]:
    """Return the files of a plan, those for which it has results.

    Parameters
    ----------
    plan : Plan
    translate : callable
        Translates message templates; bound to the language now, for the click comes later.
    lang : str
        ``zh`` or ``en``.
    """
    from planning.report import files, html_map, picture, tables

    found: list[Download] = []

    def add(name: str, title: str, mime: str, write: Callable[[Path], object]) -> None:
        found.append(
            Download(
                name=name,
                saved=saved_name(plan.stack, name),
                title=title,
                mime=mime,
                make=lambda: _written(name, write),
            )
        )

    zoning, balance = plan.zoning, plan.balance
    if zoning is not None:
        add(
            "plan.gpkg",
            N_("Plan: zones, land use, roads, parcels (GeoPackage)"),
            "application/geopackage+sqlite3",
            lambda path: files.write_package(path, tables.plan_layers(plan)),
        )
    clusters = plan.clusters
    if clusters is not None:
        add(
            "clusters.gpkg",
            N_("Firms and clusters (GeoPackage)"),
            "application/geopackage+sqlite3",
            lambda path: files.write_package(
                path, tables.cluster_layers(clusters, plan.stack, plan.scenario)
            ),
        )
    add(
        "map.html",
        N_("Map that opens in any browser (HTML)"),
        "text/html",
        lambda path: html_map.write_html_map(plan, path, translate=translate, lang=lang),
    )
    add(
        "plan.png",
        N_("Picture of the plan (PNG)"),
        "image/png",
        lambda path: picture.write_picture(plan, path, translate=translate, lang=lang),
    )
    if balance is not None:
        add(
            "balance.csv",
            N_("Land-use balance (CSV)"),
            "text/csv",
            lambda path: files.write_table(path, balance),
        )
    access = plan.access
    if access is not None:
        add("access.csv", N_("Access (CSV)"), "text/csv", lambda path: files.write_table(path, access.table))
    if zoning is not None:
        add("checks.csv", N_("Checks (CSV)"), "text/csv", lambda path: files.write_table(path, zoning.checks))
        add(
            "reasons.csv",
            N_("Reasons (CSV)"),
            "text/csv",
            lambda path: files.write_table(path, zoning.reasons),
        )
    add(
        "summary.json",
        N_("All figures with their sources (JSON)"),
        "application/json",
        lambda path: files.write_json(path, plan.summary(translate)),
    )
    return found


def saved_name(stack: LayerStack, name: str) -> str:
    """Return the name under which a file of these inputs is saved."""
    return f"{_SYNTHETIC}{name}" if stack.synthetic else name


def everything(plan: Plan, translate: Translate, lang: str) -> bytes:
    """Return all files of a plan as one zip, as the command line writes them, with the inputs."""
    from layers.sources.arguments import file_answers, split_source
    from planning.output import write_plan

    inputs = []
    for source in plan.scenario.inputs.values():
        file, answers = split_source(source)
        inputs += [Path(one).parent for one in (file, *(answers[key] for key in file_answers(answers)))]
    buffer = io.BytesIO()
    with tempfile.TemporaryDirectory(prefix="parkplan-") as folder:
        paths = write_plan(plan, Path(folder) / "plan", translate=translate, lang=lang, carried=inputs)
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in paths:
                archive.write(path, path.relative_to(Path(folder) / "plan"))
    return buffer.getvalue()


def table_bytes(table: pd.DataFrame) -> bytes:
    """Return a table as CSV that Excel reads, its cells safe to open in a spreadsheet."""
    from planning.report.clean import write_marked_csv

    return _written("table.csv", lambda path: write_marked_csv(path, table))


def workbook_bytes(table: pd.DataFrame) -> bytes:
    """Return a table as a workbook in which text is text."""
    from planning.report.clean import write_workbook

    return _written("table.xlsx", lambda path: write_workbook(path, table))


def clean_bytes(table: gpd.GeoDataFrame, kind: str, ending: str) -> bytes:
    """Return a checked table in the format of an ending."""
    from planning.report.clean import write_clean

    return _written(f"table{ending}", lambda path: write_clean(path, table, kind))


def mapping_bytes(imported: Imported) -> bytes:
    """Return the answers of an import as the file that ``parkplan import --mapping`` takes."""
    from planning.output import import_mapping

    return import_mapping(imported).encode()


def _written(name: str, write: Callable[[Path], object]) -> bytes:
    with tempfile.TemporaryDirectory(prefix="parkplan-") as folder:
        path = Path(folder) / name
        write(path)
        return path.read_bytes()
