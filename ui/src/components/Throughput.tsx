// Started and completed per minute as pairs of bars, drawn as plain SVG; the same figures as text for screen readers.
import type { Overview } from "../api/client";
import { formatCount } from "../format";
import { Empty } from "./states";

const HEIGHT = 120;
const STEP = 14;
const MINUTES_SHOWN = 30;

const time = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });

export function Throughput({ minutes }: { minutes: Overview["perMinute"] }) {
  const shown = minutes.slice(-MINUTES_SHOWN);
  const first = shown[0];
  const last = shown.at(-1);
  if (first === undefined || last === undefined) return <Empty title="Nothing ran in the last minutes" />;
  const most = Math.max(1, ...shown.flatMap((minute) => [minute.started, minute.completed]));
  const height = (count: number) => (count / most) * HEIGHT;
  const width = shown.length * STEP;
  return (
    <figure className="throughput">
      <svg viewBox={`0 0 ${width} ${HEIGHT + 1}`} preserveAspectRatio="none" role="img" aria-label={summaryOf(shown)}>
        {shown.map((minute, index) => (
          <g key={minute.minute} transform={`translate(${index * STEP} 0)`}>
            <title>{describe(minute)}</title>
            <rect
              className="bar-started"
              x="2"
              width="4.5"
              y={HEIGHT - height(minute.started)}
              height={height(minute.started)}
            />
            <rect
              className="bar-completed"
              x="7"
              width="4.5"
              y={HEIGHT - height(minute.completed)}
              height={height(minute.completed)}
            />
          </g>
        ))}
        <line x1="0" x2={width} y1={HEIGHT + 0.5} y2={HEIGHT + 0.5} />
      </svg>
      <figcaption>
        <span>{time.format(new Date(first.minute))}</span>
        <span className="legend">
          <i className="key-started" /> started <i className="key-completed" /> completed, at most {formatCount(most)} a
          minute
        </span>
        <span>{time.format(new Date(last.minute))}</span>
      </figcaption>
    </figure>
  );
}

type Minute = Overview["perMinute"][number];

const describe = ({ minute, started, completed }: Minute) =>
  `${time.format(new Date(minute))}: ${started} started, ${completed} completed`;

function summaryOf(minutes: Minute[]): string {
  const started = minutes.reduce((sum, minute) => sum + minute.started, 0);
  const completed = minutes.reduce((sum, minute) => sum + minute.completed, 0);
  return `In the last ${minutes.length} minutes ${started} started and ${completed} completed`;
}
