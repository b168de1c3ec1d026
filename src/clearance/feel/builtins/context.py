"""Context functions (10.3.4.9, Table 81)."""

from typing import Any

from clearance.feel.builtins.registry import builtin
from clearance.feel.problems import Refused


@builtin("get value(m: context, key: string)")
def get_value(context: dict[str, Any], key: str) -> Any:
    return context.get(key)


@builtin("get entries(m: context)")
def get_entries(context: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": value} for key, value in context.items()]


@builtin("context(entries: list)")
def context(entries: list[Any]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for entry in entries:
        if type(entry) is not dict or type(entry.get("key")) is not str or "value" not in entry:
            raise Refused("context: each entry is a context with a string key and a value")
        if entry["key"] in result:
            raise Refused(f"context: the key {entry['key']!r} is given twice")
        result[entry["key"]] = entry["value"]
    return result


@builtin("context put(context: context, key: string, value: any)")
def context_put(context: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    return {**context, key: value}


@builtin("context put(context: context, keys: list, value: any)")
def context_put_nested(context: dict[str, Any], keys: list[Any], value: Any) -> dict[str, Any]:
    if not keys or not all(type(key) is str for key in keys):
        raise Refused("context put: the keys are a list of one or more strings")
    if len(keys) == 1:
        return {**context, keys[0]: value}
    inner = context.get(keys[0])
    if type(inner) is not dict:
        raise Refused(f"context put: the entry {keys[0]!r} is no context")
    return {**context, keys[0]: context_put_nested(inner, keys[1:], value)}


@builtin("context merge(contexts: list)")
def context_merge(contexts: list[Any]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for each in contexts:
        if type(each) is not dict:
            raise Refused("context merge: the list holds something that is no context")
        result.update(each)
    return result
