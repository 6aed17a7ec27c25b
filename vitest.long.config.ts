import { defineConfig } from "vitest/config";

/** The long runs: more of the same properties, with other seeds each time. */
export default defineConfig({
  test: {
    include: ["test/long/**/*.test.ts"],
    testTimeout: 60 * 60_000,
    maxWorkers: 2,
    reporters: ["default", "./test/support/closing-line.ts"],
  },
});
