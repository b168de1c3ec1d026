// The frame around every page: where to go, who is logged in, whether what is shown is live.
import {
  ActionIcon,
  Avatar,
  Menu,
  Text,
  Tooltip,
  UnstyledButton,
  useComputedColorScheme,
  useMantineColorScheme,
} from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { NavLink } from "react-router";
import { api, type Me, type Total } from "../api/client";
import { useLive } from "../api/live";
import { useInboxCount } from "../api/queries";
import { formatTotal } from "../format";
import { InboxIcon, MoonIcon, OverviewIcon, SunIcon, TowerIcon } from "./icons";

export function Shell({ me, children }: { me: Me; children: ReactNode }) {
  const open = useInboxCount({ scope: "open" });
  return (
    <div className="shell">
      <a className="skip" href="#content">
        Skip to the page
      </a>
      <aside className="side">
        <NavLink to="/" className="brand" aria-label="Clearance: to the inbox">
          <TowerIcon />
          <span>Clearance</span>
        </NavLink>
        <nav aria-label="Pages">
          <PageLink to="/" icon={<InboxIcon />} label="Inbox" waiting={open.data} />
          <PageLink to="/overview" icon={<OverviewIcon />} label="Overview" />
        </nav>
        <div className="side-end">
          <LiveMark />
          <SchemeButton />
          <UserMenu me={me} />
        </div>
      </aside>
      <main id="content" tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}

type PageLinkProps = { to: string; icon: ReactNode; label: string; waiting?: Total | undefined };

function PageLink({ to, icon, label, waiting }: PageLinkProps) {
  return (
    <NavLink to={to} end className="page-link">
      {icon}
      <span>{label}</span>
      {waiting !== undefined && waiting.totalItems > 0 && (
        <span className="count" aria-label={`${formatTotal(waiting)} open`}>
          {formatTotal(waiting)}
        </span>
      )}
    </NavLink>
  );
}

function LiveMark() {
  const live = useLive();
  const hint = live
    ? "This page follows what happens, as it happens"
    : "No live connection: refreshing every 10 seconds";
  return (
    <Tooltip label={hint}>
      <span className="live" data-live={live} role="status">
        <span className="live-dot" aria-hidden="true" />
        {live ? "Live" : "Polling"}
      </span>
    </Tooltip>
  );
}

function SchemeButton() {
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme("light");
  const other = scheme === "dark" ? "light" : "dark";
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="lg"
      aria-label={`Use ${other} colours`}
      onClick={() => setColorScheme(other)}
    >
      {scheme === "dark" ? <SunIcon /> : <MoonIcon />}
    </ActionIcon>
  );
}

function UserMenu({ me }: { me: Me }) {
  const client = useQueryClient();
  // Whatever the last person saw must be gone before the next one logs in.
  const logout = useMutation({
    mutationFn: api.logout,
    onSuccess: () => {
      client.clear();
      window.location.assign("/");
    },
  });
  const roles = me.roles.length > 0 ? me.roles.join(", ") : "no role";
  return (
    <Menu position="top-end" width={240} withinPortal>
      <Menu.Target>
        <UnstyledButton className="user" aria-label={`${me.displayName}, ${roles}: user menu`}>
          <Avatar name={me.displayName} color="tower" size={32} />
          <span className="user-text">
            <Text size="sm" fw={600} truncate>
              {me.displayName}
            </Text>
            <Text size="xs" c="dimmed" truncate>
              {roles}
            </Text>
          </span>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {me.displayName} ({me.username})
        </Menu.Label>
        <Text size="sm" px="sm" pb="xs">
          Roles: {roles}
        </Text>
        <Menu.Divider />
        <Menu.Item onClick={() => logout.mutate()} disabled={logout.isPending}>
          Log out
        </Menu.Item>
        {logout.error !== null && (
          <Text size="xs" c="red" px="sm" role="alert">
            {logout.error.message}
          </Text>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
