"""The decision model to DMN 1.5 XML. What :mod:`clearance.dmn.xml.reader` reads from it is equal, places aside."""

from collections.abc import Callable, Sequence
from typing import Any

from lxml import etree

from clearance.dmn.errors import DmnError
from clearance.dmn.model import (
    Conditional,
    Context,
    Decision,
    DecisionService,
    DecisionTable,
    Definitions,
    Expression,
    Filter,
    FunctionDefinition,
    Invocation,
    ItemDefinition,
    Iteration,
    KnowledgeModel,
    ListOf,
    Literal,
    Relation,
    UnaryTests,
    Variable,
)
from clearance.dmn.xml.source import LATEST_NAMESPACE

Parent = etree._Element


def write_xml(definitions: Definitions) -> bytes:
    """DMN 1.5 XML, UTF-8, indented."""
    names: dict[Any, str] = {None: LATEST_NAMESPACE}
    root = etree.Element(f"{{{LATEST_NAMESPACE}}}definitions", nsmap=names)
    _set(root, id=definitions.id, name=definitions.name, namespace=definitions.namespace)
    for imported in definitions.imports:
        element = _add(root, "import")
        element.set("name", imported.name)
        element.set("namespace", imported.namespace)
        element.set("importType", imported.import_type or LATEST_NAMESPACE)
        _set(element, locationURI=imported.location)
    for item in definitions.items:
        _item(_add(root, "itemDefinition"), item)
    for data in definitions.inputs:
        element = _add(root, "inputData", id=data.id, name=data.name)
        _variable(element, "variable", data.variable)
    for decision in definitions.decisions:
        _decision(root, decision, definitions)
    for model in definitions.knowledge:
        _knowledge(root, model)
    for service in definitions.services:
        _service(root, service)
    etree.indent(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _add(parent: Parent, tag: str, **attributes: str) -> Parent:
    element = etree.SubElement(parent, f"{{{LATEST_NAMESPACE}}}{tag}")
    _set(element, **attributes)
    return element


def _set(element: Parent, **attributes: str) -> None:
    for name, value in attributes.items():
        if value:
            element.set(name, value)


def _text(parent: Parent, tag: str, text: str) -> None:
    if text:
        _add(parent, tag).text = text


def _variable(parent: Parent, tag: str, variable: Variable) -> None:
    _add(parent, tag, name=variable.name, typeRef=variable.type_ref)


def _tests(parent: Parent, tag: str, tests: UnaryTests | None) -> None:
    if tests is not None:
        _add(_add(parent, tag), "text").text = tests.text


def _item(element: Parent, item: ItemDefinition) -> None:
    _set(element, name=item.name, isCollection="true" if item.is_collection else "")
    _text(element, "typeRef", item.type_ref)
    _tests(element, "allowedValues", item.allowed_values)
    _tests(element, "typeConstraint", item.type_constraint)
    for component in item.components:
        _item(_add(element, "itemComponent"), component)
    if item.parameters is not None:
        function = _add(element, "functionItem", outputTypeRef=item.output_type)
        for parameter in item.parameters:
            _variable(function, "parameters", parameter)


def _decision(root: Parent, decision: Decision, definitions: Definitions) -> None:
    element = _add(root, "decision", id=decision.id, name=decision.name)
    _text(element, "description", decision.description)
    _text(element, "question", decision.question)
    _variable(element, "variable", decision.variable)
    inputs = {f"#{data.id}" for data in definitions.inputs}
    knowledge = {f"#{node.id}" for node in definitions.functions()}
    local = [(reference.removeprefix(definitions.namespace), reference) for reference in decision.requires]
    for short, reference in local:
        if short not in knowledge:
            kind = "requiredInput" if short in inputs else "requiredDecision"
            _add(_add(element, "informationRequirement"), kind, href=reference)
    for short, reference in local:
        if short in knowledge:
            _add(_add(element, "knowledgeRequirement"), "requiredKnowledge", href=reference)
    if decision.expression is not None:
        _expression(element, decision.expression)


def _knowledge(root: Parent, model: KnowledgeModel) -> None:
    element = _add(root, "businessKnowledgeModel", id=model.id, name=model.name)
    _variable(element, "variable", model.variable)
    if model.logic is not None:
        _function_content(_add(element, "encapsulatedLogic"), model.logic)
    for reference in model.requires:
        _add(_add(element, "knowledgeRequirement"), "requiredKnowledge", href=reference)


def _service(root: Parent, service: DecisionService) -> None:
    element = _add(root, "decisionService", id=service.id, name=service.name)
    _variable(element, "variable", service.variable)
    parts: tuple[tuple[str, Sequence[str]], ...] = (
        ("outputDecision", service.outputs),
        ("encapsulatedDecision", service.encapsulated),
        ("inputDecision", service.input_decisions),
        ("inputData", service.input_data),
    )
    for tag, references in parts:
        for reference in references:
            _add(element, tag, href=reference)


def _expression(parent: Parent, expression: Expression) -> None:
    kind = type(expression)
    if kind not in _WRITERS:
        raise DmnError(f"a {kind.__name__} cannot be written as DMN.", expression.where, "Report this as a bug.")
    tag, write = _WRITERS[kind]
    element = _add(parent, expression.kind if isinstance(expression, Iteration) else tag, typeRef=expression.type_ref)
    write(element, expression)


def _literal(element: Parent, literal: Literal) -> None:
    _add(element, "text").text = literal.text


def _context(element: Parent, context: Context) -> None:
    for entry in context.entries:
        child = _add(element, "contextEntry")
        if entry.variable is not None:
            _variable(child, "variable", entry.variable)
        _expression(child, entry.value)


def _table(element: Parent, table: DecisionTable) -> None:
    element.set("hitPolicy", table.hit_policy.name.replace("_", " "))
    _set(element, aggregation=table.aggregation.name if table.aggregation else "", outputLabel=table.output_label)
    for clause in table.inputs:
        child = _add(element, "input", label=clause.label)
        _literal(_add(child, "inputExpression", typeRef=clause.expression.type_ref), clause.expression)
        _tests(child, "inputValues", clause.allowed)
    for output in table.outputs:
        child = _add(element, "output", name=output.name, label=output.label, typeRef=output.type_ref)
        _tests(child, "outputValues", output.allowed)
        if output.default is not None:
            _literal(_add(child, "defaultOutputEntry"), output.default)
    for name in table.annotations:
        _add(element, "annotation", name=name)
    for rule in table.rules:
        child = _add(element, "rule")
        for test in rule.inputs:
            _tests(child, "inputEntry", test)
        for result in rule.outputs:
            _literal(_add(child, "outputEntry", typeRef=result.type_ref), result)
        for annotation in rule.annotations:
            _add(_add(child, "annotationEntry"), "text").text = annotation


def _invocation(element: Parent, invocation: Invocation) -> None:
    _expression(element, invocation.called)
    for binding in invocation.bindings:
        child = _add(element, "binding")
        _variable(child, "parameter", binding.parameter)
        if binding.value is not None:
            _expression(child, binding.value)


def _function_content(element: Parent, function: FunctionDefinition) -> None:
    _set(element, typeRef=function.type_ref, kind=function.kind if function.kind != "FEEL" else "")
    for parameter in function.parameters:
        _variable(element, "formalParameter", parameter)
    if function.body is not None:
        _expression(element, function.body)


def _list(element: Parent, items: ListOf) -> None:
    for item in items.items:
        _expression(element, item)


def _relation(element: Parent, relation: Relation) -> None:
    for column in relation.columns:
        _variable(element, "column", column)
    for row in relation.rows:
        _list(_add(element, "row"), row)


def _conditional(element: Parent, conditional: Conditional) -> None:
    _expression(_add(element, "if"), conditional.condition)
    _expression(_add(element, "then"), conditional.then)
    _expression(_add(element, "else"), conditional.otherwise)


def _filter(element: Parent, filtered: Filter) -> None:
    _expression(_add(element, "in"), filtered.source)
    _expression(_add(element, "match"), filtered.match)


def _iteration(element: Parent, iteration: Iteration) -> None:
    element.set("iteratorVariable", iteration.variable)
    _expression(_add(element, "in", typeRef=iteration.source_type), iteration.source)
    _expression(_add(element, "return" if iteration.kind == "for" else "satisfies"), iteration.body)


_WRITERS: dict[type[Expression], tuple[str, Callable[[Parent, Any], None]]] = {
    Literal: ("literalExpression", _literal),
    Context: ("context", _context),
    DecisionTable: ("decisionTable", _table),
    Invocation: ("invocation", _invocation),
    FunctionDefinition: ("functionDefinition", _function_content),
    ListOf: ("list", _list),
    Relation: ("relation", _relation),
    Conditional: ("conditional", _conditional),
    Filter: ("filter", _filter),
    Iteration: ("for, some or every", _iteration),
}
