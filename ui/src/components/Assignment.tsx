// Whose item it is: take it, give it back, or hand it to somebody.
import { Button, Group, Popover, Text, TextInput } from "@mantine/core";
import { useState, type FormEvent } from "react";
import { api, type InboxItem, type Me } from "../api/client";
import { useItemChange } from "../api/queries";
import { Problem } from "./states";

export function Assignment({ item, me }: { item: InboxItem; me: Me }) {
  const assign = useItemChange((to: string) => api.assign(item.key, to));
  const release = useItemChange((_: void) => api.release(item.key));
  const error = assign.error ?? release.error;
  const busy = assign.isPending || release.isPending;
  const mine = item.assignee === me.username;
  return (
    <div>
      <Group gap="xs">
        <Text size="sm" c="dimmed">
          {item.assignee === null ? `For ${item.roles.join(", ")}` : mine ? "Yours" : `With ${item.assignee}`}
        </Text>
        {!mine && (
          <Button size="compact-sm" variant="default" loading={busy} onClick={() => assign.mutate(me.username)}>
            {item.assignee === null ? "Claim" : "Take over"}
          </Button>
        )}
        {item.assignee !== null && (
          <Button size="compact-sm" variant="default" loading={busy} onClick={() => release.mutate()}>
            Release
          </Button>
        )}
        <HandOver onAssign={(to) => assign.mutate(to)} busy={busy} />
        <Button size="compact-sm" component="a" href="#decision">
          Decide
        </Button>
      </Group>
      {error !== null && <Problem error={error} />}
    </div>
  );
}

function HandOver({ onAssign, busy }: { onAssign: (to: string) => void; busy: boolean }) {
  const [opened, setOpened] = useState(false);
  const [to, setTo] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (to.trim() === "") return;
    onAssign(to.trim());
    setOpened(false);
    setTo("");
  };
  return (
    <Popover opened={opened} onChange={setOpened} trapFocus position="bottom-end" withArrow>
      <Popover.Target>
        <Button size="compact-sm" variant="default" disabled={busy} onClick={() => setOpened(!opened)}>
          Assign…
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <form onSubmit={submit}>
          <TextInput
            label="Assign to"
            placeholder="User name"
            value={to}
            onChange={(event) => setTo(event.currentTarget.value)}
          />
          <Button type="submit" size="xs" mt="sm" fullWidth disabled={to.trim() === ""}>
            Assign
          </Button>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
