"""IBANs and VAT identification numbers: made with right check digits, and checked.

What is made here is well-formed and belongs to nobody: the bank codes lie in ranges that no central bank hands out
(German codes never start with 9), so a payment file that leaks out of the sandbox reaches no account.
"""

from random import Random

_NL_WEIGHTS = (9, 8, 7, 6, 5, 4, 3, 2)


def iban(country: str, random: Random) -> str:
    """A well-formed IBAN of DE, AT, FR or NL that belongs to nobody."""
    return _IBAN_MAKERS[country](random)


def vat_id(country: str, random: Random) -> str:
    """A well-formed VAT identification number of DE, AT, FR or NL."""
    return _VAT_MAKERS[country](random)


def iban_is_valid(value: str) -> bool:
    """Whether the check digits of ISO 13616 hold (the number modulo 97 is 1)."""
    compact = value.replace(" ", "").upper()
    if not (15 <= len(compact) <= 34 and compact.isalnum() and compact.isascii()):
        return False
    return int(_as_digits(compact[4:] + compact[:4])) % 97 == 1


def vat_id_is_valid(value: str) -> bool:
    """Whether the check digit holds; countries other than DE, AT, FR and NL are never valid here."""
    country, body = value[:2], value[2:]
    if country == "DE":
        return len(body) == 9 and body.isdigit() and _de_vat_check(body[:8]) == int(body[8])
    if country == "AT":
        return len(body) == 9 and body[0] == "U" and body[1:].isdigit() and _at_vat_check(body[1:8]) == int(body[8])
    if country == "FR":
        return (
            len(body) == 11 and body.isdigit() and _fr_vat_key(body[2:]) == body[:2] and _luhn(body[2:10]) == body[10]
        )
    if country == "NL":
        return len(body) == 12 and body[:9].isdigit() and body[9] == "B" and _nl_vat_check(body[:8]) == int(body[8])
    return False


def _as_digits(text: str) -> str:
    return "".join(str(int(character, 36)) for character in text)


def _with_iban_check(country: str, account: str) -> str:
    check = 98 - int(_as_digits(account + country + "00")) % 97
    return f"{country}{check:02d}{account}"


def _digits(random: Random, count: int) -> str:
    return "".join(str(random.randrange(10)) for _ in range(count))


def _de_iban(random: Random) -> str:
    return _with_iban_check("DE", "9" + _digits(random, 7) + _digits(random, 10))


def _at_iban(random: Random) -> str:
    return _with_iban_check("AT", "99" + _digits(random, 3) + _digits(random, 11))


def _fr_iban(random: Random) -> str:
    bank, branch, account = "99999", _digits(random, 5), _digits(random, 11)
    key = 97 - (89 * int(bank) + 15 * int(branch) + 3 * int(account)) % 97
    return _with_iban_check("FR", f"{bank}{branch}{account}{key:02d}")


def _nl_iban(random: Random) -> str:
    while True:
        account = "0" + _digits(random, 9)
        if sum(weight * int(digit) for weight, digit in zip(range(10, 0, -1), account, strict=True)) % 11 == 0:
            return _with_iban_check("NL", "ZZZZ" + account)


def _de_vat_check(body: str) -> int:
    """ISO 7064, MOD 11,10."""
    product = 10
    for digit in body:
        total = (int(digit) + product) % 10 or 10
        product = 2 * total % 11
    return (11 - product) % 10


def _at_vat_check(body: str) -> int:
    total = 0
    for position, digit in enumerate(body):
        product = int(digit) * (2 if position % 2 else 1)
        total += product // 10 + product % 10
    return (96 - total) % 10


def _luhn(body: str) -> str:
    total = 0
    for position, digit in enumerate(reversed(body)):
        product = int(digit) * (1 if position % 2 else 2)
        total += product // 10 + product % 10
    return str(-total % 10)


def _fr_vat_key(siren: str) -> str:
    return f"{(12 + 3 * (int(siren) % 97)) % 97:02d}"


def _nl_vat_check(body: str) -> int:
    """Modulo 11; 10 stands for a number that is not given out."""
    return sum(weight * int(digit) for weight, digit in zip(_NL_WEIGHTS, body, strict=True)) % 11


def _de_vat(random: Random) -> str:
    body = str(random.randrange(1, 10)) + _digits(random, 7)
    return f"DE{body}{_de_vat_check(body)}"


def _at_vat(random: Random) -> str:
    body = _digits(random, 7)
    return f"ATU{body}{_at_vat_check(body)}"


def _fr_vat(random: Random) -> str:
    siren = str(random.randrange(3, 10)) + _digits(random, 7)
    siren += _luhn(siren)
    return f"FR{_fr_vat_key(siren)}{siren}"


def _nl_vat(random: Random) -> str:
    while True:
        body = "8" + _digits(random, 7)
        check = _nl_vat_check(body)
        if check < 10:
            return f"NL{body}{check}B01"


_IBAN_MAKERS = {"DE": _de_iban, "AT": _at_iban, "FR": _fr_iban, "NL": _nl_iban}
_VAT_MAKERS = {"DE": _de_vat, "AT": _at_vat, "FR": _fr_vat, "NL": _nl_vat}
