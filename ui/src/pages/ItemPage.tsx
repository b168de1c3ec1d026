// One item: the document on the left; on the right why it came here, what was read and checked, and the decision.
import { Anchor, Text, Title } from "@mantine/core";
import { useEffect, useState, type ReactNode } from "react";
import { Link, useLocation, useNavigate, useParams } from "react-router";
import type { InboxDetail, InboxItem, Me, Option } from "../api/client";
import { useInbox, useInboxItem, useInboxOnce } from "../api/queries";
import { ActionView } from "../components/ActionView";
import { AnswerForm } from "../components/AnswerForm";
import { Assignment } from "../components/Assignment";
import { DocumentView } from "../components/DocumentView";
import { FactsTable, FieldsTable } from "../components/Findings";
import { BackIcon, CheckIcon } from "../components/icons";
import { Age, Deadline, KindMark } from "../components/marks";
import { Loading, Problem } from "../components/states";
import { InstanceTimeline } from "../components/Timeline";
import { formatExact } from "../format";
import { filterOf, limitOf, PAGE_SIZE, sortOf, useInboxView } from "./inboxView";
import { typing } from "../keys";
import { useTitle } from "../useTitle";

export function ItemPage({ me }: { me: Me }) {
  const { key = "" } = useParams();
  const { search, state } = useLocation() as { search: string; state: { answered?: string } | null };
  const item = useInboxItem(key);
  useTitle(item.data && `${item.data.title}: ${item.data.subject}`);
  useBackKey(search);
  return (
    <div className="page page-wide">
      <Anchor component={Link} to={{ pathname: "/", search }} size="sm" className="back">
        <BackIcon size={16} /> Inbox
      </Anchor>
      {state?.answered !== undefined && (
        <p className="answered-note" role="status">
          <CheckIcon size={16} /> {state.answered} Here is the next one.
        </p>
      )}
      {item.error !== null && <Problem error={item.error} retry={() => void item.refetch()} />}
      {item.isPending && <Loading label="Fetching the item" />}
      {item.data !== undefined && <Item key={key} item={item.data} me={me} />}
    </div>
  );
}

function Item({ item, me }: { item: InboxDetail; me: Me }) {
  const { brief } = item;
  const reasons = brief.reasons.length > 0 ? brief.reasons : [item.reason].filter((reason) => reason !== "");
  const [selected, setSelected] = useState<string | null>(null);
  return (
    <>
      <ItemHead item={item} me={me} />
      <div className="item" data-document={brief.document !== null}>
        {brief.document !== null && (
          <DocumentView document={brief.document} fields={brief.fields} selected={selected} onSelect={setSelected} />
        )}
        <div className="item-side">
          {reasons.length > 0 && (
            <Section title="Why this came to you">
              <ul className="reasons">
                {reasons.map((reason) => (
                  <li key={reason}>{reason}</li>
                ))}
              </ul>
            </Section>
          )}
          {brief.action !== null && (
            <Section title="The action to approve">
              <ActionView action={brief.action} />
            </Section>
          )}
          {brief.facts.length > 0 && (
            <Section title="What other systems said">
              <FactsTable facts={brief.facts} />
            </Section>
          )}
          {brief.fields.length > 0 && (
            <Section title="What was read">
              <FieldsTable fields={brief.fields} selected={selected} onSelect={setSelected} />
            </Section>
          )}
          <Section title="Your decision" id="decision">
            <Decision item={item} />
          </Section>
          {brief.document !== null && <SoFar item={item} />}
        </div>
        {brief.document === null && <SoFar item={item} />}
      </div>
    </>
  );
}

function SoFar({ item }: { item: InboxDetail }) {
  return (
    <Section title="What happened so far">
      <Anchor component={Link} to={`/instances/${item.processInstanceKey}`} size="sm">
        Open the whole process: {item.processName}
      </Anchor>
      <InstanceTimeline key={item.processInstanceKey} instanceKey={item.processInstanceKey} />
    </Section>
  );
}

function ItemHead({ item, me }: { item: InboxDetail; me: Me }) {
  const closed = item.state !== "CREATED";
  return (
    <header className="item-head">
      <div className="grow">
        <div className="row-head">
          <KindMark kind={item.kind} />
          <Text size="sm" c="dimmed">
            {item.processName} · <Age since={item.creationDate} />
          </Text>
        </div>
        <Title order={1}>{item.title}</Title>
        <Text>{item.subject}</Text>
      </div>
      <div className="item-head-side">
        <Deadline due={item.dueDate} closed={closed} />
        {!closed && <Assignment item={item} me={me} />}
      </div>
    </header>
  );
}

function Section({ title, id, children }: { title: string; id?: string; children: ReactNode }) {
  return (
    <section className="panel section" id={id}>
      <Title order={2}>{title}</Title>
      {children}
    </section>
  );
}

function Decision({ item }: { item: InboxDetail }) {
  const findNext = useNext(item);
  const navigate = useNavigate();
  const { search } = useLocation();
  const onAnswered = async (option: Option) => {
    const next = await findNext();
    const answered = `Answered “${option.label}”: ${item.subject}.`;
    void navigate({ pathname: next === undefined ? "/" : `/inbox/${next.key}`, search }, { state: { answered } });
    window.scrollTo(0, 0);
  };
  if (item.state === "CREATED") return <AnswerForm item={item} onAnswered={onAnswered} />;
  if (item.answer === null) return <Text size="sm">This item was cancelled: no answer is needed any more.</Text>;
  const { option, by, at, comment } = item.answer;
  const label = item.brief.options.find((candidate) => candidate.value === option)?.label ?? option;
  return (
    <div className="answered">
      <Text fw={600}>{label}</Text>
      <Text size="sm" c="dimmed">
        by {by}, {formatExact(at)}
      </Text>
      {comment !== null && comment !== "" && <blockquote>{comment}</blockquote>}
    </div>
  );
}

/**
 * Finds the item after this one in the list that the person came from; from the last, back to the first. A person may
 * answer before the list has come, and the list that comes after the answer no longer says where this item stood.
 */
function useNext(item: InboxItem): () => Promise<InboxItem | undefined> {
  const { view } = useInboxView();
  const list = [filterOf(view), sortOf(view), limitOf(view, PAGE_SIZE)] as const;
  const found = useInbox(...list);
  const fetchList = useInboxOnce(...list);
  const next = found.data && following(found.data.items, item.key);
  return async () => {
    if (next !== undefined) return next;
    const fetched = await fetchList().catch(() => undefined);
    return fetched && following(fetched.items, item.key);
  };
}

function following(items: InboxItem[], key: string): InboxItem | undefined {
  const open = items.filter((other) => other.state === "CREATED");
  const at = open.findIndex((other) => other.key === key);
  return open.slice(at + 1).find((other) => other.key !== key) ?? open.find((other) => other.key !== key);
}

/** u leads up, to the inbox as it was left. */
function useBackKey(search: string) {
  const navigate = useNavigate();
  useEffect(() => {
    const back = (event: KeyboardEvent) => {
      if (event.key !== "u" || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
      void navigate({ pathname: "/", search });
    };
    window.addEventListener("keydown", back);
    return () => window.removeEventListener("keydown", back);
  }, [navigate, search]);
}
