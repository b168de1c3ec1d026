"""What a benchmark leaves: lines for the reader, a JSON file for machines, a chart for the documentation.

Ratios are ours divided by the other's, in steps per second: above 1 ours is faster. Budgets are those of the design;
a missed one is said and makes ``make bench`` fail.
"""

import json
import os
import platform
import sqlite3
import statistics
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"


@dataclass
class Report:
    """The result of one benchmark."""

    name: str
    quick: bool
    figures: dict[str, Any] = field(default_factory=dict)
    ratios: dict[str, float] = field(default_factory=dict)
    budgets: dict[str, bool] = field(default_factory=dict)
    """What the design asks for, and whether it held."""
    notes: list[str] = field(default_factory=list)
    """What a reader must know to judge the figures: what was scaled down, who did not run and why."""

    def budget(self, asked: str, held: bool) -> None:
        self.budgets[asked] = held

    def write(self, folder: Path = RESULTS) -> Path:
        """As JSON; what was measured in a quick run is kept apart from the real figures."""
        target = (folder / "quick" if self.quick else folder) / f"{self.name}.json"
        target.parent.mkdir(parents=True, exist_ok=True)
        document = {
            "benchmark": self.name,
            "quick": self.quick,
            "machine": machine(),
            "figures": self.figures,
            "ratios": self.ratios,
            "budgets": self.budgets,
            "notes": self.notes,
        }
        target.write_text(json.dumps(document, indent=2) + "\n")
        return target

    def show(self) -> None:
        """On standard output."""
        print(f"\n{self.name.replace('_', ' ')}{' (quick)' if self.quick else ''}")
        for name, value in self.figures.items():
            print(f"  {name:44} {_told(value)}")
        for name, ratio in self.ratios.items():
            print(f"  {'ours / ' + name:44} {ratio:.2f}")
        for note in self.notes:
            print(f"  note: {note}")
        for asked, held in self.budgets.items():
            print(f"  budget {'held  ' if held else 'MISSED'} {asked}")


def machine() -> dict[str, Any]:
    """Where the figures come from."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "python": sys.version,
        "sqlite": sqlite3.sqlite_version,
        "system": f"{platform.system()} {platform.machine()}",
    }


def summary(samples: Sequence[float]) -> dict[str, float]:
    """Median and range of several rounds."""
    return {
        "median": round(statistics.median(samples), 1),
        "lowest": round(min(samples), 1),
        "highest": round(max(samples), 1),
        "rounds": len(samples),
    }


def _told(value: Any) -> str:
    if isinstance(value, Mapping) and "median" in value:
        rounds = value["rounds"]
        spread = f" ({value['lowest']:,.1f} to {value['highest']:,.1f} in {rounds} rounds)" if rounds > 1 else ""
        return f"{value['median']:>12,.1f}{spread}"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:>12,.10g}"
    return str(value)
