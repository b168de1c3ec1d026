"""Dates that cannot be, or that a person should know of."""

from collections.abc import Iterator
from datetime import date

from invoice_to_pay.reading import Invoice

from .finding import Finding

AGE_DAYS_MAX = 365
"""An older invoice is worth a look: it may have been paid long ago."""


def check_dates(invoice: Invoice, today: date) -> Iterator[Finding]:
    """Issued in the future, due before it was issued, very old, periods that end before they start."""
    issued, due = invoice.issue_date, invoice.due_date
    if issued is not None and issued > today:
        yield _finding(
            "DATE-FUTURE", "issue_date", f"It is dated {issued}, in the future (today is {today}).", today, issued
        )
    if issued is not None and (today - issued).days > AGE_DAYS_MAX:
        yield _finding(
            "DATE-OLD", "issue_date", f"It is dated {issued}, {(today - issued).days} days ago.", None, issued
        )
    if issued is not None and due is not None and due < issued:
        yield _finding("DATE-DUE", "due_date", f"It was due on {due}, before it was issued on {issued}.", issued, due)
    yield from _check_period("BR-29", "period", "The invoicing period", invoice.period_start, invoice.period_end)
    for number, line in enumerate(invoice.lines, 1):
        name = f"Line {line.id or number}: the period"
        yield from _check_period("BR-30", f"lines[{number}].period", name, line.period_start, line.period_end)


def _check_period(code: str, field: str, name: str, start: date | None, end: date | None) -> Iterator[Finding]:
    if start is not None and end is not None and end < start:
        yield _finding(code, f"{field}_end", f"{name} ends on {end}, before it starts on {start}.", start, end)


def _finding(code: str, field: str, message: str, expected: date | None, actual: date) -> Finding:
    return Finding(
        code=code,
        kind="date",
        field=field,
        message=message,
        expected=str(expected or ""),
        actual=str(actual),
    )
