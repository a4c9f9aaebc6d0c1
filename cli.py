"""The command line `parkplan`: a contract that other people's scripts rely on (docs/cli.md).

Nothing heavy is imported before a command is chosen, so that ``--help`` answers at once.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from geo.errors import N_, CancelledError, ChoiceError, ParkError, UsageError
from parkplan.options import ANSWERS, PARAMETER_OPTIONS, SITE_INPUTS, parse
from ui.text import LANGUAGES, translator

if TYPE_CHECKING:
    from planning.plan import Translate
    from planning.scenario import Scenario

__all__ = ["main"]

_STOPPED = 128 + signal.SIGINT
_OWN_FILE = {"import": "file", "cluster": "firms", "analyse": "firms", "access": "origins"}
_OURS = ("geo", "layers", "planning", "data", "ui", "parkplan")


class _Door:
    """What a command needs of the outside world: options, words and places to write."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.lang: str = getattr(options, "lang", None) or _language()
        self.tr: Translate = translator(self.lang)
        self.json: bool = getattr(options, "json", False)
        self.quiet: bool = getattr(options, "quiet", False)
        self.force: bool = getattr(options, "force", False)
        self._said = ""

    def get(self, option: str) -> Any:
        """Return what was given for an option, or None."""
        return getattr(self.options, option, None)

    def directory(self) -> Path | None:
        """Return where the files go, after a look whether they may go there; None: nowhere."""
        if self.get("output") is None:
            return None
        from planning.report.files import check_directory

        check_directory(self.options.output, force=self.force)
        return Path(self.options.output)

    def needs_directory(self) -> Path:
        directory = self.directory()
        if directory is None:
            raise UsageError(N_("no place is given for the files"), hint=N_("add -o DIR"), where="-o")
        return directory

    def say(self, template: str, **fields: object) -> None:
        """Tell a person something; never on stdout, which belongs to results."""
        if not self.quiet:
            text = self.tr(template)
            print(_visible(text.format(**fields) if fields else text), file=sys.stderr, flush=True)

    def progress(self, share: float, what: str) -> None:
        if what != self._said:
            self._said = what
            self.say("{share:3.0%}  {what}", share=share, what=self.tr(what))

    def give(self, result: Mapping[str, Any], lines: Sequence[str]) -> None:
        """Print the result: one JSON object for programs, lines for people."""
        try:
            print(_json(result) if self.json else "\n".join(map(_visible, lines)), flush=True)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise UsageError(
                N_("the result cannot be printed: {reason}"),
                hint=N_("free some space, or print elsewhere"),
                where="stdout",
                reason=error.strerror or str(error),
            ) from None


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code (see docs/cli.md)."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    if argv is None and os.name == "posix":  # `kill` cleans up as Ctrl-C does
        signal.signal(signal.SIGTERM, _stop)
    words = list(sys.argv[1:] if argv is None else argv)
    door = _Door(argparse.Namespace(json="--json" in words, lang=_wanted_language(words)))
    try:
        door = _Door(parse(words))
        _listen(door.get("log"))
        _COMMANDS[door.options.command](door)
    except ParkError as error:
        told = error.to_json(door.tr)
        if isinstance(error, ChoiceError):
            told["options"] = _passable(door, error)
        return _fail(door, told, error.exit_code)
    except KeyboardInterrupt as stop:
        _fail(door, CancelledError().to_json(door.tr), 0)
        return 128 + signal.SIGTERM if isinstance(stop, _Terminated) else _STOPPED
    except BrokenPipeError:  # whoever read the result has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # a bug: loud, but its traceback belongs in the log
        log = _write_log(door.get("log"))
        message = door.tr(N_("this is a bug in parkplan: {kind}")).format(kind=type(error).__name__)
        hint = door.tr(N_("please report it with the log {log}")).format(log=log)
        return _fail(door, {"kind": "bug", "code": "BUG", "message": message, "hint": hint, "where": ""}, 1)
    return 0


class _Terminated(KeyboardInterrupt):
    """Somebody ended this process from outside."""


def _stop(*_: object) -> NoReturn:
    raise _Terminated


def _fail(door: _Door, error: dict[str, Any], code: int) -> int:
    try:
        if door.json:
            print(_json({"error": error}), flush=True)
    except OSError:  # nobody reads the result; the words and the exit code remain
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    place = f"{error['where']}: " if error["where"] not in error["message"] else ""
    lines = [f"parkplan: {place}{error['message']}"]
    if error["hint"]:
        lines.append(f"  → {error['hint']}")
    lines += [f"  {option['argument']}  {option['label']}" for option in error.get("options", ())]
    print("\n".join(map(_visible, lines)), file=sys.stderr)
    return code


def _passable(door: _Door, error: ChoiceError) -> list[dict[str, str]]:
    """Return the answers to a choice, each with the argument that, added to the command, makes it.

    A command's own file is answered by the options of `import`; any other by naming it again with the
    answer behind it.
    """
    from layers.sources.arguments import from_argument, join_source, split_source

    options = [option | {"label": door.tr(option["label"])} for option in error.options]
    if not error.source or error.input == _OWN_FILE.get(door.options.command):
        return options
    path, answers = split_source(error.source)
    return [
        option
        | {
            "argument": f"--{error.input} "
            + shlex.quote(join_source(path, answers | from_argument(option["argument"])))
        }
        for option in options
    ]


def _visible(text: str) -> str:
    """Show what would move a terminal's cursor or change its colours: a file may hold anything."""
    return "".join(one if one.isprintable() or one == "\u3000" else ascii(one)[1:-1] for one in text)


def _json(result: Mapping[str, Any]) -> str:
    return json.dumps(result, ensure_ascii=False, allow_nan=False, default=str)


def _listen(path: str | None) -> None:
    """Let what our modules log go to the file that the person named."""
    if path is None:
        return
    import logging

    try:
        handler = logging.FileHandler(path, encoding="utf-8")
    except OSError as error:
        raise UsageError(
            N_("the log “{name}” cannot be written: {reason}"),
            hint=N_("give another --log FILE"),
            where=path,
            name=path,
            reason=error.strerror or str(error),
        ) from None
    for name in _OURS:
        logger = logging.getLogger(name)
        logger.setLevel(logging.INFO)
        logger.addHandler(handler)


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
    """Find the language before the words are parsed: what is wrong with them is said in it."""
    wanted = None
    for word, following in zip(words, [*words[1:], ""], strict=True):
        name, equals, value = word.partition("=")
        found = value if equals else following
        if name == "--lang" and found in LANGUAGES:
            wanted = found
    return wanted


# --- the commands ----------------------------------------------------------------------------


def _import(door: _Door) -> None:
    from layers.sources.terrain import is_terrain
    from planning.output import write_import
    from planning.pipeline import import_input

    directory = door.directory()
    source, kind = _with_answers(door, door.options.file), door.get("kind")
    if is_terrain(source, kind):
        _import_terrain(door, source, directory)
        return
    imported = import_input(source, kind or "any")
    if directory is not None:
        write_import(imported, directory, translate=door.tr, force=door.force)
    report = imported.report
    lines = [
        door.tr(N_("{rows_in} rows = {accepted} accepted + {rejected} rejected")).format(
            rows_in=report.rows_in, accepted=report.accepted, rejected=report.rejected
        )
    ]
    result = report.to_json(door.tr) | imported.findings.to_json()
    lines += [f"  {code}: {count}" for code, count in result["reasons"].items()]
    lines += [f"  {one['code']} ({one['count']}): {one['message']}" for one in result["warnings"]]
    door.give(result, lines)


def _import_terrain(door: _Door, source: str, directory: Path | None) -> None:
    from planning.output import write_terrain
    from planning.pipeline import import_heights

    terrain = import_heights(source)
    if directory is not None:
        write_terrain(terrain, directory, force=door.force)
    result = terrain.to_json(door.tr)
    text = door.tr(
        N_("{width} × {height} cells, {valid} with a height from {min:g} to {max:g} m, {empty} without")
    )
    lines = [text.format(**result)]
    lines += [f"  {one['code']} ({one['count']}): {one['message']}" for one in result["warnings"]]
    door.give(result, lines)


def _cluster(door: _Door) -> None:
    from planning.output import write_clusters
    from planning.pipeline import cluster_firms, load_stack
    from planning.summary import clusters_json

    directory = door.directory()
    scenario = _scenario(door, {"firms": _with_answers(door, door.options.firms)})
    stack = load_stack(scenario, progress=door.progress)
    result = cluster_firms(stack, scenario)
    if directory is not None:
        write_clusters(result, stack, scenario, directory, force=door.force)
    summary = clusters_json(result)
    text = door.tr(N_("{firms} firms in {clusters} clusters, {noise} in none")).format(**summary)
    door.give(summary, [text])


def _analyse(door: _Door) -> None:
    from planning.analysis import analyse_firms
    from planning.output import write_statistics
    from planning.report.statistics import headline_figures, headline_lines

    directory = door.directory()
    scenario = _scenario(door, {"firms": _with_answers(door, door.options.firms)})
    analysis = analyse_firms(
        scenario, window=door.get("window") or "", parks=door.get("parks") or "", progress=door.progress
    )
    if directory is not None:
        write_statistics(analysis, directory, translate=door.tr, force=door.force)
    door.give(headline_figures(analysis, door.tr), headline_lines(analysis, door.tr))


def _access(door: _Door) -> None:
    from planning.output import write_access
    from planning.pipeline import origins_access
    from planning.summary import access_json

    directory = door.directory()
    source = _with_answers(door, door.options.origins)
    result = origins_access(source, _scenario(door), progress=door.progress)
    if directory is not None:
        write_access(result, directory, force=door.force)
    summary = access_json(result, door.tr)
    text = door.tr(N_("{origins} origins, {unreached} origin–facility kinds out of reach, network {network}"))
    door.give(summary, [text.format(**summary), *summary["notes"]])


def _zone(door: _Door) -> None:
    import time

    from planning.output import write_zoning
    from planning.pipeline import zone_alone

    directory = door.needs_directory()
    _needs(door, "boundary", "template")
    scenario = _scenario(door)
    start = time.perf_counter()
    plan = zone_alone(scenario, progress=door.progress)
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
    from data import SAMPLES
    from planning.output import write_plan
    from planning.pipeline import make_plan
    from planning.summary import headlines

    directory = door.needs_directory()
    with tempfile.TemporaryDirectory(prefix="parkplan-") as folder:
        scenario = _scenario(door, project=Path(folder))
        if not scenario.inputs:
            raise UsageError(
                N_("nothing is given to run"),
                hint=N_("give SCENARIO.toml, or --firms F --boundary B --template T, or --sample NAME"),
            )
        if scenario.template and "boundary" not in scenario.inputs:
            _needs(door, "boundary")
        plan = make_plan(scenario, progress=door.progress)
        # What is ours and may be gone tomorrow goes along, so that the scenario can be run again.
        files = write_plan(
            plan,
            directory,
            translate=door.tr,
            lang=door.lang,
            force=door.force,
            carried=(Path(folder), SAMPLES),
        )
    lines = headlines(plan, door.tr)
    lines += [door.tr(N_("files:")), *(f"  {path}" for path in files)]
    door.give(plan.summary(door.tr), lines)


def _needs(door: _Door, *options: str) -> None:
    for option in options:
        if not door.get(option):
            raise UsageError(
                N_("“{names}” is missing"),
                hint=N_("“{program} --help” lists the options"),
                where=f"--{option}",
                names=f"--{option}",
                program=f"parkplan {door.options.command}",
            )


def _with_answers(door: _Door, source: str) -> str:
    """Return the command's own file with the answers that its options give; they win."""
    from layers.sources.arguments import join_source, split_source

    path, answers = split_source(source)
    answers |= {name: str(door.get(name)) for name in ANSWERS if door.get(name) is not None}
    for text in door.get("column") or ():
        role, equals, column = text.partition("=")
        if not equals or not role.strip() or not column.strip():
            raise UsageError(
                N_("“{text}” is not of the form ROLE=COL"),
                hint=N_("for example --column lon=经度"),
                where="--column",
                text=text,
            )
        answers[f"column={role.strip()}"] = column
    return join_source(path, answers)


def _scenario(
    door: _Door, inputs: Mapping[str, str] | None = None, *, project: Path | None = None
) -> Scenario:
    """The scenario that the options describe, laid over a scenario file or a sample if one is named."""
    base = _base(door, project)
    given = {
        kind: door.get(kind)
        for kind in ("boundary", "firms", "facilities", *SITE_INPUTS)
        if door.get(kind) is not None
    }
    changes: dict[str, Any] = {"inputs": {**base.inputs, **given, **(inputs or {})}}
    sections: dict[str, dict[str, Any]] = {}
    for section, key, option in PARAMETER_OPTIONS:
        value = door.get(option.removeprefix("--").replace("-", "_"))
        if value is not None:
            (sections.setdefault(section, {}) if section else changes)[key] = value
    for section, said in sections.items():
        params = getattr(base, section)
        changes[section] = type(params).from_mapping(params.to_mapping() | said)
    return base.with_(**changes)


def _base(door: _Door, project: Path | None) -> Scenario:
    from planning.scenario import Scenario, load_scenario

    source, sample = door.get("scenario"), door.get("sample")
    if source is not None and sample is not None:
        raise UsageError(
            N_("a scenario and a sample are named: one of them is run"),
            hint=N_("leave out “{source}” or --sample {sample}"),
            where="--sample",
            source=source,
            sample=sample,
        )
    if sample is not None:
        from planning.samples import sample_scenario

        return sample_scenario(sample, door.lang)
    if source is None:
        return Scenario()
    if source.casefold().endswith(".parkplan"):
        from planning.project import open_project_file

        assert project is not None
        return open_project_file(Path(source), project)
    return load_scenario(source)


def _app(door: _Door) -> None:
    from ui.serve import serve

    serve(port=door.get("port") or 8501)


def _doctor(door: _Door) -> None:
    from planning.doctor import examine

    result = examine(door.tr)
    lines = [
        f"{name}: {value}"
        for part in ("versions", "lockdown", "fonts", "assets")
        for name, value in result[part].items()
    ]
    lines += [door.tr(N_("missing: {what}")).format(what=what) for what in result["missing"]]
    door.give(result, lines)


_COMMANDS: Mapping[str, Callable[[_Door], None]] = {
    "import": _import,
    "cluster": _cluster,
    "analyse": _analyse,
    "access": _access,
    "zone": _zone,
    "run": _run,
    "app": _app,
    "doctor": _doctor,
}

if __name__ == "__main__":
    sys.exit(main())
