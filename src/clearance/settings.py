"""The settings: one TOML file, a table a part; environment variables come before it.

Each part keeps its settings, with their defaults and what they may be, beside what they bound. Whatever is wrong is
said by the file or the variable, the part and the setting's name, before anything is started.
"""

import difflib
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from clearance.engine.settings import EngineSettings
from clearance.integrity.retention import RetentionSettings
from clearance.model.bounds import SpanOrNone
from clearance.stores.opening import StoreSettings
from clearance.web.settings import WebSettings

_PREFIX = "CLEARANCE_"
_PLACE = re.compile(r" - at `\$\.?([^`]*)`$")
_UNKNOWN = re.compile(r"unknown field `([^`]*)`")


class SettingsError(ValueError):
    """What a settings file or a variable says cannot be; the message says where, and what can be."""


class LedgerSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    verify_every_s: SpanOrNone = 600.0
    """Seconds between verifications of the whole ledger in the background; 0: none."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The settings file (TOML), one table a part."""

    engine: EngineSettings = EngineSettings()
    web: WebSettings = WebSettings()
    ledger: LedgerSettings = LedgerSettings()
    retention: RetentionSettings = RetentionSettings()
    store: StoreSettings = StoreSettings()


def load_settings(
    path: Path | None, *, address: str = "", shards: int | None = None, processes: bool | None = None
) -> Settings:
    """Settings from a TOML file; environment variables such as CLEARANCE_ENGINE_BATCH_MAX come before it, and what is
    given here, by the command line, before both. Raises SettingsError.
    """
    tables = _file(path)
    _checked(tables, str(path))
    given: dict[str, object] = {"address": address or None, "shards": shards, "processes": processes}
    for part, name, value, source in (*_environment(), *_command_line(given)):
        _checked({part: {name: value}}, source)
        table = tables.setdefault(part, {})
        assert isinstance(table, dict)
        table[name] = value
    return _checked(tables, str(path))


def _file(path: Path | None) -> dict[str, object]:
    if path is None:
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is not text in UTF-8: save it as that") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is no TOML: {error}") from error


def _environment() -> Iterator[tuple[str, str, object, str]]:
    """Part, setting, value and variable."""
    for variable, value in os.environ.items():
        part, _, name = variable.removeprefix(_PREFIX).lower().partition("_")
        if variable.startswith(_PREFIX) and name and part in Settings.__struct_fields__:
            yield part, name, _listed(value) if (part, name) == ("retention", "hold") else value, variable


def _listed(value: str) -> list[str]:
    return [each.strip() for each in value.split(",") if each.strip()]


def _command_line(given: Mapping[str, object]) -> Iterator[tuple[str, str, object, str]]:
    for name, value in given.items():
        if value is not None:
            part = "store" if name == "address" else "engine"
            yield part, name, value, "--store" if name == "address" else f"--{name}"


def _checked(tables: Mapping[str, object], source: str) -> Settings:
    try:
        return msgspec.convert(tables, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(f"{source}: {_said(str(error))}") from error


def _said(message: str) -> str:
    """msgspec's message, with the place as the file writes it."""
    found = _PLACE.search(message)
    part, _, name = found[1].partition(".") if found else ("", "", "")
    if unknown := _UNKNOWN.search(message):
        return _no_such(part, unknown[1])
    place = f"[{part}] {name}".strip() if part else "the file"
    wrong = message[: found.start()] if found else message
    return f"{place}: {wrong[0].lower()}{wrong[1:]}"


def _no_such(part: str, name: str) -> str:
    kinds = {field.name: field.type for field in msgspec.structs.fields(Settings)}
    known = kinds[part].__struct_fields__ if part else Settings.__struct_fields__
    near = difflib.get_close_matches(name, known, 1)
    meant = f"is it {near[0]}?" if near else f"there are {', '.join(sorted(known))}"
    return f"[{part}] has no setting {name}: {meant}" if part else f"there is no part [{name}]: {meant}"
