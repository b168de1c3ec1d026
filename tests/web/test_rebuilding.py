"""Views of a ledger that the real engine wrote: dropped and rebuilt, they hold the same rows."""

from collections.abc import Callable
from pathlib import Path

from clearance.model.clearance import ApprovalRule
from clearance.views.views import Views
from tests.views.test_projector import content_of

from .conftest import House
from .tower import BANK_MAY, data


def test_views_rebuilt_from_the_engines_ledger_equal_the_kept_ones(
    house: House, one_task: Callable[[], str], tmp_path: Path
) -> None:
    cora, ada = house.client("cora"), house.client("ada")
    one_task()
    assert cora.post(f"/v2/inbox/{one_task()}/answer", json={"option": "pay"}).status_code == 204
    house.settle()
    BANK_MAY["open"] = False
    assert cora.post(f"/v2/inbox/{one_task()}/answer", json={"option": "pay"}).status_code == 204
    (incident,) = house.items("ada", kind="incident")
    assert ada.post(f"/v2/process-instances/{incident['processInstanceKey']}/cancellation", json={}).status_code == 204
    house.gate.approval = ApprovalRule(("approver",), 1)
    assert cora.post(f"/v2/inbox/{one_task()}/answer", json={"option": "pay"}).status_code == 204
    house.settle()
    totals = data(ada.get("/v2/overview"))["totals"]

    rebuilt = Views(tmp_path / "rebuilt.sqlite", house.store.reader())
    rebuilt.projector.catch_up()
    rebuilt.projector._connection.close()
    kept = content_of(tmp_path / "views.sqlite")
    assert content_of(tmp_path / "rebuilt.sqlite") == kept
    assert (totals["running"], totals["completed"], totals["waiting"]) == (2, 1, 2)
    assert len(kept["history"]) == house.store.head().position
