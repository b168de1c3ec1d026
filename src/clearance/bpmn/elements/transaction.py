"""The transaction (10.3.5): a sub-process that a cancel end event undoes as a whole, by compensation."""

from lxml import etree

from clearance.bpmn.elements import sub_process
from clearance.bpmn.node import Node
from clearance.bpmn.xml import Document
from clearance.model.definition import Transaction

_METHODS = ("", "##Compensate", "##compensate")


def read(node: Node) -> Transaction:
    method = node.attribute("method")
    if method not in _METHODS:
        raise node.error(
            f'a transaction with method="{method}" is not supported',
            "Use ##Compensate, and model how each step is undone",
        )
    return Transaction(**sub_process.read_content(node))


def write(transaction: Transaction, xml: etree._Element, document: Document) -> None:
    sub_process.write(transaction, xml, document)
