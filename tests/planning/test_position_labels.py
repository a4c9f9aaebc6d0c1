"""Positions that are not exact say so on every map, picture and summary."""

from __future__ import annotations

from pathlib import Path

import pytest
import tomli_w

from layers.sources.importer import import_source
from layers.stack import build_stack
from planning.pipeline import make_plan
from planning.provenance import position_labels
from planning.report.labels import map_notes
from planning.scenario import Scenario
from planning.summary import headlines

XIAN80 = "名称,东,北\n" + "".join(
    f"企业{n},{39_640_000 + 300 * n},{2_730_000 + 200 * n}\n" for n in range(12)
)


def imports(folder: Path, crs: str) -> dict[str, object]:
    path = folder / "firms.csv"
    path.write_text(XIAN80, encoding="utf-8")
    return {"firms": import_source(f"{path}::crs={crs},lon=东,lat=北", "firms")}


@pytest.mark.parametrize(("crs", "said"), [("EPSG:2363", True), ("EPSG:4527", False)])
def test_an_old_datum_without_parameters_is_said_wherever_points_are_shown(
    tmp_path: Path, crs: str, said: bool
) -> None:
    firms = imports(tmp_path, crs)
    stack = build_stack(firms)  # type: ignore[arg-type]
    assert any("approximate" in text for text in position_labels(stack)) == said
    if not said:
        return
    plan = make_plan(Scenario(inputs={"firms": f"{tmp_path / 'firms.csv'}::crs={crs},lon=东,lat=北"}))
    assert any("approximate" in text for text, _ in map_notes(plan, str))
    assert any("approximate" in line for line in headlines(plan))


def test_a_fit_to_control_points_is_said_with_its_rms(tmp_path: Path) -> None:
    points = [
        {"from": [39_640_000 + dx, 2_730_000 + dy], "to": [640_000.0 + dx + error, 2_730_000.0 + dy]}
        for dx, dy, error in ((0, 0, 0.1), (4_000, 0, -0.1), (0, 4_000, 0.1))
    ]
    path = tmp_path / "grid.toml"
    path.write_text(
        tomli_w.dumps({"control": {"fit": "plane", "target": "EPSG:4548", "points": points}}),
        encoding="utf-8",
    )
    stack = build_stack(imports(tmp_path, str(path)))  # type: ignore[arg-type]
    (label,) = position_labels(stack)
    rms = stack.reports["firms"].transformation["rms_m"]
    assert f"RMS {rms:.3f} m" in label
    assert rms > 0.01
