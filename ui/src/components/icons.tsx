// The few pictures that the control tower uses, drawn here so that no icon set has to be installed.
// They are decoration: the word beside them, or the button's label, carries the meaning.
import type { ReactNode } from "react";

function Icon({ children, size = 18 }: { children: ReactNode; size?: number }) {
  return (
    <svg
      aria-hidden="true"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      {children}
    </svg>
  );
}

type Size = { size?: number };

export const TowerIcon = ({ size = 28 }: Size) => (
  <svg aria-hidden="true" width={size} height={size} viewBox="0 0 32 32">
    <rect width="32" height="32" rx="8" fill="#17616b" />
    <g fill="none" stroke="#fff" strokeWidth="2.4" strokeLinecap="round" strokeLinejoin="round">
      <path d="M9.5 7.5h13l-2.4 6.5h-8.2z" />
      <path d="M13 14.2 11.6 25h8.8L19 14.2" />
      <path d="m13.7 20 1.9 1.9 3.2-3.6" />
    </g>
  </svg>
);
export const InboxIcon = (size: Size) => (
  <Icon {...size}>
    <path d="M4 13.5 6.6 5h10.8L20 13.5V19H4z" />
    <path d="M4 13.5h4.5l1.2 2.5h4.6l1.2-2.5H20" />
  </Icon>
);
export const OverviewIcon = (size: Size) => (
  <Icon {...size}>
    <path d="M4 19V5M4 19h16" />
    <path d="m7.5 14.5 3.5-4 3 2.5 5-6" />
  </Icon>
);
export const SunIcon = (size: Size) => (
  <Icon {...size}>
    <circle cx="12" cy="12" r="4" />
    <path d="M12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6 7 7M17 17l1.4 1.4M5.6 18.4 7 17M17 7l1.4-1.4" />
  </Icon>
);
export const MoonIcon = (size: Size) => (
  <Icon {...size}>
    <path d="M19.5 14.2A8 8 0 0 1 9.8 4.5a8 8 0 1 0 9.7 9.7z" />
  </Icon>
);
export const SearchIcon = (size: Size) => (
  <Icon {...size}>
    <circle cx="11" cy="11" r="6" />
    <path d="m20 20-4.6-4.6" />
  </Icon>
);
export const AlertIcon = (size: Size) => (
  <Icon {...size}>
    <path d="M12 4 2.8 19.5h18.4z" />
    <path d="M12 10v4.5M12 17v.1" />
  </Icon>
);
export const CheckIcon = (size: Size) => (
  <Icon {...size}>
    <path d="m5 12.5 4.5 4.5L19 7.5" />
  </Icon>
);
export const CrossIcon = (size: Size) => (
  <Icon {...size}>
    <path d="m6.5 6.5 11 11M17.5 6.5l-11 11" />
  </Icon>
);
export const ClockIcon = (size: Size) => (
  <Icon {...size}>
    <circle cx="12" cy="12" r="8" />
    <path d="M12 7.5V12l3 2" />
  </Icon>
);
export const DocumentIcon = (size: Size) => (
  <Icon {...size}>
    <path d="M6.5 3.5h7l4 4v13h-11z" />
    <path d="M13.5 3.5v4h4M9.5 12h5M9.5 15.5h5" />
  </Icon>
);
export const BackIcon = (size: Size) => (
  <Icon {...size}>
    <path d="M19 12H5M11 6l-6 6 6 6" />
  </Icon>
);
export const ShieldIcon = (size: Size) => (
  <Icon {...size}>
    <path d="M12 3.5 19 6v6c0 4-2.8 7-7 8.5C7.8 19 5 16 5 12V6z" />
    <path d="m9 12 2.2 2.2L15.2 10" />
  </Icon>
);
export const LockIcon = (size: Size) => (
  <Icon {...size}>
    <path d="M6 10.5h12v9H6zM8.5 10.5V8a3.5 3.5 0 0 1 7 0v2.5" />
  </Icon>
);
export const OpenIcon = (size: Size) => (
  <Icon {...size}>
    <path d="M13 5h6v6M19 5l-8.5 8.5M10 6H5v13h13v-5" />
  </Icon>
);
