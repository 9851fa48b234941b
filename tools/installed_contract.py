"""A contract of import-linter: what users install imports only what is installed with it.

The kinds that import-linter brings name what is forbidden; the next package nobody thought of would be free.
"""

from __future__ import annotations

import sys

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class InstalledContract(Contract):
    """Everything in ``package`` but ``apart`` imports the standard library, ``allowed``, and nothing of ``apart``.

    ``ignored`` are single imports, ``importer -> imported``, that are right for another reason.
    """

    type_name = "installed"

    package = fields.StringField()
    apart = fields.ListField(subfield=fields.StringField())
    allowed = fields.ListField(subfield=fields.StringField())
    ignored = fields.ListField(subfield=fields.StringField(), required=False, default=[])

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002 - import-linter's signature
        package = str(self.package)
        apart, allowed, ignored = _names(self.apart), _names(self.allowed), _names(self.ignored)
        free = {*allowed, *sys.stdlib_module_names}

        def right(imported: str) -> bool:
            if _within(imported, [package]):
                return not _within(imported, apart)
            return imported.partition(".")[0] in free

        wrong = sorted(
            (importer, imported)
            for importer in graph.modules
            if _within(importer, [package]) and not _within(importer, apart)
            for imported in graph.find_modules_directly_imported_by(importer)
            if not right(imported) and f"{importer} -> {imported}" not in ignored
        )
        missing = [name for name in apart if name not in graph.modules]
        return ContractCheck(kept=not wrong and not missing, metadata={"wrong": wrong, "missing": missing})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for importer, imported in check.metadata["wrong"]:
            output.print_error(f"{importer} imports {imported}, which is not installed with it")
        for name in check.metadata["missing"]:
            output.print_error(f"{name} is named as set apart, and is not there")


def _names(field: object) -> list[str]:
    """What import-linter has put in the place of a field."""
    assert isinstance(field, list)
    return list(map(str, field))


def _within(module: str, packages: list[str]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)
