"""Invoice to pay, to be read aloud. Its rules are in ``decisions/``, who may what in ``policies/``."""

from clearance.build import Option, Process, each

SEEN = {"document": "document", "fields": "reading.fields"} | {
    "facts": "comparison.facts",
    "reasons": "comparison.reasons",
}
FAILED = {"document": "document", "reasons": "[errorMessage]"}
PAY = Option("approve", "Approve", "The invoice is posted and paid")
REJECT = Option("reject", "Reject", "Nothing is posted or paid, and the supplier is told why", comment=True)
SETTLED = Option("approve", "It is settled", "The invoice goes on to approval by somebody else", comment=True)
RETURNED = Option("returned", "It was returned", "The case is closed; a readable invoice starts a new one")
CLEARED = Option("cleared", "It was cleared with the bank", "The case is closed; the posting has been reversed")
SUBJECT = '"Invoice " + invoice.number + " of " + invoice.seller.name + ", " + string(invoice.totals.gross) + " EUR"'
WORST = 'if list contains(weights, "stop") then "stop" else if list contains(weights, "warn") then "warn" else "none"'
TODAY = "comparison.terms.discount_until != null and today() <= date(comparison.terms.discount_until)"
PAYMENT = {"supplier": "found.supplier.id", "creditor": "found.supplier.name", "iban": "found.supplier.iban"} | {
    "amount": f"if {TODAY} then comparison.terms.discounted else comparison.terms.payable",
    "currency": "invoice.currency", "reference": "invoice.number", "posting": "posting",
}  # fmt: skip
DUE, ADVICE = "= comparison.terms.deadline", "= routing.Recommendation"

p = Process("Invoice to pay", subject=f"= {SUBJECT}")
p.starts("An invoice arrives", message="invoice received")
with p.service("Read the invoice", does="read-invoice") as reading, reading.on_error("unreadable", name="Unreadable"):
    p.person("Ask for a readable invoice", roles="clerk", options=[RETURNED], due="P3D", shows=FAILED)
    p.ends("Returned to the sender")
p.service("Check it", does="check-invoice")
weighing = each("finding", "findings", gather={"weights": "weight.Outcome"})
p.decides("Weigh each finding", decision="Check outcome", result="weight", for_each=weighing)
p.computes("Take the worst", into="checks", value=WORST)
p.service("Find supplier, order and receipts", does="find-in-erp")
p.decides("Set the tolerances", decision="Tolerances", result="tolerances")
p.service("Match it", does="compare-invoice")
p.decides("Say who approves", decision="Approval", result="approval")
p.decides("Choose the way", decision="Routing", result="routing")
with p.choose("Which way?") as way:
    with way.when("a person looks", 'routing.Route = "look"'):
        look = {"options": [REJECT, SETTLED], "recommendation": ("reject", ADVICE)}
        p.person("Look into the invoice", roles="clerk, manager", due=DUE, shows=SEEN, **look)
        with p.choose("Is it settled?") as settled:
            with settled.when("no", 'decision = "reject"'):
                p.ends("Rejected")
            with settled.otherwise("yes"):
                p.goto("Approve the invoice")
    with way.when("it needs approval", 'routing.Route = "approve"'):
        answer = {"options": [PAY, REJECT], "recommendation": ("approve", ADVICE), "shows": SEEN}
        approving = p.person("Approve the invoice", roles="= approval.Roles", due=DUE, **answer)
        with approving.after("P1D", name="The approver is late"):
            p.person("Approve instead of the late approver", roles="manager", due="PT4H", **answer)
        with p.choose("Is it approved?") as approved:
            with approved.when("no", 'decision = "reject"'):
                p.goto("Rejected")
            with approved.otherwise("yes"):
                p.goto("Post it in the ERP")
    with way.otherwise("straight through"):
        p.service("Post it in the ERP", does="post-invoice").undone_by("Reverse the posting", does="reverse-posting")
with p.service("Pay it", does="pay-invoice", inputs=PAYMENT) as paying, paying.on_error("payment refused"):
    p.undo(name="Undo the posting")
    p.person("Clear the refused payment", roles="clerk, manager", options=[CLEARED], due="P1D", shows=FAILED)
    p.ends("Not paid")
p.ends("Paid")
