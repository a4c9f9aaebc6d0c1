"""The command line `parkplan`: a contract that other people's scripts rely on (docs/cli.md).

Nothing heavy is imported before a command is chosen, so that ``--help`` answers at once.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from geo.errors import N_, ParkError, UsageError, nearest_name
from ui.text import translator

if TYPE_CHECKING:
    from planning.plan import Translate
    from planning.scenario import Scenario

__all__ = ["main"]

KINDS = (
    "any", "firms", "boundary", "roads", "facilities", "parks", "areas", "water", "exclusions",
    "flood", "housing", "buildings", "gates", "landuse", "corridors", "power", "rail", "table",
)  # fmt: skip
ZONE_INPUTS = ("roads", "water", "exclusions", "flood", "housing", "buildings", "gates")
_TRY_HELP = N_("“parkplan {command} --help” lists the options")


class _Parser(argparse.ArgumentParser):
    """An argument parser whose mistakes are errors of ours: one sentence and a hint."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(
            N_("wrong usage: {reason}"), hint=_TRY_HELP, reason=message, command=self.prog.partition(" ")[2]
        )


class _Door:
    """What a command needs of the outside world: options, words and places to write."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.lang: str = getattr(options, "lang", None) or _language()
        self.tr: Translate = translator(self.lang)
        self.json: bool = getattr(options, "json", False)
        self.quiet: bool = getattr(options, "quiet", False)
        self.seed: int | None = getattr(options, "seed", None)
        self.force: bool = getattr(options, "force", False)
        self._said = ""

    @property
    def directory(self) -> Path | None:
        output = getattr(self.options, "output", None)
        return Path(output) if output else None

    def needs_directory(self) -> Path:
        if self.directory is None:
            raise UsageError(N_("no place is given for the files"), hint=N_("add -o DIR"), where="-o")
        return self.directory

    def say(self, template: str, **fields: object) -> None:
        """Tell a person something; never on stdout, which belongs to results."""
        if not self.quiet:
            text = self.tr(template)
            print(text.format(**fields) if fields else text, file=sys.stderr)

    def progress(self, share: float, what: str) -> None:
        if what != self._said:
            self._said = what
            self.say("{share:3.0%}  {what}", share=share, what=self.tr(what))

    def give(self, result: Mapping[str, Any], lines: Sequence[str]) -> None:
        """Print the result: one JSON object for programs, lines for people."""
        if self.json:
            print(json.dumps(result, ensure_ascii=False, allow_nan=False, default=str))
        elif not self.quiet:
            print("\n".join(lines))


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code (see docs/cli.md)."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    words = list(sys.argv[1:] if argv is None else argv)
    door = _Door(argparse.Namespace(json="--json" in words, lang=_wanted_language(words)))
    try:
        options = _parse(words)
        door = _Door(options)
        options.command(door)
    except ParkError as error:
        return _fail(door, error.to_json(door.tr), error.exit_code)
    except KeyboardInterrupt:
        print(door.tr(N_("stopped")), file=sys.stderr)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # a bug: loud, but its traceback belongs in the log
        log = _write_log(getattr(door.options, "log", None))
        message = door.tr(N_("this is a bug in parkplan: {kind}")).format(kind=type(error).__name__)
        hint = door.tr(N_("please report it with the log {log}")).format(log=log)
        return _fail(door, {"kind": "bug", "code": "BUG", "message": message, "hint": hint, "where": ""}, 1)
    return 0


def _fail(door: _Door, error: dict[str, Any], code: int) -> int:
    if door.json:
        print(json.dumps({"error": error}, ensure_ascii=False, default=str))
    place = f"{error['where']}: " if error["where"] else ""
    print(f"parkplan: {place}{error['message']}", file=sys.stderr)
    if error["hint"]:
        print(f"  → {error['hint']}", file=sys.stderr)
    for option in error.get("options", ()):
        print(f"  {option['argument']}  {option['label']}", file=sys.stderr)
    return code


def _write_log(path: str | None) -> str:
    text = traceback.format_exc()
    if path is None:
        handle, path = tempfile.mkstemp(prefix="parkplan-", suffix=".log")
        os.close(handle)
    with open(path, "a", encoding="utf-8") as log:
        log.write(text)
    return path


def _language() -> str:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"


def _wanted_language(words: Sequence[str]) -> str | None:
    for word, following in zip(words, [*words[1:], ""], strict=True):
        found = (
            following
            if word == "--lang"
            else word.removeprefix("--lang=")
            if word.startswith("--lang=")
            else ""
        )
        if found in ("zh", "en"):
            return found
    return None


# --- the options -----------------------------------------------------------------------------


def _parse(words: list[str]) -> argparse.Namespace:
    parser, commands = _build()
    if not words:
        words = ["--help"]
    name = next((word for word in words if not word.startswith("-")), "")
    options, unknown = parser.parse_known_args(words)
    if not hasattr(options, "command"):
        raise UsageError(N_("no command is given"), hint=N_("known are: {known}"), known=", ".join(commands))
    if unknown:
        known = [string for action in commands[name]._actions for string in action.option_strings]
        near = nearest_name(unknown[0].partition("=")[0], known)
        raise UsageError(
            N_("unknown option “{option}”"),
            hint=N_("did you mean “{near}”?") if near else _TRY_HELP,
            where=unknown[0],
            option=unknown[0],
            near=near,
            command=name,
        )
    return options


def _build() -> tuple[argparse.ArgumentParser, dict[str, argparse.ArgumentParser]]:
    everywhere: Any = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    group = everywhere.add_argument_group("everywhere")
    group.add_argument("-o", "--output", metavar="DIR", help="receives the files; complete or not at all")
    group.add_argument("--force", action="store_true", help="write into a DIR that holds files")
    group.add_argument("--json", action="store_true", help="print exactly one JSON object on stdout")
    group.add_argument("--lang", choices=("zh", "en"), help="language of words for people")
    group.add_argument("--seed", type=int, metavar="N", help="the only source of random numbers")
    group.add_argument("--quiet", action="store_true", help="say nothing but results and errors")
    group.add_argument("--log", metavar="FILE", help="receives the traceback of a bug")

    parser = _Parser(
        prog="parkplan",
        description="Parkplan 园区规划: from a firm table to a zoning plan.",
        parents=[everywhere],
        allow_abbrev=False,
    )
    parser.add_argument("--version", action=_SayVersion, nargs=0, help="print the version and stop")
    subparsers = parser.add_subparsers(metavar="COMMAND", title="commands")
    commands: dict[str, argparse.ArgumentParser] = {}

    def command(name: str, run: Callable[[_Door], None], help_: str) -> argparse.ArgumentParser:
        made = subparsers.add_parser(
            name, help=help_, description=help_, parents=[everywhere], allow_abbrev=False,
            argument_default=argparse.SUPPRESS,
        )  # fmt: skip
        made.set_defaults(command=run)
        commands[name] = made
        return made

    reader = command(
        "import", _import, "read a file; count what is accepted and what is rejected, with reasons"
    )
    reader.add_argument(
        "file", metavar="FILE", help="FILE, FILE::key=value,… or the DIR of an earlier import"
    )
    reader.add_argument("--as", dest="kind", choices=KINDS, help="what the file holds (any)")
    reader.add_argument("--crs", help="EPSG:n, WGS84, CGCS2000, GCJ-02, BD-09")
    reader.add_argument("--axes", choices=("xy", "yx"), help="order of the two coordinates")
    reader.add_argument("--layer", metavar="NAME", help="layer or sheet")
    reader.add_argument("--header", type=int, metavar="N", help="row that holds the column names, from 1")
    reader.add_argument("--encoding", metavar="E", help="encoding of a text file, for example gb18030")
    reader.add_argument("--lon", metavar="COL", help="column of the longitude or easting")
    reader.add_argument("--lat", metavar="COL", help="column of the latitude or northing")
    reader.add_argument("--geometry", metavar="COL", help="column that holds the geometry")
    reader.add_argument(
        "--column", action="append", metavar="ROLE=COL", help="column of a role; may be repeated"
    )
    reader.add_argument("--mapping", metavar="M.toml", help="answers of an earlier import")

    cluster = command("cluster", _cluster, "find clusters of firms")
    cluster.add_argument("firms", metavar="FIRMS")
    _cluster_options(cluster)

    access = command("access", _access, "measure how far origins are from ports, airports and roads")
    access.add_argument("origins", metavar="ORIGINS")
    _access_options(access)

    zone = command("zone", _zone, "lay out functional zones in a park boundary")
    _zone_options(zone)
    zone.add_argument("--firms", metavar="FILE", help="firms that stand on the site")

    run = command("run", _run, "the whole way, from a firm table to a plan with maps")
    run.add_argument("scenario", nargs="?", metavar="SCENARIO", help="a scenario .toml or .parkplan file")
    run.add_argument("--sample", metavar="NAME", help="built-in sample: shuitou, yongan, dalian, seed_places")
    run.add_argument("--firms", metavar="FILE", help="firm table")
    run.add_argument("--within", type=float, metavar="KM", help="firms farther from the park do not count")
    _zone_options(run)
    _cluster_options(run)
    _access_options(run)

    app = command("app", _app, "serve the app on this machine")
    app.add_argument("--port", type=int, metavar="N", help="port (8501)")

    command("doctor", _doctor, "say what this installation can do and what it lacks")
    return parser, commands


def _cluster_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--radius", type=float, metavar="M", help="firms closer than this are neighbours, metres"
    )
    parser.add_argument("--min-firms", type=int, metavar="N", help="a smaller neighbourhood is noise")
    parser.add_argument("--method", choices=("dbscan", "hdbscan"))
    parser.add_argument("--industry", metavar="X", help="only firms of this industry")


def _access_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--network", choices=("coarse", "straight"), help="built-in coarse roads, or straight lines"
    )
    parser.add_argument(
        "--facilities", metavar="FILE", help="id, name, kind, lon, lat; replaces the built-in ones"
    )


def _zone_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--boundary", metavar="FILE", help="outline of the park")
    parser.add_argument("--template", metavar="T", help="name of a template, or its .toml file")
    for kind in ZONE_INPUTS:
        parser.add_argument(f"--{kind}", metavar="FILE")
    parser.add_argument("--out-crs", metavar="EPSG:n", help="coordinate system of the delivered files")


class _SayVersion(argparse.Action):
    """Print the version and stop; it is looked up only when it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from geo.version import version

        print(f"parkplan {version()}")
        parser.exit()


# --- the commands ----------------------------------------------------------------------------


def _import(door: _Door) -> None:
    from layers.sources.importer import import_source
    from planning.output import write_import

    given = {key: value for key, value in vars(door.options).items() if value is not None}
    answers: dict[str, Any] = {
        key: given[key]
        for key in ("crs", "axes", "layer", "header", "encoding", "lon", "lat", "geometry")
        if key in given
    }
    if "mapping" in given:
        answers["mapping"] = Path(given["mapping"])
    if "column" in given:
        answers["columns"] = dict(_role(text) for text in given["column"])
    imported = import_source(given["file"], given.get("kind", "any"), **answers)
    if door.directory is not None:
        write_import(imported, door.directory, translate=door.tr, force=door.force)
    report = imported.report
    lines = [
        door.tr(N_("{rows_in} rows = {accepted} accepted + {rejected} rejected")).format(
            rows_in=report.rows_in, accepted=report.accepted, rejected=report.rejected
        )
    ]
    result = report.to_json(door.tr)
    lines += [f"  {code}: {count}" for code, count in result["reasons"].items()]
    lines += [f"  {one['code']} ({one['count']}): {one['message']}" for one in result["warnings"]]
    door.give(result, lines)


def _role(text: str) -> tuple[str, str]:
    role, equals, column = text.partition("=")
    if not equals or not role or not column:
        raise UsageError(
            N_("“{text}” is not of the form ROLE=COL"),
            hint=N_("for example --column lon=经度"),
            where="--column",
            text=text,
        )
    return role, column


def _cluster(door: _Door) -> None:
    from planning.output import write_clusters
    from planning.pipeline import cluster_firms, load_stack
    from planning.summary import clusters_json

    scenario = _scenario(door, {"firms": door.options.firms})
    stack = load_stack(scenario, progress=door.progress)
    result = cluster_firms(stack, scenario)
    if door.directory is not None:
        write_clusters(result, stack, scenario, door.directory, force=door.force)
    summary = clusters_json(result)
    text = door.tr(N_("{firms} firms in {clusters} clusters, {noise} in none")).format(**summary)
    door.give(summary, [text])


def _access(door: _Door) -> None:
    from planning.output import write_access
    from planning.pipeline import load_inputs, origins_access
    from planning.summary import access_json

    scenario = _scenario(door, {"firms": door.options.origins})
    imports = load_inputs(scenario, progress=door.progress)
    result = origins_access(imports, scenario)
    if door.directory is not None:
        write_access(result, door.directory, force=door.force)
    summary = access_json(result)
    text = door.tr(N_("{origins} origins, {unreached} origin–facility kinds out of reach, network {network}"))
    door.give(summary, [text.format(**summary), *map(door.tr, summary["notes"])])


def _zone(door: _Door) -> None:
    import time

    from planning.output import write_zoning
    from planning.pipeline import make_plan

    directory = door.needs_directory()
    options = vars(door.options)
    for needed in ("boundary", "template"):
        if not options.get(needed):
            raise UsageError(
                N_("“{option}” is missing"),
                hint=_TRY_HELP,
                where=needed,
                option=f"--{needed}",
                command="zone",
            )
    scenario = _scenario(door, {"firms": options.get("firms")})
    start = time.perf_counter()
    plan = make_plan(scenario, progress=door.progress)
    files = write_zoning(plan, directory, force=door.force)
    assert plan.zoning is not None
    seconds = time.perf_counter() - start
    one = {
        "file": str(directory / "plan.gpkg"),
        "score": plan.zoning.score,
        "share_error_pp": plan.zoning.share_error_pp,
        "seconds": round(seconds, 3),
    }
    text = door.tr(
        N_("{zones} zones, worst share {error:.2f} percentage points off its target; files in {directory}")
    )
    line = text.format(zones=len(plan.zoning.zones), error=plan.zoning.share_error_pp, directory=directory)
    door.give({"plans": [one], "files": [str(path) for path in files]}, [line])


def _run(door: _Door) -> None:
    from planning.output import write_plan
    from planning.pipeline import make_plan
    from planning.summary import headlines

    directory = door.needs_directory()
    with tempfile.TemporaryDirectory(prefix="parkplan-") as folder:
        scenario = _scenario(door, {"firms": vars(door.options).get("firms")}, Path(folder))
        if not scenario.inputs:
            raise UsageError(N_("nothing is given to run"), hint=_TRY_HELP, command="run")
        plan = make_plan(scenario, progress=door.progress)
        files = write_plan(plan, directory, translate=door.tr, lang=door.lang, force=door.force)
    lines = headlines(plan, door.tr)
    lines += [door.tr(N_("files:")), *(f"  {path}" for path in files)]
    door.give(plan.summary(door.tr), lines)


def _scenario(door: _Door, inputs: Mapping[str, str | None], folder: Path | None = None) -> Scenario:
    """The scenario that the options describe, laid over a scenario file or a sample if one is named."""
    from planning.scenario import Scenario, load_scenario

    options = vars(door.options)
    base = Scenario(seed=1)
    if source := options.get("scenario"):
        if source.endswith(".parkplan"):
            from planning.project import open_project_file

            assert folder is not None
            base = open_project_file(Path(source), folder)
        else:
            base = load_scenario(source)
    elif name := options.get("sample"):
        from planning.samples import sample_scenario

        base = sample_scenario(name, door.lang)
    given = {kind: options[kind] for kind in ("boundary", "facilities", *ZONE_INPUTS) if options.get(kind)}
    given |= {kind: source for kind, source in inputs.items() if source}
    changes: dict[str, Any] = {"inputs": {**base.inputs, **given}}
    for field, option in (("template", "template"), ("within_km", "within"), ("out_crs", "out_crs")):
        if options.get(option) is not None:
            changes[field] = options[option]
    if door.seed is not None:
        changes["seed"] = door.seed
    clusters = {
        field: options[option]
        for field, option in (
            ("radius_m", "radius"),
            ("min_firms", "min_firms"),
            ("method", "method"),
            ("industry", "industry"),
        )
        if options.get(option) is not None
    }
    if clusters:
        changes["clusters"] = type(base.clusters).from_mapping(base.clusters.to_mapping() | clusters)
    if options.get("network") is not None:
        changes["access"] = type(base.access).from_mapping(
            base.access.to_mapping() | {"network": options["network"]}
        )
    return base.with_(**changes)


def _app(door: _Door) -> None:
    from ui.serve import serve

    serve(port=getattr(door.options, "port", None) or 8501)


def _doctor(door: _Door) -> None:
    from planning.doctor import examine

    result = examine()
    lines = [f"{name}: {value}" for name, value in result["versions"].items()]
    lines += [f"{name}: {value}" for name, value in result["lockdown"].items()]
    lines += [f"{name}: {value}" for name, value in result["fonts"].items()]
    lines += [door.tr(N_("missing: {what}")).format(what=door.tr(what)) for what in result["missing"]]
    door.give(result, lines)


if __name__ == "__main__":
    sys.exit(main())
