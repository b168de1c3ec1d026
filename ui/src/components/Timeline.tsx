// What happened to an instance, from the ledger: when, what, by whom, and cleared by which policies.
import { Button, Text } from "@mantine/core";
import type { HistoryEntry } from "../api/client";
import { useHistory } from "../api/queries";
import { formatClock, formatCount, formatExact, formatMoment, formatTotal } from "../format";
import { AlertIcon, ShieldIcon } from "./icons";
import { Empty, Loading, Problem } from "./states";

/** So many of the newest entries are shown at first, and so many more with each request. */
const SHOWN_FIRST = 12;
const SHOWN_MORE = 200;

export function InstanceTimeline({ instanceKey }: { instanceKey: string }) {
  const history = useHistory(instanceKey, SHOWN_FIRST, SHOWN_MORE);
  if (history.error !== null) return <Problem error={history.error} retry={() => void history.refetch()} />;
  const last = history.pages.at(-1);
  if (last === undefined) return <Loading label="Fetching the history" />;
  const entries = history.pages.flatMap((page) => page.items).reverse();
  if (entries.length === 0) return <Empty title="Nothing is recorded yet" />;
  return (
    <>
      {history.hasNextPage && (
        <Button variant="subtle" size="compact-sm" mb="xs" onClick={history.wantMore} loading={history.lacks}>
          Show earlier entries ({formatCount(entries.length)} of {formatTotal(last.page)})
        </Button>
      )}
      <ol className="timeline" aria-label="History">
        {entries.map((entry) => (
          <Entry key={entry.position} entry={entry} />
        ))}
      </ol>
    </>
  );
}

function Entry({ entry }: { entry: HistoryEntry }) {
  const refused = entry.clearance !== null && !allows(entry.clearance.decision);
  return (
    <li data-refused={refused}>
      <Text size="sm">
        {entry.elementName !== "" && <strong>{entry.elementName}: </strong>}
        {entry.summary}
      </Text>
      <p className="timeline-meta">
        <time dateTime={entry.at} title={formatExact(entry.at)}>
          {formatMoment(entry.at).replace(/\d{1,2}:\d{2}.*$/, "")}
          {formatClock(entry.at)}
        </time>
        {entry.actor !== "" && <span>{entry.actor}</span>}
        <span title={`Ledger entry ${entry.position}, hash ${entry.hash}`}>
          #{entry.position} <code>{entry.hash.slice(0, 8)}</code>
        </span>
      </p>
      {entry.clearance !== null && <Clearance clearance={entry.clearance} refused={refused} />}
    </li>
  );
}

const REFUSALS: Record<string, string> = { approval: "Approval asked for", deny: "Not cleared" };
const allows = (decision: string) => /^(allow|permit|granted|cleared)/i.test(decision);

function Clearance({ clearance, refused }: { clearance: NonNullable<HistoryEntry["clearance"]>; refused: boolean }) {
  return (
    <p className="clearance" data-refused={refused}>
      {refused ? <AlertIcon size={14} /> : <ShieldIcon size={14} />}
      <span>
        {refused ? (REFUSALS[clearance.decision] ?? `Not cleared (${clearance.decision})`) : "Cleared"}
        {clearance.policies.length > 0 && <> by {clearance.policies.join(", ")}</>}
        {clearance.reasons.length > 0 && <>: {clearance.reasons.join("; ")}</>}
      </span>
    </p>
  );
}
