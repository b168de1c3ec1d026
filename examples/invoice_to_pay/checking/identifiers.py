"""Account and VAT numbers: check digits, lengths and the form of each country.

IBANs are checked by schwifty, which carries the registry of national formats; it is imported at the first IBAN, as that
takes a noticeable part of a second. VAT numbers are checked for their form, not for whether they are registered.
"""

import re
from collections.abc import Iterator

from invoice_to_pay.reading import Invoice

from .finding import Finding

SEPA = frozenset({"58", "59"})

VAT_FORMS = {
    "AT": r"U\d{8}",
    "BE": r"[01]?\d{9}",
    "BG": r"\d{9,10}",
    "CH": r"E\d{9}(MWST|TVA|IVA)?",
    "CY": r"\d{8}[A-Z]",
    "CZ": r"\d{8,10}",
    "DE": r"\d{9}",
    "DK": r"\d{8}",
    "EE": r"\d{9}",
    "EL": r"\d{9}",
    "ES": r"[A-Z0-9]\d{7}[A-Z0-9]",
    "FI": r"\d{8}",
    "FR": r"[A-HJ-NP-Z0-9]{2}\d{9}",
    "GB": r"(\d{9}|\d{12}|(GD|HA)\d{3})",
    "HR": r"\d{11}",
    "HU": r"\d{8}",
    "IE": r"\d[A-Z0-9+*]\d{5}[A-Z]{1,2}",
    "IT": r"\d{11}",
    "LT": r"(\d{9}|\d{12})",
    "LU": r"\d{8}",
    "LV": r"\d{11}",
    "MT": r"\d{8}",
    "NL": r"\d{9}B\d{2}",
    "NO": r"\d{9}(MVA)?",
    "PL": r"\d{10}",
    "PT": r"\d{9}",
    "RO": r"\d{2,10}",
    "SE": r"\d{12}",
    "SI": r"\d{8}",
    "SK": r"\d{10}",
    "XI": r"(\d{9}|\d{12}|(GD|HA)\d{3})",
}


def check_identifiers(invoice: Invoice) -> Iterator[Finding]:
    """IBANs whose check digits or form are wrong, and VAT numbers that no country would issue."""
    for number, means in enumerate(invoice.payment, 1):
        if means.iban:
            yield from _check_iban(means.iban, means.code in SEPA, f"payment[{number}].iban")
        if means.debited_iban:
            yield from _check_iban(means.debited_iban, True, f"payment[{number}].debited_iban")
    for field, vat_id in (
        ("seller.vat_id", invoice.seller.vat_id),
        ("buyer.vat_id", invoice.buyer.vat_id),
        ("tax_representative.vat_id", invoice.tax_representative.vat_id),
    ):
        if vat_id:
            yield from _check_vat_id(vat_id, field)


def iban_problem(iban: str) -> str:
    """What is wrong with an IBAN, in words; empty when nothing is."""
    from schwifty import IBAN
    from schwifty.exceptions import InvalidChecksumDigits, InvalidCountryCode, InvalidLength, SchwiftyException

    try:
        IBAN(iban)
    except InvalidChecksumDigits:
        return "its check digits are wrong"
    except InvalidLength:
        return "it has the wrong length for its country"
    except InvalidCountryCode:
        return "its country does not use IBANs"
    except SchwiftyException:
        return "it does not have the form of its country"
    return ""


def _check_iban(iban: str, must_be_iban: bool, field: str) -> Iterator[Finding]:
    looks_like_one = re.match(r"[A-Z]{2}\d{2}", iban) is not None
    if not looks_like_one and not must_be_iban:
        return
    problem = iban_problem(iban) if looks_like_one else "it is no IBAN, which this way of paying needs"
    if problem:
        yield Finding(
            code="IBAN",
            kind="bank",
            field=field,
            message=f"The account {iban} cannot be right: {problem}.",
            actual=iban,
        )


def _check_vat_id(vat_id: str, field: str) -> Iterator[Finding]:
    compact = re.sub(r"[\s.-]", "", vat_id).upper()
    form = VAT_FORMS.get(compact[:2])
    whose = field.split(".")[0].replace("_", " ")
    if form is None:
        if not re.match(r"[A-Z]{2}", compact):
            message = f"The {whose}'s VAT number {vat_id} does not start with a country."
            yield Finding(code="BR-CO-09", kind="format", field=field, message=message, actual=vat_id)
    elif not re.fullmatch(form, compact[2:]):
        message = f"The {whose}'s VAT number {vat_id} does not have the form of {compact[:2]}."
        yield Finding(code="VAT-FORM", kind="format", field=field, message=message, actual=vat_id)
