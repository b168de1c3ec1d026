"""Invoice to pay as an application: the process, its rules, and the systems that it is pointed at.

Which ERP and bank is all that differs between the sandbox company and a real one:

    INVOICE_TO_PAY_SANDBOX=http://127.0.0.1:9000 clearance serve invoice_to_pay.app:sandbox
    INVOICE_TO_PAY_TRYTON=tryton.toml            clearance serve invoice_to_pay.app:tryton

``INVOICE_TO_PAY_FOLDER`` names a folder that is watched. ``INVOICE_TO_PAY_MODEL`` names a language model that reads
text documents (pydantic-ai's ``provider:model``; the provider's own variables hold the key); without it a shipped
reader does.
"""

import os
import tomllib
from collections.abc import Callable
from datetime import date
from pathlib import Path

import msgspec

from clearance.compose import Application, ConfigurationError
from clearance.triggers.files import Folder
from invoice_to_pay.actors import Reader, build_actors
from invoice_to_pay.process import p
from invoice_to_pay.reading import read_invoice
from invoice_to_pay.reading.readers import reader_with_model
from invoice_to_pay.systems import Bank, Erp
from invoice_to_pay.systems.sandbox import SandboxBank, SandboxConnection, SandboxErp
from invoice_to_pay.systems.tryton import TrytonSettings, connect

HERE = Path(__file__).parent
MESSAGE = "invoice received"


def build(
    erp: Erp,
    bank: Bank,
    folder: Path | None = None,
    reader: Reader = read_invoice,
    today: Callable[[], date] = date.today,
) -> Application:
    """The application on two systems; invoices come from the folder, if one is given, and through the API."""
    return Application(
        name="Invoice to pay",
        processes=(p,),
        decisions=tuple(sorted((HERE / "decisions").glob("*.csv"))),
        policies=HERE / "policies",
        actors=tuple(build_actors(erp, bank, reader, today)),
        folders=(Folder(folder, MESSAGE),) if folder else (),
    )


def sandbox() -> Application:
    """On a running sandbox company."""
    connection = SandboxConnection(_needed("INVOICE_TO_PAY_SANDBOX", "its address, such as http://127.0.0.1:9000"))
    return build(SandboxErp(connection), SandboxBank(connection), _folder(), _reader())


def tryton() -> Application:
    """On a Tryton ERP; the settings file is described in docs/tryton.md."""
    path = Path(_needed("INVOICE_TO_PAY_TRYTON", "the path of its settings file"))
    try:
        settings = msgspec.convert(tomllib.loads(path.read_text()), TrytonSettings)
    except (OSError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConfigurationError(f"{path}: {error}") from error
    erp, bank = connect(settings)
    return build(erp, bank, _folder(), _reader())


def _folder() -> Path | None:
    named = os.environ.get("INVOICE_TO_PAY_FOLDER")
    return Path(named) if named else None


def _reader() -> Reader:
    model = os.environ.get("INVOICE_TO_PAY_MODEL")
    return reader_with_model(model) if model else read_invoice


def _needed(variable: str, what: str) -> str:
    value = os.environ.get(variable, "")
    if not value:
        raise ConfigurationError(f"set {variable} to {what}")
    return value
