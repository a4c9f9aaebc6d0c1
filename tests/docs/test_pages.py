"""What pages point at is there, what they tell to type exists, and no scrubbed year is shown."""

import re
import shlex
import tomllib
from importlib import import_module

import pytest

from parkplan.options import parse
from scripts.pages import ROOT, all_pages, inline_code, links, shell_lines, text

PAGES = all_pages()
COMMAND = re.compile(r"^(?:\.venv/bin/)?parkplan(?: |$)|^python cli\.py(?: |$)")
DATA_TEXTS = sorted(
    path.relative_to(ROOT).as_posix()
    for folder in ("data/samples", "docs/examples")
    for path in (ROOT / folder).rglob("*.toml")
)


def holds(place):
    """Return whether something is there: git keeps no empty folder."""
    return place.is_file() or (place.is_dir() and any(place.iterdir()))


def anchors(name):
    """Anchors that a page's headings make."""
    headings = re.findall(r"^#+ (.+)$", text(name), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.casefold()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_somewhere(name):
    missing = []
    for target in links(name):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        place = (ROOT / name).parent / path if path else ROOT / name
        if not holds(place) or (anchor and anchor not in anchors(place.relative_to(ROOT).as_posix())):
            missing.append(target)
    assert missing == []


def test_every_page_of_the_documentation_is_reached_from_the_readme():
    seen, ahead = set(), {"README.md"}
    while ahead:
        name = ahead.pop()
        seen.add(name)
        for target in links(name):
            place = ((ROOT / name).parent / target.partition("#")[0]).resolve()
            if "://" not in target and place.suffix == ".md" and place.is_relative_to(ROOT):
                ahead |= {place.relative_to(ROOT).as_posix()} - seen
    assert {name for name in PAGES if name.startswith("docs/")} - seen == set()


def make_targets():
    return set(re.findall(r"^([a-z-]+):", text("Makefile"), re.MULTILINE))


@pytest.mark.parametrize("name", PAGES)
def test_every_make_target_exists(name):
    """Only what is written as code is a command: “make sense” in a sentence is not."""
    shown = [words for words in shell_lines(name) if words[0] == "make"]
    shown += [code.split() for code in inline_code(name) if re.match(r"make [a-z-]+( [A-Z]+=|$)", code)]
    named = {word for words in shown for word in words[1:] if "=" not in word}
    assert named - make_targets() == set()
    variables = {word.partition("=")[0] for words in shown for word in words if "=" in word}
    assert {one for one in variables if not re.search(rf"\b{one}\b", text("Makefile"))} == set()


@pytest.mark.parametrize("name", PAGES)
def test_every_command_of_a_block_parses(name):
    for words in shell_lines(name):
        if words[0].endswith("parkplan"):
            parse(words[1:])
        elif words[:2] == ["python", "cli.py"]:
            parse(words[2:])


def commands_in(page):
    """Commands in running text: `parkplan run …`, without what stands for the rest."""
    for code in inline_code(page):
        if COMMAND.match(code):
            yield shlex.split(COMMAND.sub("", code).replace("…", ""))


@pytest.mark.parametrize("name", PAGES)
def test_every_command_in_a_sentence_exists_with_its_options(name, capsys):
    for words in commands_in(name):
        named = [word for word in words if word.startswith("--") and word not in ("--help", "--version")]
        command = next((word for word in words if not word.startswith("-")), None)
        if command is None:
            continue
        with pytest.raises(SystemExit):
            parse([command, "--help"])
        offered = capsys.readouterr().out
        assert {word for word in named if not re.search(rf"{word}\b", offered)} == set(), words


def test_the_table_of_commands_names_every_command_and_every_option(capsys):
    with pytest.raises(SystemExit):
        parse(["--help"])
    known = re.findall(r"^    ([a-z]+) ", capsys.readouterr().out, re.MULTILINE)
    rows = [line for line in text("docs/cli.md").splitlines() if line.startswith("| `")]
    told = {line.split("`")[1].split()[0]: line for line in rows}
    assert set(known) <= set(told)
    everywhere = {"--output", "--force", "--json", "--lang", "--seed", "--quiet", "--log", "--help"}
    answers = text("docs/cli.md")
    for command in known:
        with pytest.raises(SystemExit):
            parse([command, "--help"])
        offered = set(re.findall(r"--[a-z][a-z-]*", capsys.readouterr().out)) - everywhere
        missing = {option for option in offered if option not in answers}
        assert missing == set(), command
        shown = set(re.findall(r"--[a-z][a-z-]*", told[command]))
        assert shown - offered == set(), command


@pytest.mark.parametrize("name", PAGES)
def test_every_file_that_a_page_names_is_there(name):
    """As written from the project's root, from data/, or beside the page."""
    suffixes = r"\.(?:py|toml|csv|npz|txt|md|yml|json|geojson|parquet|po|js)"
    named = {code for code in inline_code(name) if re.fullmatch(rf"[\w./-]+/[\w.-]+{suffixes}", code)}
    places = (ROOT, ROOT / "data", (ROOT / name).parent)
    assert {code for code in named if not any((place / code).exists() for place in places)} == set()


def test_what_the_page_on_security_names_is_in_the_readers():
    names = [code.split(".") for code in inline_code("docs/security.md") if re.fullmatch(r"\w+\.\w+", code)]
    paths = (ROOT / "layers/sources").rglob("*.py")
    own = {path.stem: ".".join(path.relative_to(ROOT).with_suffix("").parts) for path in paths}
    named = [(own[module], thing) for module, thing in names if module in own]
    assert len(named) >= 4
    assert [one for one in named if not hasattr(import_module(one[0]), one[1])] == []


@pytest.mark.parametrize("name", [*PAGES, *DATA_TEXTS])
def test_no_scrubbed_year_is_shown(name):
    """The years of the essays were all replaced by one number, and some figures with them."""
    assert "2025" not in text(name)


@pytest.mark.parametrize("name", DATA_TEXTS)
def test_every_toml_file_of_samples_and_examples_is_one(name):
    tomllib.loads(text(name))
