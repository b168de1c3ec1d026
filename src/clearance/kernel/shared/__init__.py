"""What several elements do alike: one file a theme, no element knows another."""
