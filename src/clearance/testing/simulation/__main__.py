"""``python -m clearance.testing.simulation``: run many seeds, or one again."""

import sys
import time
import traceback
from pathlib import Path
from typing import Annotated

import typer

from clearance.testing.simulation.simulation import STEPS, Report, simulate

_TELL_EVERY_S = 2.0


def main(
    files: Annotated[list[Path] | None, typer.Argument(help="BPMN files to run; random processes if none.")] = None,
    seeds: Annotated[int, typer.Option(help="How many runs.", min=1)] = 1000,
    first: Annotated[int, typer.Option(help="The first seed.")] = 1,
    seed: Annotated[int | None, typer.Option(help="Only this seed, with all that is known of it.")] = None,
    steps: Annotated[int, typer.Option(help="How much happens in a run.", min=1)] = STEPS,
    shards: Annotated[int, typer.Option(help="How many shards; 0: every third seed has three.", min=0)] = 0,
    seconds: Annotated[float, typer.Option(help="Begin no run after so many seconds; 0: no limit.")] = 0.0,
) -> None:
    """Run the engine through everything that can go wrong, and say what did not hold."""
    sources = [path.read_bytes() for path in files or []]
    if seed is not None:
        report = simulate(seed, sources, steps, shards=shards)
        sys.stdout.write(f"{_line(report)}\nledger {report.digest}\n")
        return
    began = told = time.monotonic()
    failed: list[int] = []
    done = entries = crashes = 0
    for number in range(first, first + seeds):
        now = time.monotonic()
        if seconds and now - began > seconds:
            break
        if now - told > _TELL_EVERY_S:
            told = now
            sys.stderr.write(f"\r{done} of {seeds} runs, {entries} entries, {crashes} crashes, {len(failed)} failed ")
            sys.stderr.flush()
        try:
            report = simulate(number, sources, steps, shards=shards)
            entries, crashes = entries + report.entries, crashes + report.crashes
        except Exception:  # noqa: BLE001 (whatever ends a run is what is looked for)
            failed.append(number)
            sys.stderr.write("\n")
            traceback.print_exc()
            sys.stderr.write(f"\nseed {number} failed; repeat it with: {_again(number, files or [], steps, shards)}\n")
        done += 1
    took = time.monotonic() - began
    sys.stderr.write("\r")
    sys.stdout.write(f"{done} runs, {entries} ledger entries, {crashes} crashes, {len(failed)} failed, {took:.0f} s\n")
    if failed:
        raise typer.Exit(1)


def _again(seed: int, files: list[Path], steps: int, shards: int) -> str:
    named = "".join(f" {path}" for path in files)
    length = f" --steps {steps}" if steps != STEPS else ""
    several = f" --shards {shards}" if shards else ""
    return f"python -m clearance.testing.simulation --seed {seed}{length}{several}{named}"


def _line(report: Report) -> str:
    return (
        f"seed {report.seed}: {report.entries} entries of {report.instances} instances, {report.effects} effects, "
        f"{report.crashes} crashes, {report.operations} operations of the disk: all holds"
    )


if __name__ == "__main__":
    app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
    app.command()(main)
    app()
