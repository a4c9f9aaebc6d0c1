"""The options of the command `parkplan`, each declared once (docs/cli.md).

Nothing heavy is imported here, so that ``--help`` answers at once. What does not parse is an error of
ours: one sentence, and the nearest name that is known.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from geo.errors import N_, UsageError, nearest_name

__all__ = ["ANSWERS", "KINDS", "PARAMETER_OPTIONS", "SITE_INPUTS", "parse"]

KINDS = (
    "any", "firms", "boundary", "roads", "facilities", "parks", "areas", "water", "exclusions",
    "flood", "housing", "buildings", "gates", "landuse", "corridors", "power", "rail", "terrain", "wind",
    "table",
)  # fmt: skip
SITE_INPUTS = ("roads", "water", "exclusions", "flood", "housing", "buildings", "gates")
ANSWERS = (
    "crs", "axes", "layer", "units", "header", "encoding", "lon", "lat", "locate", "geometry",
    "code_edition", "dates", "mapping",
)  # fmt: skip
"""Options of `import` that answer a question about a file, as they stand behind ``FILE::`` too."""
PARAMETER_OPTIONS = (
    ("", "template", "--template"),
    ("", "seed", "--seed"),
    ("", "within_km", "--within"),
    ("", "with_closed", "--with-closed"),
    ("", "out_crs", "--out-crs"),
    ("clusters", "radius_m", "--radius"),
    ("clusters", "min_firms", "--min-firms"),
    ("clusters", "method", "--method"),
    ("clusters", "industry", "--industry"),
    ("patterns", "industry", "--industry"),
    ("patterns", "draws", "--draws"),
    ("patterns", "radii_m", "--radii"),
    ("access", "network", "--network"),
)
"""Section of a scenario (none: its first level), key in it, and the option that says it."""

# The contract's names that a later version takes: refused by name, never passed over.
_LATER_COMMANDS = ("sites", "relocate", "report")
_LATER_SITE = (
    "--terrain",
    "--wind",
    "--landuse",
    "--corridors",
    "--power",
    "--rail",
    "--alternatives",
)
_LATER_ANALYSE = ("--areas", "--value", "--reference", "--purchases", "--chain")
_LATER_ACCESS = ("--weight", "--undirected", "--speeds", "--matrix")
_LATER: Mapping[str, tuple[str, ...]] = {
    "analyse": _LATER_ANALYSE,
    "access": _LATER_ACCESS,
    "zone": _LATER_SITE,
    "run": (*_LATER_SITE, *_LATER_ACCESS),
}

_TRY_HELP = N_("“{program} --help” lists the options")
_DID_YOU_MEAN = N_("did you mean “{near}”?")
_KNOWN = N_("known are: {known}")
_REQUIRED = re.compile(r"the following arguments are required: (?P<names>.+)")
_NO_VALUE_WANTED = re.compile(r"argument (?P<option>[^:]+): ignored explicit argument (?P<value>.+)")


def parse(words: list[str]) -> argparse.Namespace:
    """Return what the words of a command line say.

    Returns
    -------
    Namespace
        `command` and the options that were given; those that were not are absent.

    Raises
    ------
    UsageError
        If a command, an option or a value is unknown, missing or one too many.
    """
    parser, commands = _build()
    options, unknown = parser.parse_known_args(words or ["--help"])
    if not hasattr(options, "command"):
        raise UsageError(N_("no command is given"), hint=_KNOWN, known=", ".join(_COMMANDS))
    if unknown:
        raise _not_taken(unknown[0], options.command, commands[options.command])
    return options


def _not_taken(word: str, command: str, parser: argparse.ArgumentParser) -> UsageError:
    """Say of the first word that nobody took why that is so."""
    option = word.partition("=")[0]
    # argparse lists its options nowhere else.
    known = [string for action in parser._actions for string in action.option_strings]  # noqa: SLF001
    near = nearest_name(option, known)
    fields: dict[str, Any] = {
        "option": option,
        "near": near,
        "program": parser.prog,
        "known": ", ".join(name for name in known if name.startswith("--")),
    }
    if option in _LATER.get(command, ()):
        return UsageError(
            N_("“{option}” belongs to a later version and is not taken yet"),
            hint=N_("“{program}” takes: {known}"),
            where=option,
            **fields,
        )
    if option.startswith("-"):
        return UsageError(
            N_("unknown option “{option}”"), hint=_DID_YOU_MEAN if near else _TRY_HELP, where=option, **fields
        )
    return UsageError(
        N_("“{word}” is one word too many"),
        hint=N_("put a name that holds blanks in quotes; {program} --help shows the usage"),
        where=word,
        word=word,
        **fields,
    )


class _Parser(argparse.ArgumentParser):
    """An argument parser whose mistakes are sentences of ours."""

    def error(self, message: str) -> NoReturn:
        if found := _REQUIRED.match(message):
            raise UsageError(
                N_("“{names}” is missing"), hint=_TRY_HELP, names=found["names"], program=self.prog
            )
        if found := _NO_VALUE_WANTED.match(message):
            raise UsageError(
                N_("the option “{option}” takes no value"),
                hint=_TRY_HELP,
                where=found["option"],
                option=found["option"],
                program=self.prog,
            )
        raise UsageError(
            N_("wrong usage: {reason}"), hint=_TRY_HELP, reason=message, program=self.prog
        )  # pragma: no cover - argparse has no other mistake for options like these

    def _match_argument(self, action: argparse.Action, arg_strings_pattern: str) -> int:
        try:
            return super()._match_argument(action, arg_strings_pattern)
        except argparse.ArgumentError:
            raise UsageError(
                N_("the option “{option}” needs a value"),
                hint=N_("for example {option} {example}; a value that begins with a dash: {option}=-…"),
                where=_name(action),
                option=_name(action),
                example=action.metavar or "N",
            ) from None

    def _get_value(self, action: argparse.Action, arg_string: str) -> Any:
        if not arg_string.strip() and action.dest != "industry":  # no industry: all of them
            raise UsageError(
                N_("the value of “{option}” is empty"),
                hint=_TRY_HELP,
                where=_name(action),
                option=_name(action),
                program=self.prog,
            )
        try:
            return super()._get_value(action, arg_string)
        except argparse.ArgumentError:
            raise UsageError(
                N_("“{option}” needs a number, not “{value}”")
                if action.type is float
                else N_("“{option}” needs a whole number, not “{value}”"),
                hint=_TRY_HELP,
                where=_name(action),
                option=_name(action),
                value=arg_string,
                program=self.prog,
            ) from None

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is None or value in action.choices:
            return
        known = [str(choice) for choice in action.choices]
        near = nearest_name(str(value), known)
        fields: dict[str, Any] = {
            "value": value,
            "option": _name(action),
            "near": near,
            "known": ", ".join(known),
        }
        if action.metavar == "COMMAND":
            if value in _LATER_COMMANDS:
                raise UsageError(
                    N_("the command “{value}” belongs to a later version"),
                    hint=_KNOWN,
                    where=str(value),
                    **fields,
                )
            raise UsageError(
                N_("there is no command “{value}”"),
                hint=_DID_YOU_MEAN if near else _KNOWN,
                where=str(value),
                **fields,
            )
        raise UsageError(
            N_("“{value}” is no value of “{option}”"),
            hint=_DID_YOU_MEAN if near else _KNOWN,
            where=_name(action),
            **fields,
        )


def _name(action: argparse.Action) -> str:
    return action.option_strings[-1] if action.option_strings else str(action.metavar or action.dest)


def _later(option: str, value: str, takes: tuple[str, ...]) -> UsageError:
    return UsageError(
        N_("“{option} {value}” belongs to a later version and is not taken yet"),
        hint=N_("“{option}” takes: {known}"),
        where=option,
        option=option,
        value=value,
        known=", ".join(takes),
    )


def _network(text: str) -> str:
    takes = ("coarse", "straight")
    if text not in takes and not nearest_name(text, takes):
        raise _later("--network", text, takes)
    return text


def _seed(text: str) -> int:
    number = int(text)
    if not 0 <= number < 2**31:
        raise UsageError(
            N_("the seed is {value}, not a whole number from 0 to 2147483647"), where="--seed", value=text
        )
    return number


def _build() -> tuple[argparse.ArgumentParser, dict[str, argparse.ArgumentParser]]:
    everywhere: Any = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    group = everywhere.add_argument_group("everywhere")
    group.add_argument("-o", "--output", metavar="DIR", help="receives the files; complete or not at all")
    group.add_argument("--force", action="store_true", help="write into a DIR that holds files")
    group.add_argument("--json", action="store_true", help="print exactly one JSON object on stdout")
    group.add_argument("--lang", choices=("zh", "en"), help="language of words for people")
    group.add_argument("--seed", type=_seed, metavar="N", help="the only source of random numbers")
    group.add_argument("--quiet", action="store_true", help="say nothing but results and errors")
    group.add_argument("--log", metavar="FILE", help="receives what a developer needs, tracebacks too")

    parser = _Parser(
        prog="parkplan",
        description="Parkplan 园区规划: from a firm table to a zoning plan.",
        parents=[everywhere],
        allow_abbrev=False,
    )
    parser.add_argument("--version", action=_SayVersion, nargs=0, help="print the version and stop")
    subparsers = parser.add_subparsers(metavar="COMMAND", title="commands")
    commands: dict[str, argparse.ArgumentParser] = {}
    for name, (fill, help_) in _COMMANDS.items():
        commands[name] = subparsers.add_parser(
            name, help=help_, description=help_, parents=[everywhere], allow_abbrev=False,
            argument_default=argparse.SUPPRESS,
        )  # fmt: skip
        commands[name].set_defaults(command=name)
        fill(commands[name])
    return parser, commands


def _import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file", metavar="FILE", help="FILE, FILE::key=value,… or the DIR of an earlier import"
    )
    parser.add_argument("--as", dest="kind", choices=KINDS, help="what the file holds (any)")
    _answers(parser)


def _cluster(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("firms", metavar="FIRMS", help="firm table: FILE, FILE::key=value,… or DIR")
    _cluster_options(parser)
    _answers(parser)


def _analyse(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("firms", metavar="FIRMS", help="firm table: FILE, FILE::key=value,… or DIR")
    parser.add_argument(
        "--window", metavar="FILE", help="study window; by default a rectangle around the firms"
    )
    parser.add_argument("--parks", metavar="FILE", help="outlines of parks, for the share of firms in them")
    parser.add_argument("--draws", type=int, metavar="N", help="random patterns behind the bands")
    parser.add_argument("--radii", metavar="A:B:STEP", help="distances of the curves, metres")
    _industry_options(parser)
    _answers(parser)


def _access(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("origins", metavar="ORIGINS", help="FILE, FILE::key=value,… or DIR")
    _access_options(parser)
    _answers(parser)


def _zone(parser: argparse.ArgumentParser) -> None:
    _zone_options(parser)
    parser.add_argument("--firms", metavar="FILE", help="firms that stand on the site")


def _run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("scenario", nargs="?", metavar="SCENARIO", help="a scenario .toml or .parkplan file")
    parser.add_argument(
        "--sample", metavar="NAME", help="built-in sample: shuitou, yongan, dalian, seed_places"
    )
    parser.add_argument("--firms", metavar="FILE", help="firm table")
    parser.add_argument("--within", type=float, metavar="KM", help="firms farther from the park do not count")
    _zone_options(parser)
    _cluster_options(parser)
    _access_options(parser)


def _app(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, metavar="N", help="port (8501)")


def _doctor(parser: argparse.ArgumentParser) -> None:
    """Take nothing but what every command takes."""


def _answers(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("about the file")
    group.add_argument(
        "--crs", metavar="CRS", help="EPSG:n, WGS84, CGCS2000, GCJ-02, BD-09, or FILE.toml that describes one"
    )
    group.add_argument("--axes", choices=("xy", "yx"), help="order of the two coordinates")
    group.add_argument("--layer", metavar="NAME", help="layer or sheet; of a drawing, * is all of them")
    group.add_argument(
        "--units", choices=("m", "dm", "cm", "mm", "km", "ft", "in"), help="unit of a drawing's coordinates"
    )
    group.add_argument("--header", type=int, metavar="N", help="row that holds the column names, from 1")
    group.add_argument("--encoding", metavar="E", help="encoding of a text file, for example gb18030")
    group.add_argument("--lon", metavar="COL", help="column of the longitude or easting")
    group.add_argument("--lat", metavar="COL", help="column of the latitude or northing")
    group.add_argument("--locate", choices=("address",), help="rows without coordinates: by their addresses")
    group.add_argument("--geometry", metavar="COL", help="column that holds geometries, as WKT or GeoJSON")
    group.add_argument(
        "--code-edition", choices=("2011", "2017"), help="edition of GB/T 4754 of the industry codes"
    )
    group.add_argument("--dates", choices=("dmy", "mdy"), help="day or month first, where the year is last")
    group.add_argument(
        "--column", action="append", metavar="ROLE=COL", help="column of a role; may be repeated"
    )
    group.add_argument("--mapping", metavar="M.toml", help="answers of an earlier import")


def _cluster_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--radius", type=float, metavar="M", help="firms closer than this are neighbours, metres"
    )
    parser.add_argument("--min-firms", type=int, metavar="N", help="a smaller neighbourhood is noise")
    parser.add_argument("--method", choices=("dbscan", "hdbscan"))
    _industry_options(parser)


def _industry_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--industry", metavar="X", help="only firms of this industry")
    parser.add_argument(
        "--with-closed", action="store_true", help="count firms that are closed by their status too"
    )


def _access_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--network",
        type=_network,
        choices=("coarse", "straight"),
        help="built-in coarse roads, or straight lines",
    )
    parser.add_argument(
        "--facilities", metavar="FILE", help="id, name, kind, lon, lat; replaces the built-in ones"
    )


def _zone_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--boundary", metavar="FILE", help="outline of the park")
    parser.add_argument("--template", metavar="T", help="name of a template, or its .toml file")
    for kind in SITE_INPUTS:
        parser.add_argument(f"--{kind}", metavar="FILE")
    parser.add_argument("--out-crs", metavar="EPSG:n", help="coordinate system of the delivered files")


_COMMANDS: Mapping[str, tuple[Callable[[argparse.ArgumentParser], None], str]] = {
    "import": (_import, "read a file; count what is accepted and what is rejected, with reasons"),
    "cluster": (_cluster, "find clusters of firms"),
    "analyse": (_analyse, "describe how firms are spread: centres, neighbours, K, L, Kd"),
    "access": (_access, "measure how far origins are from ports, airports and roads"),
    "zone": (_zone, "lay out functional zones in a park boundary"),
    "run": (_run, "the whole way, from a firm table to a plan with maps"),
    "app": (_app, "serve the app on this machine"),
    "doctor": (_doctor, "say what this installation can do and what it lacks"),
}


class _SayVersion(argparse.Action):
    """Print the version and stop; it is looked up only when it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from geo.version import version

        print(f"parkplan {version()}")  # noqa: T201 - the version is the result
        parser.exit()
