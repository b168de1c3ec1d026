// One instance: where it stands in its process, what it knows, and everything that happened to it.
import { Anchor, Badge, Table, Text, Title } from "@mantine/core";
import { lazy, Suspense } from "react";
import { Link, useParams } from "react-router";
import type { ElementInstance, Instance, Variable } from "../api/client";
import { useDefinitionXml, useElements, useInstance, useVariables } from "../api/queries";
import { BackIcon, LockIcon } from "../components/icons";
import { Age, StateMark } from "../components/marks";
import { Empty, Loading, Problem } from "../components/states";
import { InstanceTimeline } from "../components/Timeline";
import { formatCount, formatExact, formatJson, formatTotal } from "../format";
import { useTitle } from "../useTitle";

// The diagram's library is most of this page's weight, so it is fetched when a diagram is first shown.
const Diagram = lazy(() => import("../components/Diagram"));

export function InstancePage() {
  const { key = "" } = useParams();
  const instance = useInstance(key);
  useTitle(instance.data?.subject);
  return (
    <div className="page page-wide">
      <Anchor component={Link} to="/overview" size="sm" className="back">
        <BackIcon size={16} /> Overview
      </Anchor>
      {instance.error !== null && <Problem error={instance.error} retry={() => void instance.refetch()} />}
      {instance.isPending && <Loading label="Fetching the instance" />}
      {instance.data !== undefined && <InstanceView instance={instance.data} />}
    </div>
  );
}

function InstanceView({ instance }: { instance: Instance }) {
  const key = instance.processInstanceKey;
  const elements = useElements(key);
  return (
    <>
      <header className="item-head">
        <div className="grow">
          <div className="row-head">
            <StateMark instance={instance} />
            <Text size="sm" c="dimmed">
              {instance.processDefinitionName}, version {instance.processDefinitionVersion}
            </Text>
          </div>
          <Title order={1}>{instance.subject || `Instance ${key}`}</Title>
          <Text size="sm" c="dimmed">
            Started <Age since={instance.startDate} />
            {instance.endDate !== null && <>, ended {formatExact(instance.endDate)}</>} · key {key}
          </Text>
        </div>
      </header>
      <section className="panel section">
        <Title order={2}>Where it stands</Title>
        {elements.error !== null && <Problem error={elements.error} retry={() => void elements.refetch()} />}
        <DiagramOf instance={instance} elements={elements.data ?? []} />
        <Steps elements={elements.data ?? []} />
      </section>
      <div className="instance-columns">
        <section className="panel section">
          <Title order={2}>History</Title>
          <InstanceTimeline key={key} instanceKey={key} />
        </section>
        <section className="panel section">
          <Title order={2}>Variables</Title>
          <Variables instanceKey={key} />
        </section>
      </div>
    </>
  );
}

function DiagramOf({ instance, elements }: { instance: Instance; elements: ElementInstance[] }) {
  const xml = useDefinitionXml(instance.processDefinitionKey);
  if (xml.error !== null) return <Problem error={xml.error} retry={() => void xml.refetch()} />;
  if (xml.data === undefined) return <Loading label="Fetching the diagram" />;
  return (
    <Suspense fallback={<Loading label="Drawing the diagram" />}>
      <Diagram xml={xml.data} elements={elements} />
    </Suspense>
  );
}

/** The diagram in words: what is going on now, for those who do not see it or want it short. */
function Steps({ elements }: { elements: ElementInstance[] }) {
  const now = elements.filter(
    (element) => (element.state === "ACTIVE" || element.incident) && element.type !== "PROCESS",
  );
  if (now.length === 0) return null;
  return (
    <ul className="now" aria-label="Steps in progress">
      {now.map((element) => (
        <li key={element.elementInstanceKey} data-incident={element.incident}>
          <strong>{element.elementName || element.elementId}</strong>{" "}
          {element.incident ? "stopped with an incident" : "in progress"}, since <Age since={element.startDate} />
        </li>
      ))}
    </ul>
  );
}

function Variables({ instanceKey }: { instanceKey: string }) {
  const variables = useVariables(instanceKey);
  if (variables.error !== null) return <Problem error={variables.error} retry={() => void variables.refetch()} />;
  if (variables.data === undefined) return <Loading label="Fetching the variables" />;
  const { items, page } = variables.data;
  if (items.length === 0) return <Empty title="It has no variables yet" />;
  return (
    <>
      <Table className="facts variables" aria-label="Variables">
        <Table.Tbody>
          {items.map((variable) => (
            <Table.Tr key={`${variable.scopeKey}/${variable.name}`}>
              <Table.Th scope="row">{variable.name}</Table.Th>
              <Table.Td>
                <VariableValue variable={variable} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {items.length < page.totalItems && (
        <Text c="dimmed" size="sm" mt="md">
          These are {formatCount(items.length)} of {formatTotal(page)}: the process&rsquo;s own, then those of its oldest
          steps.
        </Text>
      )}
    </>
  );
}

function VariableValue({ variable }: { variable: Variable }) {
  if (variable.masked) {
    return (
      <Badge variant="light" color="gray" radius="sm" className="mark" leftSection={<LockIcon size={12} />}>
        Masked for your role
      </Badge>
    );
  }
  return (
    <pre className="variable">
      {formatJson(variable.value)}
      {variable.isTruncated && <em> … cut off</em>}
    </pre>
  );
}
