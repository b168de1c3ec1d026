"""What a person sees of a task: the FEEL context that is mapped into its local variable ``brief``."""

from collections.abc import Mapping, Sequence

import msgspec

from clearance.build.errors import AuthorError
from clearance.build.texts import bare, string, text_or_feel
from clearance.model.definition import Text

PARTS = ("reasons", "document", "fields", "facts", "action")
"""What ``shows`` may name; any other key is a fact that is labelled with it."""


class Option(msgspec.Struct, frozen=True):
    """One answer that a person may give."""

    value: str
    label: str = ""
    """What the button says; empty: the value, capitalised."""
    consequence: str = ""
    """What happens then."""
    comment: bool = False
    """Whether the person must say why."""


Recommendation = tuple[str, str]
"""The value of an option, and why; each is text, or FEEL after a leading ``=``."""


def brief(
    shows: Mapping[str, str], options: Sequence[Option | str] | str, recommendation: Recommendation | None
) -> Text:
    """The expression that yields reasons, document, fields, facts, options and recommendation."""
    entries = [f"{part}: {bare(shows[part])}" for part in PARTS if part in shows and part != "facts"]
    labelled = [_fact(label, source) for label, source in shows.items() if label not in PARTS]
    facts = f"[{', '.join(labelled)}]"
    if "facts" in shows:
        facts = f"concatenate({bare(shows['facts'])}, {facts})" if labelled else bare(shows["facts"])
    if "facts" in shows or labelled:
        entries.append(f"facts: {facts}")
    entries.append(f"options: {_options(options)}")
    if recommendation is not None:
        option, why = recommendation
        values = [] if isinstance(options, str) else [_as_option(item).value for item in options]
        if values and not option.startswith("=") and option not in values:
            raise AuthorError(f'the recommendation "{option}" is none of the options', f"Choose one of {values}")
        entries.append(f"recommendation: {{option: {text_or_feel(option)}, why: {text_or_feel(why)}}}")
    return f"= {{{', '.join(entries)}}}"


def _fact(label: str, source: str) -> str:
    return f"{{label: {string(label)}, expected: null, actual: {bare(source)}, ok: true}}"


def _options(options: Sequence[Option | str] | str) -> str:
    if isinstance(options, str):
        return bare(options)
    values = [_as_option(option) for option in options]
    if not values:
        raise AuthorError("there are no options to choose from", 'Give options, e.g. ["approve", "reject"]')
    if len({option.value for option in values}) < len(values):
        raise AuthorError("two options have the same value", "Give each option its own value")
    return f"[{', '.join(_option(option) for option in values)}]"


def _as_option(option: Option | str) -> Option:
    return Option(option) if isinstance(option, str) else option


def _option(option: Option) -> str:
    label = option.label or option.value[:1].upper() + option.value[1:].replace("-", " ")
    required = "true" if option.comment else "false"
    return (
        f"{{value: {string(option.value)}, label: {string(label)}, "
        f"consequence: {string(option.consequence)}, commentRequired: {required}}}"
    )
