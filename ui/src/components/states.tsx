// What a page shows when it has nothing to show yet, nothing at all, or an error: the same everywhere.
import { Alert, Button, Loader, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { ApiError } from "../api/client";
import { AlertIcon } from "./icons";

export function Loading({ label = "Loading" }: { label?: string }) {
  return (
    <Stack align="center" gap="xs" py="xl" role="status">
      <Loader size="sm" />
      <Text size="sm" c="dimmed">
        {label}…
      </Text>
    </Stack>
  );
}

/** What the server said, in its own words, and what can be done about it. */
export function Problem({ error, retry }: { error: Error; retry?: (() => void) | undefined }) {
  const title = error instanceof ApiError ? error.title : "Something went wrong on this page";
  const detail = error instanceof ApiError ? error.detail : error.message;
  return (
    <Alert color="red" variant="light" icon={<AlertIcon />} title={title} role="alert" my="sm">
      <Text size="sm">{detail}</Text>
      <Text size="sm" mt={4}>
        {remedy(error)}
      </Text>
      {retry !== undefined && (
        <Button size="xs" mt="sm" variant="default" onClick={retry}>
          Try again
        </Button>
      )}
    </Alert>
  );
}

function remedy(error: Error): string {
  const status = error instanceof ApiError ? error.status : -1;
  if (status === 401) return "Your session has ended: log in again.";
  if (status === 403) return "You may not do this. Someone with the right role can, or a policy has to change.";
  if (status === 404) return "It may have been finished or removed in the meantime.";
  if (status === 409) return "Somebody was quicker: the page now shows what was decided.";
  if (status >= 500) return "Nothing was changed. Try again; if it stays so, tell whoever runs this server.";
  return "";
}

export function Empty({ title, children, icon }: { title: string; children?: ReactNode; icon?: ReactNode }) {
  return (
    <Stack align="center" gap={6} py={56} px="md" className="empty" role="status">
      {icon !== undefined && <div className="empty-icon">{icon}</div>}
      <Text fw={600}>{title}</Text>
      {children !== undefined && (
        <Text size="sm" c="dimmed" ta="center" maw={420}>
          {children}
        </Text>
      )}
    </Stack>
  );
}
