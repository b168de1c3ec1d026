"""Invoice to pay: the process, to be read aloud. What its words decide is in ``decisions/``, who may what in ``policies/``."""

from clearance.build import Option, Process, each

SEEN = {"document": "document", "fields": "reading.fields", "facts": "comparison.facts", "reasons": "comparison.reasons"}
PAY = Option("approve", "Approve", "The invoice is posted and paid")
REJECT = Option("reject", "Reject", "Nothing is posted or paid, and the supplier is told why", comment=True)
SETTLED = Option("approve", "It is settled", "The invoice goes on to approval by somebody else", comment=True)
RETURNED = Option("returned", "It was returned", "The case is closed")
CLEARED = Option("cleared", "It was cleared with the bank", "The case is closed; the posting has been reversed")

p = Process("Invoice to pay", subject='= "Invoice " + invoice.number + " of " + invoice.seller.name + ", " + string(invoice.totals.gross) + " " + invoice.currency')
p.starts("An invoice arrives", message="invoice received")
with p.service("Read the invoice", does="read-invoice") as reading, reading.on_error("unreadable", name="It cannot be read"):
    p.person("Ask the sender for a readable invoice", roles="clerk", options=[RETURNED], due="P3D", shows={"document": "document", "reasons": "[errorMessage]"}, recommendation=("returned", "Nothing can be paid from a document that cannot be read"))
    p.ends("Returned to the sender")
p.service("Check it", does="check-invoice")
p.decides("Weigh each finding", decision="Check outcome", result="weight", inputs={"Code": "finding.code", "Kind": "finding.kind", "Difference": "finding.difference"}, for_each=each("finding", "findings", gather={"weights": "weight.Outcome"}))
p.computes("Take the worst", into="checks", value='if list contains(weights, "stop") then "stop" else if list contains(weights, "warn") then "warn" else "none"')
p.service("Find supplier, order and receipts", does="find-in-erp")
p.decides("Set the tolerances", decision="Tolerances", result="tolerances", inputs={"Value": "found.order_value"})
p.service("Match it", does="compare-invoice")
p.decides("Say who approves", decision="Approval", result="approval", inputs={"Gross": "invoice.totals.gross"})
p.decides("Choose the way", decision="Routing", result="routing", inputs={"Duplicate": "comparison.duplicate", "Supplier": "comparison.supplier", "Account": "comparison.account", "Checks": "checks", "Confidence": "reading.confidence", "Document": "reading.kind", "Match": "comparison.match.result", "Gross": "invoice.totals.gross"})
with p.choose("Which way?") as way:
    with way.when("a person looks", 'routing.Route = "look"'):
        p.person("Look into the invoice", roles="clerk, manager", options=[REJECT, SETTLED], due="= comparison.terms.deadline", shows=SEEN, recommendation=("reject", "= routing.Recommendation"))
        with p.choose("Is it settled?") as settled:
            with settled.when("no", 'decision = "reject"'):
                p.ends("Rejected")
            with settled.otherwise("yes"):
                p.goto("Approve the invoice")
    with way.when("it needs approval", 'routing.Route = "approve"'):
        with p.person("Approve the invoice", roles="= approval.Roles", options=[PAY, REJECT], due="= comparison.terms.deadline", shows=SEEN, recommendation=("approve", "= routing.Recommendation")) as approving, approving.after("P1D", name="The approver is late"):
            p.person("Approve instead of the late approver", roles="manager", options=[PAY, REJECT], due="PT4H", shows=SEEN, recommendation=("approve", "= routing.Recommendation"))
        with p.choose("Is it approved?") as approved:
            with approved.when("no", 'decision = "reject"'):
                p.goto("Rejected")
            with approved.otherwise("yes"):
                p.goto("Post it in the ERP")
    with way.otherwise("straight through"):
        p.service("Post it in the ERP", does="post-invoice").undone_by("Reverse the posting", does="reverse-posting")
with p.service("Pay it", does="pay-invoice", inputs={"supplier": "found.supplier.id", "creditor": "found.supplier.name", "iban": "found.supplier.iban", "amount": "if comparison.terms.discount_until != null and today() <= date(comparison.terms.discount_until) then comparison.terms.discounted else comparison.terms.payable", "currency": "invoice.currency", "reference": "invoice.number", "posting": "posting"}) as paying, paying.on_error("payment refused", name="The bank refuses"):
    p.undo(name="Undo the posting")
    p.person("Clear the refused payment", roles="clerk, manager", options=[CLEARED], due="P1D", shows={**SEEN, "reasons": "[errorMessage]"}, recommendation=("cleared", "The posting has been reversed; ask the bank and the supplier"))
    p.ends("Not paid")
p.ends("Paid")
