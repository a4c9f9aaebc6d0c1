"""One file that holds a whole scenario: choices, original inputs, boundary, edits.

A ``.parkplan`` file is a zip of ``scenario.toml`` and the inputs as they were uploaded
(``inputs/firms.csv`` …). Opening one is as hostile as any upload: names, counts and sizes are
checked before a byte is unpacked, and the inputs go through the sandboxed import again.
"""

from __future__ import annotations

import io
import lzma
import re
import struct
import tomllib
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomli_w

from geo.errors import N_, SourceError
from layers.sources.arguments import file_answers, join_source, split_source
from layers.sources.options import parse_source_argument, with_mapping
from planning.catalogue.parks import is_template_file
from planning.scenario import INPUT_KINDS, Scenario, check_version

__all__ = ["SUFFIX", "open_project", "open_project_file", "save_project"]

SUFFIX = ".parkplan"
SCENARIO_NAME = "scenario.toml"
TEMPLATE_NAME = "template.toml"
MAX_BYTES = 500_000_000
MAX_SCENARIO_BYTES = 1_000_000
_INPUT_NAME = re.compile(rf"inputs/({'|'.join(INPUT_KINDS)})\.(crs\.toml|[a-z0-9]{{1,10}})")
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error,
    NotImplementedError, RuntimeError, OSError, EOFError, ValueError, KeyError, IndexError,
)  # fmt: skip
"""What Python's zipfile raises over archives that nobody wrote with it."""
_EPOCH = (1980, 1, 1, 0, 0, 0)


def save_project(scenario: Scenario) -> bytes:
    """Pack a scenario with its input files.

    Parameters
    ----------
    scenario : Scenario
        Its inputs name files that exist now; a template may be a file too.

    Returns
    -------
    bytes
        The same scenario and files give the same bytes.

    Raises
    ------
    SourceError
        If an input file is gone.
    """
    buffer = io.BytesIO()
    values = scenario.to_mapping()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        sources: dict[str, str] = {}
        for kind, source in scenario.inputs.items():
            # Of an earlier import the accepted rows are the input; what a mapping file says goes along.
            path, options = parse_source_argument(source)
            suffix = re.sub(r"[^0-9a-z]", "", path.suffix.lower())[:10] or "data"
            inside = f"inputs/{kind}.{suffix}"
            _add(archive, inside, _read(path))
            answers = with_mapping(options).to_answers()
            if "crs" in file_answers(answers):  # a system of one's own is part of how the file is read
                system = Path(answers["crs"])
                answers["crs"] = f"inputs/{kind}.crs.toml"
                _add(archive, answers["crs"], _read(system))
            sources[kind] = join_source(inside, answers)
        values["inputs"] = sources
        if is_template_file(scenario.template):
            _add(archive, TEMPLATE_NAME, _read(Path(scenario.template)))
            values["template"] = TEMPLATE_NAME
        _add(archive, SCENARIO_NAME, tomli_w.dumps(values).encode())
    return buffer.getvalue()


def open_project_file(path: Path, folder: Path) -> Scenario:
    """Open a project from disk; see `open_project`."""
    if path.is_file() and path.stat().st_size > MAX_BYTES:
        raise _too_large(path.name)
    return open_project(_read(path), folder)


def open_project(content: bytes, folder: Path) -> Scenario:
    """Unpack a project into an empty folder of ours and return its scenario.

    Parameters
    ----------
    content : bytes
        A ``.parkplan`` file.
    folder : Path
        Receives the inputs under names that we choose.

    Raises
    ------
    SourceError
        If the file is no project, is too large or holds anything unexpected.
    UsageError
        If the scenario has an unknown key or value.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except _DAMAGED:
        raise SourceError(
            N_("this is no scenario file of this program"), hint=N_("choose a file that ends in .parkplan")
        ) from None
    with archive:
        members = archive.infolist()
        members = [member for member in members if member.filename != "inputs/"]
        names = [member.filename for member in members]
        strange = [
            name
            for name in names
            if name not in (SCENARIO_NAME, TEMPLATE_NAME) and not _INPUT_NAME.fullmatch(name)
        ]
        twice = len(set(names)) != len(names) or len(names) > 2 * len(INPUT_KINDS) + 2
        values: Mapping[str, Any] = {}
        if names.count(SCENARIO_NAME) == 1:
            member = members[names.index(SCENARIO_NAME)]
            values = _parse(_inflate(archive, member, MAX_SCENARIO_BYTES))
            check_version(values, SCENARIO_NAME)
        if SCENARIO_NAME not in names or strange or twice:
            raise SourceError(
                N_("the scenario file is damaged or holds something unexpected: {name}"),
                hint=N_("save it again with this program"),
                where=strange[0] if strange else SCENARIO_NAME,
                name=strange[0] if strange else SCENARIO_NAME,
                code="UNSAFE",
            )
        _stay_inside(values, set(names))
        left = MAX_BYTES
        for member in members:
            if member.filename == SCENARIO_NAME:
                continue
            small = member.filename.endswith(".toml")
            data = _inflate(archive, member, MAX_SCENARIO_BYTES if small else left)
            left -= len(data)
            target = folder / member.filename
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
    return Scenario.from_mapping(values, base=folder, where=SCENARIO_NAME)


def _inflate(archive: zipfile.ZipFile, member: zipfile.ZipInfo, limit: int) -> bytes:
    """Inflate at most `limit` bytes: the size in the header may lie."""
    try:
        with archive.open(member) as stream:
            data = stream.read(limit + 1)
    except _DAMAGED as error:
        raise SourceError(
            N_("the scenario file is damaged at “{name}”: {reason}"),
            where=member.filename,
            name=member.filename,
            reason=error,
        ) from None
    if len(data) > limit:
        raise _too_large(member.filename)
    return data


def _too_large(name: str) -> SourceError:
    return SourceError(
        N_("the scenario file unpacks to more than {limit} MB"),
        hint=N_("leave out what is not needed"),
        where=name,
        code="TOO_LARGE",
        limit=MAX_BYTES // 1_000_000,
    )


def _parse(text: bytes) -> Mapping[str, Any]:
    try:
        return tomllib.loads(text.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SourceError(
            N_("the scenario file is damaged at “{name}”: {reason}"),
            where=SCENARIO_NAME,
            name=SCENARIO_NAME,
            reason=error,
        ) from None


def _stay_inside(values: Mapping[str, Any], names: set[str]) -> None:
    """Refuse a scenario that points at files which are not in the project."""
    inputs = values.get("inputs", {})
    template = values.get("template", "")
    pointed: list[str] = []
    for source in inputs.values() if isinstance(inputs, Mapping) else ():
        path, answers = split_source(str(source), Path("/nowhere"))
        pointed += [path, *(answers[key] for key in file_answers(answers))]
    if isinstance(template, str) and (is_template_file(template) or "/" in template or "\\" in template):
        pointed.append(template)
    for name in pointed:
        if name not in names:
            raise SourceError(
                N_("the scenario file points at “{name}”, which is not in it"),
                where=name,
                name=name,
                code="UNSAFE",
            )


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    info = zipfile.ZipInfo(name, date_time=_EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(info, data)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SourceError(
            N_("the input “{name}” cannot be read: {reason}"),
            where=path.name,
            name=path.name,
            reason=error.strerror or str(error),
        ) from None
