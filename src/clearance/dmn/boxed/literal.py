"""A literal expression: FEEL text (7.3.5)."""

from clearance.dmn.boxed.registry import Help
from clearance.dmn.model import Literal
from clearance.dmn.run import Step
from clearance.dmn.scope import Scope


def compile_literal(literal: Literal, scope: Scope, help_: Help) -> Step:
    """The text's step; an empty text is null, as a decision without logic is."""
    if not literal.text:
        return lambda context, run: None
    return help_.text(literal.text, scope, literal.where)
