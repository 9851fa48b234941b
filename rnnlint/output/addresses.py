"""Where a rule's page is read, and which rnnlint this is: from the metadata of what is installed."""

from __future__ import annotations

from functools import cache


def page_of(code: str, name: str) -> str | None:
    """The address of a rule's page; None where no address of the project is known (a copy that is not installed)."""
    docs = addresses().get("Documentation")
    return f"{docs}/rules/{code}-{name}.md" if docs else None


@cache
def addresses() -> dict[str, str]:
    """The addresses of the project, by their names in pyproject.toml."""
    from importlib.metadata import PackageNotFoundError, metadata  # slow to import, and needed for findings only

    try:
        given = metadata("rnnlint").get_all("Project-URL") or ()
    except PackageNotFoundError:
        return {}
    return {label: address for label, _, address in (url.partition(", ") for url in given)}


@cache
def version() -> str:
    """The version that is installed; 0 where none is."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        return installed("rnnlint")
    except PackageNotFoundError:
        return "0"
