"""Where a process divides and meets again."""

from clearance.build.branches import Choice, FirstOf, Together
from clearance.build.drawing import Drawing
from clearance.build.errors import AuthorError
from clearance.build.texts import feel
from clearance.model import definition as model


class Ways(Drawing):
    """``choose``, ``together``, ``first_of`` and ``joins``."""

    def choose(self, question: str, *, several: bool = False, once: str = "") -> Choice:
        """Ways of which the first with a true condition is taken, or with ``several`` all that have one.

        With ``once`` (FEEL that may read ``activationCount``) the paths that are open are counted here: the ways are
        taken as soon as it holds, and what comes later is awaited and let through as the conditions say.
        """
        identifier = self._canvas.id_for(question, "choice")
        if once:
            if not several:
                raise AuthorError(f'"{question}" counts paths with once', "Say several=True as well")
            gateway = model.ComplexGateway(id=identifier, name=question, activation_condition=feel(once))
            self._canvas.place(gateway, joins=True)
            return Choice(self._canvas, gateway, at_least=1)
        kind = model.InclusiveGateway if several else model.ExclusiveGateway
        plain = kind(id=identifier, name=question)
        self._canvas.place(plain)
        return Choice(self._canvas, plain, at_least=1)

    def together(self, name: str = "", *, once: str = "", joins: bool = True) -> Together:
        """Branches that run at the same time; the process goes on when all are done.

        With ``once`` (FEEL that may read ``activationCount``) it goes on as soon as that holds, once; the rest still
        runs. With ``joins=False`` each branch goes on by itself when it is done.
        """
        if once and not joins:
            raise AuthorError("once says when to go on, but joins=False lets each go on", "Keep one")
        gateway = model.ParallelGateway(id=self._canvas.id_for(name, "together"), name=name)
        self._canvas.place(gateway)
        return Together(self._canvas, gateway, at_least=1, once=feel(once) if once else "", joins=joins)

    def first_of(self, name: str = "") -> FirstOf:
        """Waits for several events; the first to happen decides the way."""
        gateway = model.EventBasedGateway(id=self._canvas.id_for(name, "first-of"), name=name)
        self._canvas.place(gateway)
        return FirstOf(self._canvas, gateway, at_least=2)

    def joins(self, name: str = "", *, several: bool = False, once: str = "") -> None:
        """All open paths meet here, and those that ``goto`` this name.

        It goes on when every path has come; with ``several`` when every path has come that still can; with ``once``
        (FEEL that may read ``activationCount``) as soon as that holds.
        """
        if several and once:
            raise AuthorError(f'"{name}" has both several and once', "Keep one")
        identifier = self._canvas.id_for(name, "join")
        gateway: model.Element = model.ParallelGateway(id=identifier, name=name)
        if several:
            gateway = model.InclusiveGateway(id=identifier, name=name)
        if once:
            gateway = model.ComplexGateway(id=identifier, name=name, activation_condition=feel(once))
        self._canvas.place(gateway, joins=True)
