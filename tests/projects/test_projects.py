"""Every test project is checked as a whole and run on torch: one that lies about either fails."""

from __future__ import annotations

import importlib.util

import pytest

from rnnlint.runtime.auditing.report import UNSEEN
from tests.projects.announcements import Project, projects
from tests.projects.checking import checked, mismatches
from tests.projects.running import Seen, run

EVERY = projects()
ELSEWHERE = {
    "loader_and_model",  # what shows the layout of the input is the loader, of which a run sees tensors
    "padded_by_the_data_set",  # so does the data set of what fills up its samples
    "padded_in_tables",  # and what writes rows into a table
}
"""Where torch runs through what is wrong, and the audit of one run cannot say that it is."""

YAML = pytest.mark.skipif(importlib.util.find_spec("yaml") is None, reason="PyYAML is not installed")


def _marks(project: Project) -> list[pytest.MarkDecorator]:
    return [YAML] if any(project.folder.glob("*.yaml")) else []


EACH = [pytest.param(one, id=one.folder.name, marks=_marks(one)) for one in EVERY]


@pytest.mark.parametrize("project", EACH)
def test_says_what_is_announced_and_nothing_else(project: Project) -> None:
    assert mismatches(project, checked(project)) == []


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("project", EACH)
def test_runs_on_torch_as_it_says(project: Project) -> None:
    found: Seen = frozenset()
    for path in project.entries:
        seen, error = run(project, path)
        assert (type(error).__name__ if error else None) == project.raises(path), error
        found |= seen
    seen_by_runs = {(want.spot, want.code) for want in project.announced if want.code not in UNSEEN}
    assert found == (set() if project.folder.name in ELSEWHERE else seen_by_runs)


@pytest.mark.parametrize("project", EACH)
def test_has_lines_that_are_wrong_and_lines_that_are_right(project: Project) -> None:
    assert project.entries
    assert all(project.right.values())
    assert project.right
    assert not set(project.right) & {want.spot for want in project.announced}
    assert {path for path, _, _ in project.right} <= {one.path for one in project.texts}
    assert {line.path for line in project.named} <= {one.path for one in project.texts}
