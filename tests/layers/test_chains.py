"""Chains: what ships is whole, and a slip in a user's own file is told file, key and neighbour."""

from __future__ import annotations

from pathlib import Path

import pytest

from data import CATALOGUES
from geo.errors import SourceError, UsageError
from layers.sources.chains import ROLES, chains, load_chain, load_chains

TEXTILE = (CATALOGUES / "chains" / "textile.toml").read_text(encoding="utf-8")


def test_ten_chains_ship_each_with_its_file_as_key() -> None:
    assert len(chains()) == 10
    assert sorted(chains()) == sorted(path.stem for path in (CATALOGUES / "chains").glob("*.toml"))
    assert sum(len(chain.stages) for chain in chains().values()) == 108


@pytest.mark.parametrize("key", list(chains()))
def test_a_chain_is_whole(key: str) -> None:
    chain = load_chain(key)
    assert chain.key == key
    assert chain.terminal
    assert {stage.role for stage in chain.stages.values()} <= set(ROLES)
    ends = {end for flow in chain.flows for end in flow}
    assert ends <= set(chain.stages)
    assert frozenset().union(*chain.slots) == set(chain.core)
    assert sorted(flow for slot in chain.flow_slots for flow in slot) == sorted(chain.flows)


def test_fibre_and_cotton_count_once_in_the_textile_chain() -> None:
    textile = load_chain("textile")
    assert (len(textile.core), len(textile.slots), len(textile.terminal)) == (11, 10, 3)
    assert frozenset({"fibre", "cotton"}) in textile.slots
    assert len(textile.flow_slots) == 6
    assert frozenset({("fibre", "yarn"), ("cotton", "yarn")}) in textile.flow_slots
    assert textile.ambiguous_classes == {"1789": ("coated", "industrial")}


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('["yarn", "fabric"]', '["yarn", "fabrik"]', ["names “fabrik”", "did you mean “fabric”", "flows"]),
        ('["yarn", "fabric"]', '["yarn"]', ["“flows” must be pairs of two different stages"]),
        ('["yarn", "fabric"]', '["yarn", "yarn"]', ["“flows” must be pairs of two different stages"]),
        ('["yarn", "fabric"]', '["fibre", "yarn"]', ["“flows” names a flow twice"]),
        ('[["fibre", "cotton"]]', '[["fibre"]]', ["“alternatives” holds a group of fewer than two stages"]),
        ('[["fibre", "cotton"]]', '[["fibre", "fibre"]]', ["a group of fewer than two stages"]),
        ('[["fibre", "cotton"]]', '[["fibre", "cotton"], ["cotton", "yarn"]]', ["names a stage twice"]),
        ('[["fibre", "cotton"]]', '[["fibre", "service"]]', ["that counts and one that does not"]),
        ('[["fibre", "cotton"]]', '[["fibre", "wool"]]', ["names “wool”", "alternatives"]),
        ("1711 = ", "171 = ", ["“171” is no class of GB/T 4754-2017", "stages.yarn"]),
        ("1711 = ", "9911 = ", ["“9911” is no class of GB/T 4754-2017"]),
        ("1711 = ", "1810 = ", ["class 1810 is of GB/T 4754-2011 alone"]),
        ('role = "U"', 'role = "V"', ["“role” must be one of R, U, M", "stages.fibre"]),
        ("flows = [", "flow = [", ["unknown key “flow”", "did you mean “flows”"]),
        ('name_zh = "纺纱"\n', "", ["“name_zh” is missing", "stages.yarn"]),
    ],
)
def test_a_slip_is_told_with_file_and_key(tmp_path: Path, old: str, new: str, words: list[str]) -> None:
    assert old in TEXTILE
    path = tmp_path / "mine.toml"
    path.write_text(TEXTILE.replace(old, new), encoding="utf-8")
    with pytest.raises(UsageError) as error:
        load_chain(path)
    said = f"{error.value} {error.value.where}"
    assert all(word in said for word in ["mine.toml", *words])


def test_a_stage_that_stands_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(TEXTILE.replace("[stages.yarn]", "[stages.fibre]"), encoding="utf-8")
    with pytest.raises(SourceError, match=r"mine\.toml.*fibre"):
        load_chain(path)


def test_a_folder_of_ones_own_is_read_and_two_files_of_one_key_are_refused(tmp_path: Path) -> None:
    (tmp_path / "silk.toml").write_text(TEXTILE, encoding="utf-8")
    assert list(load_chains(tmp_path)) == ["silk"]
    (tmp_path / "silk.TOML").write_text(TEXTILE, encoding="utf-8")
    with pytest.raises(UsageError, match="key of another chain"):
        load_chains(tmp_path)


def test_a_folder_without_chains_a_missing_file_and_a_misspelt_key_are_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no chain"):
        load_chains(tmp_path)
    with pytest.raises(SourceError, match="cannot be read"):
        load_chain(tmp_path / "none.toml")
    with pytest.raises(UsageError, match="did you mean “textile”"):
        load_chain("textil")
