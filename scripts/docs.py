"""Write the pages of docs/ that the code says itself (make docs).

``docs/parameters.md``, ``docs/tables.md`` and ``docs/codes.md`` are committed, so that they can be
read without running anything; tests/docs/test_generated.py says when they are out of step.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
sys.path.insert(0, str(ROOT))  # run as a file, the folder of this file comes first

from data import CATALOGUES  # noqa: E402
from geo.params import Parameter, Params, describe  # noqa: E402
from geo.schema import Column, TableSchema  # noqa: E402
from layers.sources.options import KINDS, MEANINGS, ImportOptions  # noqa: E402
from layers.sources.report import FINDINGS, REPORT  # noqa: E402
from layers.tables import SCHEMAS  # noqa: E402
from parkplan.options import PARAMETER_OPTIONS  # noqa: E402
from planning import stages  # noqa: E402
from planning.output import FILES  # noqa: E402
from planning.scenario import INPUT_KINDS, VERSION, Scenario  # noqa: E402
from planning.stages.dispersion import INDUSTRIES, TOWNSHIPS  # noqa: E402
from planning.summary import SUMMARY, SUMMARY_TABLES  # noqa: E402
from scripts.codes import codes  # noqa: E402

NOTE = "<!-- Written by `make docs` from the declarations in the code; change them, not this page. -->"


def pages() -> dict[str, str]:
    """Return the text of every generated page, by its name in docs/."""
    return {
        "parameters.md": parameters_page(),
        "tables.md": tables_page(),
        "codes.md": codes_page(),
    }


def main() -> None:
    for name, text in pages().items():
        (DOCS / name).write_text(text, encoding="utf-8")
        print(f"docs/{name}")


# --- parameters ------------------------------------------------------------------------------


def parameters_page() -> str:
    """Return the page of every choice that a person can make."""
    parts = [
        "# Parameters",
        NOTE,
        "Every choice that a person can make, with what stands when nobody says otherwise. The command line, "
        "the forms of the app, scenario files and this page read one declaration beside the algorithm. "
        "Whole numbers and decimals are both taken where the default is a decimal.",
        "## Scenario files",
        f"A scenario is a TOML file; [one](examples/scenario.toml) is among the examples. `version = {VERSION}` "
        "is the version of the form. Paths in it are relative to the file. An unknown key is refused, and its "
        "nearest neighbour named.",
        _parameters(describe(Scenario)),
        "### `[inputs]`",
        "Kind → `FILE`, `FILE::key=value,…` or the DIR of an earlier import, as on the command line.",
        _inputs(),
    ]
    for name, params in stage_params().items():
        parts += [f"### `[{name}]`", _first_line(params), _parameters(describe(params), name)]
    parts += [
        "## Answers of an import",
        "What may be said about a file: on the command line as an option, behind its name as `FILE::key=value`, "
        "or in a mapping file. What is not said is found, or asked for with exit code 4.",
        _answers(),
        "### Kinds of table",
        _table(("kind", "geometries", "what its rows are"), _kinds()),
        "### Names of columns",
        "Role → names under which a column is known, compared without case, spaces, punctuation and units; the "
        "earlier name wins. `--column ROLE=COL` says it otherwise. The list is "
        "[data/catalogues/columns.toml](../data/catalogues/columns.toml).",
        _table(("role", "names"), _roles()),
    ]
    return _page(parts)


def stage_params() -> dict[str, type[Params]]:
    """Section of a scenario → parameters of the stage of that name; every stage is looked at."""
    found = {}
    for module in pkgutil.iter_modules(stages.__path__):
        members = vars(importlib.import_module(f"{stages.__name__}.{module.name}")).values()
        own = [
            one for one in members if isinstance(one, type) and issubclass(one, Params) and one is not Params
        ]
        if own:
            (found[module.name],) = own
    return found


def _parameters(specs: Iterable[Parameter], section: str = "") -> str:
    options = {(part, key): option for part, key, option in PARAMETER_OPTIONS}
    rows = []
    for spec in specs:
        option = options.get((section, spec.name), "")
        rows.append((_code(spec.name), _code(option), _default(spec.default), _values(spec), spec.help))
    return _table(("key", "option", "default", "values", "meaning"), rows)


def _answers() -> str:
    names = {"kind": "--as KIND", "columns": "--column ROLE=COL"}
    rows = [
        (
            _code(spec.name if spec.name != "columns" else "column"),
            _code(names.get(spec.name, f"--{spec.name.replace('_', '-')}")),
            _default(spec.default),
            "see below" if spec.name == "kind" else _values(spec),
            spec.help,
        )
        for spec in describe(ImportOptions)
    ]
    return _table(("key", "option", "default", "values", "meaning"), rows)


def _inputs() -> str:
    return _table(("key", "what its rows are"), [(_code(kind), MEANINGS[kind]) for kind in INPUT_KINDS])


def _kinds() -> list[tuple[str, ...]]:
    everything = KINDS["any"]
    return [
        (
            _code(kind),
            "any" if types == everything else ", ".join(sorted(one for one in types if "Multi" not in one)),
            MEANINGS[kind],
        )
        for kind, types in KINDS.items()
    ]


def _roles() -> list[tuple[str, ...]]:
    table = tomllib.loads((CATALOGUES / "columns.toml").read_text(encoding="utf-8"))
    return [(_code(role), ", ".join(entry["names"])) for role, entry in table.items()]


def _values(spec: Parameter) -> str:
    if spec.options:
        return " ".join(_code(option) for option in spec.options)
    if spec.low is None or spec.high is None:
        return "yes or no" if isinstance(spec.default, bool) else ""
    return f"{spec.low:,.10g} – {spec.high:,.10g}{' ' + spec.unit if spec.unit else ''}"


def _default(value: Any) -> str:
    if value is None or value in ("", {}):
        return "–"
    return f"{value:,g}" if isinstance(value, (int, float)) else _code(str(value))


# --- tables ----------------------------------------------------------------------------------


def tables_page() -> str:
    """Return the page of every column of every file."""
    parts = [
        "# Tables",
        NOTE,
        "Shares run 0–1. Areas and lengths are those in the plane of the study area's coordinate system, whose "
        "scale error is said beside them. In GeoPackages the geometry comes on top of the columns named here.",
        "## Result files",
    ]
    for file, schemas in FILES.items():
        parts.append(f"### {file}")
        if file == "accepted.gpkg":
            parts.append("One layer, named as the kind, in EPSG:4326.")
        elif file.endswith(".gpkg"):
            parts.append(
                "In the delivery coordinate system: that of the study area unless `out_crs` says another."
            )
        for schema in schemas:
            named = f"**`{schema.name}`**: " if len(schemas) > 1 else ""
            shape = f" ({', '.join(sorted(schema.geometry))})" if schema.geometry and len(schemas) > 1 else ""
            parts += [
                f"{named}{'a' if named else 'A'} row is {schema.meaning}{shape}.",
                _columns(schema.columns),
            ]
    parts += [
        "### summary.json",
        "A point stands between levels. A stage that did not run is null.",
        _columns(SUMMARY, rows_of=SUMMARY_TABLES),
        "The account of one input, under `import` and from `parkplan import --json`:",
        _columns(REPORT),
        "Behind it, from `parkplan import --json` alone:",
        _columns(FINDINGS),
        "## Tables that a page offers",
        "CSV files of the page “Dispersion”.",
        *(
            part
            for schema in (INDUSTRIES, TOWNSHIPS)
            for part in (f"### {schema.name}.csv", f"A row is {schema.meaning}.", _columns(schema.columns))
        ),
        "## Tables that the stages take",
        "What an input becomes after its import, in the metric coordinate system of the study area (facilities: "
        "WGS 84). Columns marked ○ are there only where the source has them.",
    ]
    for schema in SCHEMAS:
        parts += [
            f"### {schema.name}",
            f"A row is {schema.meaning} ({', '.join(sorted(schema.geometry))}).",
            _columns(schema.columns, marked=True),
        ]
    return _page(parts)


def _columns(
    columns: Mapping[str, Column], *, marked: bool = False, rows_of: Mapping[str, TableSchema] | None = None
) -> str:
    rows = []
    for name, column in columns.items():
        mark = " ○" if marked and not column.required else ""
        table = f" (`{rows_of[name].name}`)" if rows_of and name in rows_of else ""
        rows.append((_code(name) + mark, column.unit, column.meaning + table))
    return _table(("column" if rows_of is None else "key", "unit", "meaning"), rows)


# --- codes -----------------------------------------------------------------------------------


def codes_page() -> str:
    """Return the page of every code with what happens and its sentences."""
    found = codes()
    parts = [
        "# Codes",
        NOTE,
        "A code says what is meant whatever the language of the sentence. What stands in braces is filled with "
        "the names and numbers of the case; an arrow leads to the hint, a stroke parts two of which one is said.",
        "## Rows",
        "In `rejects.csv`, in the column `flags` of `accepted.gpkg`, and counted in `reasons` and `warnings`.",
        _table(
            ("code", "what happens", "sentence"),
            [(_code(one.name), *one.row) for one in found if one.row is not None],
        ),
        "## Files, questions, mistakes",
        "In `error.code` of the JSON; nothing is written then. `error.kind` and the exit code are those of "
        "[cli.md](cli.md). Where every row of a file is rejected, the code is that of most of them.",
    ]
    for one in found:
        if one.errors:
            happens = " · ".join(dict.fromkeys(f"{said.kind}, exit {said.exit_code}" for said in one.errors))
            sentences = dict.fromkeys(
                f"- {said.message} → {said.hint}" if said.hint else f"- {said.message}" for said in one.errors
            )
            parts += [f"### {_code(one.name)}: {happens}", "\n".join(sentences)]
    return _page(parts)


# --- words -----------------------------------------------------------------------------------


def _page(parts: Iterable[str]) -> str:
    return "\n\n".join(parts) + "\n"


def _first_line(thing: type) -> str:
    return (thing.__doc__ or "").strip().splitlines()[0]


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


if __name__ == "__main__":
    main()
