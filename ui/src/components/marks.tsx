// Small marks that say one thing each: what kind of work, by when, in what state. Always in words, colour only adds.
import { Badge, Text, Tooltip } from "@mantine/core";
import type { InboxKind, Instance } from "../api/client";
import { formatAgo, formatDuration, formatExact, formatMoment } from "../format";
import { useNow } from "../useNow";

const KINDS: Record<InboxKind, { label: string; color: string }> = {
  task: { label: "Decision", color: "tower" },
  approval: { label: "Approval", color: "violet" },
  incident: { label: "Incident", color: "red" },
};

export const kindLabel = (kind: InboxKind) => KINDS[kind].label;

export function KindMark({ kind }: { kind: InboxKind }) {
  return (
    <Badge variant="light" color={KINDS[kind].color} radius="sm" className="mark">
      {KINDS[kind].label}
    </Badge>
  );
}

/** A deadline both ways: how long is left, and the moment itself. `closed` work is never late. */
export function Deadline({ due, closed = false }: { due: string | null; closed?: boolean }) {
  const now = useNow();
  if (due === null)
    return (
      <Text size="sm" c="dimmed">
        No deadline
      </Text>
    );
  const left = Date.parse(due) - now;
  const late = left < 0 && !closed;
  const soon = left >= 0 && left < 4 * 3_600_000 && !closed;
  const relative = late ? `Late by ${formatDuration(left)}` : left < 0 ? "Was due" : `Due in ${formatDuration(left)}`;
  return (
    <time dateTime={due} className="deadline" data-late={late} data-soon={soon} title={formatExact(due)}>
      <span className="deadline-left">{relative}</span>
      <span className="deadline-at">{formatMoment(due)}</span>
    </time>
  );
}

export function Age({ since }: { since: string }) {
  const now = useNow();
  return (
    <time dateTime={since} title={formatExact(since)}>
      {formatAgo(since, now)}
    </time>
  );
}

export function StateMark({ instance }: { instance: Pick<Instance, "state" | "hasIncident"> }) {
  if (instance.hasIncident)
    return (
      <Badge color="red" variant="light" radius="sm" className="mark">
        Incident
      </Badge>
    );
  if (instance.state === "ACTIVE")
    return (
      <Badge color="blue" variant="light" radius="sm" className="mark">
        Running
      </Badge>
    );
  if (instance.state === "COMPLETED")
    return (
      <Badge color="teal" variant="light" radius="sm" className="mark">
        Completed
      </Badge>
    );
  return (
    <Badge color="gray" variant="light" radius="sm" className="mark">
      Cancelled
    </Badge>
  );
}

/** How sure the reader was: a bar, the figure, and a word for it. */
export function Confidence({ value }: { value: number | null }) {
  if (value === null)
    return (
      <Text size="xs" c="dimmed">
        not stated
      </Text>
    );
  const percent = Math.round(value * 100);
  const level = value >= 0.95 ? "high" : value >= 0.8 ? "fair" : "low";
  return (
    <Tooltip label={`The reader was ${percent} % sure: ${level} confidence`}>
      <span className="confidence" data-level={level}>
        <span className="confidence-bar" aria-hidden="true">
          <span style={{ width: `${percent}%` }} />
        </span>
        <span className="confidence-text">
          {percent} % {level}
        </span>
      </span>
    </Tooltip>
  );
}
