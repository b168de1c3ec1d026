"""Steps: what a handler asks of instances, as data.

A handler that needs an instance to act is a generator. It yields a command for that instance, the shard runs it, and
the answer comes back as the value of the ``yield``; the generator's own return value is the handler's answer. So no
handler holds the shard, and what it asks for can be read, and tested, without one.
"""

from collections.abc import Generator
from typing import TypeVar

from clearance.model.commands import Answer, InstanceCommand, Refusal

Result = TypeVar("Result")

Steps = Generator[InstanceCommand, Answer | Refusal, Result]
