"""DMN XML to the decision model: the graph's elements (chapters 6 and 7). Boxed expressions are read next door.

Reads 1.1 to 1.5. What decides nothing (diagrams, knowledge sources, artifacts, extensions) is passed over.
"""

from clearance.dmn.errors import DmnError
from clearance.dmn.model import (
    Decision,
    DecisionService,
    Definitions,
    Import,
    InputData,
    ItemDefinition,
    KnowledgeModel,
    Variable,
)
from clearance.dmn.xml.expressions import (
    read_expression_of,
    read_function,
    read_type_ref,
    read_unary_tests,
    read_variable,
    require_feel,
)
from clearance.dmn.xml.source import Element, parse


def read_xml(content: bytes, file: str = "") -> Definitions:
    """The model in DMN XML; raises DmnError with the element that is wrong and what to do."""
    root = parse(content, file)
    require_feel(root)
    definitions = Definitions(
        where=root.place("definitions"),
        id=root.get("id"),
        name=root.get("name"),
        namespace=root.get("namespace"),
        imports=tuple(_import(element) for element in root.children("import")),
        items=tuple(_item(element) for element in root.children("itemDefinition")),
        inputs=tuple(_input(element) for element in root.children("inputData")),
        decisions=tuple(_decision(element) for element in root.children("decision")),
        knowledge=tuple(_knowledge(element) for element in root.children("businessKnowledgeModel")),
        services=tuple(_service(element) for element in root.children("decisionService")),
    )
    _check_ids(definitions)
    return definitions


def _check_ids(definitions: Definitions) -> None:
    seen: dict[str, str] = {}
    for node in definitions.elements():
        if node.id in seen:
            message = f"has the same id as {seen[node.id]}."
            raise DmnError(message, node.where, "Give each element an id of its own.")
        seen[node.id] = node.where.element


def _import(element: Element) -> Import:
    return Import(
        where=element.place(),
        name=element.get("name"),
        namespace=element.get("namespace"),
        location=element.get("locationURI"),
        import_type=element.get("importType"),
    )


def _item(element: Element) -> ItemDefinition:
    """An item definition or one of its components (7.3.3)."""
    function = element.child("functionItem")
    type_ref = element.child("typeRef")
    return ItemDefinition(
        where=element.place(),
        name=_name(element),
        type_ref=read_type_ref(element, type_ref.text()) if type_ref is not None else "",
        is_collection=element.get("isCollection") in ("true", "1"),
        components=tuple(_item(component) for component in element.children("itemComponent")),
        allowed_values=read_unary_tests(element.child("allowedValues")),
        type_constraint=read_unary_tests(element.child("typeConstraint")),
        parameters=None if function is None else tuple(map(read_variable, function.children("parameters"))),
        output_type="" if function is None else read_type_ref(function, function.get("outputTypeRef")),
    )


def _name(element: Element) -> str:
    name = " ".join(element.get("name").split())
    if not name:
        raise DmnError(f"<{element.tag}> has no name.", element.place(), "Give it a name.")
    return name


def _variable(element: Element) -> Variable:
    """The variable of a graph element; without one, its name and no type."""
    variable = element.child("variable")
    if variable is None:
        return Variable(where=element.place(), name=_name(element))
    return Variable(
        where=variable.place(),
        name=" ".join(variable.get("name").split()) or _name(element),
        type_ref=read_type_ref(variable, variable.get("typeRef")),
    )


def _input(element: Element) -> InputData:
    name = _name(element)
    return InputData(where=element.place(), id=element.get("id", name), name=name, variable=_variable(element))


def _decision(element: Element) -> Decision:
    name = _name(element)
    return Decision(
        where=element.place(),
        id=element.get("id", name),
        name=name,
        variable=_variable(element),
        requires=_requirements(element),
        expression=read_expression_of(element),
        question=element.child_text("question"),
        description=element.child_text("description"),
    )


def _requirements(element: Element) -> tuple[str, ...]:
    kinds = {
        "informationRequirement": ("requiredDecision", "requiredInput"),
        "knowledgeRequirement": ("requiredKnowledge",),
    }
    return tuple(
        reference.get("href")
        for requirement in element.children()
        for kind in kinds.get(requirement.tag, ())
        for reference in requirement.children(kind)
    )


def _knowledge(element: Element) -> KnowledgeModel:
    name = _name(element)
    logic = element.child("encapsulatedLogic")
    return KnowledgeModel(
        where=element.place(),
        id=element.get("id", name),
        name=name,
        variable=_variable(element),
        requires=_requirements(element),
        logic=None if logic is None else read_function(logic),
    )


def _service(element: Element) -> DecisionService:
    name = _name(element)

    def references(tag: str) -> tuple[str, ...]:
        return tuple(reference.get("href") for reference in element.children(tag))

    return DecisionService(
        where=element.place(),
        id=element.get("id", name),
        name=name,
        variable=_variable(element),
        outputs=references("outputDecision"),
        encapsulated=references("encapsulatedDecision"),
        input_decisions=references("inputDecision"),
        input_data=references("inputData"),
    )
