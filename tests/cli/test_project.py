"""``.parkplan`` files: they open and run the same, and hostile ones are refused with a sentence."""

from __future__ import annotations

import contextlib
import io
import shutil
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import ParkError
from layers.sources.importer import import_source
from planning import load_scenario
from planning.project import MAX_BYTES, open_project, save_project
from tests.cli.conftest import HASTE, Command, Ran, write_firms

SCENARIO = b"[inputs]\nfirms = 'inputs/firms.csv'\n"
FIRMS = b"name,lon,lat\na,118.4,24.7\n"


def packed(compression: int = zipfile.ZIP_DEFLATED, **members: bytes) -> bytes:
    """Return a zip of these members."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return sink.getvalue()


GOOD = packed(**{"scenario.toml": SCENARIO, "inputs/firms.csv": FIRMS})


def test_a_project_runs_as_its_scenario_does(ran: Ran, door: Command, tmp_path):
    project = tmp_path / "某 项目.PARKPLAN"
    project.write_bytes(save_project(load_scenario(ran.scenario)))
    answer = door("run", project, "-o", tmp_path / "out", "--quiet", "--json")
    assert answer.code == 0, answer.err
    assert answer.json == ran.answer.json
    for path in ran.out.iterdir():
        if path.name != "scenario.toml":
            assert path.read_bytes() == (tmp_path / "out" / path.name).read_bytes(), path.name
    # What it held goes along, so that what was written runs again when the project is gone.
    project.unlink()
    shutil.move(tmp_path / "out", tmp_path / "moved")
    again = door("run", tmp_path / "moved" / "scenario.toml", "-o", tmp_path / "again", "--quiet", "--json")
    assert again.code == 0, again.err
    assert again.json == ran.answer.json


def test_a_project_keeps_answers_roles_and_a_template_of_one_s_own(
    door: Command, tmp_path, boundary, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    write_firms(tmp_path / "表, 一", header=["a", "b", "c,1", "d=2", "e"])
    door(
        "import",
        "表, 一",
        "--lon",
        "c,1",
        "--lat",
        "d=2",
        "--column",
        "industry=e",
        "--as",
        "firms",
        "-o",
        "done",
    )
    (tmp_path / "m.toml").write_text(
        '[columns]\nlon = "c,1"\nlat = "d=2"\nindustry = "e"\n', encoding="utf-8"
    )
    root = Path(__file__).resolve().parents[2]
    shutil.copy(root / "data" / "catalogues" / "parks" / "software.toml", tmp_path / "mine.toml")
    said = []
    for source in ("done", "表, 一::mapping=m.toml", "表, 一::lon=c\\,1,lat=d=2,column=industry=e"):
        template = "template = 'mine.toml'" if not said else ""
        (tmp_path / "s.toml").write_text(
            f"{template}\n[inputs]\nboundary = 'park.geojson'\nfirms = '{source}'\n{HASTE}", encoding="utf-8"
        )
        (tmp_path / "p.parkplan").write_bytes(save_project(load_scenario("s.toml")))
        answer = door("run", "p.parkplan", "--industry", "石材", "-o", "out", "--force", "--json", "--quiet")
        assert answer.code == 0, answer.err
        said.append(answer.json["clusters"])
        assert (answer.json["zoning"] is not None) == bool(template)
    assert said[0] == said[1] == said[2]


def test_the_same_scenario_and_files_make_the_same_project(tmp_path, scenario):
    assert save_project(load_scenario(scenario)) == save_project(load_scenario(scenario))


HOSTILE = {
    "no zip": b"hello",
    "nothing": b"",
    "an empty zip": packed(),
    "no scenario": packed(**{"inputs/firms.csv": FIRMS}),
    "a way out": packed(**{"scenario.toml": SCENARIO, "../evil.csv": FIRMS}),
    "a way out of inputs": packed(**{"scenario.toml": SCENARIO, "inputs/../../evil.csv": FIRMS}),
    "an absolute name": packed(**{"scenario.toml": SCENARIO, "/etc/evil.csv": FIRMS}),
    "a backslash": packed(**{"scenario.toml": SCENARIO, "inputs\\firms.csv": FIRMS}),
    "a name with an end of line": packed(**{"scenario.toml": SCENARIO, "inputs/firms.csv\n": FIRMS}),
    "another kind": packed(**{"scenario.toml": SCENARIO, "inputs/terrain.tif": FIRMS}),
    "something else": packed(**{"scenario.toml": SCENARIO, "readme.txt": FIRMS}),
    "an input that is not in it": packed(**{"scenario.toml": SCENARIO}),
    "an input elsewhere": packed(**{"scenario.toml": b"[inputs]\nfirms = '/etc/passwd'\n"}),
    "an input above": packed(**{"scenario.toml": b"[inputs]\nfirms = '../firms.csv'\n", "inputs/firms.csv": FIRMS}),
    "a mapping elsewhere": packed(**{"scenario.toml": b"[inputs]\nfirms = 'inputs/firms.csv::mapping=/etc/passwd'\n", "inputs/firms.csv": FIRMS}),
    "a mapping in disguise": packed(**{"scenario.toml": b"[inputs]\nfirms = 'inputs/firms.csv::crs=WGS84, mapping =/etc/passwd'\n", "inputs/firms.csv": FIRMS}),
    "a template elsewhere": packed(**{"scenario.toml": b"template = '../../t.toml'\n" + SCENARIO, "inputs/firms.csv": FIRMS}),
    "a template that is not in it": packed(**{"scenario.toml": b"template = 'template.TOML'\n" + SCENARIO, "inputs/firms.csv": FIRMS}),
    "a scenario that is no TOML": packed(**{"scenario.toml": b"= =", "inputs/firms.csv": FIRMS}),
    "a scenario that is no text": packed(**{"scenario.toml": b"\xff\xfe", "inputs/firms.csv": FIRMS}),
    "inputs that are no section": packed(**{"scenario.toml": b"inputs = 3\n"}),
    "an unknown key": packed(**{"scenario.toml": b"templat = 'stone'\n"}),
    "a version to come": packed(**{"scenario.toml": b"version = 2\n", "edits.json": b"{}"}),
    "a bomb for a scenario": packed(**{"scenario.toml": b"#" * 5_000_000}),
    "cut off": GOOD[:-30],
}  # fmt: skip


def _same_name_twice() -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr("scenario.toml", SCENARIO)
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("scenario.toml", b"[inputs]\n")
    return sink.getvalue()


def _wrong_checksum() -> bytes:
    stored = packed(zipfile.ZIP_STORED, **{"scenario.toml": SCENARIO, "inputs/firms.csv": FIRMS})
    return stored.replace(FIRMS, FIRMS.replace(b"118.4", b"119.4"))


def _lying_size() -> bytes:
    """A member that says it is small and unpacks to much."""
    content = bytearray(packed(**{"scenario.toml": SCENARIO, "inputs/firms.csv": bytes(3_000_000)}))
    place = content.rfind(b"PK\x01\x02")
    content[place + 24 : place + 28] = struct.pack("<I", 10)
    return bytes(content)


HOSTILE["a wrong checksum"] = _wrong_checksum()
HOSTILE["a size that lies"] = _lying_size()


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_project_is_refused_with_a_sentence(door: Command, tmp_path, name):
    path = tmp_path / "p.parkplan"
    path.write_bytes(HOSTILE[name])
    answer = door("run", path, "-o", tmp_path / "out", "--json")
    assert answer.code in (2, 3), answer.err
    assert answer.error["message"]
    if name == "a version to come":
        assert "of version 2" in answer.error["message"]
    assert [one.name for one in tmp_path.iterdir()] == ["p.parkplan"]


def test_one_name_twice_is_refused(tmp_path):
    with pytest.raises(ParkError, match="damaged or holds something unexpected"):
        open_project(_same_name_twice(), tmp_path)


def test_a_project_that_somebody_packed_anew_is_read(door: Command, tmp_path):
    """Another program's zip has an entry for the folder, and another order."""
    content = packed(
        zipfile.ZIP_LZMA, **{"inputs/": b"", "inputs/firms.csv": FIRMS, "scenario.toml": SCENARIO}
    )
    (tmp_path / "p.parkplan").write_bytes(content)
    assert door("run", tmp_path / "p.parkplan", "-o", tmp_path / "out", "--quiet").code == 0


def test_more_than_may_be_unpacked_is_refused_before_it_is_read(tmp_path):
    from planning.project import open_project_file

    big = tmp_path / "big.parkplan"
    with big.open("wb") as sink:
        sink.truncate(MAX_BYTES + 1)
    with pytest.raises(ParkError) as refused:
        open_project_file(big, tmp_path)
    assert refused.value.code == "TOO_LARGE"


def test_a_project_that_is_not_there_is_said(door: Command, tmp_path):
    answer = door("run", tmp_path / "none.parkplan", "-o", tmp_path / "out", "--json")
    assert answer.code == 3
    assert "none.parkplan" in answer.error["message"]


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_no_damage_is_a_bug(tmp_path_factory, data):
    content = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    with contextlib.suppress(ParkError):
        open_project(
            bytes(content[:cut] if data.draw(st.booleans()) else content), tmp_path_factory.mktemp("p")
        )


GRID = b'datum = "CGCS2000"\ncentral_meridian = 118.4\nfalse_easting_m = 50000\nfalse_northing_m = -2700000\n'


def test_a_system_of_one_s_own_goes_where_the_project_goes(tmp_path):
    (tmp_path / "grid.toml").write_bytes(GRID)
    (tmp_path / "firms.csv").write_text("name,x,y\na,50100,33000\nb,50200,33100\n", encoding="utf-8")
    (tmp_path / "run.toml").write_text(
        '[inputs]\nfirms = "firms.csv::crs=grid.toml,axes=xy"\n', encoding="utf-8"
    )
    before = load_scenario(tmp_path / "run.toml")
    wanted = import_source(before.inputs["firms"], "firms").table
    project = save_project(before)
    (tmp_path / "grid.toml").unlink()
    (tmp_path / "firms.csv").unlink()
    (tmp_path / "there").mkdir()
    after = open_project(project, tmp_path / "there")
    assert import_source(after.inputs["firms"], "firms").table.equals(wanted)


def test_a_project_may_not_name_a_system_outside_itself(tmp_path):
    (tmp_path / "grid.toml").write_bytes(GRID)
    scenario = f"[inputs]\nfirms = 'inputs/firms.csv::crs={tmp_path}/grid.toml'\n".encode()
    with pytest.raises(ParkError, match="not in it"):
        open_project(packed(**{"scenario.toml": scenario, "inputs/firms.csv": FIRMS}), tmp_path)
