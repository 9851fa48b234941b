"""What a project has chosen: ``[tool.rnnlint]`` in pyproject.toml, or rnnlint.toml, and a command line laid over it."""

from __future__ import annotations

from rnnlint.configuration.choices import BadConfiguration, Configuration
from rnnlint.configuration.reading import Configurations
from rnnlint.configuration.selection import Selection

__all__ = ["BadConfiguration", "Configuration", "Configurations", "Selection"]
