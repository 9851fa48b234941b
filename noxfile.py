"""What is tested on more than one Python or torch.

``nox`` takes the supported Pythons, without torch; ``make test`` runs one Python with one torch.
``nox -s torch`` takes the versions of torch in docs/torch-versions.md, ``nox -s "torch(2.6)"`` one of them.  Each
installs its torch (with CUDA several gigabytes; what follows ``--`` goes to pip, which may be told of smaller builds),
runs the tests that ask torch and ``rnnlint confirm --quick``, and leaves a line of JSON in .nox/torch/VERSION.json.
Then ``python -m tools.torch_versions page .nox/torch/*.json`` writes the page.

``nox -s lowest`` takes the lowest flake8 and libcst that pyproject.toml allows, ``nox -s lowest_runtime`` the lowest
numpy and torch as well (several gigabytes, as above).  ``nox -s release`` builds what would be uploaded and checks it.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import nox

PYTHONS = ["3.10", "3.11", "3.12", "3.13"]
FINDINGS = Path(".nox") / "findings"
DIST = Path("dist")

RESULTS = Path(".nox") / "torch"
OLDER_NUMPY = "numpy<2"  # what torch before 2.3 was built for
TORCHES = [
    nox.param("1.13.1", OLDER_NUMPY, id="1.13"),  # below what is supported: as far as it goes
    nox.param("2.0.1", OLDER_NUMPY, id="2.0"),
    nox.param("2.2.2", OLDER_NUMPY, id="2.2"),
    nox.param("2.6.0", "numpy", id="2.6"),
    nox.param("2.10.0", "numpy", id="2.10"),
    nox.param("2.13.0", "numpy", id="2.13"),
    nox.param("2.15.0", "numpy", id="2.15"),
]

_DECLARED = nox.project.load_toml("pyproject.toml")["project"]
LOWEST = [need.replace(">=", "==") for need in _DECLARED["dependencies"]]
LOWEST_RUNTIME = [need.replace(">=", "==") for need in _DECLARED["optional-dependencies"]["runtime"]]
# torch 2.0 raises another exception there than the fixture says, see docs/torch-versions.md
OTHER_IN_TORCH_2_0 = "tests/rules/test_fixtures.py::test_runs_on_torch_as_it_says[rules/RNN502/script.py]"

nox.options.sessions = ["tests", "findings", "lowest"]


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """The tests of the hosts and of safety; those that ask torch are skipped."""
    session.install("--editable", ".", "pytest", "pytest-xdist", "hypothesis")
    session.run("pytest", "-q", "-n", "2", "tests/hosts", "tests/safety")


@nox.session(python=PYTHONS)
def findings(session: nox.Session) -> None:
    """Every Python finds the same in the fixtures."""
    session.install("--editable", ".")
    output = _findings(session)
    if session.python == PYTHONS[0]:
        shutil.rmtree(FINDINGS, ignore_errors=True)
    FINDINGS.mkdir(parents=True, exist_ok=True)
    (FINDINGS / f"{session.python}.txt").write_text(str(output), encoding="utf-8")
    others = {path.name: path.read_text(encoding="utf-8") for path in FINDINGS.glob("*.txt")}
    different = [name for name, text in others.items() if text != output]
    if different:
        session.error(f"{session.python} differs from {different}: compare the files in {FINDINGS}")
    session.log(f"{len(str(output).splitlines())} lines, the same as {sorted(others)}")


def _findings(session: nox.Session) -> str:
    """What flake8 says of the fixtures."""
    options = ["--isolated", "--select=RNN,E9", "--exit-zero", "--rnnlint-all-configurations"]
    return str(session.run("python", "-m", "flake8", *options, "fixtures", silent=True))


@nox.session(python=[PYTHONS[0], PYTHONS[-1]])
def lowest(session: nox.Session) -> None:
    """The lowest flake8 and libcst: the tests of the hosts and of safety, and the findings of the newest."""
    session.install("--editable", ".", "pytest", "pytest-xdist", "hypothesis")
    newest = _findings(session)
    session.install(*LOWEST)
    if _findings(session) != newest:
        session.error(f"{LOWEST} find something else in the fixtures than the newest")
    session.log(f"{len(newest.splitlines())} lines, the same")
    session.run("pytest", "-q", "-n", "2", "tests/hosts", "tests/safety")


@nox.session(python="3.11")
def lowest_runtime(session: nox.Session) -> None:
    """The lowest numpy and torch beside the lowest flake8 and libcst: claims, fixtures and the audit."""
    session.install(*LOWEST_RUNTIME, *session.posargs)
    session.install("--editable", ".", *LOWEST, *LOWEST_RUNTIME, "einops", "pytest", "pytest-xdist", "hypothesis")
    tests = ["tests/claims", "tests/rules/test_fixtures.py", "tests/audit/test_faces.py", "tests/oracle/test_labels.py"]
    session.run("pytest", "-q", "-n", "2", *tests, "--deselect", OTHER_IN_TORCH_2_0)
    session.run("rnnlint", "confirm", "--device", "cpu", silent=True)


@nox.session
def release(session: nox.Session) -> None:
    """Build the sdist and from it the wheel, and ask what an index would: everything but the upload."""
    session.install("build", "twine")
    shutil.rmtree(DIST, ignore_errors=True)
    session.run("python", "-m", "build", "--outdir", str(DIST))
    session.run("twine", "check", "--strict", *map(str, sorted(DIST.iterdir())))


@nox.session(python="3.11")
@nox.parametrize("version, numpy", TORCHES)
def torch(session: nox.Session, version: str, numpy: str) -> None:
    """The tests that ask torch, and every claim of the rules, on one torch."""
    session.install(f"torch=={version}", *session.posargs)
    session.install("--editable", ".", numpy, "einops", "pytest", "pytest-xdist", "hypothesis")
    session.run("python", "-m", "tools.torch_versions", "measure", str(RESULTS / f"{version}.json"))
