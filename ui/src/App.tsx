// Every page and its address, in one table; all but the log-in page need somebody logged in.
import { Center } from "@mantine/core";
import { Route, Routes } from "react-router";
import { ApiError } from "./api/client";
import { LiveUpdates } from "./api/live";
import { useMe } from "./api/queries";
import { Shell } from "./components/Shell";
import { Loading, Problem } from "./components/states";
import { InboxPage } from "./pages/InboxPage";
import { InstancePage } from "./pages/InstancePage";
import { ItemPage } from "./pages/ItemPage";
import { LoginPage } from "./pages/LoginPage";
import { NotFoundPage } from "./pages/NotFoundPage";
import { OverviewPage } from "./pages/OverviewPage";

export function App() {
  const me = useMe();
  const loggedOut = me.error instanceof ApiError && me.error.status === 401;
  if (loggedOut) return <LoginPage />;
  if (me.data === undefined) {
    return (
      <Center mih="100vh" p="md">
        {me.error ? (
          <Problem error={me.error} retry={() => void me.refetch()} />
        ) : (
          <Loading label="Opening Clearance" />
        )}
      </Center>
    );
  }
  return (
    <LiveUpdates>
      <Shell me={me.data}>
        <Routes>
          <Route path="/" element={<InboxPage />} />
          <Route path="/inbox/:key" element={<ItemPage me={me.data} />} />
          <Route path="/overview" element={<OverviewPage />} />
          <Route path="/instances/:key" element={<InstancePage />} />
          <Route path="*" element={<NotFoundPage />} />
        </Routes>
      </Shell>
    </LiveUpdates>
  );
}
