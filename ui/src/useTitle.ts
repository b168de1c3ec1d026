// The browser tab's title, so that several open tabs and the history can be told apart.
import { useEffect } from "react";

export function useTitle(title: string | undefined) {
  useEffect(() => {
    document.title = title === undefined || title === "" ? "Clearance" : `${title} · Clearance`;
  }, [title]);
}
