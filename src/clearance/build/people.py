"""Work and decisions for people."""

from collections.abc import Mapping, Sequence
from typing import Unpack

from clearance.build.briefs import Option, Recommendation, brief
from clearance.build.drawing import Doing, Drawing
from clearance.build.errors import AuthorError
from clearance.build.step import Step
from clearance.build.texts import listed, mappings
from clearance.model import definition as model
from clearance.model.definition import Mapping as VariableMapping
from clearance.model.definition import Text

Names = str | list[str] | tuple[str, ...]
"""Names, comma-separated or listed, or one ``= FEEL`` expression that yields them."""


class People(Drawing):
    """``person``."""

    def person(
        self,
        name: str,
        *,
        options: Sequence[Option | str] | str = ("done",),
        roles: Names = (),
        users: Names = (),
        assignee: Text = "",
        due: Text = "",
        follow_up: Text = "",
        priority: int | Text = "",
        shows: Mapping[str, str] | None = None,
        recommendation: Recommendation | None = None,
        answer: str = "",
        form: str | model.Form = "",
        headers: Mapping[str, str] | None = None,
        **doing: Unpack[Doing],
    ) -> Step:
        """A decision or work for a person, shown in the inbox.

        ``shows`` gives FEEL for ``reasons``, ``document``, ``fields``, ``facts`` and ``action``; any other key is a
        fact with that label. The chosen option's value arrives in ``decision`` and the person's words in ``comment``;
        with ``answer="approval"`` as ``approval.decision`` and ``approval.comment``; ``saves`` says freely what is
        kept. ``form`` is the key of a form, or a ``Form``.
        """
        if answer and doing.get("saves"):
            raise AuthorError("answer and saves are both given", "Keep one")
        common = self._common(name, "step", doing)
        shown = VariableMapping(source=brief(shows or {}, options, recommendation), target="brief")
        common["inputs"] = (*common["inputs"], shown)
        pair = {answer: "{decision: decision, comment: comment}"} if answer else {}
        common["outputs"] = common["outputs"] or mappings(pair or {"decision": "decision", "comment": "comment"})
        task = model.UserTask(
            assignment=model.Assignment(
                assignee=assignee, candidate_groups=listed(roles), candidate_users=listed(users)
            ),
            schedule=model.Schedule(due_date=due, follow_up_date=follow_up),
            form=model.Form(key=form) if isinstance(form, str) else form,
            priority=str(priority),
            headers=tuple((headers or {}).items()),
            **common,
        )
        return self._step(task)
