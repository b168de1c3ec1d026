// One figure of the overview; a link where there is a list behind it.
import { Link } from "react-router";
import { formatCount } from "../format";

type TileProps = { label: string; value: number; note?: string; to?: string; tone?: "calm" | "good" | "warn" | "bad" };

export function Tile({ label, value, note, to, tone = "calm" }: TileProps) {
  const inside = (
    <>
      <span className="tile-label">{label}</span>
      <span className="tile-value">{formatCount(value)}</span>
      <span className="tile-note">{note}</span>
    </>
  );
  if (to === undefined)
    return (
      <div className="panel tile" data-tone={tone}>
        {inside}
      </div>
    );
  return (
    <Link to={to} className="panel tile" data-tone={tone}>
      {inside}
    </Link>
  );
}
