"""Small DMN models for tests, written as XML as a modeller would export them."""

import io
from xml.sax.saxutils import escape

import openpyxl

NAMESPACE = "https://www.omg.org/spec/DMN/20230324/MODEL/"


def definitions(body: str, *, version: str = NAMESPACE, namespace: str = "urn:test", name: str = "test") -> bytes:
    """A model around some elements."""
    return f'<definitions xmlns="{version}" id="d" name="{name}" namespace="{namespace}">{body}</definitions>'.encode()


def input_data(name: str, type_ref: str = "") -> str:
    """An input; its id is the name without spaces, with ``in_`` before it."""
    typed = f' typeRef="{type_ref}"' if type_ref else ""
    return f'<inputData id="in_{slug(name)}" name="{name}"><variable name="{name}"{typed}/></inputData>'


def decision(name: str, expression: str, *, needs: str = "", knows: str = "", type_ref: str = "") -> str:
    """A decision; ``needs`` and ``knows`` are comma-separated ids of what it requires."""
    typed = f' typeRef="{type_ref}"' if type_ref else ""
    requirements = "".join(
        f"<informationRequirement><required{'Input' if each.startswith('in_') else 'Decision'}"
        f' href="{reference(each)}"/></informationRequirement>'
        for each in filter(None, needs.split(","))
    ) + "".join(
        f'<knowledgeRequirement><requiredKnowledge href="{reference(each)}"/></knowledgeRequirement>'
        for each in filter(None, knows.split(","))
    )
    variable = f'<variable name="{name}"{typed}/>'
    return f'<decision id="{slug(name)}" name="{name}">{variable}{requirements}{expression}</decision>'


def reference(identifier: str) -> str:
    """A reference to an element of the same model, or one that already says its namespace."""
    return identifier if "#" in identifier else f"#{identifier}"


def slug(name: str) -> str:
    """A name as an id."""
    return name.replace(" ", "_")


def literal(text: str, type_ref: str = "") -> str:
    """A literal expression."""
    typed = f' typeRef="{type_ref}"' if type_ref else ""
    return f"<literalExpression{typed}><text>{escape(text)}</text></literalExpression>"


def table(
    rules: list[tuple[list[str], list[str]]],
    *,
    inputs: list[str],
    outputs: list[str] = [""],  # noqa: B006 (never changed)
    policy: str = "UNIQUE",
    aggregation: str = "",
    output_values: str = "",
    default: str = "",
    input_values: str = "",
) -> str:
    """A decision table; an output named ``""`` is the only one."""
    attributes = f'hitPolicy="{policy}"' + (f' aggregation="{aggregation}"' if aggregation else "")
    allowed_inputs = f"<inputValues><text>{escape(input_values)}</text></inputValues>" if input_values else ""
    parts = [
        f"<input><inputExpression><text>{each}</text></inputExpression>{allowed_inputs}</input>" for each in inputs
    ]
    for name in outputs:
        allowed = f"<outputValues><text>{escape(output_values)}</text></outputValues>" if output_values else ""
        fallback = f"<defaultOutputEntry><text>{escape(default)}</text></defaultOutputEntry>" if default else ""
        named = f' name="{name}"' if name else ""
        parts.append(f"<output{named}>{allowed}{fallback}</output>")
    for tests, results in rules:
        entries = [f"<inputEntry><text>{escape(each)}</text></inputEntry>" for each in tests]
        entries += [f"<outputEntry><text>{escape(each)}</text></outputEntry>" for each in results]
        parts.append(f"<rule>{''.join(entries)}</rule>")
    return f"<decisionTable {attributes}>{''.join(parts)}</decisionTable>"


def workbook(sheets: dict[str, list[list[object]]]) -> bytes:
    """An Excel workbook with these rows on each sheet."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
