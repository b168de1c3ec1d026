"""Deterministic simulation: the real engine, kernel, gate and store on simulated clock, disk, actors and people.

    from clearance.testing.simulation import simulate
    report = simulate(seed=17)                                   # random processes
    report = simulate(17, [Path("order.bpmn").read_bytes()])     # yours

All that can go wrong goes wrong, and all of it is drawn from the seed: crashes before, during and after every
operation of the disk; sectors that are lost or torn when the power goes; a disk that is slow, full or failing; clocks
set forth and back; outcomes and messages that come twice, late, never or in another order; actors that hang, lie and
answer twice; workers that vanish; people who click twice. What has ended is archived meanwhile. Whatever happens, this
holds (``judge.py``, ``observer.py``, ``promises.py``):

- nothing that was acknowledged is lost, and the ledger says that what was acknowledged was done;
- nothing acts without a clearance that is on record; an attempt leaves once, but for a crash, and not again where
  doing it twice is not safe;
- an effect happens at most once for its idempotency key, which is the same for every attempt;
- the ledger verifies: chains hold, and replaying gives the state, the indexes and the views that are kept; every table
  can be made anew from the entries, archived ones too, and no archive is missing or left about;
- every instance ends, moves, waits for something that has a name, or says why it cannot go on.

``python -m clearance.testing.simulation --seeds 1000`` runs many; a run that fails says how to repeat it. It needs
apsw: ``pip install "clearance[simulation]"``.
"""

from clearance.testing.simulation.disk import Moment, SimulatedDisk
from clearance.testing.simulation.observer import Broken
from clearance.testing.simulation.simulation import Report, Simulation, simulate

__all__ = ["Broken", "Moment", "Report", "SimulatedDisk", "Simulation", "simulate"]
