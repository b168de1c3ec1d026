// Builds the control tower into the Python package, where the server finds it (hatch_build.py calls this).
// `npm run dev` serves the sources instead and passes API calls on to a running server (CLEARANCE_URL).
import { defineConfig, loadEnv } from "vite";

export default defineConfig(({ command, mode }) => {
  const target = loadEnv(mode, ".", "CLEARANCE_")["CLEARANCE_URL"] ?? "http://127.0.0.1:8080";
  return {
    build: {
      outDir: "../src/clearance/web/static",
      emptyOutDir: true,
      // One origin and modern browsers only: nothing to polyfill, and no source maps in the wheel.
      target: "es2022",
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      assetsInlineLimit: 0,
      chunkSizeWarningLimit: 900,
      rolldownOptions: {
        // Libraries mark their files "use client" for servers that render React; here everything is client.
        onLog: (level, log, tell) => (log.code === "MODULE_LEVEL_DIRECTIVE" ? undefined : tell(level, log)),
      },
    },
    server: command === "serve" ? { proxy: { "/v2": { target } } } : {},
  };
});
