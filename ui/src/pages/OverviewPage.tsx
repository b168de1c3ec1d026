// What runs: the figures of all processes, each process, and the instances one by one.
import { Select, Table, Text, TextInput, Title } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import type { Instance, InstanceFilter, InstanceState, Overview, ProcessSummary } from "../api/client";
import { useInstances, useOverview } from "../api/queries";
import { SearchIcon } from "../components/icons";
import { Age, StateMark } from "../components/marks";
import { ShowMore } from "../components/ShowMore";
import { Empty, Loading, Problem } from "../components/states";
import { Throughput } from "../components/Throughput";
import { Tile } from "../components/Tile";
import { formatCount } from "../format";
import { useTitle } from "../useTitle";

const PAGE_SIZE = 25;

export function OverviewPage() {
  useTitle("Overview");
  const overview = useOverview();
  return (
    <div className="page page-wide">
      <header className="page-head">
        <Title order={1}>Overview</Title>
      </header>
      {overview.error !== null && <Problem error={overview.error} retry={() => void overview.refetch()} />}
      {overview.isPending && <Loading label="Fetching the figures" />}
      {overview.data !== undefined && <Figures overview={overview.data} />}
      <Instances processes={overview.data?.processes ?? []} />
    </div>
  );
}

function Figures({ overview }: { overview: Overview }) {
  const { totals } = overview;
  const share = totals.completed > 0 ? `${Math.round((100 * totals.automated) / totals.completed)} % of completed` : "";
  return (
    <>
      <div className="tiles">
        <Tile label="Running" value={totals.running} />
        <Tile
          label="Waiting for a person"
          value={totals.waiting}
          to="/?scope=open"
          tone={totals.waiting > 0 ? "warn" : "calm"}
        />
        <Tile
          label="Incidents"
          value={totals.incidents}
          to="/?scope=open&kind=incident"
          tone={totals.incidents > 0 ? "bad" : "calm"}
        />
        <Tile label="Completed" value={totals.completed} note={`${formatCount(totals.escalated)} went to a person`} />
        <Tile label="Automated" value={totals.automated} note={share} tone="good" />
        <Tile label="Ledger entries" value={totals.ledgerEntries} {...ledgerNote(totals.ledgerVerified)} />
      </div>
      <div className="overview-middle">
        <section className="panel section">
          <Title order={2}>Processes</Title>
          <Processes processes={overview.processes} />
        </section>
        <section className="panel section">
          <Title order={2}>Started and completed, per minute</Title>
          <Throughput minutes={overview.perMinute} />
        </section>
      </div>
    </>
  );
}

function ledgerNote(verified: boolean | null): { note: string; tone: "good" | "bad" | "calm" } {
  if (verified === null) return { note: "Not verified yet", tone: "calm" };
  return verified ? { note: "Verified", tone: "good" } : { note: "Verification failed", tone: "bad" };
}

function Processes({ processes }: { processes: ProcessSummary[] }) {
  if (processes.length === 0) {
    return <Empty title="No process is deployed">Deploy one, and it appears here.</Empty>;
  }
  return (
    <Table.ScrollContainer minWidth={420}>
      <Table aria-label="Processes">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Process</Table.Th>
            <Table.Th className="number">Running</Table.Th>
            <Table.Th className="number">Waiting</Table.Th>
            <Table.Th className="number">Incidents</Table.Th>
            <Table.Th className="number">Completed</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {processes.map((process) => (
            <Table.Tr key={process.processDefinitionKey}>
              <Table.Td className="process-name">
                {process.name}{" "}
                <Text component="span" size="xs" c="dimmed">
                  version {process.version}
                </Text>
              </Table.Td>
              <Table.Td className="number">{formatCount(process.active)}</Table.Td>
              <Table.Td className="number">{formatCount(process.waiting)}</Table.Td>
              <Table.Td className="number" data-bad={process.incidents > 0}>
                {formatCount(process.incidents)}
              </Table.Td>
              <Table.Td className="number">{formatCount(process.completed)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

const STATE_CHOICES = [
  { value: "", label: "Every state" },
  { value: "ACTIVE", label: "Running" },
  { value: "incident", label: "With an incident" },
  { value: "COMPLETED", label: "Completed" },
  { value: "TERMINATED", label: "Cancelled" },
];

function Instances({ processes }: { processes: ProcessSummary[] }) {
  const [state, setState] = useState("");
  const [process, setProcess] = useState("");
  const [text, setText] = useState("");
  const [limit, setLimit] = useState(PAGE_SIZE);
  const search = useDebouncedCallback(setText, 250);
  const filter = filterOf(state, process, text);
  const found = useInstances(filter, limit);
  const none = Object.keys(filter).length > 0 ? "No instance matches" : "Nothing has been started yet";
  const names = new Map(processes.map((known) => [known.processDefinitionId, known.name]));
  const choices = [...names].map(([value, label]) => ({ value, label }));
  return (
    <section className="panel section">
      <div className="section-head">
        <Title order={2}>Instances</Title>
        <div className="filters" role="search">
          <TextInput
            type="search"
            aria-label="Search the instances"
            placeholder="Search"
            leftSection={<SearchIcon />}
            className="search"
            onChange={(event) => search(event.currentTarget.value)}
          />
          <Select
            aria-label="State"
            data={STATE_CHOICES}
            value={state}
            onChange={(to) => setState(to ?? "")}
            className="choice"
          />
          <Select
            aria-label="Process"
            data={[{ value: "", label: "Every process" }, ...choices]}
            value={process}
            onChange={(to) => setProcess(to ?? "")}
            className="choice"
          />
        </div>
      </div>
      {found.error !== null && <Problem error={found.error} retry={() => void found.refetch()} />}
      {found.isPending && <Loading label="Fetching the instances" />}
      {found.data !== undefined && <InstanceTable instances={found.data.items} none={none} />}
      <ShowMore found={found.data} onClick={() => setLimit(limit + PAGE_SIZE)} loading={found.isPlaceholderData} />
    </section>
  );
}

function filterOf(state: string, process: string, text: string): InstanceFilter {
  const filter: InstanceFilter = {};
  if (state === "incident") filter.hasIncident = true;
  else if (state !== "") filter.state = state as InstanceState;
  if (process !== "") filter.processDefinitionId = process;
  if (text.trim() !== "") filter.text = text.trim();
  return filter;
}

function InstanceTable({ instances, none }: { instances: Instance[]; none: string }) {
  const navigate = useNavigate();
  if (instances.length === 0) return <Empty title={none} />;
  return (
    <Table.ScrollContainer minWidth={620}>
      <Table highlightOnHover aria-label="Instances">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Subject</Table.Th>
            <Table.Th>State</Table.Th>
            <Table.Th>Current step</Table.Th>
            <Table.Th>Started</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {instances.map((instance) => (
            <Table.Tr
              key={instance.processInstanceKey}
              className="clickable"
              onClick={() => void navigate(`/instances/${instance.processInstanceKey}`)}
            >
              <Table.Td>
                <Link to={`/instances/${instance.processInstanceKey}`} className="plain-link">
                  {instance.subject || instance.processInstanceKey}
                </Link>
                <Text size="xs" c="dimmed">
                  {instance.processDefinitionName}
                </Text>
              </Table.Td>
              <Table.Td>
                <StateMark instance={instance} />
              </Table.Td>
              <Table.Td>
                {instance.currentElements.map((element) => element.name || element.elementId).join(", ") || "—"}
              </Table.Td>
              <Table.Td>
                <Age since={instance.startDate} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
