// The control tower's side of the HTTP API: the types of docs/api.md and one function a call, nothing else.
// Answers are typed by contract; whatever is not a 2xx becomes an ApiError that carries the server's problem
// (RFC 9457), so that pages show the server's own words and never guess.

export type Me = { username: string; displayName: string; roles: string[]; tenants: string[] };

export type Page = { from: number; limit: number };
export type Sort = { field: string; order: "asc" | "desc" };
/** How many match; with hasMoreTotalItems even more than that, since the server stops counting long lists. */
export type Total = { totalItems: number; hasMoreTotalItems: boolean; endCursor: string | null };
export type Found<T> = { items: T[]; page: Total };

export type InboxScope = "mine" | "roles" | "open" | "done";
export type InboxKind = "task" | "approval" | "incident";
export type InboxFilter = { scope: InboxScope; kind?: InboxKind; processDefinitionId?: string; text?: string };
export type InboxSortField = "dueDate" | "creationDate" | "priority";

export type InboxItem = {
  key: string;
  kind: InboxKind;
  title: string;
  subject: string;
  reason: string;
  processDefinitionId: string;
  processName: string;
  processInstanceKey: string;
  elementId: string;
  roles: string[];
  assignee: string | null;
  state: "CREATED" | "COMPLETED" | "CANCELED";
  creationDate: string;
  dueDate: string | null;
  priority: number;
};

export type Option = { value: string; label: string; consequence: string; commentRequired?: boolean };
export type Document = { sha256: string; name: string; mediaType: string; size: number; textSha256?: string | null };
/** What was read, and where: start and end are code points in the document's text, both 0 when not known. */
export type ReadField = {
  name: string;
  label: string;
  value: unknown;
  confidence: number | null;
  location: string;
  start: number;
  end: number;
};
export type Fact = { label: string; expected: unknown; actual: unknown; ok: boolean };
export type Action = { operation: string; target: string; parameters: Record<string, unknown>; sha256: string };
export type Brief = {
  reasons: string[];
  recommendation: { option: string; why: string } | null;
  options: Option[];
  document: Document | null;
  fields: ReadField[];
  facts: Fact[];
  action: Action | null;
};
export type Answer = { option: string; comment: string | null; by: string; at: string };
export type InboxDetail = InboxItem & { brief: Brief; answer: Answer | null };
export type AnswerRequest = {
  option: string;
  comment?: string;
  variables?: Record<string, unknown>;
  actionSha256?: string;
};

export type ProcessSummary = {
  processDefinitionId: string;
  processDefinitionKey: string;
  name: string;
  version: number;
  active: number;
  completed: number;
  waiting: number;
  incidents: number;
};
export type Overview = {
  totals: {
    running: number;
    completed: number;
    automated: number;
    escalated: number;
    waiting: number;
    incidents: number;
    ledgerEntries: number;
    ledgerVerified: boolean | null;
  };
  processes: ProcessSummary[];
  perMinute: { minute: string; started: number; completed: number }[];
};

export type InstanceState = "ACTIVE" | "COMPLETED" | "TERMINATED";
export type InstanceFilter = {
  state?: InstanceState;
  processDefinitionId?: string;
  text?: string;
  hasIncident?: boolean;
};
export type Instance = {
  processInstanceKey: string;
  processDefinitionId: string;
  processDefinitionKey: string;
  processDefinitionName: string;
  processDefinitionVersion: number;
  state: InstanceState;
  hasIncident: boolean;
  startDate: string;
  endDate: string | null;
  subject: string;
  currentElements: { elementId: string; name: string }[];
  tenantId: string;
};
export type HistoryEntry = {
  position: number;
  at: string;
  kind: string;
  elementId: string;
  elementName: string;
  summary: string;
  actor: string;
  clearance: { decision: string; policies: string[]; reasons: string[] } | null;
  hash: string;
};
export type ElementInstance = {
  elementInstanceKey: string;
  elementId: string;
  elementName: string;
  type: string;
  state: InstanceState;
  startDate: string;
  endDate: string | null;
  incident: boolean;
};
export type Variable = { name: string; value: string; scopeKey: string; isTruncated: boolean; masked: boolean };

type Problem = { title?: string; status?: number; detail?: string; instance?: string };

/** The server said no, or said nothing (status 0). `title` and `detail` are fit to show to a person. */
export class ApiError extends Error {
  readonly status: number;
  readonly title: string;
  readonly detail: string;

  constructor(status: number, title: string, detail: string) {
    super(detail ? `${title}: ${detail}` : title);
    this.status = status;
    this.title = title;
    this.detail = detail;
  }
}

async function send(method: string, path: string, body?: unknown): Promise<Response> {
  const request: RequestInit = { method, credentials: "same-origin", headers: { Accept: "application/json" } };
  if (body !== undefined) {
    request.body = JSON.stringify(body);
    request.headers = { Accept: "application/json", "Content-Type": "application/json" };
  }
  let response: Response;
  try {
    response = await fetch(`/v2${path}`, request);
  } catch {
    throw new ApiError(
      0,
      "The server does not answer",
      "Check that Clearance is running and reachable, then try again.",
    );
  }
  if (!response.ok) throw await toError(response);
  return response;
}

async function toError(response: Response): Promise<ApiError> {
  const text = await response.text();
  let problem: Problem = {};
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === "object" && parsed !== null) problem = parsed;
  } catch {
    problem = { detail: text.slice(0, 500) };
  }
  const title = typeof problem.title === "string" ? problem.title : `The server answered ${response.status}`;
  return new ApiError(response.status, title, typeof problem.detail === "string" ? problem.detail : "");
}

async function read<T>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await send(method, path, body);
  return (await response.json()) as T;
}

async function act(method: string, path: string, body?: unknown): Promise<void> {
  await send(method, path, body);
}

const at = encodeURIComponent;
/** Of one instance, as much as a page can show. */
const ALL: Page = { from: 0, limit: 1_000 };

export const api = {
  login: (username: string, password: string) => act("POST", "/authentication/login", { username, password }),
  logout: () => act("POST", "/authentication/logout"),
  me: () => read<Me>("GET", "/authentication/me"),

  searchInbox: (filter: InboxFilter, sort: Sort[], page: Page) =>
    read<Found<InboxItem>>("POST", "/inbox/search", { filter, sort, page }),
  inboxItem: (key: string) => read<InboxDetail>("GET", `/inbox/${at(key)}`),
  answer: (key: string, answer: AnswerRequest) => act("POST", `/inbox/${at(key)}/answer`, answer),
  assign: (key: string, assignee: string) => act("PUT", `/inbox/${at(key)}/assignee`, { assignee }),
  release: (key: string) => act("DELETE", `/inbox/${at(key)}/assignee`),

  documentUrl: (sha256: string) => `/v2/documents/${at(sha256)}`,
  documentText: async (sha256: string) => {
    const bytes = await (await send("GET", `/documents/${at(sha256)}`)).arrayBuffer();
    // The byte order mark stays: spans count it, as they count every other code point.
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  },

  overview: () => read<Overview>("GET", "/overview"),
  searchInstances: (filter: InstanceFilter, sort: Sort[], page: Page) =>
    read<Found<Instance>>("POST", "/process-instances/search", { filter, sort, page }),
  instance: (key: string) => read<Instance>("GET", `/process-instances/${at(key)}`),
  /** The newest first; `after` is the cursor of the page before. */
  history: (key: string, limit: number, after: string) =>
    read<Found<HistoryEntry>>(
      "GET",
      `/process-instances/${at(key)}/history?order=desc&limit=${limit}&after=${at(after)}`,
    ),
  /** Whatever is at work, and of a long instance the last that happened. */
  elements: async (processInstanceKey: string) => {
    const search = (state: object, sort: Sort[]) =>
      read<Found<ElementInstance>>("POST", "/element-instances/search", {
        filter: { processInstanceKey, ...state },
        sort,
        page: ALL,
      });
    const newest: Sort = { field: "elementInstanceKey", order: "desc" };
    const [last, active] = await Promise.all([search({}, [newest]), search({ state: "ACTIVE" }, [])]);
    const shown = new Set(last.items.map((one) => one.elementInstanceKey));
    return [...active.items.filter((one) => !shown.has(one.elementInstanceKey)), ...last.items.reverse()];
  },
  variables: (processInstanceKey: string) =>
    read<Found<Variable>>("POST", "/variables/search", { filter: { processInstanceKey }, page: ALL }),
  definitionXml: async (key: string) => (await send("GET", `/process-definitions/${at(key)}/xml`)).text(),
};
