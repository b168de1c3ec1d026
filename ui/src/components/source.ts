// A document's text laid out in lines for reading, with every piece knowing where in the text it came from, so that
// a span found by a reader can be shown whatever the layout. XML on one endless line is broken and indented here; the
// text itself is never changed, or the spans would point beside it.

export type Span = { name: string; start: number; end: number };
/** `from` is the piece's place in the text; null for indentation, which is only ours. */
export type Piece = { text: string; from: number | null; tag: boolean; span: string | null };
export type Line = Piece[];

const TOKEN = /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!\[CDATA\[[\s\S]*?\]\]>|<[^>]*>|[^<]+|</g;
/** Above this mean length of a line, XML is taken to have been written for machines. */
const MACHINE_LINE_LENGTH = 200;
/** A longer piece (an embedded file, say) is shown by its beginning. */
const PIECE_LENGTH_MAX = 2_000;
const PIECE_LENGTH_SHOWN = 120;

/** Spans count code points; JavaScript's strings count UTF-16 units. Returns the same spans in the latter. */
export function toUtf16(text: string, spans: Span[]): Span[] {
  if (!/[\ud800-\udfff]/.test(text)) return spans;
  const points = [...new Set(spans.flatMap((span) => [span.start, span.end]))].sort((a, b) => a - b);
  const units = new Map<number, number>();
  let unit = 0;
  let point = 0;
  for (const wanted of points) {
    for (; point < wanted && unit < text.length; point += 1) unit += (text.codePointAt(unit) ?? 0) > 0xffff ? 2 : 1;
    units.set(wanted, unit);
  }
  return spans.map((span) => ({ ...span, start: units.get(span.start) ?? 0, end: units.get(span.end) ?? 0 }));
}

export function layOut(text: string, isXml: boolean, spans: Span[], selected: string | null): Line[] {
  const ordered = [...spans]
    .filter((span) => span.end > span.start)
    .sort((a, b) => Number(b.name === selected) - Number(a.name === selected) || a.start - b.start);
  const lines = isXml ? xmlLines(text) : textLines(text);
  return lines.map((line) => line.flatMap((piece) => shorten(markSpans(piece, ordered))));
}

const textLines = (text: string): Line[] => split({ text, from: 0, tag: false, span: null });

function xmlLines(text: string): Line[] {
  const pieces: Piece[] = [];
  for (const token of text.matchAll(TOKEN)) {
    pieces.push({ text: token[0], from: token.index, tag: token[0].startsWith("<"), span: null });
  }
  const breaks = text.split("\n").length;
  return text.length / breaks > MACHINE_LINE_LENGTH ? indented(pieces) : joined(pieces);
}

/** The lines as the document has them. */
function joined(pieces: Piece[]): Line[] {
  const lines: Line[] = [[]];
  for (const piece of pieces) {
    const [first, ...rest] = split(piece);
    lines[lines.length - 1]?.push(...(first ?? []));
    lines.push(...rest);
  }
  return lines;
}

/** One element a line; an element that holds only text stays on one line with it. */
function indented(pieces: Piece[]): Line[] {
  const lines: Line[] = [];
  let depth = 0;
  let previous = "";
  for (const piece of pieces) {
    const kind = kindOf(piece);
    if (kind === "blank") continue;
    if (kind === "close") depth = Math.max(0, depth - 1);
    const stays = kind === "text" || previous === "text" || (kind === "close" && previous === "open");
    if (stays && lines.length > 0) lines[lines.length - 1]?.push(piece);
    else lines.push([{ text: "  ".repeat(depth), from: null, tag: false, span: null }, piece]);
    if (kind === "open") depth += 1;
    previous = kind;
  }
  return lines;
}

function kindOf(piece: Piece): "open" | "close" | "other" | "text" | "blank" {
  if (!piece.tag) return piece.text.trim() === "" ? "blank" : "text";
  if (piece.text.startsWith("</")) return "close";
  return piece.text.startsWith("<?") || piece.text.startsWith("<!") || piece.text.endsWith("/>") ? "other" : "open";
}

function split(piece: Piece): Line[] {
  let from = piece.from ?? 0;
  return piece.text.split("\n").map((text) => {
    const part = { ...piece, text, from };
    from += text.length + 1;
    return text === "" ? [] : [part];
  });
}

/** Cuts a piece at the borders of the spans that it touches; of spans that overlap, the first in order wins. */
function markSpans(piece: Piece, spans: Span[]): Piece[] {
  const from = piece.from;
  if (from === null) return [piece];
  const end = from + piece.text.length;
  const span = spans.find((candidate) => candidate.start < end && candidate.end > from);
  if (span === undefined) return [piece];
  const start = Math.max(span.start, from);
  const stop = Math.min(span.end, end);
  const part = (a: number, b: number): Piece => ({ ...piece, text: piece.text.slice(a - from, b - from), from: a });
  return [
    ...(start > from ? markSpans(part(from, start), spans) : []),
    { ...part(start, stop), span: span.name },
    ...(stop < end ? markSpans(part(stop, end), spans) : []),
  ];
}

function shorten(pieces: Piece[]): Piece[] {
  return pieces.map((piece) => {
    if (piece.text.length <= PIECE_LENGTH_MAX) return piece;
    const hidden = piece.text.length - PIECE_LENGTH_SHOWN;
    return { ...piece, text: `${piece.text.slice(0, PIECE_LENGTH_SHOWN)} … (${hidden} characters not shown)` };
  });
}
