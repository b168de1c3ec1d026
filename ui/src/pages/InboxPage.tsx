// The first page: what waits for a person, most urgent first. All of it works from the keyboard.
import { Alert, Button, Select, TextInput, Title } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useEffect, useRef, useState } from "react";
import { Link, useLocation } from "react-router";
import type { InboxItem, InboxScope } from "../api/client";
import { useInbox, useInboxCount, useOverview } from "../api/queries";
import { CheckIcon, SearchIcon } from "../components/icons";
import { InboxRow } from "../components/InboxRow";
import { ShowMore } from "../components/ShowMore";
import { Empty, Loading, Problem } from "../components/states";
import { formatTotal } from "../format";
import { useNow } from "../useNow";
import { useTitle } from "../useTitle";
import { filterOf, limitOf, PAGE_SIZE, SCOPES, sortOf, useInboxView, withinDue, type InboxView } from "./inboxView";
import { useListKeys } from "../keys";

const SCOPE_LABELS: Record<InboxScope, string> = { roles: "My roles", mine: "Mine", open: "All open", done: "Done" };

type ViewProps = { view: InboxView; change: (part: Partial<InboxView>) => void };

export function InboxPage() {
  useTitle("Inbox");
  const { view, change } = useInboxView();
  const [limit, setLimit] = useState(PAGE_SIZE);
  const now = useNow();
  const found = useInbox(filterOf(view), sortOf(view), limitOf(view, limit));
  const items = withinDue(found.data?.items ?? [], view.due, now);
  return (
    <div className="page">
      <header className="page-head">
        <Title order={1}>Inbox</Title>
        <p className="keys">
          <kbd>j</kbd> <kbd>k</kbd> move <kbd>Enter</kbd> open <kbd>/</kbd> search
        </p>
      </header>
      <AnsweredNote />
      <ScopeTabs view={view} change={change} />
      <Filters view={view} change={change} items={items} />
      {found.error !== null && <Problem error={found.error} retry={() => void found.refetch()} />}
      {found.isPending && <Loading label="Fetching your inbox" />}
      {found.data !== undefined && <InboxList items={items} view={view} change={change} />}
      {view.due === "" && (
        <ShowMore found={found.data} onClick={() => setLimit(limit + PAGE_SIZE)} loading={found.isPlaceholderData} />
      )}
    </div>
  );
}

/** Said once, when the last item of the list was answered. */
function AnsweredNote() {
  const { state } = useLocation() as { state: { answered?: string } | null };
  if (state?.answered === undefined) return null;
  return (
    <Alert color="teal" variant="light" icon={<CheckIcon />} mb="md" role="status">
      {state.answered}
    </Alert>
  );
}

function ScopeTabs({ view, change }: ViewProps) {
  return (
    <div className="tabs" role="group" aria-label="Which items">
      {SCOPES.map((scope) => (
        <ScopeTab key={scope} scope={scope} view={view} change={change} />
      ))}
    </div>
  );
}

function ScopeTab({ scope, view, change }: ViewProps & { scope: InboxScope }) {
  const count = useInboxCount(filterOf(view, scope));
  return (
    <button type="button" className="tab" aria-pressed={view.scope === scope} onClick={() => change({ scope })}>
      {SCOPE_LABELS[scope]}
      <span className="count">{count.data === undefined ? "…" : formatTotal(count.data)}</span>
    </button>
  );
}

const KIND_CHOICES = [
  { value: "", label: "Every kind" },
  { value: "task", label: "Decisions" },
  { value: "approval", label: "Approvals" },
  { value: "incident", label: "Incidents" },
];
const DUE_CHOICES = [
  { value: "", label: "Any deadline" },
  { value: "late", label: "Late" },
  { value: "today", label: "Due today" },
  { value: "week", label: "Due in 7 days" },
];
const SORT_CHOICES = [
  { value: "dueDate", label: "By deadline" },
  { value: "priority", label: "By priority" },
  { value: "creationDate", label: "Oldest first" },
];

function Filters({ view, change, items }: ViewProps & { items: InboxItem[] }) {
  const processes = useProcessChoices(items);
  return (
    <div className="filters" role="search">
      <SearchBox text={view.text} onChange={(text) => change({ text })} />
      <Choice
        label="Kind"
        data={KIND_CHOICES}
        value={view.kind}
        onChange={(kind) => change({ kind } as Partial<InboxView>)}
      />
      <Choice label="Process" data={processes} value={view.process} onChange={(process) => change({ process })} />
      <Choice
        label="Deadline"
        data={DUE_CHOICES}
        value={view.due}
        onChange={(due) => change({ due } as Partial<InboxView>)}
      />
      <Choice
        label="Order"
        data={SORT_CHOICES}
        value={view.sort}
        onChange={(sort) => change({ sort } as Partial<InboxView>)}
      />
    </div>
  );
}

type ChoiceProps = {
  label: string;
  data: { value: string; label: string }[];
  value: string;
  onChange: (value: string) => void;
};

function Choice({ label, data, value, onChange }: ChoiceProps) {
  return (
    <Select
      aria-label={label}
      data={data}
      value={value}
      onChange={(next) => onChange(next ?? "")}
      allowDeselect={false}
      checkIconPosition="right"
      className="choice"
    />
  );
}

function SearchBox({ text, onChange }: { text: string; onChange: (text: string) => void }) {
  const [typed, setTyped] = useState(text);
  const box = useRef<HTMLInputElement>(null);
  const told = useRef(text);
  const tell = useDebouncedCallback((next: string) => {
    told.current = next;
    onChange(next);
  }, 250);
  // The filter can change without the box (cleared, or by going back); what is being typed is left alone.
  useEffect(() => {
    if (text !== told.current) setTyped(text);
    told.current = text;
  }, [text]);
  useEffect(() => {
    const focus = (event: KeyboardEvent) => {
      if (event.key !== "/" || event.target instanceof HTMLInputElement) return;
      event.preventDefault();
      box.current?.focus();
    };
    window.addEventListener("keydown", focus);
    return () => window.removeEventListener("keydown", focus);
  }, []);
  return (
    <TextInput
      ref={box}
      type="search"
      aria-label="Search the inbox"
      placeholder="Search"
      leftSection={<SearchIcon />}
      className="search"
      value={typed}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        tell(event.currentTarget.value);
      }}
    />
  );
}

/** The processes that are known; for those who may not see the overview, the ones that their items name. */
function useProcessChoices(items: InboxItem[]) {
  const overview = useOverview();
  const names = new Map(items.map((item) => [item.processDefinitionId, item.processName]));
  for (const process of overview.data?.processes ?? []) names.set(process.processDefinitionId, process.name);
  return [{ value: "", label: "Every process" }, ...[...names].map(([value, label]) => ({ value, label }))];
}

function InboxList({ items, view, change }: ViewProps & { items: InboxItem[] }) {
  const list = useRef<HTMLUListElement>(null);
  const { search } = useLocation();
  useListKeys(list);
  if (items.length === 0) return <NothingHere view={view} change={change} />;
  return (
    <ul ref={list} className="panel list" aria-label="Inbox items">
      {items.map((item) => (
        <li key={item.key}>
          <Link to={{ pathname: `/inbox/${item.key}`, search }} className="row" data-kind={item.kind}>
            <InboxRow item={item} />
          </Link>
        </li>
      ))}
    </ul>
  );
}

function NothingHere({ view, change }: ViewProps) {
  const filtered = view.kind !== "" || view.process !== "" || view.text !== "" || view.due !== "";
  if (filtered) {
    return (
      <Empty title="Nothing matches these filters" icon={<SearchIcon size={28} />}>
        <Button variant="default" mt="sm" onClick={() => change({ kind: "", process: "", text: "", due: "" })}>
          Clear the filters
        </Button>
      </Empty>
    );
  }
  if (view.scope === "done") return <Empty title="Nothing has been answered yet" />;
  return (
    <Empty title="Nothing waits for you" icon={<CheckIcon size={28} />}>
      What can go by the rules goes by itself. As soon as something needs a person, it appears here.
    </Empty>
  );
}
