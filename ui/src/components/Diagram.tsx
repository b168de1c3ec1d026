// The process diagram with the instance's course marked on it. Its own chunk, because bpmn-js is large.
import { Alert } from "@mantine/core";
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";
import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import { useEffect, useRef, useState } from "react";
import type { ElementInstance } from "../api/client";

type Canvas = {
  zoom(to: "fit-viewport", center?: "auto"): void;
  addMarker(element: string, marker: string): void;
  removeMarker(element: string, marker: string): void;
};
type Registry = { get(id: string): unknown };
type Overlays = {
  add(
    element: string,
    type: string,
    overlay: { position: { top?: number; right?: number }; html: HTMLElement },
  ): string;
  remove(filter: { type: string }): void;
};
type Course = { active: number; completed: number; incident: boolean };

const MARKERS = ["is-active", "is-completed", "is-incident"];
const OVERLAY = "course";

export default function Diagram({ xml, elements }: { xml: string; elements: ElementInstance[] }) {
  const box = useRef<HTMLDivElement>(null);
  const [viewer, setViewer] = useState<NavigatedViewer | null>(null);
  const [error, setError] = useState("");

  useEffect(() => {
    if (box.current === null) return;
    // Colours come from the page's variables, so that the diagram follows light and dark.
    const bpmnRenderer = {
      defaultFillColor: "var(--diagram-fill)",
      defaultStrokeColor: "var(--diagram-stroke)",
      defaultLabelColor: "var(--diagram-label)",
    };
    const drawn = new NavigatedViewer({ container: box.current, bpmnRenderer });
    let gone = false;
    drawn.importXML(xml).then(
      () => {
        if (gone) return;
        drawn.get<Canvas>("canvas").zoom("fit-viewport", "auto");
        setViewer(drawn);
      },
      (reason: unknown) => {
        if (!gone) setError(reason instanceof Error ? reason.message : String(reason));
      },
    );
    return () => {
      gone = true;
      setViewer(null);
      drawn.destroy();
    };
  }, [xml]);

  useEffect(() => {
    if (viewer !== null) mark(viewer, courseOf(elements));
  }, [viewer, elements]);

  return (
    <>
      {error !== "" && (
        <Alert color="yellow" variant="light" title="The process has no diagram that can be drawn">
          {error}
        </Alert>
      )}
      <div ref={box} className="diagram" role="img" aria-label="Process diagram" hidden={error !== ""} />
    </>
  );
}

/** How often each element was and is entered. */
function courseOf(elements: ElementInstance[]): Map<string, Course> {
  const course = new Map<string, Course>();
  for (const element of elements) {
    const sum = course.get(element.elementId) ?? { active: 0, completed: 0, incident: false };
    if (element.state === "ACTIVE") sum.active += 1;
    if (element.state === "COMPLETED") sum.completed += 1;
    sum.incident ||= element.incident;
    course.set(element.elementId, sum);
  }
  return course;
}

function mark(viewer: NavigatedViewer, course: Map<string, Course>) {
  const canvas = viewer.get<Canvas>("canvas");
  const overlays = viewer.get<Overlays>("overlays");
  const registry = viewer.get<Registry>("elementRegistry");
  overlays.remove({ type: OVERLAY });
  for (const [id, sum] of course) {
    // The process itself, and elements that the diagram leaves out, have no shape of their own to mark.
    if (registry.get(id) === undefined || isRoot(registry.get(id))) continue;
    for (const marker of MARKERS) canvas.removeMarker(id, marker);
    canvas.addMarker(id, sum.incident ? "is-incident" : sum.active > 0 ? "is-active" : "is-completed");
    const label = sum.incident
      ? "!"
      : sum.active > 0
        ? String(sum.active)
        : sum.completed > 1
          ? `${sum.completed}×`
          : "✓";
    overlays.add(id, OVERLAY, { position: { top: -11, right: 12 }, html: flag(label, sum) });
  }
}

const isRoot = (shape: unknown) => typeof shape === "object" && shape !== null && !("parent" in shape && shape.parent);

function flag(label: string, sum: Course): HTMLElement {
  const element = document.createElement("span");
  element.className = "flag";
  element.dataset["tone"] = sum.incident ? "incident" : sum.active > 0 ? "active" : "completed";
  element.textContent = label;
  element.title = sum.incident ? "Incident" : `${sum.active} in progress, ${sum.completed} completed`;
  return element;
}
