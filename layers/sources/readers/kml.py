"""KML and KMZ: placemark by placemark, with the folders that they lie in; nothing linked is followed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as ET

import shapely

from geo.errors import N_, ChoiceError, SourceError
from layers.sources.raw import LIMITS, Problem, RawTable
from layers.sources.readers.archive import open_archive
from layers.sources.readers.encoding import decode
from layers.sources.readers.refusals import no_layer, too_large, which_layer

__all__ = ["WHOLE_FILE", "read_kml", "read_kmz"]

WHOLE_FILE = "*"
"""The layer that is all folders together; the column “folder” tells them apart."""
_TEXTS = ("name", "description", "address", "phoneNumber", "when", "begin", "end")
"""Elements of a placemark that are attributes of it."""
_DECLARED = re.compile(r"""<\?xml[^>]*?encoding\s*=\s*["']([\w.:-]+)["'][^>]*\?>""")
_PROLOGUE = re.compile(r"^\s*<\?xml[^>]*\?>")
_DOCTYPE = re.compile(r"<!DOCTYPE", re.IGNORECASE)
_HIDDEN = re.compile(r"<\?.*?\?>|<!--.*?-->|<!\[CDATA\[.*?\]\]>", re.DOTALL)
_PLACEMARK = re.compile(r"<(?:[\w.-]+:)?Placemark[\s>/]")
_GEOMETRIES = {
    "Point",
    "LineString",
    "LinearRing",
    "Polygon",
    "MultiGeometry",
    "Track",
    "MultiTrack",
    "Model",
}
_CONTAINERS = {"Document", "Folder"}


@dataclass(slots=True)
class _Placemark:
    """A placemark as it stands."""

    number: int
    folder: str
    values: dict[str, str]
    shape: bytes | None
    problem: str


@dataclass(slots=True)
class _Found:
    """What a file holds."""

    placemarks: list[_Placemark] = field(default_factory=list)
    links: int = 0


def read_kml(data: bytes, *, layer: str | None = None, encoding: str | None = None) -> RawTable:
    """Read the placemarks of one folder, or of all, of a KML document (OGC 12-007r2).

    Parameters
    ----------
    data : bytes
        The whole file.
    layer : str, optional
        A folder by its path (``园区/企业``) or `WHOLE_FILE`; asked when placemarks lie in several.
    encoding : str, optional
        By default what the document declares, else found strictly, else asked.

    Raises
    ------
    SourceError
        If it is no XML, has a document type, or nothing in it.
    ChoiceError
        If placemarks lie in several folders and none was chosen.

    Notes
    -----
    KML is WGS 84 by definition. Placemarks are counted by their tags in the text, without the XML
    parser. O(n).
    """
    text, used = _decode(data, encoding)
    return _table([("", text)], layer, used, "KML")


def read_kmz(path: Path, *, layer: str | None = None, encoding: str | None = None) -> RawTable:
    """Read the KML documents of a KMZ as `read_kml` does; pictures and models in it stay packed.

    Raises
    ------
    SourceError
        If the zip is unsafe or damaged, or a document in it is.
    ChoiceError
        If placemarks lie in several folders or documents and none was chosen.
    """
    with open_archive(path) as archive:
        names = sorted(name for name in archive.members if name.lower().endswith(".kml"))
        read = [_decode(archive.read(name), encoding) for name in names]
    # One document is the usual case, and its name (doc.kml) says nothing.
    documents = [(name if len(names) > 1 else "", text) for name, (text, _) in zip(names, read, strict=True)]
    return _table(documents, layer, read[0][1] if read else "", "KMZ")


def _decode(data: bytes, encoding: str | None) -> tuple[str, str]:
    if encoding is None and not data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        declared = _DECLARED.search(data[:200].decode("latin-1"))
        stated = declared[1].lower() if declared else ""
        stated = "gb18030" if stated in ("gb2312", "gbk") else stated
        # What is declared is often wrong; the strict ladder sees to that, and to what says UTF-8.
        if stated not in ("", "utf-8", "utf8") and _is_in(data, stated):
            encoding = stated
    text, used = decode(data, encoding)
    if _DOCTYPE.search(_HIDDEN.sub("", text)):
        raise SourceError(
            N_("the KML document brings a document type of its own, which could run by itself"),
            hint=N_("export it again as plain KML"),
            where="DOCTYPE",
            code="UNSAFE",
        )
    return _PROLOGUE.sub("", text.removeprefix("\ufeff")), used.removesuffix("-sig")


def _is_in(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return False
    return True


def _table(documents: list[tuple[str, str]], layer: str | None, encoding: str, name: str) -> RawTable:
    found = _Found()
    for prefix, text in documents:
        _collect(text, prefix, found)
    counted = sum(len(_PLACEMARK.findall(_HIDDEN.sub("", text))) for _, text in documents)
    if not found.placemarks:
        raise SourceError(
            N_("the KML document holds no placemark"),
            hint=N_("choose a file with placemarks"),
            code="NO_ROWS",
        )
    folders = _folders(found.placemarks)
    if layer is None:
        if len(folders) > 1:
            raise _which(folders)
        layer = next(iter(folders))
    elif layer != WHOLE_FILE and layer not in folders:
        raise no_layer(layer, folders)
    chosen = [one for one in found.placemarks if layer in (WHOLE_FILE, one.folder)]
    table = RawTable(
        columns=[], rows=[], source_rows=[], shapes=[], crs="EPSG:4326", encoding=encoding, layer=layer,
        format=name,
        # What lies in other folders was read as well: it has to be there for the count to be right.
        records=counted - (len(found.placemarks) - len(chosen)),
    )  # fmt: skip
    if found.links:
        table.notes.append(("LINKS_NOT_FOLLOWED", found.links))
    _fill(table, chosen, with_folder=layer == WHOLE_FILE and len(folders) > 1)
    return table


def _fill(table: RawTable, placemarks: list[_Placemark], *, with_folder: bool) -> None:
    assert table.shapes is not None
    names: dict[str, None] = {}
    kept = []
    for one in placemarks:
        text = ",".join(one.values.values())[:500]
        if one.problem:
            table.problems.append(
                Problem(source_row=one.number, code=one.problem, column="geometry", text=text)
            )
            continue
        if any(len(value) > LIMITS.cell_characters for value in one.values.values()):
            table.problems.append(Problem(source_row=one.number, code="TOO_LARGE", column="", text=text))
            continue
        if with_folder:
            one.values.setdefault("folder", one.folder)
        names |= dict.fromkeys(one.values)
        if len(names) > LIMITS.columns:
            raise too_large(LIMITS.columns, "columns")
        kept.append(one)
    table.columns = [name for name in _TEXTS if name in names] + [
        name for name in names if name not in _TEXTS
    ]
    table.rows = [[one.values.get(name, "") for name in table.columns] for one in kept]
    table.source_rows = [one.number for one in kept]
    table.shapes = [one.shape for one in kept]


def _collect(text: str, prefix: str, found: _Found) -> None:
    """Read all placemarks of a document, with the folder in which each lies directly."""
    parser: ET.XMLPullParser = ET.XMLPullParser(("start", "end"))
    open_: list[ET.Element] = []
    folders: list[list[str]] = []
    inside = 0
    try:
        for event, element in _events(parser, text):
            kind = _local(element)
            if event == "start":
                open_.append(element)
                inside += kind == "Placemark"
                if kind in _CONTAINERS and not inside:
                    folders.append([""])
                if len(open_) > 200:
                    raise _nested()
                continue
            open_.pop()
            if kind == "Placemark":
                inside -= 1
                if not inside:
                    path = "/".join(filter(None, [prefix, *(one[0] for one in folders[1:])]))
                    _take(element, path or (folders[0][0] if folders else "") or "KML", found)
            elif inside:
                continue
            elif kind in _CONTAINERS:
                folders.pop()
            elif kind == "name" and open_ and _local(open_[-1]) in _CONTAINERS and folders:
                folders[-1][0] = "".join(element.itertext()).strip()
            found.links += kind == "NetworkLink"
            element.clear()
            if open_ and not inside:
                open_[-1].remove(element)
    except (ET.ParseError, ValueError) as error:
        raise SourceError(
            N_("the KML document is no valid XML: {reason}"), hint=N_("export it again as KML"), reason=error
        ) from None


def _events(parser: ET.XMLPullParser, text: str) -> Iterator[tuple[str, ET.Element]]:
    for start in range(0, len(text), 1 << 20):
        parser.feed(text[start : start + (1 << 20)])
        yield from parser.read_events()  # type: ignore[misc]
    parser.close()
    yield from parser.read_events()  # type: ignore[misc]


def _take(element: ET.Element, folder: str, found: _Found) -> None:
    number = len(found.placemarks) + 1
    if number > LIMITS.rows:
        raise too_large(LIMITS.rows, "rows")
    shape, problem = None, ""
    try:
        parts = [_shape(part) for part in element if _local(part) in _GEOMETRIES]
        if not parts:
            problem = "EMPTY_GEOMETRY"
        else:
            whole = parts[0] if len(parts) == 1 else shapely.GeometryCollection(parts)
            shape = bytes(shapely.to_wkb(whole))
            problem = "EMPTY_GEOMETRY" if whole.is_empty else ""
    except (ValueError, shapely.errors.ShapelyError):
        problem = "INVALID_GEOMETRY"
    found.placemarks.append(_Placemark(number, folder, _values(element), shape, problem))


def _values(element: ET.Element) -> dict[str, str]:
    values: dict[str, str] = {}
    for part in element.iter():
        kind = _local(part)
        if kind in _TEXTS and part is not element and kind not in values:
            text = "".join(part.itertext()).strip()
            if text:
                values[kind] = text
        elif kind == "Data":
            value = next((one for one in part if _local(one) == "value"), None)
            values[_named(part, values)] = "" if value is None else "".join(value.itertext()).strip()
        elif kind == "SimpleData":
            values[_named(part, values)] = "".join(part.itertext()).strip()
    return values


def _named(part: ET.Element, values: dict[str, str]) -> str:
    base = name = part.get("name", "").strip() or "data"
    count = 1
    while name in values:
        count += 1
        name = f"{base}.{count}"
    return name


def _shape(element: ET.Element) -> shapely.Geometry:
    """Geometry of an element; raises ValueError where its numbers are none."""
    kind = _local(element)
    if kind == "Point":
        numbers = _coordinates(element)
        if len(numbers) != 1:
            raise ValueError(kind)
        return shapely.Point(numbers[0])
    if kind == "LineString":
        return shapely.LineString(_coordinates(element))
    if kind == "LinearRing":
        return shapely.LineString(_coordinates(element))
    if kind == "Polygon":
        outer = [ring for part in element if _local(part) == "outerBoundaryIs" for ring in part]
        inner = [ring for part in element if _local(part) == "innerBoundaryIs" for ring in part]
        if len(outer) != 1:
            raise ValueError(kind)
        return shapely.Polygon(_coordinates(outer[0]), [_coordinates(ring) for ring in inner])
    if kind == "Track":
        words = ["".join(part.itertext()).split() for part in element if _local(part) == "coord"]
        return shapely.LineString([(float(word[0]), float(word[1])) for word in words if len(word) > 1])
    if kind == "Model":  # a building; where it stands is said beside it
        place = {_local(part): "".join(part.itertext()) for part in element.iter()}
        return shapely.Point(float(place.get("longitude", "")), float(place.get("latitude", "")))
    return _together([_shape(part) for part in element if _local(part) in _GEOMETRIES])


def _together(parts: list[shapely.Geometry]) -> shapely.Geometry:
    """Several geometries as one, of the narrowest type."""
    kinds = {part.geom_type for part in parts}
    if kinds == {"Point"}:
        return shapely.MultiPoint(parts)
    if kinds == {"LineString"}:
        return shapely.MultiLineString(parts)
    return shapely.MultiPolygon(parts) if kinds == {"Polygon"} else shapely.GeometryCollection(parts)


def _coordinates(element: ET.Element) -> list[tuple[float, float]]:
    text = next(("".join(part.itertext()) for part in element if _local(part) == "coordinates"), "")
    # Some programs write blanks behind the commas, which KML does not allow.
    tuples = re.sub(r"\s*,\s*", ",", text).split()
    pairs = [one.split(",") for one in tuples]
    if not all(len(pair) in (2, 3) for pair in pairs):
        raise ValueError(text[:50])
    return [(float(pair[0]), float(pair[1])) for pair in pairs]


def _local(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2].rpartition(":")[2] if isinstance(element.tag, str) else ""


def _folders(placemarks: list[_Placemark]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for one in placemarks:
        counts[one.folder] = counts.get(one.folder, 0) + 1
    return counts


def _which(folders: dict[str, int]) -> ChoiceError:
    return which_layer(
        N_("the placemarks lie in {count} folders"),
        {WHOLE_FILE: sum(folders.values()), **folders},
        hint=N_("choose one, or “*” for all of them together"),
        shown=folders,
    )


def _nested() -> SourceError:
    return SourceError(N_("the KML document is nested deeper than any"), hint=N_("export it again as KML"))
