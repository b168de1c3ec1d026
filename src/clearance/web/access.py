"""Asks the gate before a person acts or is shown something.

Lists are filtered by ruling on few things instead of many: processes for instances, audiences for inbox items. Such
rulings rest on who, what and where, not on values; values are ruled on when they are shown, by masks.

Actions of people: ``see``, ``claim``, ``assign``, ``complete``, ``approve``, ``start``, ``cancel``, ``modify``,
``migrate``, ``suspend`` (and resume), ``resolve``, ``publish``, ``broadcast``, ``deploy``, ``upload`` and ``audit``
(the ledger whole). What belongs to no process has an empty one.
"""

from collections.abc import Callable, Mapping
from typing import NoReturn

from clearance.model.clearance import Facts, Person, Request, Ruling
from clearance.model.values import Data
from clearance.views.ask import inbox, instances
from clearance.views.ask.inbox import Audience, Item
from clearance.views.views import Views
from clearance.web.ports import EnginePort
from clearance.web.problems import Problem, of_ruling
from clearance.web.users import Account


class Access:
    """Stateless: every question goes to the gate."""

    def __init__(self, engine: EnginePort, views: Views) -> None:
        self._rule = engine.rule
        self._reader = views.reader

    def on(
        self,
        account: Account,
        action: str,
        process: str = "",
        element: str = "",
        *,
        tenant: str | None = None,
        parameters: Mapping[str, Data] | None = None,
        facts: Facts = Facts(),
    ) -> Ruling:
        """The ruling on a person's action on a process or one of its elements."""
        return self._rule(
            Request(
                principal_kind="Person",
                principal=account.username,
                action=action,
                process=process,
                element=element,
                parameters=parameters or {},
                roles=account.roles,
                tenant=tenant or (account.tenants[0] if account.tenants else ""),
                facts=facts,
            )
        )

    def require(
        self,
        account: Account,
        action: str,
        process: str = "",
        element: str = "",
        *,
        tenant: str | None = None,
        parameters: Mapping[str, Data] | None = None,
    ) -> Ruling:
        """The ruling when it permits; otherwise a 403 problem with its policies and reasons."""
        if tenant is not None and tenant not in account.tenants:
            outside_tenant(tenant)
        ruling = self.on(account, action, process, element, tenant=tenant, parameters=parameters)
        if not ruling.permits:
            raise of_ruling(ruling)
        return ruling

    def processes(self, account: Account, action: str = "see") -> list[str]:
        """The processes whose instances the person may see."""
        return [process for process in instances.processes(self._reader) if self.on(account, action, process).permits]

    def audiences(self, account: Account, choose: Callable[[Audience], bool]) -> list[int]:
        """Of the chosen audiences, those whose items the person may see."""
        return [
            audience.id
            for audience in inbox.audiences(self._reader)
            if choose(audience) and self._rule(_on_audience(account, audience, "see")).permits
        ]

    def on_item(
        self,
        account: Account,
        item: Item,
        action: str,
        parameters: Mapping[str, Data] | None = None,
    ) -> Ruling:
        """The ruling on a person's action on an inbox item, with who has acted in its instance so far."""
        people = () if action == "see" else instances.people_of(self._reader, item.instance)
        return self._rule(_on_audience(account, item.audience, action, item.tenant, parameters, Facts(people=people)))

    def item(self, account: Account, key: int, kind: str | None = None) -> tuple[Item, Ruling]:
        """An item that the person may see, and the ruling whose mask applies to it."""
        found = inbox.get(self._reader, key)
        if found is None or (kind is not None and found.audience.kind != kind):
            raise Problem(404, f"There is no {kind or 'inbox item'} {key}.")
        if found.tenant not in account.tenants:
            outside_tenant(found.tenant)
        ruling = self.on_item(account, found, "see")
        if not ruling.permits:
            raise of_ruling(ruling)
        return found, ruling

    def instance(self, account: Account, key: int, action: str = "see") -> tuple[str, Ruling]:
        """The process of an instance on which the person may act so, with the ruling."""
        found = instances.process_of(self._reader, key)
        if found is None:
            raise Problem(404, f"There is no process instance {key}.")
        return found[0], self.require(account, action, found[0], tenant=found[1])


def person(account: Account) -> Person:
    return Person(account.username, account.roles)


def outside_tenant(tenant: str) -> NoReturn:
    raise Problem(403, f"You do not belong to tenant {tenant}.")


def _on_audience(
    account: Account,
    audience: Audience,
    action: str,
    tenant: str = "",
    parameters: Mapping[str, Data] | None = None,
    facts: Facts = Facts(),
) -> Request:
    """A named candidate of an unassigned item stands like its assignee."""
    named = not audience.assignee and account.username in audience.users
    return Request(
        principal_kind="Person",
        principal=account.username,
        action=action,
        process=audience.process,
        element=audience.element,
        parameters=parameters or {},
        roles=account.roles,
        needed_roles=audience.roles,
        assignee=account.username if named else audience.assignee,
        tenant=tenant or (account.tenants[0] if account.tenants else ""),
        facts=facts,
    )
