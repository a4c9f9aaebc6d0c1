"""The pages that the code writes are those that are committed, and real results hold what they tell."""

import json
import re
from dataclasses import fields

import pandas as pd
import pyogrio
import pytest
from openpyxl import Workbook

from layers.facilities import builtin_facilities
from layers.firms import to_firms
from layers.sources.importer import ImportOptions, import_file
from layers.sources.options import KINDS, MEANINGS
from layers.sources.report import CODES, FINDINGS, REJECTED, REPORT, WARNED
from layers.stack import build_stack
from layers.tables import ACCEPTED, DUPLICATES, FACILITIES, FIRMS, GATES, REJECTS, ROADS
from parkplan.options import KINDS as OFFERED
from parkplan.options import parse
from planning.output import FILES
from planning.provenance import PROVENANCE
from planning.report.tables import CLUSTERED
from planning.scenario import Scenario, load_scenario
from planning.summary import SUMMARY, SUMMARY_TABLES
from scripts import docs
from scripts.codes import codes, sources
from scripts.pages import ROOT, text


@pytest.mark.parametrize("name", docs.pages())
def test_the_committed_page_is_what_the_code_says(name):
    assert text(f"docs/{name}") == docs.pages()[name], "run make docs"


# --- parameters ------------------------------------------------------------------------------


def test_every_stage_with_parameters_is_a_section_of_a_scenario():
    own = {one.name for one in fields(Scenario)}
    assert (
        set(docs.stage_params())
        == {"dispersion", "patterns", "clusters", "access", "zoning"}
        == own & set(docs.stage_params())
    )
    for name, params in docs.stage_params().items():
        assert type(getattr(Scenario(), name)) is params


def test_every_answer_of_an_import_is_an_option_and_a_field():
    given = {
        "crs": "WGS84",
        "axes": "xy",
        "layer": "a",
        "header": "1",
        "encoding": "utf-8",
        "units": "m",
        "lon": "x",
        "lat": "y",
        "locate": "address",
        "code_edition": "2017",
        "dates": "dmy",
    }
    given |= {"geometry": "g", "mapping": "m.toml", "column": "name=名称", "as": "firms"}
    words = [word for name, value in given.items() for word in (f"--{name.replace('_', '-')}", value)]
    parse(["import", "firms.csv", *words])
    answers = {one.name for one in fields(ImportOptions)}
    assert {"kind" if name == "as" else "columns" if name == "column" else name for name in given} == answers


def test_every_kind_of_table_is_offered_and_explained():
    assert set(OFFERED) == set(KINDS) == set(MEANINGS)


def test_the_options_that_the_page_names_say_what_it_tells():
    for section, key, option in docs.PARAMETER_OPTIONS:
        assert hasattr(getattr(Scenario(), section) if section else Scenario(), key)
        value = {"--method": "hdbscan", "--network": "straight"}.get(option, "7")
        assert parse(["analyse", "f.csv", option, value] if section == "patterns" else ["run", option, value])


# --- tables ----------------------------------------------------------------------------------


OF_IMPORTS = {"accepted.gpkg", "rejects.csv", "duplicates.csv"}
OF_ANALYSES = {"indicators.csv", "curves.csv"}


def layer_columns(path, name):
    table = pyogrio.read_dataframe(path, layer=name)
    return list(table.columns.drop("geometry", errors="ignore")), table


@pytest.mark.parametrize("file", [file for file in FILES if file not in OF_IMPORTS | OF_ANALYSES])
def test_a_real_result_has_exactly_the_columns_that_are_told(example_plan, file):
    for schema in FILES[file]:
        if file.endswith(".csv"):
            columns = list(pd.read_csv(example_plan / file).columns)
        else:
            columns, table = layer_columns(example_plan / file, schema.name)
            if schema.geometry:
                assert set(table.geom_type) <= schema.geometry
        wanted = [name for name, column in schema.columns.items() if column.required or name in columns]
        assert sorted(columns) == sorted(wanted), schema.name
    if file.endswith(".gpkg"):
        assert [name for name, _ in pyogrio.list_layers(example_plan / file)] == [
            one.name for one in FILES[file]
        ]


def test_a_run_leaves_no_file_untold(example_plan):
    told = {"boundary.txt", "map.html", "plan.png", "summary.json", "scenario.toml", *FILES} - {
        *OF_IMPORTS,
        *OF_ANALYSES,
    }
    assert {path.name for path in example_plan.iterdir()} == told


def test_an_import_has_exactly_the_columns_that_are_told(parkplan, tmp_path):
    parkplan("import", "docs/examples/firms.csv", "--as", "firms", "-o", tmp_path / "in")
    assert list(pd.read_csv(tmp_path / "in" / "rejects.csv").columns) == list(REJECTS.columns)
    source = list(pd.read_csv(ROOT / "docs/examples/firms.csv").columns)
    columns, table = layer_columns(tmp_path / "in" / "accepted.gpkg", "firms")
    assert columns == source + list(ACCEPTED.columns)
    assert set(table.geom_type) <= ACCEPTED.geometry


def test_an_analysis_has_exactly_the_columns_that_are_told(parkplan, tmp_path):
    words = ("--draws", "2", "--radii", "0:100:50", "-o", tmp_path / "out")
    parkplan("analyse", "docs/examples/firms.csv", *words)
    for file in OF_ANALYSES:
        (schema,) = FILES[file]
        assert list(pd.read_csv(tmp_path / "out" / file).columns) == list(schema.columns)


def test_firms_that_stand_there_twice_are_listed_as_told(parkplan, tmp_path):
    path = tmp_path / "firms.csv"
    path.write_text(csv("2,甲有限公司,118.4001,24.7"), encoding="utf-8")
    parkplan("import", path, "--as", "firms", "-o", tmp_path / "in")
    assert list(pd.read_csv(tmp_path / "in" / "duplicates.csv").columns) == list(DUPLICATES.columns)


def test_the_account_of_an_import_has_exactly_the_keys_that_are_told(parkplan):
    printed = json.loads(parkplan("import", "docs/examples/firms.csv", "--as", "firms", "--json"))
    assert list(printed) == [*REPORT, *FINDINGS]


def test_the_summary_has_exactly_the_keys_that_are_told(example_plan):
    summary = json.loads((example_plan / "summary.json").read_text(encoding="utf-8"))
    levels = {key.partition(".")[0] for key in SUMMARY if "." in key}
    found = [
        f"{key}.{inner}" if key in levels else key
        for key in summary
        for inner in (summary[key] if key in levels else [""])
    ]
    assert found == list(SUMMARY)
    for account in summary["import"].values():
        assert list(account) == list(REPORT)
    for key, schema in SUMMARY_TABLES.items():
        outer, _, inner = key.partition(".")
        rows = summary[outer][inner] if inner else summary[outer]
        assert rows
        assert all(list(row) == list(schema.columns) for row in rows), key


def test_what_the_stages_take_is_what_is_told():
    scenario = load_scenario(ROOT / "docs/examples/scenario.toml")
    imports = {}
    for kind, source in scenario.inputs.items():
        path, _, _ = source.partition("::")
        imports[kind] = import_file(path, ImportOptions(kind=kind))
    stack = build_stack(imports, within_km=scenario.within_km)
    pairs = [
        (FIRMS, stack.firms),
        (FACILITIES, stack.facilities),
        (ROADS, stack.site["roads"]),
        (GATES, stack.site["gates"]),
    ]
    for schema, table in [*pairs, (FACILITIES, builtin_facilities())]:
        columns = list(table.columns.drop("geometry"))
        wanted = [name for name, column in schema.columns.items() if column.required or name in columns]
        assert sorted(columns) == sorted(wanted), schema.name
        assert set(table.geom_type) <= schema.geometry


def test_every_column_that_a_source_may_bring_is_told(tmp_path):
    from geo.area import StudyArea

    table = pd.DataFrame(
        {"编号": ["1"], "名称": ["甲"], "经度": ["118.4"], "纬度": ["24.7"], "行业": ["石材"]}
    )
    table = table.assign(乡镇="镇", 状态="存续", 职工人数="12", 合成数据="否", 行业代码="1012", 地址="某地")
    table = table.assign(信用代码="91350100M000100Y43", 成立日期="2019-03-01", 主要产品="大板")
    table.to_csv(tmp_path / "firms.csv", index=False)
    firms = to_firms(import_file(tmp_path / "firms.csv"), StudyArea.around([118.4], [24.7]))
    assert set(firms.columns) - {"geometry"} == set(FIRMS.columns)
    assert set(CLUSTERED.columns) == {*FIRMS.columns, "cluster"}


def test_the_facts_of_a_plan_are_told_as_parameter_value_source(example_plan):
    columns, table = layer_columns(example_plan / "plan.gpkg", "provenance")
    assert columns == list(PROVENANCE.columns)
    assert {"seed", "data_fingerprint", "zoning.evaluations", "firms.sha256"} <= set(table["parameter"])


# --- codes -----------------------------------------------------------------------------------

GOOD = "1,甲,118.4,24.7"


def csv(*rows, header="编号,名称,经度,纬度"):
    return "\n".join([header, GOOD if header.count(",") == 3 else "", *rows]) + "\n"


def registered(code, status, founded, address):
    return f"名称,经度,纬度,信用代码,登记状态,成立日期,注册地址\n甲,118.4,24.7,{code},{status},{founded},{address}\n"


def geojson(*shapes):
    features = [{"type": "Feature", "properties": {}, "geometry": shape} for shape in shapes]
    return json.dumps({"type": "FeatureCollection", "features": features})


POINT = {"type": "Point", "coordinates": [118.4, 24.7]}
SQUARE = {"type": "Polygon", "coordinates": [[[118, 24], [119, 24], [119, 25], [118, 24]]]}
BOW = {"type": "Polygon", "coordinates": [[[118, 24], [119, 25], [119, 24], [118, 25], [118, 24]]]}
COLLAPSED = {"type": "Polygon", "coordinates": [[[118, 24], [119, 24], [118, 24], [118, 24]]]}
ROWS_OF_A_CODE = {
    "BAD_NUMBER": ("a.csv", csv("2,乙,东经,24.7"), {}),
    "COLUMN_COUNT": ("a.csv", csv("2,乙,118.4"), {}),
    "EMPTY_GEOMETRY": ("a.geojson", geojson(POINT, None), {}),
    "INVALID_GEOMETRY": ("a.geojson", geojson(SQUARE, COLLAPSED), {"kind": "areas"}),
    "MISSING_COORD": ("a.csv", csv("2,乙,,24.7"), {}),
    "NONFINITE_COORD": ("a.csv", csv("2,乙,inf,24.7"), {}),
    "NULL_ISLAND": ("a.csv", csv("2,乙,0,0"), {}),
    "OUT_OF_RANGE": ("a.csv", csv("2,乙,318.4,24.7"), {}),
    "SWAPPED_AXES": ("a.csv", csv("3,丙,118.5,24.7", "2,乙,24.7,118.4"), {}),
    "TOO_LARGE": ("a.csv", csv(f"2,{'乙' * 40_000},118.4,24.7"), {}),
    "UNDECODABLE_TEXT": ("a.geojson", geojson(POINT, POINT).replace("{}", '{"a": "\\ud800"}', 1), {}),
    "WRONG_GEOMETRY": ("a.geojson", geojson(POINT, SQUARE), {"kind": "firms"}),
    "CRS_ASSUMED": ("a.csv", csv(), {}),
    "DATUM_APPROXIMATE": ("a.csv", csv(), {"crs": "EPSG:4610"}),
    "DUPLICATE": ("a.csv", csv(GOOD), {}),
    "OUTSIDE_CHINA": ("a.csv", csv("2,乙,2.3,48.8"), {}),
    "REPAIRED_GEOMETRY": ("a.geojson", geojson(SQUARE, BOW), {"kind": "areas"}),
    "REPEATED_HEADER": ("a.csv", csv("编号,名称,经度,纬度"), {}),
    "COLUMN_NUMBERS": ("a.csv", csv("", "1,2,3,4").replace(GOOD, "") + GOOD, {}),
    "TOTALS_ROW": ("a.csv", csv("合计,,,"), {"kind": "table"}),
    "UNITS_ROW": ("a.csv", csv("", "个,家,度,度").replace(GOOD, "") + GOOD, {}),
    "BAD_CREDIT_CODE": ("a.csv", registered("91350100M000100Y44", "", "", ""), {"kind": "firms"}),
    "SHORTENED_CODE": ("a.csv", registered("9.13506E+17", "", "", ""), {"kind": "firms"}),
    "BAD_DATE": ("a.csv", registered("", "", "昨天", ""), {"kind": "firms"}),
    "CLOSED_FIRM": ("a.csv", registered("", "注销", "", ""), {"kind": "firms"}),
    "NEAR_DUPLICATE": ("a.csv", csv("2,甲有限公司,118.4001,24.7", "3,甲,118.4,24.7"), {"kind": "firms"}),
    "REGISTERED_ADDRESS": ("a.csv", registered("", "", "", "住所"), {"kind": "firms"}),
    "UNKNOWN_STATUS": ("a.csv", registered("", "存续", "", "") + "2,118.5,24.7,,整顿,,\n", {"kind": "firms"}),
}


@pytest.mark.parametrize("code", ROWS_OF_A_CODE)
def test_a_row_gets_the_code_and_what_is_told_happens_to_it(tmp_path, code):
    name, content, options = ROWS_OF_A_CODE[code]
    (tmp_path / name).write_text(content, encoding="utf-8")
    imported = import_file(tmp_path / name, ImportOptions(**options))
    report = imported.report
    assert report.rows_in == report.accepted + report.rejected
    assert f"| `{code}` |" in text("docs/codes.md")
    if code in REJECTED:
        assert report.reasons == {code: 1}
        assert imported.rejects["message"].tolist() == [REJECTED[code]]
    else:
        assert code in {notice.code for notice in report.warnings}
        assert imported.table["flags"].str.contains(code).any()
        assert report.rejected == 0


# Codes of files that are not written in a line: code → the tests that make one.
PROVED_IN = {
    "AXES_EXCHANGED": "tests/layers/test_cells.py",
    "BAD_WIND": "tests/layers/test_wind.py",
    "CENTROID_FALLBACK": "tests/layers/test_position_checks.py",
    "CRS_CONVERTED": "tests/layers/test_custom_crs.py",
    "GEOMETRY_COLUMN": "tests/layers/test_geometry_cells.py",
    "IN_SEA": "tests/layers/test_position_checks.py",
    "LOOKS_SHIFTED": "tests/layers/test_position_checks.py",
    "OTHER_COUNTY": "tests/layers/test_position_checks.py",
    "REPAIRED_COORD": "tests/layers/test_cells.py",
    "SAME_ADDRESS": "tests/layers/test_position_checks.py",
    "COUNTY_PRECISION": "tests/layers/test_locating.py",
    "LOCATED_BY_CITY": "tests/layers/test_locating.py",
    "LOCATED_BY_COUNTY": "tests/layers/test_locating.py",
    "DELETED_ROWS": "tests/layers/test_more_formats.py",
    "LINKS_NOT_FOLLOWED": "tests/layers/test_more_formats.py",
    "PRJ_MISSING": "tests/layers/test_more_formats.py",
    "TEXT_CUT": "tests/layers/test_more_formats.py",
    "ENTITIES_LEFT_OUT": "tests/layers/test_drawings.py",
    "RINGS_AS_HOLES": "tests/layers/test_drawings.py",
    "UNITS_ASSUMED": "tests/layers/test_drawings.py",
    "PARAMETERS_UNUSED": "tests/layers/test_boundary_points.py",
    "PARCEL_DIFFERS": "tests/layers/test_boundary_points.py",
    "NOT_JSON": "tests/layers/corpus_shapes.py",
    "HEIGHTS_BEYOND_LAND": "tests/layers/test_terrain.py",
    "HEIGHTS_IN_METRES": "tests/layers/test_terrain.py",
    "ROADS_CUT": "tests/layers/test_osm_extracts.py",
    "WAYS_LEFT_OUT": "tests/layers/test_osm_extracts.py",
}


@pytest.mark.parametrize("code", PROVED_IN)
def test_a_code_of_a_file_is_told_and_has_its_test(code):
    assert f"| `{code}` |" in text("docs/codes.md")
    assert f'"{code}"' in text(PROVED_IN[code])


def test_hidden_sheets_are_counted(tmp_path):
    book = Workbook()
    for sheet in (book.active, book.create_sheet("旧表")):
        sheet.append(["名称", "经度", "纬度"])
        sheet.append(["甲", 118.4, 24.7])
    book["旧表"].sheet_state = "hidden"
    book.save(tmp_path / "a.xlsx")
    warnings = {one.code: one.count for one in import_file(tmp_path / "a.xlsx").report.warnings}
    assert warnings["SHEETS_LEFT_OUT"] == 1


def test_firms_far_from_the_park_are_counted(example_plan):
    summary = json.loads((example_plan / "summary.json").read_text(encoding="utf-8"))
    warnings = {one["code"]: one["count"] for one in summary["import"]["firms"]["warnings"]}
    far = summary["area"]["firms"] - summary["area"]["firms_in_area"]
    assert warnings["OUTSIDE_STUDY_AREA"] == far > 0


def test_no_code_of_rows_goes_unproved():
    assert {*ROWS_OF_A_CODE, *PROVED_IN, "SHEETS_LEFT_OUT", "OUTSIDE_STUDY_AREA"} == set(CODES)
    assert set(CODES) == {*REJECTED, *WARNED}
    assert not set(REJECTED) & set(WARNED)


def test_every_code_that_an_error_carries_is_told_with_its_exit_code():
    page = text("docs/codes.md")
    for code in codes():
        for said in code.errors:
            heading = next(line for line in page.splitlines() if line.startswith(f"### `{code.name}`:"))
            assert f"{said.kind}, exit {said.exit_code}" in heading
            assert said.message in page


def test_every_code_in_the_source_is_known():
    """Whatever is written in capitals where a code belongs is on the page."""
    pattern = re.compile(r"""(?:code=|\.reject\([^)]*?, |\.flag\([^)]*?, |ValueError\()"([A-Z][A-Z_]+)\"""")
    used = {code for path in sources() for code in pattern.findall(path.read_text(encoding="utf-8"))}
    assert used
    assert used - {code.name for code in codes()} == set()
