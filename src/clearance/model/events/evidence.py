"""New evidence mid-process: what each step has read, whose results are out of date, and what is done about it."""

from clearance.model.events.base import Recorded


class InputsRead(Recorded, frozen=True, tag="inputs-read"):
    """What the actor of a job was given."""

    element: int
    names: tuple[str, ...]


class StepFinished(Recorded, frozen=True, tag="step-finished"):
    """An activity or choice is done; from now on it is known what its result rests on."""

    key: int
    node: int
    scope: int
    reads: dict[str, int]
    """Variable name to the scope that held it."""
    flows: tuple[int, ...] = ()
    """Of a choice: the flows that it took."""


class StepsOutdated(Recorded, frozen=True, tag="outdated"):
    """Something that finished steps have read has changed."""

    steps: tuple[int, ...]
    """Keys of the element instances that did them."""
    changed: tuple[tuple[int, str], ...]
    """Scope and name of the variables."""
    asks: bool = False
    """A person decides whether they are done again."""


class StepRenewing(Recorded, frozen=True, tag="renewing"):
    """A step is done again, beside where the process stands: its result counts, its flows are not taken."""

    key: int
    step: int
    """Key of the element instance that did it before."""


class EvidenceSettled(Recorded, frozen=True, tag="evidence-settled"):
    """Nothing is out of date any longer: it was done again, or somebody keeps it as it is."""

    kept: bool = False
