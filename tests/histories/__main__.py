"""``python -m tests.histories record NAME [SHARDS]``: record what this source writes, under the name of its release."""

import sys
from pathlib import Path

from tests.histories.recording import record

_HERE = Path(__file__).parent

if __name__ == "__main__":
    if len(sys.argv) not in (3, 4) or sys.argv[1] != "record":
        sys.exit("usage: python -m tests.histories record NAME [SHARDS]")
    target = _HERE / sys.argv[2]
    if target.exists():
        sys.exit(f"{target} is there already: a history is recorded once and never again")
    record(target, int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    sys.stdout.write(f"recorded {target}\n")
