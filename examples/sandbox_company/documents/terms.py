"""Payment terms as a sender words them."""

from sandbox_company.documents.markup import plain
from sandbox_company.invoice import Invoice


def sentence(invoice: Invoice) -> str:
    """Terms for people."""
    if invoice.language == "de":
        text = f"Zahlbar innerhalb von {invoice.days_to_pay} Tagen ohne Abzug."
        if invoice.discount:
            percent = plain(invoice.discount.percent).replace(".", ",")
            text += f" Bei Zahlung innerhalb von {invoice.discount.days} Tagen {percent} % Skonto."
        return text
    text = f"Payable within {invoice.days_to_pay} days net."
    if invoice.discount:
        percent = plain(invoice.discount.percent)
        text += f" {percent} % discount if paid within {invoice.discount.days} days."
    return text


def structured(invoice: Invoice) -> str:
    """BT-20 as XRechnung structures early-payment discounts, one per line, then the sentence."""
    skonto = f"#SKONTO#TAGE={invoice.discount.days}#PROZENT={invoice.discount.percent}#\n" if invoice.discount else ""
    return skonto + sentence(invoice)
