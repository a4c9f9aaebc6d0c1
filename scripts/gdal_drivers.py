"""List every driver of the installed GDAL wheels into data/reference/gdal_drivers.txt.

Run it when pyogrio or rasterio is bumped; a test compares what the sandboxed worker registers
with the allow-list.
"""

from pathlib import Path

TARGET = Path(__file__).parents[1] / "data" / "reference" / "gdal_drivers.txt"


def main() -> None:
    import pyogrio
    import rasterio.drivers
    from rasterio.env import Env

    names = set(pyogrio.list_drivers())
    with Env() as env:
        names |= set(env.drivers())
    names |= set(rasterio.drivers.raster_driver_extensions().values())
    TARGET.write_text("\n".join(sorted(names)) + "\n", encoding="utf-8")
    print(f"{len(names)} drivers in {TARGET}")


if __name__ == "__main__":
    main()
