"""A company that can buy, founded over the network as its administrator would by hand.

A chart of accounts, a fiscal year, taxes, a payment method, a user for Clearance with no more rights than it needs, two
suppliers with bank accounts, products, and :func:`order` to buy some more.
"""

import datetime
from decimal import Decimal
from typing import Any

from invoice_to_pay.systems.tryton import Tryton, TrytonSettings

PAYMENT_METHOD = "Bank transfer"
EXPENSE_ACCOUNT = "5.1.1"
ACCOUNTS = {
    "receivable": "1.2.1",
    "payable": "2.1.1",
    "revenue": "4.1.1",
    "expense": EXPENSE_ACCOUNT,
    "cash": "1.1.1",
    "tax": "6.3.6",
}
GROUPS = ("Accounting", "Purchase", "Stock")
CHART = ("account", "account_template_root_en")


def found(settings: TrytonSettings, password: str) -> None:
    """Found the company in an empty database; ``password`` is for the user ``clearance``."""
    admin = Tryton(settings)
    _company(admin)
    admin.close()
    admin = Tryton(settings)
    accounts = _chart(admin)
    _fiscal_year(admin)
    taxes = {rate: _tax(admin, rate, accounts["tax"]) for rate in (19, 7)}
    _payment_method(admin, accounts["cash"])
    _user(admin, password)
    _suppliers(admin)
    _products(admin, accounts, taxes)
    admin.close()


def order(
    admin: Tryton, supplier: str, lines: list[tuple[str, str, str]], *, invoice_method: str = "manual"
) -> tuple[int, str]:
    """Confirm an order of (product code, quantity, unit price); gives its id and number."""
    party = one(admin, "party.party", [("name", "=", supplier)], "addresses")
    values = []
    for code, quantity, price in lines:
        product = one(admin, "product.product", [("code", "=", code)], "default_uom", "account_category.supplier_taxes")
        values.append(
            {
                "type": "line",
                "product": product["id"],
                "unit": product["default_uom"],
                "quantity": float(quantity),
                "unit_price": Decimal(price),
                "taxes": [("add", product["account_category."]["supplier_taxes"])],
            }
        )
    identifier = admin.create(
        "purchase.purchase",
        {
            "party": party["id"],
            "invoice_address": party["addresses"][0],
            "invoice_method": invoice_method,
            "currency": one(admin, "currency.currency", [("code", "=", "EUR")])["id"],
            "purchase_date": datetime.date.today(),
            "lines": [("create", values)],
        },
    )
    for button in ("quote", "confirm", "process"):
        admin.press("purchase.purchase", button, identifier)
    number = one(admin, "purchase.purchase", [("id", "=", identifier)], "number")["number"]
    return identifier, str(number)


def receive(admin: Tryton, purchase: int, *, share: float = 1.0) -> None:
    """Receive this share of all that is still to come of an order."""
    coming = admin.search_read(
        "stock.move", [("origin.purchase", "=", purchase, "purchase.line"), ("state", "=", "draft")], ["quantity"]
    )
    read = one(admin, "purchase.purchase", [("id", "=", purchase)], "party", "warehouse")
    places = ("input_location", "storage_location")
    warehouse = one(admin, "stock.location", [("id", "=", read["warehouse"])], *places)
    shipment = admin.create(
        "stock.shipment.in",
        {
            "supplier": read["party"],
            "warehouse": read["warehouse"],
            "warehouse_input": warehouse["input_location"],
            "warehouse_storage": warehouse["storage_location"],
            "effective_date": datetime.date.today(),
            "incoming_moves": [("add", [move["id"] for move in coming])],
        },
    )
    for move in coming:
        admin.write(
            "stock.move",
            move["id"],
            {"quantity": float(move["quantity"]) * share, "to_location": warehouse["input_location"]},
        )
    for button in ("receive", "do"):
        admin.press("stock.shipment.in", button, shipment)


def one(tryton: Tryton, model: str, domain: list[Any], *fields: str) -> dict[str, Any]:
    """The only record that meets the domain."""
    rows = tryton.search_read(model, domain, ["id", *fields])
    assert len(rows) == 1, f"{len(rows)} records of {model} meet {domain}"
    return rows[0]


def _company(admin: Tryton) -> None:
    """The company itself, and the administrator working in it: from then on all calls carry it."""
    bare: dict[str, Any] = {}
    (currency,) = admin.call_bare(
        "model.currency.currency.create",
        [
            {
                "name": "Euro",
                "code": "EUR",
                "symbol": "€",
                "numeric_code": "978",
                "rounding": Decimal("0.01"),
                "digits": 2,
            }
        ],
        bare,
    )
    (country,) = admin.call_bare("model.country.country.create", [{"name": "Germany", "code": "DE"}], bare)
    address = {"street": "Hafenstraße 1", "postal_code": "20457", "city": "Hamburg", "country": country}
    (party,) = admin.call_bare(
        "model.party.party.create", [{"name": "Harbour Works GmbH", "addresses": [("create", [address])]}], bare
    )
    (company,) = admin.call_bare("model.company.company.create", [{"party": party, "currency": currency}], bare)
    (user,) = admin.call_bare("model.res.user.search", [("login", "=", "admin")], 0, None, None, bare)
    admin.call_bare("model.res.user.write", [user], {"companies": [("add", [company])], "company": company}, bare)


def _chart(admin: Tryton) -> dict[str, int]:
    template = admin.call("model.ir.model.data.get_id", *CHART)
    session, *_ = admin.call("wizard.account.create_chart.create")
    chart = {"account": {"company": admin.company, "account_template": template}}
    admin.call("wizard.account.create_chart.execute", session, chart, "create_account")
    accounts = {kind: one(admin, "account.account", [("code", "=", code)])["id"] for kind, code in ACCOUNTS.items()}
    properties = {"company": admin.company}
    properties |= {f"account_{kind}": accounts[kind] for kind in ("receivable", "payable")}
    admin.call("wizard.account.create_chart.execute", session, {"properties": properties}, "create_properties")
    return accounts


def _fiscal_year(admin: Tryton) -> None:
    """One year around today, so that recent invoice dates fall into it whenever the tests run."""
    today = datetime.date.today()

    def sequence(kind: str) -> int:
        sequence_type = one(admin, "ir.sequence.type", [("name", "=", kind)])["id"]
        values = {"name": kind, "sequence_type": sequence_type, "company": admin.company}
        return admin.create("ir.sequence.strict", values)

    invoices = sequence("Invoice")
    kinds = ("in_invoice", "in_credit_note", "out_invoice", "out_credit_note")
    sequences = {"company": admin.company, **{f"{kind}_sequence": invoices for kind in kinds}}
    year = admin.create(
        "account.fiscalyear",
        {
            "name": "Year",
            "company": admin.company,
            "start_date": today.replace(day=1) - datetime.timedelta(days=300),
            "end_date": today + datetime.timedelta(days=300),
            "move_sequence": sequence("Account Move"),
            "invoice_sequences": [("create", [sequences])],
        },
    )
    admin.call("model.account.fiscalyear.create_period", [year])


def _tax(admin: Tryton, rate: int, account: int) -> int:
    return admin.create(
        "account.tax",
        {
            "name": f"VAT {rate} %",
            "description": f"VAT {rate} %",
            "company": admin.company,
            "type": "percentage",
            "rate": Decimal(rate) / 100,
            "invoice_account": account,
            "credit_note_account": account,
        },
    )


def _payment_method(admin: Tryton, cash: int) -> None:
    journal = one(admin, "account.journal", [("type", "=", "cash")])["id"]
    admin.create(
        "account.invoice.payment.method",
        {
            "name": PAYMENT_METHOD,
            "company": admin.company,
            "journal": journal,
            "credit_account": cash,
            "debit_account": cash,
        },
    )


def _user(admin: Tryton, password: str) -> None:
    groups = [one(admin, "res.group", [("name", "=", name)])["id"] for name in GROUPS]
    admin.create(
        "res.user",
        {
            "name": "Clearance",
            "login": "clearance",
            "password": password,
            "groups": [("add", groups)],
            "companies": [("add", [admin.company])],
            "company": admin.company,
        },
    )


def _suppliers(admin: Tryton) -> None:
    country = one(admin, "country.country", [("code", "=", "DE")])["id"]
    for name, vat_id, iban in (
        ("Nordlicht Stahl AG", "DE136695976", "DE89370400440532013000"),
        ("Papier & Co. KG", "", "DE02120300000000202051"),
        ("Müller Logistik", "DE129273398", ""),
    ):
        address = {"street": "Ring 5", "postal_code": "28195", "city": "Bremen", "country": country}
        identifiers = [{"type": "eu_vat", "code": vat_id}] if vat_id else []
        party = admin.create(
            "party.party",
            {"name": name, "addresses": [("create", [address])], "identifiers": [("create", identifiers)]},
        )
        if iban:
            numbers = [("create", [{"type": "iban", "number": iban}])]
            admin.create("bank.account", {"owners": [("add", [party])], "numbers": numbers})


def _products(admin: Tryton, accounts: dict[str, int], taxes: dict[int, int]) -> None:
    unit = one(admin, "product.uom", [("name", "=", "Unit")])["id"]
    for code, name, kind, rate in (
        ("BEAM", "Steel beam", "goods", 19),
        ("BOOK", "Manual", "goods", 7),
        ("HELP", "Assembly", "service", 19),
    ):
        category = admin.create(
            "product.category",
            {
                "name": f"Purchases of {name}",
                "accounting": True,
                "account_expense": accounts["expense"],
                "account_revenue": accounts["revenue"],
                "supplier_taxes": [("add", [taxes[rate]])],
            },
        )
        admin.create(
            "product.template",
            {
                "name": name,
                "type": kind,
                "default_uom": unit,
                "purchasable": True,
                "purchase_uom": unit,
                "list_price": Decimal(10),
                "cost_price_method": "fixed",
                "account_category": category,
                "products": [("create", [{"suffix_code": code}])],
            },
        )
