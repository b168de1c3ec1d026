"""A rough invoice-to-pay, as docs/builder.md shows it; the real one is an example of its own."""

import msgspec

from clearance.build import Option, Process, each


class Document(msgspec.Struct):
    """What the reader takes."""

    document: str


class Invoice(msgspec.Struct):
    """What the reader gives."""

    number: str
    total: str
    confidence: float = 1.0


def invoice_to_pay() -> Process:
    p = Process("Invoice to pay", subject='= "Invoice " + invoice.number')
    p.starts("An invoice arrives", message="invoice received")
    p.service("Read the invoice", does="read-invoice", takes=Document, gives=Invoice, into="invoice", retries=5)
    p.service("Look it up in the ERP", does="look-up")
    p.decides("Check it", decision="checks", result="check")
    p.decides("Choose the route", decision="route", result="route")
    with p.choose("Which way?") as way:
        with way.when("approval", 'route = "approve"'):
            approval = p.person(
                "Approve the invoice",
                roles=["approver"],
                due="= invoice.due",
                shows={"reasons": "check.reasons", "document": "document", "Total": "invoice.total"},
                options=[
                    Option("approve", consequence="It is posted and paid"),
                    Option("reject", consequence="The supplier is told", comment=True),
                ],
                recommendation=("approve", "= check.advice"),
                answer="approval",
            )
            with approval.after("P1D", interrupting=False, name="The approver is late"):
                p.service("Remind the approver", does="remind")
            with p.choose("Approved?") as approved:
                with approved.when("no", 'approval.decision = "reject"'):
                    p.goto("Tell the supplier")
                with approved.otherwise("yes"):
                    pass
        with way.when("a person looks", 'route = "look"'):
            p.person("Look at the invoice", roles=["clerk"], options=["corrected", "rejected"], answer="look")
            with p.choose("What did the clerk say?") as said:
                with said.when("corrected", 'look.decision = "corrected"'):
                    p.goto("Look it up in the ERP")
                with said.otherwise("rejected"):
                    p.service("Tell the supplier", does="tell-supplier")
                    p.ends("Rejected")
        with way.otherwise("straight through"):
            pass
    p.service("Post in the ERP", does="post").undone_by("Reverse the posting", does="reverse-posting")
    with p.service("Order the payment", does="pay", retries=8) as pay, pay.on_error("bank-refused"):
        p.undo("Post in the ERP")
        p.person("Sort out the payment", roles=["manager"])
        p.ends("Not paid")
    with p.together("File and announce") as both:
        with both.branch():
            p.service("File a page", does="file", for_each=each("page", of="document.pages", gather={"refs": "ref"}))
        with both.branch():
            p.sends("Announce the payment", message="invoice paid", key="invoice.number")
    p.ends("Paid")
    return p
