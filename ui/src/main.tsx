// Where the control tower starts: the theme, the cache of what the server said, and the address bar.
import { MantineProvider } from "@mantine/core";
import "@mantine/core/styles.css";
import { QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { BrowserRouter } from "react-router";
import { ApiError } from "./api/client";
import { retryUnlessRefused } from "./api/queries";
import { App } from "./App";
import "./styles.css";
import { theme } from "./theme";

const client: QueryClient = new QueryClient({
  // A session that ended shows in whichever query asks next; asking who we are again leads to the log-in page.
  queryCache: new QueryCache({
    onError: (error, query) => {
      const ended = error instanceof ApiError && error.status === 401 && query.queryKey[0] !== "me";
      if (ended) void client.invalidateQueries({ queryKey: ["me"] });
    },
  }),
  defaultOptions: { queries: { retry: retryUnlessRefused, staleTime: 2_000 } },
});

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no element with the id root");
createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <QueryClientProvider client={client}>
        <BrowserRouter>
          <App />
        </BrowserRouter>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
