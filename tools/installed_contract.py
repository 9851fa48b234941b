"""A contract of import-linter: what users install imports only what is installed with it.

The kinds that import-linter brings name what is forbidden; the next package nobody thought of would be free.
"""

from __future__ import annotations

import sys

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class InstalledContract(Contract):
    """Everything in ``package`` imports itself, the standard library and ``allowed``, and nothing else.

    ``ignored`` are single imports, ``importer -> imported``, that are right for another reason.
    """

    type_name = "installed"

    package = fields.StringField()
    allowed = fields.ListField(subfield=fields.StringField())
    ignored = fields.ListField(subfield=fields.StringField(), required=False, default=[])

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002 - import-linter's signature
        """The import-linter's question: every import out of the package that is not allowed."""
        package = str(self.package)
        ignored = _names(self.ignored)
        free = {package, *_names(self.allowed), *sys.stdlib_module_names}
        wrong = sorted(
            (importer, imported)
            for importer in graph.modules
            if _top(importer) == package
            for imported in graph.find_modules_directly_imported_by(importer)
            if _top(imported) not in free and f"{importer} -> {imported}" not in ignored
        )
        return ContractCheck(kept=not wrong, metadata={"wrong": wrong})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """One line for each of them."""
        for importer, imported in check.metadata["wrong"]:
            output.print_error(f"{importer} imports {imported}, which is not installed with it")


def _names(field: object) -> list[str]:
    """What import-linter has put in the place of a field."""
    assert isinstance(field, list)
    return list(map(str, field))


def _top(module: str) -> str:
    """The package that a module is of."""
    return module.partition(".")[0]
