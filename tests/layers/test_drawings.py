"""DXF drawings as CAD programs save them: every entity read, set aside or counted; the unit and the layer never guessed."""

from __future__ import annotations

import io
import itertools
import math
from collections.abc import Callable
from pathlib import Path

import ezdxf
import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, Polygon

from geo.errors import ChoiceError, ParkError, SourceError
from layers.sources.raw import LIMITS, RawTable
from layers.sources.readers.dxf import read_dxf

Outcome = Callable[..., tuple[str, object]]
EAST, NORTH = 39_542_000.0, 2_733_000.0
GRID = "EPSG:4527"


def drawing(version: str = "R2010", unit: int = 6) -> ezdxf.document.Drawing:
    made = ezdxf.new(version)
    made.header["$INSUNITS"] = unit
    return made


def saved(made: ezdxf.document.Drawing, encoding: str | None = None) -> bytes:
    sink = io.StringIO()
    made.write(sink)
    return sink.getvalue().encode(
        encoding or made.output_encoding, "dxfreplace" if encoding is None else "strict"
    )


def shapes(table: RawTable) -> list[shapely.Geometry]:
    assert table.records == len(table.rows) + len(table.problems)
    assert table.shapes is not None
    return list(shapely.from_wkb(np.array(table.shapes, dtype=object)))


def square(x: float, y: float, side: float) -> list[tuple[float, float]]:
    return [(x, y), (x + side, y), (x + side, y + side), (x, y + side)]


def only(add: Callable[[ezdxf.layouts.Modelspace], object]) -> shapely.Geometry:
    """The one shape of a drawing with one entity."""
    made = drawing()
    add(made.modelspace())
    (shape,) = shapes(read_dxf(saved(made)))
    return shape


def test_a_closed_outline_is_an_area_and_an_open_one_a_line() -> None:
    corners = square(EAST, NORTH, 100)
    assert only(lambda space: space.add_lwpolyline(corners, close=True)).equals(Polygon(corners))
    assert only(lambda space: space.add_lwpolyline([*corners, corners[0]])).equals(Polygon(corners))
    assert only(lambda space: space.add_lwpolyline(corners)).equals(LineString(corners))
    assert only(lambda space: space.add_polyline2d(corners, close=True)).equals(Polygon(corners))
    assert only(lambda space: space.add_polyline3d([(*one, 5) for one in corners])).equals(
        LineString(corners)
    )
    assert only(lambda space: space.add_line(corners[0], corners[1])).equals(LineString(corners[:2]))
    assert only(lambda space: space.add_point(corners[0])).equals(Point(corners[0]))


def test_an_outline_is_a_line_where_only_lines_are_wanted() -> None:
    made = drawing()
    made.modelspace().add_lwpolyline(square(EAST, NORTH, 100), close=True)
    (shape,) = shapes(read_dxf(saved(made), types=["LineString", "MultiLineString"]))
    assert shape.equals(Polygon(square(EAST, NORTH, 100)).exterior)
    assert shape.geom_type == "LineString"


@pytest.mark.parametrize("radius", [0.5, 20.0, 300.0, 5_000.0])
def test_arcs_lie_on_their_circle_and_chords_stay_within_millimetres(radius: float) -> None:
    centre = Point(EAST, NORTH)
    circle = only(lambda space: space.add_circle((EAST, NORTH), radius))
    arc = only(lambda space: space.add_arc((EAST, NORTH), radius, 350, 100))
    # Two halves with bulge 1 are a circle; the other way round the same one.
    ends = [(EAST - radius, NORTH, 1), (EAST + radius, NORTH, 1)]
    rounded = only(lambda space: space.add_lwpolyline(ends, format="xyb", close=True))
    for shape in (circle, arc, rounded):
        corners = shapely.get_coordinates(shape)
        assert np.hypot(*(corners - [EAST, NORTH]).T) == pytest.approx(radius, abs=1e-6)
    off = min(0.01 * radius, max(0.005, 1e-6 * radius))
    assert (
        circle.exterior.hausdorff_distance(centre.buffer(radius, quad_segs=4_000).exterior)
        < off * 1.01 + 1e-6
    )
    assert circle.area == pytest.approx(math.pi * radius**2, rel=0.02)
    assert rounded.area == pytest.approx(math.pi * radius**2, rel=0.02)
    assert arc.length == pytest.approx(radius * math.radians(110), rel=0.01)
    assert shapely.get_coordinates(arc)[[0, -1]] == pytest.approx(
        np.array(
            [
                [EAST + radius * math.cos(math.radians(a)), NORTH + radius * math.sin(math.radians(a))]
                for a in (350, 100)
            ]
        )
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(*(st.integers(-150, 150),) * 3), min_size=3, max_size=8), st.booleans())
def test_bulges_agree_with_the_arcs_of_another_program(
    corners: list[tuple[int, int, int]], closed: bool
) -> None:
    made = drawing()
    placed = [(EAST + x, NORTH + y, bulge / 100) for x, y, bulge in corners]
    if len({(x, y) for x, y, _ in placed}) < 3:
        return
    polyline = made.modelspace().add_lwpolyline(placed, format="xyb", close=closed)
    made.modelspace().add_point((EAST, NORTH))
    found = shapes(read_dxf(saved(made), types=["LineString", "Point"]))[0]
    length = 0.0
    for piece in polyline.virtual_entities():
        if piece.dxftype() == "LINE":
            length += (piece.dxf.end - piece.dxf.start).magnitude
        else:
            length += piece.dxf.radius * math.radians((piece.dxf.end_angle - piece.dxf.start_angle) % 360)
    assert found.length == pytest.approx(length, rel=0.01, abs=0.01)


def test_curves_are_read_too() -> None:
    ellipse = only(lambda space: space.add_ellipse((EAST, NORTH), (100, 0), 0.5))
    assert ellipse.area == pytest.approx(math.pi * 100 * 50, rel=1e-3)
    spline = only(
        lambda space: space.add_spline([(EAST, NORTH), (EAST + 50, NORTH + 20), (EAST + 100, NORTH)])
    )
    assert spline.geom_type == "LineString"
    assert spline.length > 100


def test_a_hatch_is_the_area_between_its_outlines() -> None:
    def hatch(space: ezdxf.layouts.Modelspace) -> None:
        one = space.add_hatch()
        one.paths.add_polyline_path(square(EAST, NORTH, 100), is_closed=True)
        one.paths.add_polyline_path(square(EAST + 40, NORTH + 40, 20), is_closed=True)
        edges = one.paths.add_edge_path()
        edges.add_arc((EAST + 20, NORTH + 20), 10, 0, 360)

    shape = only(hatch)
    assert shape.area == pytest.approx(100**2 - 20**2 - math.pi * 10**2, rel=1e-3)
    assert len(shape.interiors) == 2

    def wedge(space: ezdxf.layouts.Modelspace) -> None:
        edges = space.add_hatch().paths.add_edge_path()
        edges.add_line((EAST, NORTH), (EAST + 10, NORTH))
        edges.add_arc((EAST, NORTH), 10, 0, 90, ccw=True)
        edges.add_line((EAST, NORTH + 10), (EAST, NORTH))

    assert only(wedge).area == pytest.approx(math.pi * 100 / 4, rel=0.01)


def test_rings_inside_rings_are_holes_and_islands_areas_again() -> None:
    made = drawing()
    space = made.modelspace()
    for x, side in ((0, 100), (10, 80), (20, 60), (30, 40), (200, 50)):
        space.add_lwpolyline(square(EAST + x, NORTH + x, side), close=True)
    table = read_dxf(saved(made))
    found = shapes(table)
    assert [shape.area for shape in found] == [100**2 - 80**2, 60**2 - 40**2, 50**2]
    assert table.records == 3
    assert ("RINGS_AS_HOLES", 2) in table.notes


def test_rings_that_touch_repeat_or_lie_on_another_layer_stay_apart() -> None:
    made = drawing()
    space = made.modelspace()
    space.add_lwpolyline(square(EAST, NORTH, 100), close=True)
    space.add_lwpolyline(square(EAST, NORTH, 100), close=True)
    space.add_lwpolyline(square(EAST, NORTH, 50), close=True)
    space.add_lwpolyline(square(EAST + 60, NORTH + 60, 10), close=True, dxfattribs={"layer": "别的"})
    table = read_dxf(saved(made), layer="*")
    assert [shape.area for shape in shapes(table)] == [10_000, 10_000, 2_500, 100]
    assert [row[0] for row in table.rows] == ["0", "0", "0", "别的"]


def block(made: ezdxf.document.Drawing, name: str = "地块") -> ezdxf.layouts.BlockLayout:
    own = made.blocks.new(name, base_point=(5, 5))
    own.add_lwpolyline(square(0, 0, 10), close=True)
    own.add_line((0, 0), (10, 10), dxfattribs={"layer": "对角"})
    return own


def test_blocks_stand_where_they_are_put_turned_scaled_and_mirrored() -> None:
    made = drawing()
    block(made)
    at = (EAST, NORTH)
    turned = made.modelspace().add_blockref(
        "地块", at, {"rotation": 30, "xscale": 2, "yscale": -3, "layer": "用地"}
    )
    expected = [one for one in turned.virtual_entities() if one.dxftype() == "LWPOLYLINE"]
    table = read_dxf(saved(made), layer="用地")
    (shape,) = shapes(table)
    assert table.rows[0][:4:3] == ["用地", "地块"]
    corners = np.array([(corner.x, corner.y) for corner in expected[0].vertices_in_wcs()])
    assert shape.hausdorff_distance(Polygon(corners)) < 1e-6
    assert shape.area == pytest.approx(600)
    assert len(shapes(read_dxf(saved(made), layer="对角"))) == 1


def test_rows_and_columns_of_blocks_in_blocks_are_all_there() -> None:
    made = drawing()
    block(made)
    street = made.blocks.new("街")
    street.add_blockref(
        "地块", (0, 0), {"row_count": 2, "row_spacing": 20, "column_count": 3, "column_spacing": 30}
    )
    made.modelspace().add_blockref("街", (EAST, NORTH), {"rotation": 90, "layer": "用地"})
    made.modelspace().add_blockref(
        "街", (EAST + 500, NORTH), {"layer": "用地", "column_count": 4, "column_spacing": 0}
    )
    made.modelspace().add_blockref("没有", (EAST, NORTH))
    table = read_dxf(saved(made), layer="*")
    found = shapes(table)
    assert len(found) == 2 * 2 * 6
    middles = sorted(
        (round(shape.centroid.x - EAST), round(shape.centroid.y - NORTH))
        for shape in found
        if shape.geom_type == "Polygon"
    )
    turned = [(-20 * row, 30 * column) for row in range(2) for column in range(3)]
    straight = [(500 + 30 * column, 20 * row) for row in range(2) for column in range(3)]
    assert middles == sorted(turned + straight)


def bombs() -> dict[str, bytes]:
    grid = drawing()
    grid.blocks.new("一").add_circle((0, 0), 1)
    grid.modelspace().add_blockref(
        "一", (0, 0), {"row_count": 32_000, "row_spacing": 1, "column_count": 32_000, "column_spacing": 1}
    )
    nested = drawing()
    for level in range(30):
        own = nested.blocks.new(f"b{level}")
        for _ in range(10):
            own.add_circle((0, 0), 1) if level == 0 else own.add_blockref(f"b{level - 1}", (0, 0))
    nested.modelspace().add_blockref("b29", (0, 0))
    still = drawing()  # 32 000² copies in one place are one
    still.blocks.new("一").add_text("字")
    still.modelspace().add_blockref(
        "一", (0, 0), {"row_count": 32_000, "row_spacing": 1, "column_count": 32_000, "column_spacing": 1}
    )
    circle = drawing()
    circle.blocks.new("甲").add_blockref("乙", (0, 0))
    circle.blocks.new("乙").add_blockref("甲", (0, 0))
    circle.modelspace().add_blockref("甲", (0, 0))
    deep = drawing()
    for level in range(40):
        deep.blocks.new(f"d{level}").add_blockref(f"d{level - 1}", (0, 0))
    deep.modelspace().add_blockref("d39", (0, 0))
    return {
        "grid": saved(grid),
        "nested": saved(nested),
        "texts": saved(still),
        "circle": saved(circle),
        "deep": saved(deep),
    }


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("grid", "TOO_LARGE"),
        ("nested", "TOO_LARGE"),
        ("texts", "TOO_LARGE"),
        ("circle", "UNSAFE"),
        ("deep", "UNSAFE"),
    ],
)
def test_blocks_that_come_to_too_much_are_refused_before_one_is_drawn(
    name: str, code: str, outcome: Outcome
) -> None:
    how, error = outcome(bombs()[name], kind="boundary")
    assert (how, error.code) == ("refused", code)  # type: ignore[attr-defined]


def test_no_curve_is_so_large_that_it_needs_millions_of_corners() -> None:
    for add in (
        lambda space: space.add_circle((EAST, NORTH), 1e15),
        lambda space: space.add_ellipse((EAST, NORTH), (1e15, 0), 0.5),
        lambda space: space.add_spline([(0, 0), (1e15, 1e15), (EAST, NORTH), (1e14, 0)]),
        lambda space: space.add_lwpolyline([(0, 0, 1e-9), (1e12, 0, 1e9)], format="xyb"),
    ):
        assert shapely.get_num_coordinates(only(add)) < 20_000


def test_several_layers_are_asked_about_and_each_can_be_had(outcome: Outcome) -> None:
    made = drawing()
    for place, name in enumerate(("HX-红线", "DL-道路", "DL-道路")):
        made.modelspace().add_lwpolyline(
            square(EAST + 200 * place, NORTH, 100), close=True, dxfattribs={"layer": name}
        )
    made.modelspace().add_text("说明", dxfattribs={"layer": "文字"})
    data = saved(made)
    how, error = outcome(data, kind="boundary", crs=GRID)
    assert (how, error.about) == ("asked", "layer")  # type: ignore[attr-defined]
    assert [one["argument"] for one in error.options] == [
        "--layer 'DL-道路'",
        "--layer 'HX-红线'",
        "--layer '*'",
    ]  # type: ignore[attr-defined]
    for layer, count in (("DL-道路", 2), ("hx-红线", 1), ("*", 3)):
        how, got = outcome(data, kind="boundary", crs=GRID, layer=layer)
        assert how == "taken"
        assert got.report.rows_in == count  # type: ignore[attr-defined]
        assert {one.code: one.count for one in got.report.warnings}["ENTITIES_LEFT_OUT"] == 1  # type: ignore[attr-defined]
    how, error = outcome(data, kind="boundary", layer="文字")
    assert (how, "DL-道路" in error.hint()) == ("refused", True)  # type: ignore[attr-defined]


def test_a_drawing_has_no_coordinate_system_and_is_asked_for_it(outcome: Outcome) -> None:
    made = drawing()
    made.modelspace().add_lwpolyline(square(EAST, NORTH, 100), close=True)
    how, error = outcome(saved(made), kind="boundary")
    assert (how, error.about) == ("asked", "crs")  # type: ignore[attr-defined]
    assert error.options[0]["argument"] == "--crs EPSG:4527"  # type: ignore[attr-defined]
    how, got = outcome(saved(made), kind="boundary", crs=GRID)
    assert how == "taken"
    assert got.table.to_crs(GRID).area.iloc[0] == pytest.approx(10_000, rel=1e-9)  # type: ignore[attr-defined]


@pytest.mark.parametrize("version", ["R12", "R2000", "R2004", "R2007", "R2010", "R2018"])
def test_every_version_of_the_format_reads_alike(version: str) -> None:
    made = drawing(version)
    made.encoding = "gbk"
    made.layers.add("红线")
    made.modelspace().add_polyline2d(square(EAST, NORTH, 100), close=True, dxfattribs={"layer": "红线"})
    table = read_dxf(saved(made))
    assert table.layer == "红线"
    assert shapes(table)[0].area == 10_000


def test_a_binary_drawing_reads_as_the_same_in_text(tmp_path: Path) -> None:
    made = drawing()
    made.modelspace().add_lwpolyline(square(EAST, NORTH, 100), close=True, dxfattribs={"layer": "红线"})
    block(made)
    made.modelspace().add_blockref(
        "地块", (EAST + 300, NORTH), {"layer": "红线", "column_count": 3, "column_spacing": 50}
    )
    made.saveas(tmp_path / "binary.dxf", fmt="bin")
    plain, binary = (
        read_dxf(saved(made), layer="红线"),
        read_dxf((tmp_path / "binary.dxf").read_bytes(), layer="红线"),
    )
    assert binary.shapes == plain.shapes
    assert binary.rows == plain.rows


OLD = "  0\nSECTION\n  2\nHEADER\n{}  0\nENDSEC\n  0\nSECTION\n  2\nENTITIES\n  0\nPOLYLINE\n  8\n红线\n 66\n1\n 70\n1\n{}  0\nSEQEND\n  8\n红线\n  0\nENDSEC\n  0\nEOF\n"
VERTICES = "".join(f"  0\nVERTEX\n  8\n红线\n 10\n{x}\n 20\n{y}\n" for x, y in square(EAST, NORTH, 100))


@pytest.mark.parametrize(
    "header",
    [
        "",
        "  9\n$ACADVER\n  1\nAC1009\n  9\n$DWGCODEPAGE\n  3\nANSI_936\n",
        "  9\n$ACADVER\n  1\nAC1021\n",
        "  9\n$ACADVER\n  1\nAC1015\n",
    ],
)
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_chinese_names_are_read_whatever_the_header_forgets(header: str, ends: str, outcome: Outcome) -> None:
    data = OLD.format(header, VERTICES).replace("\n", ends).encode("gb18030")
    how, got = outcome(data, kind="boundary", crs=GRID)
    assert how == "taken"
    assert got.table["layer"].tolist() == ["红线"]  # type: ignore[attr-defined]


def test_text_in_no_encoding_that_it_names_is_refused_and_can_be_stated(outcome: Outcome) -> None:
    data = OLD.format("", VERTICES).replace("红线", "紅線").encode("big5")
    how, error = outcome(data + b"999\n\xff\xff\n", kind="boundary", crs=GRID)
    assert (how, error.code) == ("refused", "UNDECODABLE_TEXT")  # type: ignore[attr-defined]
    how, got = outcome(data, kind="boundary", crs=GRID, encoding="big5")
    assert how == "taken"
    assert got.report.layer == "紅線"  # type: ignore[attr-defined]


def with_unit(unit: int, factor: float, x: float = EAST, y: float = NORTH) -> bytes:
    made = drawing(unit=unit)
    made.modelspace().add_lwpolyline([(px * factor, py * factor) for px, py in square(x, y, 100)], close=True)
    return saved(made)


@pytest.mark.parametrize(
    ("unit", "factor", "noticed"),
    [
        (6, 1.0, False),
        (0, 1.0, True),
        (4, 1_000.0, True),
        (4, 1.0, True),
        (5, 1.0, True),
        (5, 100.0, True),
        (1, 1.0, True),
    ],
)
def test_the_unit_that_puts_a_drawing_on_a_grid_is_taken_and_said(
    unit: int, factor: float, noticed: bool, outcome: Outcome
) -> None:
    how, got = outcome(with_unit(unit, factor), kind="boundary", crs=GRID)
    assert how == "taken"
    assert got.table.to_crs(GRID).area.iloc[0] == pytest.approx(10_000, rel=1e-6)  # type: ignore[attr-defined]
    assert ("UNITS_ASSUMED" in {one.code for one in got.report.warnings}) == noticed  # type: ignore[attr-defined]


def test_a_unit_that_nothing_proves_is_asked_about() -> None:
    data = with_unit(4, 1.0, 41_000, 32_000)
    with pytest.raises(ChoiceError) as caught:
        read_dxf(data, crs=GRID)
    assert [one["argument"] for one in caught.value.options] == ["--units m", "--units mm"]
    assert shapes(read_dxf(data, crs=GRID, units="m"))[0].area == 10_000
    assert shapes(read_dxf(data, crs=GRID, units="mm"))[0].area == pytest.approx(0.01)


def test_small_numbers_are_degrees_where_a_park_in_china_can_lie_there_and_else_asked(
    outcome: Outcome,
) -> None:
    made = drawing(unit=4)
    made.modelspace().add_lwpolyline(square(118.4, 24.7, 0.01), close=True)
    how, got = outcome(saved(made), kind="boundary")
    assert how == "taken"
    assert "CRS_ASSUMED" in {one.code for one in got.report.warnings}  # type: ignore[attr-defined]
    own = drawing(unit=6)
    own.modelspace().add_lwpolyline(square(20, 10, 100), close=True)
    how, error = outcome(saved(own), kind="boundary")
    assert (how, error.about) == ("asked", "crs")  # type: ignore[attr-defined]


def test_what_makes_no_shape_is_set_aside_with_its_handle(outcome: Outcome) -> None:
    made = drawing()
    space = made.modelspace()
    space.add_lwpolyline(square(EAST, NORTH, 100), close=True)
    space.add_lwpolyline([(EAST, NORTH)] * 3, close=True)
    space.add_circle((EAST, NORTH), 0)
    space.add_hatch()
    space.add_polyface()
    space.add_point((math.nan, NORTH))
    how, got = outcome(saved(made), kind="any", crs=GRID)
    assert how == "taken"
    assert got.report.rows_in == 5  # type: ignore[attr-defined]
    assert got.report.reasons == {"EMPTY_GEOMETRY": 3, "NONFINITE_COORD": 1}  # type: ignore[attr-defined]
    assert {one.code: one.count for one in got.report.warnings}["ENTITIES_LEFT_OUT"] == 1  # type: ignore[attr-defined]


def test_sheets_of_paper_are_not_the_ground() -> None:
    made = drawing()
    made.modelspace().add_lwpolyline(square(EAST, NORTH, 100), close=True)
    made.paperspace().add_lwpolyline(square(0, 0, 297), close=True)
    assert len(shapes(read_dxf(saved(made)))) == 1


@pytest.mark.parametrize(
    "data",
    [
        b"  0\nSECTION\n  2\nENTITIES\n  0\nENDSEC\n  0\nEOF\n",
        b"  0\nSECTION\n",
        b"  0\nSECTION\n  2\nENTITIES\n  0\nLINE\n 10\nabc\n 20\n1\n  0\nENDSEC\n  0\nEOF\n",
        b"  0\nSECTION\nxyz\nENTITIES\n",
        b"AutoCAD Binary DXF\r\n\x1a\x00junk",
        b"AutoCAD Binary DXF\r\n\x1a\x00",
    ],
)  # fmt: skip
def test_a_damaged_or_empty_drawing_is_refused_in_one_sentence(data: bytes, outcome: Outcome) -> None:
    how, _ = outcome(data, kind="boundary")
    assert how == "refused"


def test_a_mutated_drawing_never_loses_an_entity_unseen() -> None:
    made = drawing()
    block(made)
    space = made.modelspace()
    for place in range(5):
        space.add_lwpolyline(
            [(*corner, 0.3) for corner in square(EAST + 200 * place, NORTH, 100)], format="xyb", close=True
        )
    space.add_blockref("地块", (EAST, NORTH), {"column_count": 3, "column_spacing": 50})
    data = saved(made)
    random = np.random.default_rng(4)
    start = data.index(b"ENTITIES")
    ended: dict[str, int] = {"taken": 0, "refused": 0}
    for _ in range(150):
        piece = bytearray(data)
        for place in random.integers(start, len(data), int(random.integers(1, 3))):
            piece[place] = int(random.integers(32, 127))
        try:
            table = read_dxf(bytes(piece), layer="*", crs=GRID)
        except ParkError:
            ended["refused"] += 1
            continue
        assert table.records == len(table.rows) + len(table.problems)
        ended["taken"] += 1
    assert ended["taken"] > 10


def test_the_limit_is_one_of_the_settings_that_the_refusal_tells() -> None:
    made = drawing()
    made.blocks.new("一").add_point((0, 0))
    made.modelspace().add_blockref("一", (0, 0), {"row_count": LIMITS.entities + 1, "row_spacing": 1})
    with pytest.raises(SourceError, match=f"{LIMITS.entities:,}"):
        read_dxf(saved(made))


def test_the_order_of_the_entities_moves_nothing() -> None:
    rings = [square(EAST + x, NORTH, side) for x, side in ((0, 10), (20, 20), (50, 30))]
    answers = set()
    for order in itertools.permutations(rings):
        made = drawing()
        for ring in order:
            made.modelspace().add_lwpolyline(ring, close=True)
        answers.add(tuple(sorted(shape.wkt for shape in shapes(read_dxf(saved(made))))))
    assert len(answers) == 1
