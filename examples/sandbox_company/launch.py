"""Starting the sandbox company as a process of its own and stopping it: for the demo and for tests."""

import subprocess
import sys
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

_STOP_WITHIN_S = 10


class SandboxFailed(OSError):
    """The sandbox company did not start; the message is what it said."""


class _Ready(msgspec.Struct):
    url: str
    port: int


class Sandbox:
    """``with Sandbox(folder, seed=1, invoices=100) as sandbox: sandbox.url``. Books that exist go on as they are."""

    def __init__(
        self, folder: Path, *, seed: int = 1, invoices: int = 100, as_of: date | None = None, port: int = 0
    ) -> None:
        self._command = [sys.executable, "-m", "sandbox_company", "serve", "--data", str(folder), "--port", str(port)]
        self._command += ["--until-input-ends", "--unless-filled", "--seed", str(seed), "--invoices", str(invoices)]
        if as_of is not None:
            self._command += ["--as-of", as_of.isoformat()]
        self._process: subprocess.Popen[bytes] | None = None
        self.url = ""

    def start(self) -> None:
        """Returns once it answers; raises SandboxFailed with what it said."""
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,  # closes when we die, however we die: then it ends, too
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for whoever started it, who then stops it
        )
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        line = self._process.stdout.readline()
        if not line:
            self._process.wait()
            raise SandboxFailed(f"the sandbox company did not start: {self._process.stderr.read().decode().strip()}")
        self.url = msgspec.json.decode(line, type=_Ready).url

    def stop(self) -> None:
        """Ask it to end, and see to it."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(_STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
