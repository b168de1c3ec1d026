// The document that an item is about: its text with what was read marked, and the original as it came in.
import { Anchor, SegmentedControl, Text } from "@mantine/core";
import { useMemo, useState } from "react";
import { api, type Document, type ReadField } from "../api/client";
import { useDocumentText } from "../api/queries";
import { formatSize } from "../format";
import { DocumentIcon, OpenIcon } from "./icons";
import { SourceView } from "./SourceView";
import { Empty, Loading, Problem } from "./states";

/** Bytes; a larger text is only offered as the original. */
const TEXT_SIZE_MAX = 8_000_000;

type DocumentProps = {
  document: Document;
  fields: ReadField[];
  selected: string | null;
  onSelect: (name: string) => void;
};

export function DocumentView({ document, fields, selected, onSelect }: DocumentProps) {
  const isPdf = document.mediaType === "application/pdf";
  const textHash = textHashOf(document);
  const [shown, setShown] = useState<"text" | "original">(textHash === null ? "original" : "text");
  const url = api.documentUrl(document.sha256);
  return (
    <section className="panel document" aria-label="Document">
      <header className="document-head">
        <DocumentIcon />
        <div className="grow">
          <Text fw={600} size="sm" truncate title={document.name}>
            {document.name || "Document"}
          </Text>
          <Text size="xs" c="dimmed" truncate title={`SHA-256 ${document.sha256}`}>
            {document.mediaType} · {formatSize(document.size)} · <code>{document.sha256.slice(0, 12)}</code>
          </Text>
        </div>
        {isPdf && textHash !== null && (
          <SegmentedControl
            size="xs"
            aria-label="What to show"
            value={shown}
            onChange={(value) => setShown(value === "original" ? "original" : "text")}
            data={[
              { value: "text", label: "Text" },
              { value: "original", label: "Original" },
            ]}
          />
        )}
        <Anchor href={url} target="_blank" rel="noopener noreferrer" size="sm" className="document-open">
          <OpenIcon size={16} /> Open original
        </Anchor>
      </header>
      {shown === "text" && textHash !== null ? (
        <DocumentText
          hash={textHash}
          isXml={isXmlText(document)}
          fields={fields}
          selected={selected}
          onSelect={onSelect}
        />
      ) : (
        <Original url={url} document={document} />
      )}
    </section>
  );
}

type TextProps = Omit<DocumentProps, "document"> & { hash: string; isXml: boolean };

function DocumentText({ hash, isXml, fields, selected, onSelect }: TextProps) {
  const text = useDocumentText(hash);
  const spans = useMemo(() => fields.map(({ name, start, end }) => ({ name, start, end })), [fields]);
  const field = fields.find((candidate) => candidate.name === selected);
  const nowhere = field !== undefined && field.end <= field.start;
  if (text.error !== null) return <Problem error={text.error} retry={() => void text.refetch()} />;
  if (text.data === undefined) return <Loading label="Fetching the document" />;
  return (
    <>
      {nowhere && (
        <Text size="xs" c="dimmed" px="md" py={6} role="status">
          {field.location === "" ? `${field.label} has no place in the text.` : `${field.label}: ${field.location}`}
        </Text>
      )}
      <SourceView text={text.data} isXml={isXml} spans={spans} selected={selected} onSelect={onSelect} />
    </>
  );
}

function Original({ url, document }: { url: string; document: Document }) {
  if (document.mediaType !== "application/pdf") {
    return (
      <Empty title="This document cannot be shown here" icon={<DocumentIcon size={28} />}>
        Open the original to see it.
      </Empty>
    );
  }
  // A frame of this origin; the link above helps where a browser does not show PDF.
  const title = document.name || "Document";
  return <iframe src={`${url}#navpanes=0&view=FitH`} className="document-original" title={title} />;
}

const isXmlType = (mediaType: string) => /[/+]xml$/.test(mediaType.split(";")[0]?.trim() ?? "");

/** A text kept beside the document is what the spans count in; without one, a text document is its own text. */
function textHashOf(document: Document): string | null {
  if (document.size > TEXT_SIZE_MAX) return null;
  if (document.textSha256) return document.textSha256;
  return isXmlType(document.mediaType) || document.mediaType.startsWith("text/") ? document.sha256 : null;
}

/** The text of a PDF with embedded XML is that XML, so the text decides where the type does not. */
const isXmlText = (document: Document) => isXmlType(document.mediaType) || document.mediaType === "application/pdf";
