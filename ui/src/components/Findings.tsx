// What was read and what the other systems said, beside the document.
import { Table, Text } from "@mantine/core";
import type { Fact, ReadField } from "../api/client";
import { formatValue } from "../format";
import { AlertIcon, CheckIcon } from "./icons";
import { Confidence } from "./marks";

type FieldsProps = { fields: ReadField[]; selected: string | null; onSelect: (name: string) => void };

/** Each field's name is a button that shows where it was read. */
export function FieldsTable({ fields, selected, onSelect }: FieldsProps) {
  return (
    <Table className="facts" verticalSpacing={6} aria-label="What was read">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Field</Table.Th>
          <Table.Th>Value</Table.Th>
          <Table.Th>Confidence</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {fields.map((field) => (
          <Table.Tr
            key={field.name}
            className="field"
            data-selected={field.name === selected}
            onClick={() => onSelect(field.name)}
          >
            <Table.Td>
              <button
                type="button"
                className="field-name"
                aria-pressed={field.name === selected}
                title={field.location}
              >
                {field.label}
              </button>
            </Table.Td>
            <Table.Td className="value">{formatValue(field.value)}</Table.Td>
            <Table.Td>
              <Confidence value={field.confidence} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

/** Differences come first: they are why a person looks. */
export function FactsTable({ facts }: { facts: Fact[] }) {
  const ordered = [...facts].sort((a, b) => Number(a.ok) - Number(b.ok));
  return (
    <Table className="facts" verticalSpacing={6} aria-label="What other systems said">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Check</Table.Th>
          <Table.Th>Expected</Table.Th>
          <Table.Th>Actual</Table.Th>
          <Table.Th>Result</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {ordered.map((fact) => (
          <Table.Tr key={fact.label} data-ok={fact.ok}>
            <Table.Td>{fact.label}</Table.Td>
            <Table.Td className="value">{formatValue(fact.expected)}</Table.Td>
            <Table.Td className="value fact-actual">{formatValue(fact.actual)}</Table.Td>
            <Table.Td>
              <Text component="span" size="xs" className="verdict" data-ok={fact.ok}>
                {fact.ok ? <CheckIcon size={14} /> : <AlertIcon size={14} />}
                {fact.ok ? "Agrees" : "Differs"}
              </Text>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
