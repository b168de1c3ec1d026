// Name and password of a local user, in exchange for a session cookie.
import { Alert, Button, Paper, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { api, ApiError } from "../api/client";
import { TowerIcon } from "../components/icons";
import { useTitle } from "../useTitle";

export function LoginPage() {
  useTitle("Log in");
  const client = useQueryClient();
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const login = useMutation({
    mutationFn: () => api.login(username.trim(), password),
    onSuccess: () => client.resetQueries(),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    login.mutate();
  };
  return (
    <main className="login">
      <Paper component="form" className="panel login-panel" onSubmit={submit} aria-label="Log in">
        <Stack gap="md">
          <Stack gap={6} align="center" mb="xs">
            <TowerIcon size={52} />
            <Title order={1}>Clearance</Title>
            <Text size="sm" c="dimmed">
              The control tower for AI work
            </Text>
          </Stack>
          <TextInput
            label="User name"
            name="username"
            autoComplete="username"
            autoFocus
            required
            withAsterisk={false}
            value={username}
            onChange={(event) => setUsername(event.currentTarget.value)}
          />
          <PasswordInput
            label="Password"
            name="password"
            autoComplete="current-password"
            required
            withAsterisk={false}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          {login.error !== null && (
            <Alert color="red" variant="light" role="alert" title={titleOf(login.error)}>
              {login.error instanceof ApiError ? login.error.detail : login.error.message}
            </Alert>
          )}
          <Button type="submit" loading={login.isPending} fullWidth>
            Log in
          </Button>
        </Stack>
      </Paper>
    </main>
  );
}

function titleOf(error: Error): string {
  if (!(error instanceof ApiError)) return "Logging in failed";
  return error.status === 401 ? "User name and password do not match" : error.title;
}
