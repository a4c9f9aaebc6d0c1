"""Import of a firm table: locked worker, checks and account, against pandas and GeoPandas alone, in one run.

    python benchmarks/importing.py [ROWS ...]

The peer reads the same bytes without a sandbox, without checks, and as a careful person would
call it: all text first, then numbers, then points.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from measure import Row, measured, show

from layers.sources.importer import ImportOptions, import_file


def table_of(rows: int, path: Path) -> Path:
    """A bureau's table: Chinese headings, GB 18030, a bad row now and then."""
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
    table.loc[:: max(1, rows // 50), "经度"] = np.nan
    table.to_csv(path, index=False, encoding="gb18030")
    return path


def peer(path: Path) -> gpd.GeoDataFrame:
    """Read, convert, make points; a row that cannot be read becomes nothing in silence."""
    table = pd.read_csv(path, encoding="gb18030", dtype=str, keep_default_na=False)
    lon, lat = (pd.to_numeric(table[name], errors="coerce") for name in ("经度", "纬度"))
    return gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(lon, lat), crs="EPSG:4326")


def main() -> int:
    wanted = [int(word) for word in sys.argv[1:]] or [1_000, 10_000, 100_000]
    table = []
    with tempfile.TemporaryDirectory() as folder:
        for rows in wanted:
            path = table_of(rows, Path(folder) / f"{rows}.csv")
            ours = measured(lambda path=path: import_file(path, ImportOptions(kind="firms")))
            table.append(Row(f"{rows:,} rows", ours, measured(lambda path=path: peer(path))))
    show("Import", "import_file (sandbox, checks, account)", "pandas + GeoPandas", table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
