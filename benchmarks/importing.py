"""Import of a firm table: locked worker, checks and account, against pandas and GeoPandas alone, in one run.

    python benchmarks/importing.py [ROWS ...]

The peer reads the same bytes without a sandbox, without checks, and as a careful person would
call it: all text first, then numbers, then points. Each run is a process of its own, so that nothing
is warm and the most memory that it held is known, of the worker apart.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from measure import middle

ROOT = Path(__file__).resolve().parents[1]
TIMES = 3


def table_of(rows: int, path: Path, *, addresses: bool = False) -> Path:
    """A bureau's table: Chinese headings, GB 18030, a bad row now and then."""
    import numpy as np
    import pandas as pd

    chance = np.random.default_rng(rows)
    table = pd.DataFrame(
        {
            "企业编号": [f"{place:08d}" for place in range(rows)],
            "企业名称": [f"测试企业{place}" for place in range(rows)],
            "行业": chance.choice(["石材", "纺织", "建材"], rows),
            "经度": np.round(118.4 + chance.normal(0, 0.1, rows), 6),
            "纬度": np.round(24.7 + chance.normal(0, 0.1, rows), 6),
        }
    )
    if addresses:
        towns = chance.choice(["水头镇", "石井镇", "官桥镇", "洪濑镇"], rows)
        table["地址"] = [f"福建省泉州市南安市{town}工业路{place}号" for place, town in enumerate(towns)]
    table.loc[:: max(1, rows // 50), "经度"] = np.nan
    table.to_csv(path, index=False, encoding="gb18030")
    return path


def ours(path: Path, folder: Path) -> dict[str, Any]:
    """Import a table and write it as parkplan import does."""
    from layers.sources.importer import ImportOptions, import_file
    from layers.sources.worker import forkserver
    from planning.report.files import write_package

    start = time.perf_counter()
    table = import_file(path, ImportOptions(kind="firms")).table
    read = time.perf_counter()
    write_package(folder / "accepted.gpkg", {"firms": table})
    written = time.perf_counter()
    forkserver.stop()  # so that its workers are counted
    return {"read_s": read - start, "write_s": written - read, **_held()}


def theirs(path: Path, folder: Path) -> dict[str, Any]:
    """Read, convert, make points; a row that cannot be read becomes nothing in silence."""
    import geopandas as gpd
    import pandas as pd

    start = time.perf_counter()
    cells = pd.read_csv(path, encoding="gb18030", dtype=str, keep_default_na=False)
    lon, lat = (pd.to_numeric(cells[name], errors="coerce") for name in ("经度", "纬度"))
    table = gpd.GeoDataFrame(cells, geometry=gpd.points_from_xy(lon, lat), crs="EPSG:4326")
    read = time.perf_counter()
    table.to_file(folder / "accepted.gpkg", driver="GPKG", layer="firms")
    return {"read_s": read - start, "write_s": time.perf_counter() - read, **_held()}


def _held() -> dict[str, int]:
    """Most memory that this process held, and the largest of its children, megabytes."""
    own, worker = (
        resource.getrusage(who).ru_maxrss // 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return {"own_mb": own, "worker_mb": worker}


def _runs(who: str, path: Path) -> dict[str, float]:
    """Medians of a few runs, each in a process of its own."""
    told = []
    for _ in range(TIMES):
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(
                [sys.executable, __file__, f"--{who}", str(path), folder],
                env={"PYTHONPATH": str(ROOT), "PATH": ""}, check=True, capture_output=True, text=True,
            )  # fmt: skip
            told.append(json.loads(done.stdout))
    return {name: middle([one[name] for one in told]) for name in told[0]}


def main() -> int:
    if sys.argv[1:2] in (["--ours"], ["--theirs"]):
        work = ours if sys.argv[1] == "--ours" else theirs
        print(json.dumps(work(Path(sys.argv[2]), Path(sys.argv[3]))))
        return 0
    print("\n## Import: import_file (sandbox, checks, account) against pandas + GeoPandas\n")
    print("| case | ours, s | peer, s | ours ÷ peer | written, s | peer, s | MB | worker, MB | peer, MB |")
    print("|---|---|---|---|---|---|---|---|---|")
    for rows in [int(word) for word in sys.argv[1:]] or [1_000, 10_000, 100_000]:
        for addresses in (False, True):
            with tempfile.TemporaryDirectory() as folder:
                path = table_of(rows, Path(folder) / "firms.csv", addresses=addresses)
                we, they = _runs("ours", path), _runs("theirs", path)
            name = f"{rows:,} rows" + (" with addresses" if addresses else "")
            print(
                f"| {name} | {we['read_s']:.2f} | {they['read_s']:.2f} | {we['read_s'] / they['read_s']:.2f} "
                f"| {we['write_s']:.2f} | {they['write_s']:.2f} "
                f"| {we['own_mb']:.0f} | {we['worker_mb']:.0f} | {they['own_mb']:.0f} |",
                flush=True,
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
