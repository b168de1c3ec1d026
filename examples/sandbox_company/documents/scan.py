"""Bad scans: pages whose text layer is what a poor character recognition made of them, or next to nothing."""

from collections.abc import Iterable
from random import Random

from sandbox_company.documents import text
from sandbox_company.invoice import Invoice

_CONFUSIONS = {
    "0": "OQD", "1": "lI|", "2": "Zz", "3": "8B", "4": "A¢", "5": "S§", "6": "bG", "7": "T?", "8": "B&", "9": "gq",
    "e": "c", "n": "ri", "m": "rn", "u": "ii", "g": "q", "h": "li", "R": "K", "E": "F", "B": "8", "N": "H",
}  # fmt: skip
_SHARE_CONFUSED, _SHARE_LOST = 0.6, 0.12


def render(invoice: Invoice, layout: int, seed: str) -> bytes:
    """Half of the scans carry garbled text, the others only the copier's stamp."""
    random = Random(f"{seed}/scan")
    if random.random() < 0.5:
        return text.draw([[text.Cell(150, f"Scan {random.randint(1, 999):03d}")]])
    return text.draw(_garbled(invoice, random))


def _garbled(invoice: Invoice, random: Random) -> Iterable[text.Row]:
    for row in text.rows(invoice, layout=0):
        yield [text.Cell(cell.x, _misread(cell.text, random), cell.right) for cell in row]


def _misread(line: str, random: Random) -> str:
    letters = []
    for letter in line:
        if random.random() < _SHARE_LOST:
            continue
        confused = letter in _CONFUSIONS and (letter.isdigit() or random.random() < _SHARE_CONFUSED)
        letters.append(random.choice(_CONFUSIONS[letter]) if confused else letter)
    return "".join(letters)
