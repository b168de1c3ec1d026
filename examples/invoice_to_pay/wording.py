"""The words of the process: what people are shown and asked, and the longer expressions. FEEL throughout."""

from clearance.build import Option

SEEN = {
    "document": "document",
    "fields": "reading.fields",
    "facts": "comparison.facts",
    "reasons": "if count(comparison.reasons) > 0 then comparison.reasons else [routing.Recommendation]",
}
FAILED = {"document": "document", "reasons": "[errorMessage]"}
PAY = Option("approve", "Approve", "The invoice is posted and paid")
REJECT = Option("reject", "Reject", "Nothing is posted or paid, and the supplier is told why", comment=True)
SETTLED = Option("approve", "It is settled", "The invoice goes on to approval by somebody else", comment=True)
RETURNED = Option("returned", "It was returned", "The case is closed; a readable invoice starts a new one")
BANK = Option("cleared", "It was cleared with the bank", "The case is closed; the posting has been reversed")
INVOICE = '"Invoice " + invoice.number + " of " + invoice.seller.name + ", " + string(invoice.totals.gross) + " EUR"'
SUBJECT = f'get or else({INVOICE}, "Document " + document.name)'
"""Until it is read, and when it cannot be, it is the document that people know."""
WORST = 'if list contains(weights, "stop") then "stop" else if list contains(weights, "warn") then "warn" else "none"'
TODAY = "comparison.terms.discount_until != null and today() <= date(comparison.terms.discount_until)"
PAYMENT = {
    "supplier": "found.supplier.id",
    "creditor": "found.supplier.name",
    "iban": "found.supplier.iban",
    "amount": f"if {TODAY} then comparison.terms.discounted else comparison.terms.payable",
    "currency": "invoice.currency",
    "reference": "invoice.number",
    "posting": "posting",
}
"""To the account on file, whatever the invoice says; with the discount while it lasts."""
ROLES, DUE = "= approval.Roles", "= comparison.terms.deadline"
BOTH, LOOK, BACK, CLEARED = [PAY, REJECT], [REJECT, SETTLED], [RETURNED], [BANK]
YES, NO = ("approve", "= routing.Recommendation"), ("reject", "= routing.Recommendation")
