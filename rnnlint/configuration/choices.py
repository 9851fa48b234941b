"""The table of keys, which is the fields of a configuration, and what a project's choices answer."""

from __future__ import annotations

from dataclasses import field, fields
from pathlib import Path

from rnnlint.configuration.keys import Key, Kind, key
from rnnlint.configuration.patterns import Pattern
from rnnlint.configuration.selection import Layer, PerFile, Selection
from rnnlint.frozen import dataclass
from rnnlint.settings import OPTIONS, Settings

_NAMES = """
    .bzr .direnv .eggs .git .git-rewrite .hg .ipynb_checkpoints .mypy_cache .nox .pants.d .pyenv .pytest_cache .pytype
    .ruff_cache .svn .tox .venv .vscode CVS __pycache__ __pypackages__ _build buck-out build dist node_modules
    site-packages venv *.egg
"""
SKIPPED = tuple(_NAMES.split())
"""What ruff and flake8 skip: the union of both."""

CACHE = ".rnnlint_cache"

_OF_THE_ANALYSIS = {option.field: option.help for option in OPTIONS}


class BadConfiguration(Exception):
    """What is wrong with a choice, in one line that names the file, or the option, and the key."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """What is chosen for the files of a project.  Its keys are the fields up to ``root``.

    ``root`` is the folder that patterns and paths of the file count from: its own, or the current one where there is
    no file.  ``source`` is that file.  ``said`` are the keys that somebody has set, each with where: a file or an
    option.  ``layers`` keep apart what the file selects and what the command line does.
    """

    select: tuple[str, ...] | None = key(
        Kind.CODES,
        None,
        "Report these rules alone: codes, or what they begin with. `RNN` and families (`RNN1`) turn on what is on by "
        "default; a rule that is off needs its code or five characters of it; `ALL` is every rule",
        '["RNN1", "RNN201"]',
    )
    extend_select: tuple[str, ...] = key(
        Kind.CODES, (), "Report these rules as well, such as those that are off by default", '["RNN107"]'
    )
    ignore: tuple[str, ...] = key(
        Kind.CODES, (), "Do not report these rules; the longer prefix wins over `select`", '["RNN110"]'
    )
    extend_ignore: tuple[str, ...] = key(Kind.CODES, (), "The same as `ignore`, which it adds to", '["RNN110"]')
    per_file_ignores: tuple[PerFile, ...] = key(
        Kind.PER_FILE,
        (),
        "What is not reported in the files of a pattern, or with `!` before it in all others",
        '{ "tests/**" = ["RNN"], "legacy.py" = ["RNN102"] }',
    )
    exclude: tuple[Pattern, ...] = key(
        Kind.PATTERNS,
        tuple(Pattern(text, Path()) for text in SKIPPED),
        "Files and folders that are skipped when folders are searched, in place of what is skipped by default",
        '["third_party"]',
    )
    extend_exclude: tuple[Pattern, ...] = key(
        Kind.PATTERNS, (), "Files and folders that are skipped besides", '["notebooks/old_*"]'
    )
    force_exclude: bool = key(
        Kind.SWITCH, False, "Skip what is excluded even where it is named on the command line", "true"
    )
    all_configurations: bool = key(Kind.SWITCH, False, _OF_THE_ANALYSIS["all_configurations"], "true")
    show_unknown: bool = key(Kind.SWITCH, False, _OF_THE_ANALYSIS["show_unknown"], "true")
    isolated_files: bool = key(
        Kind.SWITCH, False, "Look at each file by itself: imports inside the project are not followed", "true"
    )
    output_format: tuple[str, ...] = key(
        Kind.FORMATS,
        (),
        "How findings are printed (`full` on a terminal, else `concise`), or with a colon written to a file; several "
        "at once are a list",
        '["full", "sarif:rnnlint.sarif"]',
    )
    baseline: Path | None = key(
        Kind.PATH, None, "Leave out what this file lists, which `--update-baseline` writes", '"rnnlint-baseline.json"'
    )
    cache: bool = key(Kind.SWITCH, True, "Keep what was found, for files that are the same next time", "false")
    cache_dir: Path | None = key(
        Kind.PATH,
        None,
        f"Where that is kept; without it `{CACHE}` beside the file of the configuration",
        '".cache/rnnlint"',
    )
    jobs: int = key(Kind.COUNT, 0, "How many processes look at files; 0: as many as there are processors", "4")

    root: Path = field(default_factory=Path.cwd)
    source: Path | None = None
    said: tuple[tuple[str, str], ...] = ()
    layers: tuple[Layer, ...] = ()

    @property
    def selection(self) -> Selection:
        """Which codes are reported."""
        # what was not followed is said by a rule that is off by default
        return Selection(self.layers, self.per_file_ignores, ("RNN900",) if self.show_unknown else ())

    @property
    def settings(self) -> Settings:
        """What the analysis of a file depends on."""
        return Settings(**{option.field: getattr(self, option.field) for option in OPTIONS})

    @property
    def cache_folder(self) -> Path:
        """Where results are kept; it need not exist."""
        return self.cache_dir or self.root / CACHE

    def excludes(self, path: Path) -> bool:
        """Whether a file or folder, by its absolute path, is skipped where folders are searched."""
        return any(pattern.matches(path) for pattern in (*self.exclude, *self.extend_exclude))

    def where(self, name: str) -> str:
        """Who has set a key: a file or an option; "" where it is the default."""
        return dict(self.said).get(name, "")


def refusal(where: str, name: str, what: str) -> BadConfiguration:
    """A line that begins with whoever has written the key ``name``: a file, or an option that is its name."""
    return BadConfiguration(f"{spelled(where, name)}: {what}")


def spelled(where: str, name: str) -> str:
    """A key ``name`` and whoever has written it: a file and the key, or the option that is its name."""
    return where if where.startswith("-") else f"{where}: {name}"


KEYS = tuple(
    Key(one.name.replace("_", "-"), one.metadata["kind"], one.default, one.metadata["help"], one.metadata["example"])
    for one in fields(Configuration)
    if one.metadata
)
"""The keys of the table, in the order they are shown."""
