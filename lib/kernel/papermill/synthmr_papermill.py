"""Teaches papermill to write parameters in TypeScript.

`synthmr kernel install` puts this module where papermill finds it by itself. Without that,
`python synthmr_papermill.py IN.ipynb OUT.ipynb -p name value` is papermill with this module loaded.
"""

import json
import math

from papermill.engines import NBClientEngine
from papermill.models import Parameter
from papermill.translators import Translator, papermill_translators


class TypeScriptTranslator(Translator):
    """Writes values as `const name = value;`, in JSON."""

    @classmethod
    def translate(cls, val):
        if isinstance(val, float) and not math.isfinite(val):
            return "NaN" if math.isnan(val) else ("Infinity" if val > 0 else "-Infinity")
        return json.dumps(val, default=str)

    @classmethod
    def comment(cls, cmt_str):
        return f"// {cmt_str}".strip()

    @classmethod
    def assign(cls, name, str_val):
        return f"const {name} = {str_val};"

    @classmethod
    def inspect(cls, parameters_cell):
        """The variables that a cell tagged `parameters` declares, each on a line of its own."""
        found = []
        for line in parameters_cell["source"].splitlines():
            keyword, _, rest = line.strip().partition(" ")
            if keyword not in ("const", "let", "var") or "=" not in rest:
                continue
            declared, _, value = rest.partition("=")
            name, _, written_type = declared.partition(":")
            default = value.split("//")[0].strip().rstrip(";")
            found.append(Parameter(name.strip(), written_type.strip() or "None", default, ""))
        return found


class SynthMREngine(NBClientEngine):
    """Papermill's own engine: its name is what makes papermill load this module."""


papermill_translators.register("typescript", TypeScriptTranslator)
papermill_translators.register("synthmr", TypeScriptTranslator)

if __name__ == "__main__":
    from papermill.cli import papermill

    papermill()
