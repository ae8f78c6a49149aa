import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// One script and one style sheet, which Python puts into the page: their hashes stand in its
// Content-Security-Policy, and they are the same bytes whenever and wherever they are built.
export default defineConfig({
  plugins: [react()],
  define: { "process.env.NODE_ENV": JSON.stringify("production") },
  build: {
    outDir: "../analyticsops/site/page",
    emptyOutDir: true,
    target: "es2022",
    cssCodeSplit: false,
    reportCompressedSize: false,
    // What is bundled keeps its licences beside it.
    license: { fileName: "licences.md" },
    lib: {
      entry: "src/main.tsx",
      formats: ["iife"],
      name: "analyticsopsReport",
      fileName: () => "app.js",
      cssFileName: "app",
    },
  },
});
