"""Functions as values (10.3.2.13): FEEL's own lambdas, the built-ins, and what DMN adds (knowledge models, services).

All are called the same way: ``call(run, arguments)`` with the arguments in the order of the parameters.
"""

from collections.abc import Callable, Sequence
from typing import Any

from clearance.feel import types
from clearance.feel.problems import LimitReached, Refused, Run

Body = Callable[[Run, Sequence[Any]], Any]


class Function:
    """A function with parameters of given types; ``body(run, arguments)`` computes its value.

    Register business knowledge models and decision services by putting such values into the context. Arguments are
    converted to the parameters' types before the body sees them, and the result to ``result_type`` (10.3.2.9.4).
    """

    __slots__ = ("body", "name", "parameter_types", "parameters", "result_type")

    def __init__(
        self,
        name: str,
        parameters: Sequence[str],
        body: Body,
        parameter_types: Sequence[types.Type] = (),
        result_type: types.Type = types.ANY,
    ) -> None:
        self.name = name
        self.parameters = tuple(parameters)
        self.body = body
        self.parameter_types = tuple(parameter_types) or (types.ANY,) * len(self.parameters)
        self.result_type = result_type

    @property
    def returns(self) -> types.Type:
        """The result's type, as ``instance of`` sees it."""
        return self.result_type

    def arrange(self, names: Sequence[str], arguments: Sequence[Any]) -> Sequence[Any]:
        """Named arguments in the order of the parameters, null for those not given; raises Refused for a wrong name."""
        unknown = [name for name in names if name not in self.parameters]
        if unknown:
            raise Refused(f"{self.name} has no parameter {unknown[0]!r}; it has {', '.join(self.parameters) or 'none'}")
        given = dict(zip(names, arguments, strict=True))
        return [given.get(parameter) for parameter in self.parameters]

    def call(self, run: Run, arguments: Sequence[Any]) -> Any:
        """The value for arguments in the order of the parameters; raises Refused when they do not fit."""
        if len(arguments) != len(self.parameters):
            raise Refused(f"{self.name} takes {len(self.parameters)} arguments, not {len(arguments)}")
        converted = []
        for parameter, type_, argument in zip(self.parameters, self.parameter_types, arguments, strict=True):
            value = types.convert(argument, type_)
            if value is types.MISMATCH:
                raise Refused(
                    f"{self.name}: the argument {parameter!r} is {types.describe(argument)}, not {types.text_of(type_)}"
                )
            converted.append(value)
        run.spend(1)
        run.depth += 1
        try:
            if run.depth > run.bounds.depth_max:
                raise LimitReached(f"functions that call one another more than {run.bounds.depth_max} deep (depth_max)")
            result = types.convert(self.body(run, converted), self.result_type)
        finally:
            run.depth -= 1
        if result is types.MISMATCH:
            raise Refused(f"{self.name} did not return {types.text_of(self.result_type)}")
        return result


class ExternalFunction(Function):
    """A function defined elsewhere (Java, PMML): known by its signature, refused when it is called."""

    __slots__ = ("mapping",)

    def __init__(self, parameters: Sequence[str], mapping: Any) -> None:
        super().__init__("external function", parameters, self._refuse)
        self.mapping = mapping

    def _refuse(self, run: Run, arguments: Sequence[Any]) -> Any:
        kinds = ", ".join(self.mapping) if isinstance(self.mapping, dict) else "external"
        raise Refused(f"external functions ({kinds}) are not run; write the function in FEEL or call a service task")
