// What the inbox shows, kept in the address bar: a reload, a bookmark or the way back from an item shows the same,
// and an item knows which one comes next.
import { useMemo } from "react";
import { useSearchParams } from "react-router";
import type { InboxFilter, InboxItem, InboxKind, InboxScope, InboxSortField, Sort } from "../api/client";

export type Due = "" | "late" | "today" | "week";
export type InboxView = {
  scope: InboxScope;
  kind: "" | InboxKind;
  process: string;
  text: string;
  due: Due;
  sort: InboxSortField;
};

export const SCOPES: readonly InboxScope[] = ["roles", "mine", "open", "done"];
const KINDS: readonly InboxKind[] = ["task", "approval", "incident"];
const DUES: readonly Due[] = ["late", "today", "week"];
const SORTS: readonly InboxSortField[] = ["dueDate", "priority", "creationDate"];

export const PAGE_SIZE = 50;
/** A due filter cuts the list that is sorted by due date, so one long page holds all that it can show. */
const DUE_PAGE_SIZE = 200;

export function useInboxView() {
  const [params, setParams] = useSearchParams();
  const view = useMemo(() => readView(params), [params]);
  const change = (part: Partial<InboxView>) => {
    setParams(
      (old) => {
        const next = new URLSearchParams(old);
        for (const [name, value] of Object.entries(part)) {
          if (value === "") next.delete(name);
          else next.set(name, value);
        }
        return next;
      },
      { replace: true },
    );
  };
  return { view, change };
}

function readView(params: URLSearchParams): InboxView {
  const pick = <T extends string>(name: string, allowed: readonly T[]) =>
    allowed.find((value) => value === params.get(name));
  return {
    scope: pick("scope", SCOPES) ?? "roles",
    kind: pick("kind", KINDS) ?? "",
    process: params.get("process") ?? "",
    text: params.get("text") ?? "",
    due: pick("due", DUES) ?? "",
    sort: pick("sort", SORTS) ?? "dueDate",
  };
}

export function filterOf(view: InboxView, scope: InboxScope = view.scope): InboxFilter {
  const filter: InboxFilter = { scope };
  if (view.kind !== "") filter.kind = view.kind;
  if (view.process !== "") filter.processDefinitionId = view.process;
  if (view.text.trim() !== "") filter.text = view.text.trim();
  return filter;
}

export function sortOf(view: InboxView): Sort[] {
  if (view.scope === "done") return [{ field: "creationDate", order: "desc" }];
  const field = view.due === "" ? view.sort : "dueDate";
  return [{ field, order: field === "priority" ? "desc" : "asc" }];
}

export const limitOf = (view: InboxView, limit: number) => (view.due === "" ? limit : Math.max(limit, DUE_PAGE_SIZE));

export function withinDue(items: InboxItem[], due: Due, now: number): InboxItem[] {
  if (due === "") return items;
  const end = endOf(due, now);
  return items.filter((item) => item.dueDate !== null && Date.parse(item.dueDate) < end);
}

function endOf(due: Due, now: number): number {
  if (due === "late") return now;
  const midnight = new Date(now);
  midnight.setHours(24, 0, 0, 0);
  if (due === "week") midnight.setDate(midnight.getDate() + 6);
  return midnight.getTime();
}
