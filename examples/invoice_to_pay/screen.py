"""What the demo shows in the terminal: progress, what was automated, and who must decide what and why."""

import time
from collections.abc import Mapping

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from clearance.compose import ControlTower
from clearance.views.ask import inbox, instances, overview
from clearance.views.reader import PageRequest, Sort

_ROWS = 8


class Screen:
    """Draws one picture after another from the views."""

    def __init__(self, url: str, passwords: Mapping[str, str], expected: int) -> None:
        self.url = url
        self.passwords = passwords
        self.expected = expected
        self._started = time.monotonic()
        self._bar = Progress(
            TextColumn("[bold]{task.description}"),
            BarColumn(None),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
        )
        self._task = self._bar.add_task("Invoices settled", total=expected, rate="")

    def render(self, tower: ControlTower) -> RenderableType:
        """The whole picture."""
        totals = overview.overview(tower.views.reader).totals
        done = totals.completed + totals.waiting
        rate = f"{done / max(time.monotonic() - self._started, 0.1):.0f}/s"
        self._bar.update(self._task, completed=done, total=max(self.expected, done), rate=rate)
        counts = Text.assemble(
            (f"{totals.running - totals.waiting}", "cyan"), " running   ",
            (f"{totals.automated}", "green"), " automated   ",
            (f"{totals.waiting}", "yellow"), " wait for a person   ",
            (f"{totals.incidents}", "red"), " incidents   ",
            (f"{totals.ledger_entries}", "dim"), " ledger entries",
        )  # fmt: skip
        parts: list[RenderableType] = [self._who()] if self.passwords else []
        parts += [self._bar, counts, _recent(tower), waiting_table(tower, _ROWS)]
        if tower.engine.trouble:
            parts.append(Text(f"Nothing can be committed: {tower.engine.trouble}", style="bold red"))
        return Panel(Group(*parts), title=f"Clearance · {self.url}", subtitle="Ctrl-C stops", title_align="left")

    def _who(self) -> Text:
        """Whom to log in as; on top, and on as many lines as it takes."""
        people = ", ".join(f"{name} ({password})" for name, password in self.passwords.items())
        return Text(f"Log in as {people}")


def waiting_table(tower: ControlTower, rows: int, *, whole: bool = False) -> Table:
    """Who must decide what, and why; a line for each, or ``whole``, on as many as it takes."""
    table = Table(title="Waits for a person", title_justify="left", expand=True, box=None, header_style="dim")
    for name, ratio in (("Invoice", 4), ("What", 2), ("Why", 5)):
        table.add_column(name, ratio=ratio, no_wrap=not whole)
    everybody = [audience.id for audience in inbox.audiences(tower.views.reader)]
    narrow = inbox.InboxFilter(audiences=everybody, states=("CREATED",))
    page = inbox.search(tower.views.reader, narrow, [Sort("creationDate", "DESC")], PageRequest(limit=rows))
    for item in page.items:
        table.add_row(item.shown.subject or item.shown.process_instance_key, item.shown.title, item.shown.reason)
    return table


def summary_table(tower: ControlTower, figures: Mapping[str, object]) -> RenderableType:
    """The figures of a finished run, and everything that waits."""
    table = Table(title="Invoice to pay", title_justify="left", box=None, show_header=False)
    for name, value in figures.items():
        table.add_row(name.replace("_", " "), str(value))
    return Group(table, waiting_table(tower, 1000, whole=True))


def _recent(tower: ControlTower) -> Table:
    table = Table(title="Latest", title_justify="left", expand=True, box=None, header_style="dim")
    table.add_column("Invoice", ratio=4, no_wrap=True)
    table.add_column("State", ratio=1)
    table.add_column("Step", ratio=3, no_wrap=True)
    found = instances.search(
        tower.views.reader, instances.InstanceFilter(), [Sort("startDate", "DESC")], PageRequest(limit=_ROWS)
    )
    for one in found.items:
        steps = ", ".join(element.name for element in one.current_elements)
        style = {"COMPLETED": "green", "TERMINATED": "red"}.get(one.state, "cyan")
        table.add_row(one.subject or "…", Text(one.state.lower(), style=style), steps)
    return table
