"""Four copies of everybody's figures, each read by its own way, against the simulator's truth.

served      the workers' table, over HTTP
changelog   the agents' state, from their changelogs by a reader of its own
topics      `completions` and `ledger` without their repeats
warehouse   DuckDB: current state, ledger, rollups; and the published files

`compare_copies` does all of it. A run calls it when everything is decided and published, and
the loader has ended.
"""

from chaos.copies.comparison import Comparison, compare_copies
from chaos.copies.figures import Difference, Figures

__all__ = ["Comparison", "Difference", "Figures", "compare_copies"]
