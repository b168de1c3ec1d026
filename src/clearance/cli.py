"""The command line. Thin: every command is a few lines around what the house offers.

What a user can mend ends with one message and exit code 2, never with a traceback.
"""

import logging
import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer
from rich.console import Console
from rich.markup import escape

from clearance import __version__
from clearance.ledger.store import StoreError
from clearance.stopping import interruptible

if TYPE_CHECKING:
    from clearance.checking import Checked
    from clearance.compose import Application, ControlTower
    from clearance.engine.runtime.engine import Left
    from clearance.settings import Settings
    from clearance.web.standby import Standby
    from clearance.web.users import Users

app = typer.Typer(help="The control tower for AI work.", no_args_is_help=True, pretty_exceptions_enable=False)
ledger = typer.Typer(help="The ledger: what has happened, and the proof of it.", no_args_is_help=True)
decisions = typer.Typer(help="Decision tables.", no_args_is_help=True)
users = typer.Typer(help="Who may log in.", no_args_is_help=True)
app.add_typer(ledger, name="ledger")
app.add_typer(decisions, name="dmn")
app.add_typer(users, name="users")

Data = Annotated[Path, typer.Option("--data", help="The data folder: ledger, documents, views, users.")]
Address = Annotated[
    str,
    typer.Option(
        "--store",
        envvar="CLEARANCE_STORE_ADDRESS",
        metavar="ADDRESS",
        help="postgresql://USER@HOST:PORT/DATABASE: the ledger is there, and not a file in the data folder. "
        "The password comes from PGPASSWORD or a password file.",
    ),
]
Port = Annotated[int, typer.Option(help="Where the control tower answers.", min=0, max=65535)]
SettingsFile = Annotated[Optional[Path], typer.Option("--settings", help="A settings file (TOML).")]  # noqa: UP045
_DATA = Path(".clearance")
_LOST = 3
"""The exit code of a tower whose store another one has taken over."""

out = Console(emoji=False)
complaints = Console(stderr=True, emoji=False)


def main() -> None:
    """The console script."""
    try:
        app()
    except (ValueError, OSError, StoreError, sqlite3.OperationalError) as error:
        _complain(_one_message(error))
        sys.exit(2)


def _complain(message: str) -> None:
    complaints.print(f"[bold red]clearance:[/] {escape(message)}", soft_wrap=True, highlight=False)


def _one_message(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error)


@app.callback(invoke_without_command=True)
def _root(version: Annotated[bool, typer.Option("--version", help="Say the version and end.")] = False) -> None:
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    if version:
        out.print(__version__)
        raise typer.Exit


@app.command()
def demo(
    headless: Annotated[bool, typer.Option(help="Run through without a browser, then end.")] = False,
    invoices: Annotated[Optional[Path], typer.Option(help="Your own folder of invoices.")] = None,  # noqa: UP045
    data: Data = Path(".clearance/demo"),
    port: Port = 8080,
    count: Annotated[int, typer.Option(help="How many invoices the sandbox company sends.", min=1, max=100_000)] = 100,
    seed: Annotated[int, typer.Option(help="Another seed makes other invoices.")] = 1,
    fresh: Annotated[bool, typer.Option(help="Forget an earlier demo and begin anew.")] = False,
) -> None:
    """Invoices from inbox to paid, on a sandbox company that this starts."""
    from invoice_to_pay.demo import Demo, DemoOptions

    options = DemoOptions(headless, invoices, data, port, count, seed, fresh)
    raise typer.Exit(Demo(options, out).run())


@app.command()
def serve(
    application: Annotated[str, typer.Argument(help="MODULE:NAME of an Application, or of a function that makes one.")],
    data: Data = _DATA,
    host: Annotated[str, typer.Option(help="The address to answer on.")] = "127.0.0.1",
    port: Port = 8080,
    settings: SettingsFile = None,
    store: Address = "",
    shards: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(help="How many shards a new data folder gets; an old one keeps what it has.", min=1),
    ] = None,
    processes: Annotated[
        Optional[bool],  # noqa: UP045
        typer.Option(help="Whether each shard runs in a process of its own, to use several processors."),
    ] = None,
) -> None:
    """Run an application until interrupted; on PostgreSQL as a standby while another one runs."""
    from clearance.compose import load_application
    from clearance.engine.runtime.gc_tuning import collect_seldom
    from clearance.settings import load_settings
    from clearance.web.serving import ensure_free
    from clearance.web.standby import Standby

    sys.path.insert(0, str(Path.cwd()))
    chosen = load_settings(settings, address=store, shards=shards, processes=processes)
    found = load_application(application)
    ensure_free(host, port)
    with interruptible() as stopped:
        tower = _own_tower(found, application, data, chosen, Standby(host, port, stopped, _say))
        if tower is None:
            return
        try:
            tower.start()
            _say(f"{tower.application.name} runs on {tower.serve(host, port)} (Ctrl-C stops it)")
            if not tower.users.any():
                _say(f"nobody may log in yet: clearance users add NAME --role admin --data {data}")
            collect_seldom()
            tower.wait(stopped)
        finally:
            left = tower.stop()
        _say(_farewell(left))
    if tower.lost:
        _complain(tower.lost)
        raise typer.Exit(_LOST)
    if left.running:
        sys.stdout.flush()
        os._exit(0)  # nobody can make them end, and they would keep this process


def _farewell(left: "Left") -> str:
    if not left.instances:
        return "stopped: no job is at work"
    still = f", {left.running} that have not ended in time among them" if left.running else ""
    jobs = f"jobs of {left.instances} instances are at work{still}"
    return f"stopped: {jobs}; they leave again, with their keys, at the next start"


def _own_tower(
    application: "Application", name: str, data: Path, settings: "Settings", standby: "Standby"
) -> "ControlTower | None":
    """A tower that has its store to itself; None when it was stopped while it waited for that."""
    from clearance.compose import ControlTower

    try:
        return ControlTower(application, data, settings, waiting=standby.wait, name=name)
    except StoreError:
        if standby.stopped:
            return None
        raise
    finally:
        standby.close()


def _say(line: str) -> None:
    out.print(line, soft_wrap=True, highlight=False, markup=False)


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _judge(mark: str, line: str) -> None:
    """A line that begins with a coloured word."""
    out.print(f"{mark} {escape(line)}", soft_wrap=True, highlight=False)


@app.command()
def check(
    files: Annotated[list[Path], typer.Argument(help="BPMN, DMN, Excel or CSV files, or folders of Cedar policies.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print all findings as JSON.")] = False,
) -> None:
    """Say what is wrong with a file, and where, before it is deployed."""
    import msgspec

    from clearance.checking import Checked, check_file

    checked = [Checked(str(path), check_file(path)) for path in files]
    if as_json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(checked)).decode() + "\n")
    else:
        for each in checked:
            _show(each)
    if any(finding.severity == "error" for each in checked for finding in each.findings):
        raise typer.Exit(2)


def _show(checked: "Checked") -> None:
    """Findings as lines, each with the way that leads there."""
    from clearance.bpmn import picture

    for finding in checked.findings:
        colour = "red" if finding.severity == "error" else "yellow"
        _judge(f"[{colour}]{finding.severity}[/]", f"{checked.file}: {finding.text}")
        for line in picture(finding.trace):
            style = colour if line.startswith("✗") else "bold" if line.startswith("◇") else "dim"
            out.print(f"    [{style}]{escape(line)}[/]", highlight=False)
    if not checked.findings:
        _judge("[green]fine[/]", checked.file)


@app.command()
def export(
    application: Annotated[str, typer.Argument(help="MODULE:NAME of a process written with the builder.")],
    target: Annotated[Path, typer.Argument(help="The BPMN file to write.")],
) -> None:
    """Write a process from Python as BPMN 2.0, with a layout."""
    from clearance import bpmn
    from clearance.build import Definitions, Process
    from clearance.compose import load_named

    sys.path.insert(0, str(Path.cwd()))
    process = load_named(application, "p")
    if not isinstance(process, Process | Definitions):
        raise ValueError(f"{application} is a {type(process).__name__}, not a clearance.build.Process")
    target.write_bytes(bpmn.write(process.definitions()))
    _say(f"wrote {target}")


@app.command("show")
def show_diagram(
    what: Annotated[str, typer.Argument(help="A BPMN file, or the key of a process instance.")],
    output: Annotated[Optional[str], typer.Option("-o", "--output", help="A .svg or .png file; - prints SVG.")] = None,  # noqa: UP045
    page: Annotated[str, typer.Option(help="Which diagram of several: its number, name or id.")] = "1",
    dark: Annotated[bool, typer.Option("--dark", help="Light lines on dark paper.")] = False,
    scale: Annotated[float, typer.Option(help="Pixels of a .png for each unit of the diagram.", min=0.1, max=10)] = 2.0,
    data: Data = _DATA,
    store: Address = "",
) -> None:
    """Draw a process, or where an instance stands; without -o as an outline in the terminal."""
    from clearance.showing import shown

    found = shown(what, data, store)
    if output is None:
        out.print(found.outline(), highlight=False, markup=False, soft_wrap=True)
    elif output == "-":
        sys.stdout.write(found.svg(page, dark=dark) + "\n")
    else:
        found.write(Path(output), page, dark=dark, scale=scale)
        _say(f"wrote {output}")


@app.command()
def backup(
    target: Annotated[Path, typer.Argument(help="A new folder for the backup, or that of an earlier one.")],
    data: Data = _DATA,
    store: Address = "",
) -> None:
    """Copy ledger, users and documents, while they are in use; into an earlier backup only what is new."""
    from clearance.backup import back_up

    with out.status("copying") as status:
        made = back_up(data, target, lambda position: status.update(f"entry {position}"), address=store)
    new = f"{made.new_entries} entries and {made.new_documents} documents are new"
    _say(f"{target} holds {made.entries} ledger entries and {made.documents} documents, verified; {new}")


@app.command()
def restore(
    source: Annotated[Path, typer.Argument(help="The folder of a backup.")],
    data: Data = _DATA,
    position: Annotated[Optional[int], typer.Option(help="Only up to this ledger position.", min=1)] = None,  # noqa: UP045
    time: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(help="Only up to this time: 2026-11-21T08:00:00Z, or with +01:00."),
    ] = None,
    store: Address = "",
) -> None:
    """Put a backup, as it was at any moment, in the place of a data folder that is not there, and verify it.

    With --store the ledger goes to a new database: so an installation grows from a file to PostgreSQL.
    """
    from clearance.backup import Moment, restore

    moment = Moment(position, _time(time) if time else None)
    with out.status("restoring") as status:
        made = restore(source, data, moment, address=store, progress=lambda at: status.update(f"entry {at}"))
    _say(f"{data} holds {made.entries} ledger entries and {made.documents} documents, verified")


def _time(text: str) -> int:
    """Milliseconds since 1970."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is no time: write it as 2026-11-21T08:00:00Z") from None
    if moment.tzinfo is None:
        raise ValueError(f"{text} has no time zone: end it with Z, or with an offset such as +01:00")
    return round(moment.timestamp() * 1000)


@app.command()
def doctor(
    application: Annotated[Optional[str], typer.Argument(help="MODULE:NAME, to look at its actors too.")] = None,  # noqa: UP045
    data: Data = _DATA,
    store: Address = "",
) -> None:
    """Look at disk, clock, ledger, keys, users, policies and actors, and say what to do."""
    from clearance.compose import load_application
    from clearance.doctor import examine

    sys.path.insert(0, str(Path.cwd()))
    ill = False
    for check in examine(data, load_application(application) if application else None, store):
        mark = "[green]fine[/] " if check.well else "[red]wrong[/]"
        _judge(mark, f"{check.name}: {check.said}")
        ill = ill or not check.well
    if ill:
        raise typer.Exit(1)


@ledger.command("verify")
def verify(data: Data = _DATA, store: Address = "") -> None:
    """Recompute every hash, chain and state of the ledger."""
    from clearance.compose import verify_ledger

    with out.status("verifying"):
        found = verify_ledger(data, address=store)
    for problem in found.problems:
        _judge("[red]wrong[/]", str(problem))
    if found.problems:
        raise typer.Exit(1)
    proven = f"{found.entries} entries in {_counted(found.streams, 'stream')}"
    _judge("[green]fine[/]", f"{proven}: every hash, chain and state agrees")


@ledger.command("show")
def show(
    data: Data = _DATA,
    instance: Annotated[int, typer.Option(help="Only this process instance.")] = 0,
    after: Annotated[int, typer.Option(help="Only entries after this position.")] = 0,
    store: Address = "",
) -> None:
    """Print ledger entries as JSON, one a line."""
    from clearance.compose import read_ledger

    for content in read_ledger(data, instance, after, address=store):
        sys.stdout.write(content + "\n")


@ledger.command("archive")
def archive_ledger(
    older_than: Annotated[str, typer.Option("--older-than", help="How long ago they ended: 90d, 12h or 30m.")],
    data: Data = _DATA,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    hold: Annotated[Optional[list[str]], typer.Option(help="A process id or instance key that stays.")] = None,  # noqa: UP045
    store: Address = "",
) -> None:
    """Move instances that ended long ago to compressed archives that are verified with the ledger."""
    from clearance.integrity.retention import Moved, RetentionSettings
    from clearance.keeping import archive

    with out.status("looking") as status:

        def tell(moved: Moved) -> None:
            status.update(f"{_counted(moved.instances, 'instance')} in {_counted(moved.archives, 'archive')}")

        settings = RetentionSettings(hold=tuple(hold or ()))
        moved = archive(data, older_than, settings, dry_run=dry_run, progress=tell, address=store)
    went = f"{_counted(moved.instances, 'instance')} with {moved.entries} entries ({moved.contents} bytes)"
    archives = _counted(moved.archives, "archive")
    if dry_run:
        _say(f"{went} would go to {archives}")
    else:
        _say(f"{went} went to {archives} ({moved.size} bytes)")


@ledger.command("rebuild")
def rebuild_ledger(
    data: Data = _DATA,
    shard: Annotated[int, typer.Option(help="Which one, when there are several.", min=0)] = 0,
) -> None:
    """Make all tables anew from the entries, for a ledger whose tables or indexes are damaged."""
    from clearance.keeping import rebuild

    with out.status("reading") as status:
        made = rebuild(data, lambda position: status.update(f"entry {position}"), shard=shard)
    _say(f"{made.entries} entries in {_counted(made.streams, 'stream')}: all tables are made anew, and verified")
    _say(f"the file as it was is {made.before}")


@decisions.command("convert")
def convert(
    source: Annotated[Path, typer.Argument(help="A .dmn, .xlsx or .csv file.")],
    target: Annotated[Path, typer.Argument(help="The file to write; its ending says the form.")],
) -> None:
    """Turn decision tables from DMN into Excel or CSV, and back."""
    from clearance import dmn

    dmn.convert(source, target)
    _say(f"wrote {target}")


@users.command("add")
def add_user(
    name: str,
    role: Annotated[list[str], typer.Option(help="May be given several times.")],
    data: Data = _DATA,
    display_name: Annotated[str, typer.Option(help="How others see the name.")] = "",
) -> None:
    """Add a user, or change one; asks for the password."""
    from clearance.web.users import Users

    password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    data.mkdir(parents=True, exist_ok=True)
    known = Users(data / "users.sqlite")
    known.add(name, password, role, display_name)
    known.close()
    _say(f"{name} may log in as {', '.join(role)}")


@users.command("list")
def list_users(data: Data = _DATA) -> None:
    """Print who may log in, and as what."""
    with _users_in(data) as known:
        accounts = known.all()
    for account in accounts:
        named = f" ({account.display_name})" if account.display_name != account.username else ""
        _say(f"{account.username}{named}: {', '.join(account.roles)}")
    if not accounts:
        _say("nobody may log in: add somebody with `clearance users add`")


@users.command("remove")
def remove_user(name: str, data: Data = _DATA) -> None:
    """Remove a user."""
    with _users_in(data) as known:
        gone = known.remove(name)
    if not gone:
        raise ValueError(f"there is no user {name}: see who is with `clearance users list`")
    _say(f"{name} may no longer log in")


@contextmanager
def _users_in(data: Path) -> "Iterator[Users]":
    from clearance.web.users import Users

    path = data / "users.sqlite"
    if not path.exists():
        raise ValueError(f"there are no users in {data}: give the data folder with --data")
    with closing(Users(path)) as known:
        yield known


if __name__ == "__main__":
    main()
