// The text of a document with what was read marked in it; the selected field stands out and is scrolled to.
import { Text } from "@mantine/core";
import { useEffect, useMemo, useRef } from "react";
import { layOut, toUtf16, type Line, type Span } from "./source";

/** More lines than this are cut to a window around the selected field. */
const LINES_MAX = 3_000;

type SourceProps = {
  text: string;
  isXml: boolean;
  spans: Span[];
  selected: string | null;
  onSelect: (name: string) => void;
};

export function SourceView({ text, isXml, spans, selected, onSelect }: SourceProps) {
  const box = useRef<HTMLDivElement>(null);
  const units = useMemo(() => toUtf16(text, spans), [text, spans]);
  const lines = useMemo(() => layOut(text, isXml, units, selected), [text, isXml, units, selected]);
  const first = firstShown(lines, selected);
  const shown = lines.slice(first, first + LINES_MAX);

  useEffect(() => scrollToMark(box.current), [lines]);

  return (
    <div ref={box} className="source" tabIndex={0} role="region" aria-label="Text of the document">
      {shown.length < lines.length && (
        <Text size="xs" c="dimmed" p="xs">
          Lines {first + 1} to {first + shown.length} of {lines.length} are shown.
        </Text>
      )}
      <pre>
        {shown.map((line, index) => (
          <SourceLine
            key={first + index}
            number={first + index + 1}
            line={line}
            selected={selected}
            onSelect={onSelect}
          />
        ))}
      </pre>
    </div>
  );
}

type LineProps = { number: number; line: Line; selected: string | null; onSelect: (name: string) => void };

function SourceLine({ number, line, selected, onSelect }: LineProps) {
  return (
    <span className="source-line" data-line={number}>
      {line.map((piece, index) => {
        const name = piece.span;
        if (name === null)
          return (
            <span key={index} className={piece.tag ? "source-tag" : undefined}>
              {piece.text}
            </span>
          );
        return (
          <mark key={index} data-field={name} data-selected={name === selected} onClick={() => onSelect(name)}>
            {piece.text}
          </mark>
        );
      })}
      {"\n"}
    </span>
  );
}

function firstShown(lines: Line[], selected: string | null): number {
  if (lines.length <= LINES_MAX) return 0;
  const marked = lines.findIndex((line) => line.some((piece) => piece.span !== null && piece.span === selected));
  return Math.max(0, Math.min(marked - LINES_MAX / 2, lines.length - LINES_MAX));
}

/** Scrolls inside the box only, so that the page around it stays where the reader is. */
function scrollToMark(box: HTMLDivElement | null) {
  const mark = box?.querySelector("mark[data-selected=true]");
  if (box === null || mark === null || mark === undefined) return;
  const top = mark.getBoundingClientRect().top - box.getBoundingClientRect().top;
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  box.scrollTo({ top: box.scrollTop + top - box.clientHeight / 3, behavior: calm ? "auto" : "smooth" });
}
