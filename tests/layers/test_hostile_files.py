"""Files that were made to do harm: refused in bounded time and memory; nothing read, written or connected."""

from __future__ import annotations

import io
import json
import os
import socket
import sqlite3
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import ezdxf
import geopandas as gpd
import numpy as np
import openpyxl
import pytest
import shapely
from shapely.geometry import Point, Polygon, box, mapping

from geo.errors import ParkError
from layers.sources import repair
from layers.sources.importer import ImportOptions, import_file
from layers.sources.raw import LIMITS, Limits
from layers.sources.worker import forkserver, parent
from layers.sources.worker.lockdown import locked_environment
from tests.layers.conftest import zipped

ROOT = Path(__file__).parents[2]
SECRET = "secret-of-another-user"
RESOURCES = """
import json, resource, sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from geo.errors import ParkError
from layers.sources.worker import forkserver
from layers.sources.importer import ImportOptions, import_file
start = time.monotonic()
try:
    import_file(sys.argv[2], ImportOptions(kind=sys.argv[3]))
    end = "taken"
except ParkError as error:
    end = f"{type(error).__name__} {error.code}"
forkserver.stop()  # so that its workers are counted
worker = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
# What getrusage says of this process begins with what its parent held.
own = int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) // 1024
print(json.dumps({"end": end, "own_mb": own, "worker_mb": worker, "seconds": time.monotonic() - start}))
"""


@pytest.fixture
def canary() -> Iterator[tuple[str, list[str]]]:
    """An address on this machine, and the list of what connected to it."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.1)
        caught: list[str] = []
        over = threading.Event()

        def listen() -> None:
            while not over.is_set():
                try:
                    caller, _ = listening.accept()
                except TimeoutError:
                    continue
                caught.append(caller.recv(200).decode(errors="replace"))
                caller.close()

        thread = threading.Thread(target=listen)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/canary", caught
        over.set()
        thread.join()


def package(path: Path, *statements: str) -> bytes:
    gpd.GeoDataFrame({"name": ["a"]}, geometry=[Point(118, 24)], crs=4326).to_file(path, layer="a")
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()
    return path.read_bytes()


def hostile(folder: Path, url: str, secret: Path) -> dict[str, bytes]:
    """Files that make a GIS library read, write or connect: by content, whatever their name says."""
    written = folder / "written"
    vrt = "<OGRVRTDataSource><OGRVRTLayer name='secret'><SrcDataSource>{}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
    algorithm = {
        "type": "gdal_streamed_alg",
        "command_line": f"gdal vector pipeline ! read {secret} ! write {written}",
    }
    link = {
        "type": "FeatureCollection",
        "crs": {"type": "link", "properties": {"href": url, "type": "proj4"}},
    }
    features = [
        {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [118, 24]}}
    ]
    return {
        "a virtual layer": vrt.format(secret).encode(),
        "a virtual layer behind blanks": b"\n\n  \xef\xbb\xbf" + vrt.format(secret).encode(),
        "a virtual layer over the network": vrt.format(f"/vsicurl/{url}").encode(),
        "a virtual layer in UTF-16": vrt.format(secret).encode("utf-16"),
        "an algorithm": json.dumps(algorithm).encode(),
        "an algorithm in UTF-16": json.dumps(algorithm).encode("utf-16"),
        "an algorithm inside a feature": json.dumps({**features[0], "geometry": algorithm}).encode(),
        "a link to a system": json.dumps({**link, "features": features}).encode(),
        "a service": f"<OGRWFSDataSource><URL>{url}</URL></OGRWFSDataSource>".encode(),
        "a tile service": f"<GDAL_WMS><Service name='TMS'><ServerUrl>{url}</ServerUrl></Service></GDAL_WMS>".encode(),
        "a raster that writes": f"<MRF_META><CachedSource><Source>{url}</Source></CachedSource><Raster><Size x='1' y='1'/><DataFile>{written}</DataFile></Raster></MRF_META>".encode(),
        "KML with an entity": f'<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY x SYSTEM "{secret.as_uri()}">]><kml><Document><name>&x;</name></Document></kml>'.encode(),
        "a view": package(folder / "v.gpkg", "CREATE VIEW endless AS WITH RECURSIVE t(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM t) SELECT x FROM t"),
        "a layer that is a view": package(
            folder / "w.gpkg", "ALTER TABLE a RENAME TO b",
            "CREATE VIEW a AS WITH RECURSIVE t(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM t) SELECT x AS fid, NULL AS geom, 'n' AS name FROM t",
        ),
        "a trigger": package(folder / "t.gpkg", "CREATE TRIGGER mine AFTER INSERT ON a BEGIN DELETE FROM a; END"),
        "a virtual table": package(folder / "f.gpkg", "CREATE VIRTUAL TABLE words USING fts4(content)"),
        "a foreign table that calls itself an index": package(folder / "g.gpkg", "CREATE VIRTUAL TABLE ' rtree' USING fts4('x rtree(')"),
        "an XLSX with a link outside": zipped({"xl/workbook.xml": b"<x/>", "xl/externalLinks/externalLink1.xml": url.encode()}),
        "a zip that climbs out": zipped({"../../written": b"x", "xl/workbook.xml": b"<x/>"}),
        "a zip of a virtual layer": zipped({"layer.vrt": vrt.format(secret).encode()}),
        "a shapefile that climbs out": zipped({f"../../{name}": content for name, content in shapefile(folder).items()}),
        "a shapefile at a place of its own": zipped({f"{folder}/{name}": content for name, content in shapefile(folder).items()}),
        "a shapefile whose table is a link": linked(shapefile(folder), "in.dbf", secret),
        "a raster of other files": f"<VRTDataset rasterXSize='1' rasterYSize='1'><VRTRasterBand dataType='Byte' band='1' subClass='VRTRawRasterBand'><SourceFilename>{secret}</SourceFilename></VRTRasterBand></VRTDataset>".encode(),
        "KMZ with an entity": zipped({"doc.kml": f'<!DOCTYPE kml [<!ENTITY x SYSTEM "{secret.as_uri()}">]><kml><Document><name>&x;</name></Document></kml>'.encode()}),
        "KML that is all elsewhere": f"<kml><NetworkLink><Link><href>{url}</href></Link></NetworkLink></kml>".encode(),
        "features on a line each, with a link": b"\n".join(json.dumps({**link, "features": features}).encode() for _ in range(2)),
    }  # fmt: skip


def shapefile(folder: Path) -> dict[str, bytes]:
    gpd.GeoDataFrame({"name": ["a"]}, geometry=[Point(118, 24)], crs=4326).to_file(folder / "in.shp")
    return {path.name: path.read_bytes() for path in sorted(folder.glob("in.*"))}


def linked(members: dict[str, bytes], name: str, target: Path) -> bytes:
    """A zip in which one member is a symbolic link, as Unix stores it."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        for member, content in members.items():
            info = zipfile.ZipInfo(member)
            info.create_system = 3
            info.external_attr = (0o120777 if member == name else 0o100644) << 16
            archive.writestr(info, str(target) if member == name else content)
    return sink.getvalue()


def baited(folder: Path, url: str, secret: Path) -> dict[str, bytes]:
    """Good files that also name something elsewhere; they are read without a look at it."""
    vrt = f"<OGRVRTDataSource><OGRVRTLayer name='in'><SrcDataSource>{secret}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
    place = "<Placemark><name>a</name><styleUrl>{0}#s</styleUrl><Point><coordinates>118,24</coordinates></Point></Placemark>"
    drawing = ezdxf.new("R2010")
    drawing.units = 6
    drawing.modelspace().add_lwpolyline(
        [(542_000, 2_733_000), (543_000, 2_733_000), (543_000, 2_734_000)], close=True
    )
    drawing.add_xref_def(str(secret), "elsewhere")
    drawing.modelspace().add_blockref("elsewhere", (0, 0))
    drawing.modelspace().add_image(drawing.add_image_def(url, (1, 1)), (0, 0), (1, 1))
    text = io.StringIO()
    drawing.write(text)
    return {
        "KML with a link": f"<kml><Document><NetworkLink><Link><href>{url}</href></Link></NetworkLink>{place.format(url)}</Document></kml>".encode(),
        "a shapefile with a virtual layer beside it": zipped({**shapefile(folder), "in.vrt": vrt.encode(), "in.shp.xml": vrt.encode(), "in.shp.aux.xml": vrt.encode()}),
        "a drawing that refers to others": text.getvalue().encode(),
        "a table with addresses": f"name,lon,lat,url\na,118,24,{url}\n".encode(),
    }  # fmt: skip


def test_what_a_good_file_refers_to_is_not_looked_at(
    tmp_path: Path, canary: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, caught = canary
    secret = tmp_path / "secret.csv"
    secret.write_text(f"name,lon,lat\n{SECRET},118,24\n", encoding="utf-8")
    for name, content in baited(tmp_path, url, secret).items():
        path = tmp_path / "upload"
        path.write_bytes(content)
        before = set(tmp_path.rglob("*"))
        got = import_file(path, ImportOptions(crs="EPSG:4548") if "drawing" in name else None)
        assert got.report.accepted >= 1, name
        assert SECRET not in got.table.to_csv() + got.rejects.to_csv(), name
        assert set(tmp_path.rglob("*")) == before, name
    assert caught == []


BARE = """
import sys, warnings
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import pyogrio, rasterio
if "kernel" in sys.argv[2]:
    from layers.sources.worker.lockdown import harden
    status = harden(Path.cwd(), memory_mb=4096, cpu_s=60, file_mb=10)
    assert status["landlock"].startswith("on") and status["seccomp"] == "on", status
warnings.simplefilter("ignore")
for path in sorted(Path.cwd().glob("upload-*")):
    try:
        _, _, _, fields = pyogrio.raw.read(path)
        print(*(list(field) for field in fields))
    except Exception as error:
        print(type(error).__name__)
    try:
        with rasterio.open(path) as raster:
            print(raster.read().tobytes())
    except Exception as error:
        print(type(error).__name__)
"""


@pytest.mark.parametrize("layer", ["none", "environment", "kernel"])
def test_each_layer_alone_keeps_gdal_from_reading_writing_and_connecting(
    layer: str, tmp_path: Path, canary: tuple[str, list[str]]
) -> None:
    """Without any, the same files do harm: else this test would show nothing."""
    status = parent.lockdown_status()
    if layer == "kernel" and not (status["landlock"].startswith("on") and status["seccomp"] == "on"):
        pytest.skip(f"this kernel has no lock: {status}")
    url, caught = canary
    job = tmp_path / "job"
    job.mkdir()
    secret = tmp_path / "secret.csv"
    secret.write_text(f"name,lon,lat\n{SECRET},118,24\n", encoding="utf-8")
    bytes_of = {
        name: content for name, content in hostile(tmp_path, url, secret).items() if "brackets" not in name
    }
    for number, content in enumerate(bytes_of.values()):
        if not content.startswith((b"PK", b"SQLite")):
            (job / f"upload-{number}.geojson").write_bytes(content)
    before = set(tmp_path.rglob("*"))
    environment = (
        locked_environment(os.environ, job)
        if layer == "environment"
        else {**os.environ, "GDAL_HTTP_TIMEOUT": "2"}
    )
    done = subprocess.run(
        [sys.executable, "-c", BARE, str(ROOT), layer], cwd=job, env=environment | {"PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    outside = {path for path in set(tmp_path.rglob("*")) - before if job not in path.parents}
    assert (SECRET in done.stdout, bool(caught)) == ((True, True) if layer == "none" else (False, False))
    assert layer == "none" or not outside


def test_nothing_is_read_written_or_connected(
    tmp_path: Path, canary: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, caught = canary
    secret = tmp_path / "secret.csv"
    secret.write_text(f"name,lon,lat\n{SECRET},118,24\n", encoding="utf-8")
    jobs = tmp_path / "jobs"
    jobs.mkdir()
    monkeypatch.setenv("TMPDIR", str(jobs))
    monkeypatch.setattr(parent.tempfile, "tempdir", str(jobs))
    forkserver.stop()
    files = hostile(tmp_path, url, secret)
    for name, content in files.items():
        path = tmp_path / "upload.geojson"
        path.write_bytes(content)
        before = {one for one in tmp_path.rglob("*") if one.parent != jobs}
        with pytest.raises(ParkError) as refused:
            import_file(path)
        assert SECRET not in str(refused.value), name
        assert refused.value.exit_code == 3, name
        assert refused.value.code != "UNREADABLE", name
        after = set(tmp_path.rglob("*"))
        assert {one for one in after if one.parent != jobs} == before, name  # the job's folder is gone, too
    forkserver.stop()
    assert list(jobs.iterdir()) == []
    assert caught == []


def test_the_canary_sings(canary: tuple[str, list[str]]) -> None:
    url, caught = canary
    with socket.create_connection(("127.0.0.1", int(url.split(":")[2].partition("/")[0]))) as caller:
        caller.sendall(b"hello")
        assert caller.recv(1) == b""
    assert caught == ["hello"]


PROBE = """
import os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from layers.sources.worker.lockdown import harden
import socket, subprocess
print(harden(Path.cwd(), memory_mb=4096, cpu_s=20, file_mb=10))
def tried(what):
    try:
        what()
        print("done")
    except Exception as error:
        print(type(error).__name__)
tried(lambda: Path(sys.argv[2]).read_text())
tried(lambda: Path(sys.argv[2]).write_text("x"))
tried(lambda: Path("inside").write_text("x"))
tried(lambda: socket.create_connection(("127.0.0.1", int(sys.argv[3])), 1))
tried(lambda: subprocess.run(["/bin/true"]))
tried(lambda: Path("/etc/passwd").read_text())
tried(lambda: Path(sys.argv[1], "pyproject.toml").read_text())
"""


def test_a_locked_process_can_write_its_own_folder_and_nothing_else(
    tmp_path: Path, canary: tuple[str, list[str]]
) -> None:
    status = parent.lockdown_status()
    if not (status["landlock"].startswith("on") and status["seccomp"].startswith("on")):
        pytest.skip(f"this kernel has no lock: {status}")
    url, caught = canary
    job = tmp_path / "job"
    job.mkdir()
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    port = url.split(":")[2].partition("/")[0]
    done = subprocess.run(
        [sys.executable, "-c", PROBE, str(ROOT), str(secret), port],
        cwd=job, env=locked_environment(os.environ, job) | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.splitlines()[1:] == [
        "PermissionError",
        "PermissionError",
        "done",
        *["PermissionError"] * 4,
    ], done.stdout
    assert secret.read_text() == SECRET
    assert caught == []


@pytest.mark.parametrize("is_warm", [True, False])
def test_a_worker_without_its_environment_says_that_gdal_knows_more(
    is_warm: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unlocked(environment: Mapping[str, str], job: Path) -> dict[str, str]:
        return {**environment, "TMPDIR": str(job), "HOME": str(job)}

    forkserver.stop()
    if not is_warm:
        monkeypatch.setattr(forkserver, "start", lambda _: None)
    for starter in (forkserver, parent):
        monkeypatch.setattr(starter, "locked_environment", unlocked)
    assert parent.lockdown_status()["drivers"].startswith("missing: GDAL also knows")
    forkserver.stop()


# --- what would exhaust the machine --------------------------------------------------------------


def corner(folder: Path) -> bytes:
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = "name", "x"
    book.save(folder / "corner.xlsx")
    return (folder / "corner.xlsx").read_bytes()


def tall(folder: Path) -> bytes:
    """A small sheet whose last row is the last that Excel has."""
    book = openpyxl.Workbook()
    for line in (["name", "lon", "lat"], ["a", 118, 24]):
        book.active.append(line)
    book.active["A1048576"] = "z"
    book.save(folder / "tall.xlsx")
    return (folder / "tall.xlsx").read_bytes()


def bomb(folder: Path) -> bytes:
    """A sheet of six hundred megabytes of blanks."""
    plain = corner(folder)
    sink = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(plain)) as old,
        zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new,
    ):
        for name in old.namelist():
            if name != "xl/worksheets/sheet1.xml":
                new.writestr(name, old.read(name))
        with new.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for _ in range(600):
                part.write(b" " * 1_000_000)
    return sink.getvalue()


def scribbles(folder: Path) -> bytes:
    rng = np.random.default_rng(1)
    shapes = [Polygon(rng.random((points, 2)) + np.array([118, 24])) for points in (500, 5_000, 30_000)]
    features = [{"type": "Feature", "properties": {}, "geometry": mapping(shape)} for shape in shapes]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


HEAVY: dict[str, tuple[Callable[[Path], bytes], str, str]] = {
    "a cell in the last corner": (corner, "any", "SourceError TOO_LARGE"),
    "a cell in the last row": (tall, "any", "taken"),
    "a zip bomb": (bomb, "any", "SourceError TOO_LARGE"),
    "a million columns": (lambda _: b",".join(b"c%d" % n for n in range(1_000_000)) + b"\n" + b"," * 999_999 + b"\n", "any", "SourceError TOO_LARGE"),
    "a million columns without names": (lambda _: b"," * 1_000_000 + b"\n1" + b"," * 999_999 + b"1\n", "any", "SourceError TOO_LARGE"),
    "a cell of ten million characters": (lambda _: b"name,lon,lat\na,118,24\n" + b"x" * 10_000_000 + b",118,24\n", "any", "taken"),
    "a quote that never ends": (lambda _: b'name,lon,lat\n"' + b"x,1\n" * 300_000, "any", "SourceError COLUMN_COUNT"),
    "brackets without end": (lambda _: b"[" * 20_000_000, "any", "SourceError NOT_THIS_FORMAT"),
    "scribbles": (scribbles, "areas", "SchemaError TOO_LARGE"),
    "scribbles as a boundary": (scribbles, "boundary", "taken"),
}  # fmt: skip


@pytest.mark.parametrize(("make", "kind", "end"), HEAVY.values(), ids=HEAVY.keys())
def test_what_would_exhaust_the_machine_is_bounded(
    make: Callable[[Path], bytes], kind: str, end: str, tmp_path: Path
) -> None:
    path = tmp_path / "upload"
    path.write_bytes(make(tmp_path))
    done = subprocess.run(
        [sys.executable, "-c", RESOURCES, str(ROOT), str(path), kind], capture_output=True, text=True, check=True,
        timeout=LIMITS.wall_s + 30,
    )  # fmt: skip
    told = json.loads(done.stdout)
    assert told["end"] == end, told
    # The parent holds the upload and its table; what explodes, explodes in the worker.
    assert told["own_mb"] < 1_000, told
    assert 20 < told["worker_mb"] < LIMITS.memory_mb, told


def test_a_worker_that_takes_too_long_is_killed_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parent, "LIMITS", type(LIMITS)(wall_s=0))
    path = tmp_path / "f.csv"
    # Quotes that open no cell: such a table is read line by line.
    path.write_text("name,lon,lat\n" + 'a"b,118,24\n' * 1_000_000)
    with pytest.raises(ParkError) as stopped:
        import_file(path)
    assert stopped.value.code == "TOO_SLOW"


def test_shapes_of_more_corners_than_an_import_takes_are_set_aside(
    monkeypatch: pytest.MonkeyPatch, outcome: Callable[..., tuple[str, object]]
) -> None:
    angle = np.linspace(0, 2 * np.pi, 300)
    round_ = mapping(Polygon(np.column_stack([118 + np.cos(angle), 24 + np.sin(angle)])))
    square = mapping(box(118, 24, 119, 25))
    features = [{"type": "Feature", "properties": {}, "geometry": shape} for shape in (round_, square)]
    data = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    monkeypatch.setattr(repair, "LIMITS", Limits(vertices_per_shape=100))
    how, got = outcome(data, kind="areas")
    assert how == "taken"
    assert got.report.reasons == {"TOO_LARGE": 1}  # type: ignore[attr-defined]
    monkeypatch.setattr(repair, "LIMITS", Limits(vertices=100))
    how, error = outcome(data, kind="areas")
    assert (how, error.code) == ("refused", "TOO_LARGE")  # type: ignore[attr-defined]


def test_a_reader_that_stumbles_is_the_files_fault_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A library may raise anything at a file that was made for it: the person gets a sentence, not its trace."""
    path = tmp_path / "f.csv"
    path.write_text("name,lon,lat\na,118,24\n")

    def stumble(job: Path, _: object) -> int:
        with (job / "stderr").open("wb") as log:
            return subprocess.run(
                [sys.executable, "-c", "raise KeyError('x')"], stderr=log, check=False
            ).returncode

    monkeypatch.setattr(forkserver, "start", lambda _: None)
    monkeypatch.setattr(parent, "_run", stumble)
    with pytest.raises(ParkError) as refused:
        import_file(path)
    assert (refused.value.code, refused.value.exit_code) == ("UNREADABLE", 3)
    assert "KeyError" in refused.value.message()
    assert "Traceback" not in refused.value.message()


def test_a_whole_outline_has_no_crossings_and_a_scribble_has_as_many_as_it_has() -> None:
    rng = np.random.default_rng(3)
    for _ in range(50):
        ring = shapely.convex_hull(shapely.multipoints(rng.random((30, 2))))
        assert repair.estimated_crossings(ring) == 0
    star = Polygon([(np.cos(a), np.sin(a)) for a in np.arange(5) * 4 * np.pi / 5])
    assert repair.estimated_crossings(star) == 5
