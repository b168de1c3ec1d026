"""A short soak: memory and bytes an entry stay where they are. The long one is ``make soak MINUTES=60``."""

from pathlib import Path

import msgspec
import pytest

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


@pytest.mark.timeout(90)
def test_with_archives_the_file_itself_stays_flat_and_everything_verifies(tmp_path: Path) -> None:
    soak = Soak(tmp_path, keep_s=1.0)
    samples = soak.run(18.0, 1.0)
    soak.end()
    assert samples[-1].archives > 100_000
    assert [said for said in judge(samples) if "file" in said] == []
    assert verified(tmp_path / "ledger.sqlite")


def test_growth_is_found() -> None:
    flat = [Sample(float(second), 100, 1000 * second, 0, 10 * second, second, 0) for second in range(1, 10)]
    assert judge(flat) == []
    fat = [msgspec.structs.replace(sample, memory=100 + 10 * index) for index, sample in enumerate(flat)]
    assert judge(fat) == ["memory grew from 130 to 180 bytes"]
    bulky = [msgspec.structs.replace(sample, file=sample.file * index) for index, sample in enumerate(flat, 1)]
    assert judge(bulky) == ["a ledger entry costs more and more bytes"]
    archived = [msgspec.structs.replace(sample, archives=5) for sample in flat]
    assert judge(archived) == ["the file grew from 4000 to 9000 bytes although what has ended is archived"]
