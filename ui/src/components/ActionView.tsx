// The exact action that an approval is for. The approval binds to the hash shown here and to nothing else.
import { Table, Text } from "@mantine/core";
import type { Action } from "../api/client";
import { formatValue } from "../format";
import { ShieldIcon } from "./icons";

export function ActionView({ action }: { action: Action }) {
  const parameters = Object.entries(action.parameters);
  return (
    <div className="action">
      <Text fw={600}>
        <code>{action.operation}</code> on <code>{action.target}</code>
      </Text>
      <Table className="facts" verticalSpacing={5} aria-label="Parameters of the action">
        <Table.Tbody>
          {parameters.map(([name, value]) => (
            <Table.Tr key={name}>
              <Table.Th scope="row">{name}</Table.Th>
              <Table.Td className="value">{formatValue(value)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <p className="action-hash">
        <ShieldIcon size={16} />
        <span>
          Your answer holds for exactly this action, SHA-256 <code>{action.sha256}</code>
        </span>
      </p>
    </div>
  );
}
