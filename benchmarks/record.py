"""The work of one step, the same for ours and every peer: from one record to the next, about 300 bytes of JSON."""

from typing import Any

STEPS = 10
FIRST: dict[str, Any] = {"number": 0}


def following(record: dict[str, Any]) -> dict[str, Any]:
    """The next record."""
    number = record["number"] + 1
    return {
        "number": number,
        "reference": f"INV-2026-{number:06d}",
        "status": "checked" if number % 2 else "matched",
        "supplier": {"id": "S-40123", "name": "Nordwind Elektrotechnik GmbH", "country": "DE"},
        "amounts": {"net": 118250, "tax": 22467, "gross": 140717, "currency": "EUR"},
        "note": "Quantities and prices agree with the order and the goods received.",
    }
