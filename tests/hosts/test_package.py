"""What is promised to whoever installs the package."""

from __future__ import annotations

import re
from importlib.metadata import entry_points, metadata, requires, version
from importlib.util import find_spec

from tests.hosts.running import ROOT


def test_the_entry_point_is_the_plugin() -> None:
    (entry,) = [e for e in entry_points(group="flake8.extension") if e.name == "RNN"]
    assert entry.value == "rnnlint.flake8_plugin:Plugin"
    assert callable(entry.load())


def test_dependencies_have_lower_bounds_only() -> None:
    needed = requires("rnnlint") or []
    always = [need for need in needed if ";" not in need]
    assert [re.split(r"[<>=!~ ]", need)[0] for need in always] == ["flake8", "libcst"]
    for need in needed:
        name, _, marker = need.partition("; ")
        # of what makes the pages, one version: they were looked at
        if not re.fullmatch(r"zensical==[\d.]+", name):
            assert re.fullmatch(r"[\w-]+>=[\d.]+", name), need
        # Python reads TOML itself from 3.11 on
        assert "extra == " in marker or need in (*always, "tomli>=2; python_version < '3.11'"), need


def test_torch_is_an_extra() -> None:
    assert [need for need in requires("rnnlint") or [] if need.startswith("torch")] == [
        "torch>=2.0; extra == 'runtime'"
    ]


def test_every_supported_python_is_declared() -> None:
    assert metadata("rnnlint")["Requires-Python"] == ">=3.10"


def test_the_changelog_begins_with_this_version() -> None:
    headings = re.findall(r"^## (\S+)$", (ROOT / "docs" / "changelog.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert next(heading for heading in headings[:2] if heading != "Unreleased") == version("rnnlint")
    assert "Unreleased" not in headings[1:]


def test_the_address_stands_where_releasing_says() -> None:
    text = (ROOT / "docs" / "releasing.md").read_text(encoding="utf-8")
    held = {
        path.relative_to(ROOT).as_posix()
        for path in [*ROOT.glob("*.*"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "rnnlint").rglob("*.py")]
        if path.is_file() and "github.com/OWNER/rnnlint" in path.read_text(encoding="utf-8")
    }
    places = {"README.md", "docs/ci.md", "pyproject.toml"}
    assert held - {"docs/releasing.md"} == places
    assert all(f"`{name}`" in text for name in places)


def test_every_session_that_releasing_names_exists() -> None:
    sessions = re.findall(r"^def (\w+)\(session", (ROOT / "noxfile.py").read_text(encoding="utf-8"), re.MULTILINE)
    named = re.findall(r"`nox -s (\w+)`", (ROOT / "docs" / "releasing.md").read_text(encoding="utf-8"))
    assert {"release", "lowest_runtime"} <= set(named) <= set(sessions)


def test_the_package_is_typed() -> None:
    spec = find_spec("rnnlint")
    assert spec is not None
    assert spec.submodule_search_locations
    assert (ROOT / "rnnlint" / "py.typed").exists()
