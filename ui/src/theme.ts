// The look: calm, legible, nothing from outside (system fonts). Contrast is at least 4.5:1 for text in both schemes.
import { createTheme, type MantineColorsTuple } from "@mantine/core";

const tower: MantineColorsTuple = [
  "#e9f6f6",
  "#d3e9ea",
  "#a6d3d5",
  "#76bbbf",
  "#4fa6ab",
  "#37969d",
  "#258087",
  "#1b6d75",
  "#17616b",
  "#0b4d55",
];
const night: MantineColorsTuple = [
  "#dbe3e8",
  "#b7c3cb",
  "#98a7b1",
  "#6b7b86",
  "#43525c",
  "#2d3a43",
  "#222d35",
  "#182129",
  "#121a21",
  "#0d141a",
];
const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial, sans-serif';

export const theme = createTheme({
  primaryColor: "tower",
  primaryShade: { light: 8, dark: 6 },
  colors: { tower, dark: night },
  fontFamily: FONT,
  fontFamilyMonospace: 'ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace',
  headings: { fontFamily: FONT, fontWeight: "650", sizes: { h1: { fontSize: "1.375rem" }, h2: { fontSize: "1rem" } } },
  defaultRadius: "md",
  cursorType: "pointer",
  focusRing: "auto",
});
