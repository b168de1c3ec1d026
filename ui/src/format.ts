// How values read to a person: moments, durations, sizes and whatever an actor concluded.
import type { Total } from "./api/client";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const moment = new Intl.DateTimeFormat(undefined, {
  weekday: "short",
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
});
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const whole = new Intl.NumberFormat();

export const formatMoment = (iso: string) => moment.format(new Date(iso));
export const formatExact = (iso: string) => exact.format(new Date(iso));
export const formatClock = (iso: string) => clock.format(new Date(iso));
export const formatCount = (count: number) => whole.format(count);
/** "10,000+" where the server has stopped counting. */
export const formatTotal = (total: Total) => `${formatCount(total.totalItems)}${total.hasMoreTotalItems ? "+" : ""}`;

/** A length of time in its largest fitting unit: "45 s", "12 min", "3 h", "5 days". */
export function formatDuration(ms: number): string {
  const length = Math.abs(ms);
  if (length < MINUTE_MS) return `${Math.round(length / 1000)} s`;
  if (length < 90 * MINUTE_MS) return `${Math.round(length / MINUTE_MS)} min`;
  if (length < 36 * HOUR_MS) return `${Math.round(length / HOUR_MS)} h`;
  return `${Math.round(length / DAY_MS)} days`;
}

export function formatAgo(iso: string, now: number): string {
  const age = now - Date.parse(iso);
  return age < 5_000 ? "just now" : `${formatDuration(age)} ago`;
}

export function formatSize(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${(bytes / 1_000).toFixed(1)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** A value as text: strings as they are, nothing as a dash, anything else as JSON. */
export function formatValue(value: unknown): string {
  if (value === null || value === undefined || value === "") return "—";
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return value ? "yes" : "no";
  return typeof value === "number" ? String(value) : JSON.stringify(value);
}

/** JSON text made readable; text that is no JSON (cut off, say) stays as it is. */
export function formatJson(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "string" ? value : JSON.stringify(value, null, 2);
  } catch {
    return text;
  }
}
