"""The command line: ``serve`` runs the systems, ``generate`` writes invoices and the truth about them."""

import argparse
import sys
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import msgspec

from sandbox_company.bank import OPENING_BALANCE
from sandbox_company.process import Origin, UsageError, serve


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0, or 2 with one message for what the user can mend."""
    options = _parser().parse_args(arguments)
    try:
        if options.command == "generate":
            write_invoices(_origin(options) or Origin(), options.out)
        else:
            serve(
                options.data,
                options.port,
                _origin(options),
                options.balance,
                with_parent=options.until_input_ends,
                unless_filled=options.unless_filled,
            )
    except (UsageError, ValueError, OSError) as error:
        print(f"sandbox_company: {error}", file=sys.stderr)
        return 2
    return 0


def write_invoices(origin: Origin, folder: Path) -> None:
    """Write ``invoices/`` and, beside it so that the former holds nothing else, ``truth.json``."""
    (folder / "invoices").mkdir(parents=True, exist_ok=True)
    truth = []
    for case in origin.cases():
        (folder / "invoices" / case.name).write_bytes(case.content)
        truth.append(case.truth)
    (folder / "truth.json").write_bytes(msgspec.json.format(msgspec.json.encode(truth), indent=1) + b"\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="sandbox_company", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    serving = commands.add_parser("serve", help="run the ERP and the bank")
    serving.add_argument("--data", type=Path, required=True, help="folder of the books; made and filled when new")
    serving.add_argument("--port", type=int, default=0, help="0: any free one")
    serving.add_argument("--balance", type=Decimal, default=OPENING_BALANCE, help="of the bank account, EUR")
    serving.add_argument("--until-input-ends", action="store_true", help="stop when standard input closes")
    serving.add_argument(
        "--unless-filled", action="store_true", help="books that are filled go on, from whatever they were filled"
    )
    generating = commands.add_parser("generate", help="write invoices and truth.json")
    generating.add_argument("--out", type=Path, required=True, help="folder to write to")
    for command, count in ((serving, "--invoices"), (generating, "--count")):
        command.add_argument("--seed", type=int)
        command.add_argument(count, type=int, dest="invoices", help="how many invoices the run has")
        command.add_argument("--share-clean", type=float)
        command.add_argument("--as-of", type=date.fromisoformat, help="date of the latest invoices, YYYY-MM-DD")
    return parser


def _origin(options: argparse.Namespace) -> Origin | None:
    """What the options say, the rest being defaults; None when they say nothing."""
    said = {name: getattr(options, name) for name in Origin.__struct_fields__ if getattr(options, name) is not None}
    return Origin(**said) if said else None


if __name__ == "__main__":
    sys.exit(main())
