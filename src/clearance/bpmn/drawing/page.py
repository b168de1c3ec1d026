"""One diagram as SVG: what lies below first, then lines, then shapes, then names, then tokens."""

from collections.abc import Iterable, Iterator
from xml.sax.saxutils import escape

from clearance.bpmn.drawing import activities, artifacts, data, events, gateways, labels, lines, pools, standing
from clearance.bpmn.drawing.labels import Label
from clearance.bpmn.drawing.source import Line, Node, Page, Source
from clearance.bpmn.drawing.standing import Standing, Tokens
from clearance.bpmn.drawing.style import DARK, LIGHT, Ink, Theme, ink_of
from clearance.bpmn.drawing.svg import FONT, box, group, number, tag
from clearance.model.definition import Bounds

_MARGIN = 24.0
_EMPTY = Bounds(x=0, y=0, width=1, height=1)


class Picture:
    """A page being drawn."""

    def __init__(self, source: Source, page: Page, tokens: Tokens | None, *, dark: bool) -> None:
        self.source = source
        self.tokens = tokens or Tokens()
        self.theme: Theme = DARK if dark else LIGHT
        hidden = _hidden(page)
        self.nodes = [node for node in page.nodes if node.id not in hidden]
        self.lines = [line for line in page.lines if line.id not in hidden]
        self.page = page

    def svg(self) -> str:
        """The whole document."""
        below = [node for node in self.nodes if _level(node) < _FRONT]
        front = [node for node in self.nodes if _level(node) >= _FRONT]
        parts = [self._node(node) for node in sorted(below, key=_depth)]
        parts += [self._line(line) for line in self.lines if line.kind != "messageFlow"]
        parts += [self._node(node) for node in sorted(front, key=_level)]
        parts += [self._line(line) for line in self.lines if line.kind == "messageFlow"]
        parts += [label for line in self.lines if (label := self._line_label(line))]
        parts += self._counts()
        bounds = self._bounds()
        paper = box(bounds.x, bounds.y, bounds.width, bounds.height, stroke="none", fill=self.theme.paper, line=0)
        view = " ".join(number(value) for value in (bounds.x, bounds.y, bounds.width, bounds.height))
        title = tag("title", escape(self.page.name)) if self.page.name else ""
        return tag(
            "svg",
            "\n".join([title, paper, *parts]),
            xmlns="http://www.w3.org/2000/svg",
            width=bounds.width,
            height=bounds.height,
            viewBox=view,
            font_family=FONT,
        )

    # ---- elements ------------------------------------------------------------------------------------------------

    def _node(self, node: Node) -> str:
        ink = self._ink(node)
        label = labels.of_node(node, self.source)
        parts = [tag("title", escape(node.name)) if node.name else "", self._shape(node, ink)]
        if label is not None:
            outside = node.kind not in (*activities.TASKS, *activities.SUB_PROCESSES)
            parts.append(label.draw(ink, self.theme.paper if outside else None))
        return group(parts, class_=node.kind, data_element=node.id)

    def _shape(self, node: Node, ink: Ink) -> str:
        kind = node.kind
        if kind in events.KINDS:
            return events.draw(node, ink)
        if kind in gateways.KINDS:
            return gateways.draw(node, ink)
        if kind in (*activities.TASKS, *activities.SUB_PROCESSES):
            return activities.draw(node, ink, self.source)
        if kind in pools.KINDS:
            return pools.draw(node, ink, self.theme, empty=self._shows_nothing(node))
        if kind in (*data.OBJECTS, *data.STORES):
            return data.draw(node, ink, self.source)
        if kind in (*artifacts.KINDS, *artifacts.CONVERSATIONS):
            return artifacts.draw(node, ink)
        bounds = node.bounds
        return box(
            bounds.x, bounds.y, bounds.width, bounds.height, stroke=ink.stroke, fill=ink.fill, line=1.5, radius=10
        )

    def _line(self, line: Line) -> str:
        taken = self.tokens.flows.get(line.id, 0)
        ink = ink_of(self.theme, line.colours).stroke
        drawn = lines.draw(
            line,
            self.source,
            ink=self.theme.done if taken else ink,
            paper=self.theme.paper,
            width=2.5 if taken else 1.5,
        )
        title = tag("title", escape(line.name)) if line.name else ""
        return group([title, drawn], class_=line.kind, data_element=line.id)

    def _line_label(self, line: Line) -> str:
        label = labels.of_line(line)
        return "" if label is None else label.draw(ink_of(self.theme, line.colours), self.theme.paper)

    def _counts(self) -> Iterator[str]:
        for line in self.lines:
            yield standing.on_line(line, self.tokens.flows.get(line.id, 0), self.theme)
        for node in self.nodes:
            found = self.tokens.elements.get(node.id)
            if found is not None and found != Standing():
                yield standing.badges(node, found, self.theme)

    def _ink(self, node: Node) -> Ink:
        quiet = node.kind in pools.KINDS or activities.is_expanded(node)
        ink = ink_of(self.theme, node.colours, fill=self.theme.quiet if quiet else "")
        found = standing.colours_of(self.tokens.elements.get(node.id), self.theme)
        if found is None:
            return ink
        stroke, fill = found
        return Ink(stroke, ink.fill if quiet or not fill else fill, self.theme.text if fill else ink.text)

    def _shows_nothing(self, pool: Node) -> bool:
        """Whether a pool is a black box: no process, or nothing of it is drawn."""
        process = self.source.find(pool.element.get("processRef"))
        drawn = {node.id for node in self.nodes}
        return process is None or not any(str(part.get("id")) in drawn for part in process.iter("*"))

    # ---- size ----------------------------------------------------------------------------------------------------

    def _bounds(self) -> Bounds:
        found = list(self._extents())
        if not found:
            return _EMPTY
        left = min(bounds.x for bounds in found) - _MARGIN
        top = min(bounds.y for bounds in found) - _MARGIN
        right = max(bounds.x + bounds.width for bounds in found) + _MARGIN
        bottom = max(bounds.y + bounds.height for bounds in found) + _MARGIN
        return Bounds(x=left, y=top, width=right - left, height=bottom - top)

    def _extents(self) -> Iterator[Bounds]:
        for node in self.nodes:
            yield node.bounds
            yield from _bounds_of(labels.of_node(node, self.source))
        for line in self.lines:
            for x, y in line.points:
                yield Bounds(x=x, y=y, width=0, height=0)
            yield from _bounds_of(labels.of_line(line))


def _bounds_of(label: Label | None) -> Iterable[Bounds]:
    return () if label is None else (label.bounds,)


# ---- what lies above what --------------------------------------------------------------------------------------------

_FRONT, _BORDER = 10, 20


def _level(node: Node) -> int:
    if node.kind in pools.KINDS or node.kind == "group" or activities.is_expanded(node):
        return 0
    return _BORDER if node.kind == "boundaryEvent" else _FRONT


def _depth(node: Node) -> tuple[int, float]:
    """Pools below lanes below sub-processes, outer ones below inner ones."""
    kinds = {"participant": 0, "lane": 1, "group": 3}
    return kinds.get(node.kind, 2), -node.bounds.width * node.bounds.height


def _hidden(page: Page) -> frozenset[str]:
    """What lies inside of collapsed sub-processes that the same page shows."""
    collapsed = [
        node for node in page.nodes if node.kind in activities.SUB_PROCESSES and not activities.is_expanded(node)
    ]
    inside = (str(part.get("id")) for node in collapsed for part in node.element.iterdescendants("*") if part.get("id"))
    return frozenset(inside)
