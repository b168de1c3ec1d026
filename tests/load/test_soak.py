"""A short soak: memory and bytes an entry stay where they are. The long one is ``make soak MINUTES=60``."""

from pathlib import Path

import msgspec

from tests.engine.helpers import verified
from tests.load.soak import Sample, Soak, judge


def test_a_few_seconds_of_mixed_load_leave_memory_and_file_flat(tmp_path: Path) -> None:
    soak = Soak(tmp_path)
    samples = soak.run(12.0, 1.0)
    soak.end()
    assert len(samples) >= 9
    assert samples[-1].entries > 1000
    assert judge(samples) == []
    assert verified(tmp_path / "ledger.sqlite")


def test_growth_is_found() -> None:
    flat = [Sample(float(second), 100, 1000 * second, 10 * second, second, 0) for second in range(1, 10)]
    assert judge(flat) == []
    fat = [msgspec.structs.replace(sample, memory=100 + 10 * index) for index, sample in enumerate(flat)]
    assert judge(fat) == ["memory grew from 130 to 180 bytes"]
    bulky = [msgspec.structs.replace(sample, file=sample.file * index) for index, sample in enumerate(flat, 1)]
    assert judge(bulky) == ["a ledger entry costs more and more bytes"]
