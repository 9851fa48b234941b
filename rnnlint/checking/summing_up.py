"""``--statistics``: how often each rule has found something."""

from __future__ import annotations

import json
from collections import Counter

from rnnlint.diagnostics import Checked
from rnnlint.output.catalogue import Format


def statistics(checked: Checked, form: Format) -> str:
    """A line for each rule, the most frequent first; or, where the format is JSON, an array of objects."""
    counts = Counter((one.code, one.name) for one in checked.diagnostics)
    rows = [(count, code, name) for (code, name), count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]
    if form is Format.JSON:
        return json.dumps([{"code": code, "name": name, "count": count} for count, code, name in rows], indent=2) + "\n"
    width = max((len(str(count)) for count, _, _ in rows), default=0)
    return "".join(f"{count:{width}}  {code}  {name}\n" for count, code, name in rows)
