"""The rules on a model that runs: :func:`rnnlint.runtime.audit`."""
