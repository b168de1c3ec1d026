// Live updates: the server says which topics changed, and the queries of those topics are asked again.
// While the event stream is down the same queries poll, so a page is never silently old.
import { useQueryClient } from "@tanstack/react-query";
import { createContext, useContext, useEffect, useState, type ReactNode } from "react";

export type Topic = "inbox" | "instances" | "overview";
const TOPICS: readonly Topic[] = ["inbox", "instances", "overview"];

/** At most one refresh a topic in this time, however many events arrive. */
const REFRESH_PAUSE_MS = 1_500;
const RECONNECT_MS = 5_000;
const POLL_MS = 10_000;

const Live = createContext(false);

/** Whether the event stream is up. */
export const useLive = () => useContext(Live);

/** For queries of a topic: poll only while the event stream is down. */
export const usePolling = (): number | false => (useLive() ? false : POLL_MS);

export function LiveUpdates({ children }: { children: ReactNode }) {
  const [live, setLive] = useState(false);
  const client = useQueryClient();

  useEffect(() => {
    let source: EventSource | undefined;
    let reconnect: number | undefined;
    let refresh: number | undefined;
    const changed = new Set<Topic>();

    const refreshNow = () => {
      refresh = undefined;
      for (const topic of changed) void client.invalidateQueries({ queryKey: [topic] });
      changed.clear();
    };
    const refreshSoon = (topics: readonly Topic[]) => {
      for (const topic of topics) changed.add(topic);
      refresh ??= window.setTimeout(refreshNow, REFRESH_PAUSE_MS);
    };
    const connect = () => {
      source = new EventSource("/v2/events");
      // What happened while nobody listened is unknown, so everything is asked again.
      source.onopen = () => {
        setLive(true);
        refreshSoon(TOPICS);
      };
      source.onerror = () => {
        setLive(false);
        source?.close();
        reconnect = window.setTimeout(connect, RECONNECT_MS);
      };
      source.addEventListener("changed", (event) => refreshSoon(topicsOf(event.data)));
    };

    connect();
    return () => {
      source?.close();
      window.clearTimeout(reconnect);
      window.clearTimeout(refresh);
    };
  }, [client]);

  return <Live.Provider value={live}>{children}</Live.Provider>;
}

/** The event's topics; all of them when the message cannot be read, for a refresh too many does no harm. */
function topicsOf(data: unknown): readonly Topic[] {
  try {
    const { topics } = JSON.parse(String(data)) as { topics?: unknown };
    return Array.isArray(topics) ? TOPICS.filter((topic) => topics.includes(topic)) : TOPICS;
  } catch {
    return TOPICS;
  }
}
