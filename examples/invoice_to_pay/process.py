"""Invoice to pay, to be read aloud. Its rules are in ``decisions/``, who may what in ``policies/``."""

from clearance.build import Process, each
from invoice_to_pay.wording import BACK, BOTH, CLEARED, DUE, FAILED, LOOK, NO, PAYMENT, ROLES, SEEN, SUBJECT, WORST, YES

p = Process("Invoice to pay", subject=f"= {SUBJECT}")
p.starts("An invoice arrives", message="invoice received")
with p.service("Read the invoice", does="read-invoice") as reading, reading.on_error("unreadable", name="Unreadable"):
    p.person("Ask for a readable invoice", roles="clerk", options=BACK, due="P3D", shows=FAILED)
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
        p.person("Look into the invoice", roles="clerk, manager", due=DUE, shows=SEEN, options=LOOK, recommendation=NO)
        with p.choose("Is it settled?") as settled:
            with settled.when("no", 'decision = "reject"'):
                p.ends("Rejected")
            with settled.otherwise("yes"):
                p.goto("Approve the invoice")
    with way.when("it needs approval", 'routing.Route = "approve"'):
        ask = p.person("Approve the invoice", roles=ROLES, due=DUE, shows=SEEN, options=BOTH, recommendation=YES)
        with ask.after("P1D", name="The approver is late"):
            p.person("Approve it instead", roles="manager", due="PT4H", shows=SEEN, options=BOTH, recommendation=YES)
        with p.choose("Is it approved?") as approved:
            with approved.when("no", 'decision = "reject"'):
                p.goto("Rejected")
            with approved.otherwise("yes"):
                p.goto("Post it in the ERP")
    with way.otherwise("straight through"):
        posting = p.service("Post it in the ERP", does="post-invoice")
        posting.undone_by("Reverse the posting", does="reverse-posting")
        with posting.on_error("charged meanwhile", name="Another copy was faster"):
            p.goto("Find supplier, order and receipts")
with p.service("Pay it", does="pay-invoice", inputs=PAYMENT) as paying, paying.on_error("payment refused"):
    p.undo(name="Undo the posting")
    p.person("Clear the refused payment", roles="clerk, manager", options=CLEARED, due="P1D", shows=FAILED)
    p.ends("Not paid")
p.ends("Paid")
