"""Where configurations are found, what is read of them, and what is said of a wrong one."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from rnnlint.configuration import BadConfiguration, Configuration, Configurations, reading
from rnnlint.configuration.reading import read
from rnnlint.named_files import content_of
from rnnlint.settings import Settings

OWN, HIDDEN, SHARED = "rnnlint.toml", ".rnnlint.toml", "pyproject.toml"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def configuration_for(path: Path) -> Configuration:
    return Configurations().of(path)


def write(folder: Path, name: str, text: str) -> Path:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def refused(folder: Path, name: str, text: str) -> str:
    write(folder, name, text)
    with pytest.raises(BadConfiguration) as error:
        configuration_for(folder / "model.py")
    assert "\n" not in str(error.value)
    return str(error.value)


def test_without_a_file_everything_is_as_it_is_by_default(folder: Path) -> None:
    found = configuration_for(folder / "a" / "model.py")
    assert (found.root, found.source, found.said, found.layers) == (folder, None, (), ())
    assert found.settings == Settings()
    assert found.cache_folder == folder / ".rnnlint_cache"
    assert found.excludes(folder / "venv" / "x.py")
    assert not found.excludes(folder / "src" / "x.py")


def test_every_key(folder: Path) -> None:
    source = write(
        folder,
        SHARED,
        """
        [tool.rnnlint]
        select = ["RNN1", "RNN201"]
        extend-select = ["RNN107"]
        ignore = ["RNN110"]
        extend-ignore = ["RNN101"]
        exclude = ["third_party"]
        extend-exclude = ["old_*"]
        force-exclude = true
        all-configurations = true
        show-unknown = true
        isolated-files = true
        output-format = ["full", "sarif:x.sarif"]
        baseline = "known.json"
        cache = false
        cache-dir = "/var/cache/rnnlint"
        jobs = 3
        [tool.rnnlint.per-file-ignores]
        "tests/**" = ["RNN102"]
        """,
    )
    found = configuration_for(Path("a", "b", "model.py"))
    assert (found.root, found.source) == (folder, source)
    assert found.settings == Settings(all_configurations=True, show_unknown=True)
    assert (found.force_exclude, found.isolated_files, found.cache, found.jobs) == (True, True, False, 3)
    assert found.output_format == ("full", "sarif:x.sarif")
    assert (found.baseline, found.cache_folder) == (folder / "known.json", Path("/var/cache/rnnlint"))
    assert [found.excludes(folder / name) for name in ("third_party", "old_x/y.py", "venv")] == [True, True, False]
    taken = found.selection.codes(folder / "model.py")
    assert {"RNN102", "RNN107", "RNN201"} <= set(taken)
    assert not {"RNN110", "RNN101", "RNN202"} & set(taken)
    assert "RNN102" not in found.selection.codes(folder / "tests" / "x.py")
    assert found.where("jobs") == SHARED


def test_one_format_needs_no_list(folder: Path) -> None:
    write(folder, OWN, 'output-format = "github"')
    assert configuration_for(folder).output_format == ("github",)


def test_the_nearest_file_that_is_about_rnnlint(folder: Path) -> None:
    write(folder, SHARED, "[tool.rnnlint]\njobs = 1\n")
    write(folder, f"a/{SHARED}", "[tool.other]\njobs = 2\n")
    write(folder, f"a/b/{SHARED}", "[tool.rnnlint.audit]\nallow = []\n")
    write(folder, f"a/c/{SHARED}", "[tool.rnnlint]\n")
    write(folder, f"a/d/{SHARED}", "rnnlint, but no TOML\n".replace("rnnlint", "rnn lint"))
    every = Configurations()
    jobs = [
        every.of(Path(name)).jobs for name in ("x.py", "a/x.py", "a/b/x.py", "a/c/x.py", "a/c", "a/d/x.py", "a/n/x")
    ]
    assert jobs == [1, 1, 1, 0, 0, 1, 1]
    assert every.of(Path("a/c/x.py")).root == folder / "a" / "c"


def test_what_leads_back_is_not_above(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder, f"a/{OWN}", "jobs = 1\n")
    (folder / "b").mkdir()
    monkeypatch.chdir(folder / "a")
    assert [configuration_for(Path(name)).jobs for name in ("../b/x.py", "../x.py", "x.py", "../a/x.py")] == [
        0,
        0,
        1,
        1,
    ]


def test_folders_may_be_deep(folder: Path) -> None:
    write(folder, OWN, "jobs = 1\n")
    assert configuration_for(folder.joinpath(*["a"] * 1500, "x.py")).jobs == 1


def test_files_in_one_folder_are_not_mixed(folder: Path) -> None:
    write(folder, SHARED, "[tool.rnnlint]\njobs = 1\nforce-exclude = true\n")
    assert configuration_for(folder / "x.py").jobs == 1
    write(folder, OWN, "jobs = 2\n")
    assert configuration_for(folder / "x.py").jobs == 2
    write(folder, HIDDEN, "jobs = 3\n")
    found = configuration_for(folder / "x.py")
    assert (found.jobs, found.force_exclude) == (3, False)


@pytest.mark.parametrize(
    "text",
    [
        "[tool.rnnlint]\njobs = 2",
        "[ tool . 'rnnlint' ]\njobs = 2",
        "tool.rnnlint.jobs = 2",
        "[tool]\nrnnlint = {jobs = 2}",
        '[tool]\n"rnnlint".jobs = 2',
        "tool = {rnnlint = {jobs = 2}}",
        "[tool.rnnlint]\r\njobs = 2\r\n",
    ],
)
def test_however_the_table_is_written(folder: Path, text: str) -> None:
    (folder / SHARED).write_bytes(text.encode())
    assert configuration_for(folder / "x.py").jobs == 2


def test_a_byte_order_mark_is_passed_over(folder: Path) -> None:
    (folder / OWN).write_bytes(b"\xef\xbb\xbfjobs = 2\r\n")
    assert configuration_for(folder / "x.py").jobs == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("selct = []", "unknown key 'selct': did you mean 'select'?"),
        ("zzz = []", "unknown key 'zzz'"),
        ("select = ['XX']", "select: unknown code 'XX' (rnnlint rules names them all)"),
        ("extend_select = []", "unknown key 'extend_select': did you mean 'extend-select'?"),
        ("[tool.rnnlint]\njobs = 1", "its keys stand at the top, without [tool.rnnlint]"),
        ("[audit]\nallow = []", "what the audit waives is read from pyproject.toml: [tool.rnnlint.audit]"),
        ("select = 'RNN1'", 'select: a list of codes is wanted, not "RNN1"'),
        ("select = [1]", "select: a list of codes is wanted, not [1]"),
        ("select = ['RNN102', 'RNN112']", "select: unknown code 'RNN112': did you mean 'RNN110'?"),
        ("ignore = ['rnn102']", "ignore: unknown code 'rnn102': did you mean 'RNN102'?"),
        ("extend-ignore = ['']", "extend-ignore: unknown code ''"),
        ("extend-select = ['E501']", "extend-select: unknown code 'E501'"),
        (
            "per-file-ignores = ['a']",
            'per-file-ignores: a table of patterns, each with a list of codes is wanted, not ["a"]',
        ),
        ("per-file-ignores = {'a' = 'RNN1'}", "per-file-ignores: a table of patterns, each with a list of codes"),
        ("per-file-ignores = {'a' = ['E1']}", "per-file-ignores: unknown code 'E1'"),
        ("per-file-ignores = {'!' = ['RNN1']}", "per-file-ignores: '!' is a pattern of nothing"),
        ("exclude = 'x'", "exclude: a list of patterns is wanted"),
        ("exclude = ['']", "exclude: '' is a pattern of nothing"),
        ("exclude = ['a[b']", "exclude: 'a[b' has a [ that is not closed; [[] stands for the character"),
        ("exclude = ['[]']", "exclude: '[]' has a [ that is not closed"),
        ("exclude = ['a/{b,']", "exclude: 'a/{b,' has a { that is not closed, or has another in it; [{] stands for"),
        ("extend-exclude = ['{a,{b,c}}']", "extend-exclude: '{a,{b,c}}' has a { that is not closed, or has another"),
        ("per-file-ignores = {'[' = ['RNN1']}", "per-file-ignores: '[' has a [ that is not closed"),
        ("force-exclude = 'yes'", 'force-exclude: true or false is wanted, not "yes"'),
        ("cache = 1", "cache: true or false is wanted, not 1"),
        ("jobs = true", "jobs: a whole number from 0 up is wanted, not true"),
        ("jobs = -1", "jobs: a whole number from 0 up is wanted, not -1"),
        ("jobs = 1979-05-27", 'jobs: a whole number from 0 up is wanted, not "1979-05-27"'),
        ("baseline = ''", 'baseline: a path is wanted, not ""'),
        ("output-format = 3", "output-format: a format, or a list of formats is wanted, not 3"),
        ("jobs = ", "no TOML: "),
        ("jobs = 1\njobs = 2", "no TOML: "),
        ("x = " + "[" * 20000, "no TOML: it is nested too deeply"),
    ],
)
def test_a_wrong_file_is_one_line_that_names_it_and_the_key(folder: Path, text: str, said: str) -> None:
    assert refused(folder, OWN, text).startswith(f"{OWN}: {said}")


def test_what_is_no_text(folder: Path) -> None:
    (folder / OWN).write_bytes(b"jobs = 1 # \xff")
    with pytest.raises(BadConfiguration, match=r"^rnnlint.toml: no TOML: it is not UTF-8$"):
        configuration_for(folder / "x.py")


def test_a_shared_file_is_refused_only_where_it_is_about_rnnlint(folder: Path) -> None:
    assert refused(folder, SHARED, "[tool.rnnlint\n").startswith(f"{SHARED}: no TOML: ")
    assert refused(folder, SHARED, "[tool]\nrnnlint = 3\n") == f"{SHARED}: tool.rnnlint: a table is wanted"
    for text in ("[tool.other\n", '[project]\ndependencies = ["rnnlint==0.1", "torch"\n', "{{ tool }}\n# rnnlint\n"):
        write(folder, SHARED, text)
        assert configuration_for(folder / "x.py").source is None
    write(folder, SHARED, "tool = 3 # rnnlint\n")
    assert configuration_for(folder / "x.py").source is None


@pytest.mark.skipif(sys.platform == "win32" or not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads all")
def test_a_file_that_nobody_may_read(folder: Path) -> None:
    write(folder, OWN, "jobs = 1").chmod(0)
    with pytest.raises(BadConfiguration, match=r"^rnnlint.toml: cannot be read: "):
        configuration_for(folder / "x.py")


def test_a_file_that_is_not_there(folder: Path) -> None:
    with pytest.raises(BadConfiguration, match=r"^missing.toml: cannot be read: "):
        Configurations(file=folder / "missing.toml")


class TestOptions:
    """What a command line lays over it."""

    def test_lists_replace_or_add_as_their_names_say(self, folder: Path) -> None:
        write(
            folder, OWN, "exclude = ['a']\nextend-exclude = ['b']\nper-file-ignores = {'x.py' = ['RNN1']}\njobs = 3\n"
        )
        options = {"extend_exclude": ["c,d"], "per_file_ignores": ["y.py:RNN2"], "jobs": ["5"], "cache": False}
        found = Configurations(options).of(folder / "deep" / "x.py")
        names = [name for name in "abcdx" if found.excludes(folder / name)]
        assert names == ["a", "b", "c", "d"]
        assert [one.pattern.text for one in found.per_file_ignores] == ["y.py"]
        assert (found.jobs, found.cache) == (5, False)
        assert [found.where(name) for name in ("jobs", "cache", "exclude")] == ["--jobs", "--no-cache", OWN]

    def test_select_forgets_what_the_file_chooses(self, folder: Path) -> None:
        write(folder, OWN, "select = ['RNN1']\nignore = ['RNN102']\nextend-select = ['RNN107']\n")
        assert Configurations({"select": ["RNN102,RNN201"]}).of(folder).selection.codes() == (
            "RNN102",
            "RNN201",
            "RNN901",
        )
        found = Configurations({"extend_select": ["RNN201"], "ignore": ["RNN101"]}).of(folder)
        assert found.ignore == ("RNN102", "RNN101")
        assert found.extend_select == ("RNN107", "RNN201")
        assert {"RNN107", "RNN201", "RNN103"} <= set(found.selection.codes())
        assert not {"RNN101", "RNN102", "RNN202"} & set(found.selection.codes())

    def test_patterns_and_paths_count_from_the_current_folder(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write(folder, OWN, "exclude = ['a/x.py']\nbaseline = 'b.json'\n")
        (folder / "a").mkdir()
        monkeypatch.chdir(folder / "a")
        found = Configurations({"extend_exclude": ["./y.py"]}).of(Path("z.py"))
        assert [found.excludes(folder / "a" / name) for name in ("x.py", "y.py", "z.py")] == [True, True, False]
        assert found.baseline == folder / "b.json"
        assert Configurations({"baseline": ["b.json"]}).of(Path("z.py")).baseline == folder / "a" / "b.json"

    def test_another_file_or_none(self, folder: Path) -> None:
        write(folder, OWN, "jobs = 3\n")
        other = write(folder, "etc/other.toml", "jobs = 4\nexclude = ['x/y']\n")
        found = Configurations({"cache": False}, file=other).of(folder / "a" / "b.py")
        assert (found.jobs, found.cache, found.root) == (4, False, folder)
        assert found.excludes(folder / "x" / "y")
        assert Configurations({"cache": False}, isolated=True).of(folder / "b.py").jobs == 0

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            ({"select": ["RNN1,RNN112"]}, "--select: unknown code 'RNN112': did you mean 'RNN110'?"),
            ({"jobs": ["many"]}, "--jobs: a whole number from 0 up is wanted, not 'many'"),
            ({"exclude": ["/"]}, "--exclude: '/' is a pattern of nothing"),
            ({"per_file_ignores": ["x.py"]}, '--per-file-ignores: PATTERN:CODE,... is wanted, not "x.py"'),
            ({"per_file_ignores": ["x.py:"]}, '--per-file-ignores: PATTERN:CODE,... is wanted, not "x.py:"'),
            ({"per_file_ignores": [":RNN1"]}, "--per-file-ignores: PATTERN:CODE,... is wanted"),
            ({"select": [""]}, "--select: a list of codes is wanted, not nothing"),
            ({"select": [" , "]}, "--select: a list of codes is wanted, not nothing"),
            ({"per_file_ignores": ["x.py:E5"]}, "--per-file-ignores: unknown code 'E5'"),
        ],
    )
    def test_a_wrong_option_is_named(self, folder: Path, options: dict[str, object], said: str) -> None:
        del folder
        with pytest.raises(BadConfiguration) as error:
            Configurations(options)
        assert str(error.value).startswith(said)

    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            (["a.py:RNN1"], {"a.py": ["RNN1"]}),
            (["a.py:RNN1,RNN202"], {"a.py": ["RNN1", "RNN202"]}),
            (["a.py: RNN1 , RNN202\n b/*:RNN"], {"a.py": ["RNN1", "RNN202"], "b/*": ["RNN"]}),
            (["a.py,b.py:RNN1,RNN2,c.py:RNN3"], {"a.py": ["RNN1", "RNN2"], "b.py": ["RNN1", "RNN2"], "c.py": ["RNN3"]}),
            ([""], {}),
            (["a.py:RNN1", "b.py:RNN2"], {"a.py": ["RNN1"], "b.py": ["RNN2"]}),
        ],
    )
    def test_ignores_of_single_files_are_spelled_as_flake8_has_it(
        self, folder: Path, given: list[str], expected: dict[str, list[str]]
    ) -> None:
        found = Configurations({"per_file_ignores": given}).of(folder)
        assert {one.pattern.text: list(one.codes) for one in found.per_file_ignores} == expected


def test_each_file_is_read_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder, OWN, "jobs = 3\n")
    times: list[Path] = []

    def counted(path: Path) -> bytes:
        times.append(path)
        return content_of(path)

    monkeypatch.setattr(reading, "content_of", counted)
    every = Configurations()
    assert {every.of(folder / name).jobs for name in ("a.py", "b.py", "c/d.py", "c/e/f.py")} == {3}
    assert times == [folder / OWN]


def test_a_file_says_the_same_wherever_it_is_asked_from(folder: Path) -> None:
    source = write(folder, OWN, "select = ['RNN1']\n")
    assert read(source) == configuration_for(folder / "x.py") == configuration_for(folder)
    assert isinstance(read(source), Configuration)
