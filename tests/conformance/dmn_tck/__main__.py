"""Prints passed, failed and errors per directory and a total; writes the kit's own results file.

python -m tests.conformance.dmn_tck ../shared/data/dmn-tck --csv results.csv --failures
"""

import argparse
import csv
from pathlib import Path

from tests.conformance.dmn_tck.cases import find_cases
from tests.conformance.dmn_tck.run import Outcome, run_cases


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance.dmn_tck", description=__doc__)
    parser.add_argument("directory", type=Path, help="the kit: a directory with test files at any depth")
    parser.add_argument("--csv", type=Path, help="write a row per case: directory, test file, case id, result")
    parser.add_argument("--failures", action="store_true", help="print what went wrong in each case that failed")
    arguments = parser.parse_args()
    root = arguments.directory / "TestCases"
    outcomes = list(run_cases(find_cases(root if root.is_dir() else arguments.directory)))
    if not outcomes:
        parser.exit(2, f"{arguments.directory} holds no test files (*-test-*.xml).\n")
    _print(outcomes, failures=arguments.failures)
    if arguments.csv:
        with arguments.csv.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            for outcome in outcomes:
                writer.writerow([outcome.case.directory, outcome.case.file, outcome.case.id, outcome.status])


def _print(outcomes: list[Outcome], *, failures: bool) -> None:
    by_directory: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        by_directory.setdefault(outcome.case.directory, []).append(outcome)
    print(f"{'directory':58} passed failed errors")
    for directory, group in by_directory.items():
        print(f"{directory:58} {_counts(group)}")
    print(f"{'total':58} {_counts(outcomes)}")
    share = sum(outcome.status == "SUCCESS" for outcome in outcomes) / len(outcomes)
    print(f"{len(outcomes)} cases, {share:.2%} passed")
    if failures:
        for outcome in outcomes:
            if outcome.status != "SUCCESS":
                print(f"{outcome.case.directory} {outcome.case.file} {outcome.case.id}: {outcome.detail}")


def _counts(outcomes: list[Outcome]) -> str:
    """Failed: a wrong result; errors: the model could not be read."""
    statuses = [outcome.status for outcome in outcomes]
    return f"{statuses.count('SUCCESS'):6} {statuses.count('ERROR'):6} {statuses.count('IGNORED'):6}"


if __name__ == "__main__":
    main()
