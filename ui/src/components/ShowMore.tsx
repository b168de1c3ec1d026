// The end of a list that is longer than what is shown: the next items, or how to find them when no more can be shown.
import { Button, Text } from "@mantine/core";
import type { Found } from "../api/client";
import { formatCount, formatTotal } from "../format";

/** As many items as the server gives at once. */
const SHOWN_MAX = 1000;

type Props = { found: Found<unknown> | undefined; onClick: () => void; loading: boolean };

export function ShowMore({ found, onClick, loading }: Props) {
  const shown = found?.items.length ?? 0;
  if (found === undefined || shown >= found.page.totalItems) return null;
  const part = `${formatCount(shown)} of ${formatTotal(found.page)}`;
  if (shown >= SHOWN_MAX) {
    return (
      <Text c="dimmed" mt="md">
        These are {part}. Filter or search to find the others.
      </Text>
    );
  }
  return (
    <Button variant="default" mt="md" onClick={onClick} loading={loading}>
      Show more ({part})
    </Button>
  );
}
