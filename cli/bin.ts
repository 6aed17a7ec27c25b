#!/usr/bin/env node
/** Refuses an old Node before anything that an old Node cannot read is loaded, then starts oclif. */
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 24 || (major === 24 && minor < 15)) {
  process.stderr.write(
    `error[OLD_NODE]: phiward needs Node 24.15 or newer; this is ${process.versions.node}\n` +
      "help: install a newer Node, or add it to your project: npm i -D node@24\n",
  );
  process.exit(2);
}
const { execute } = await import("@oclif/core");
await execute({ dir: import.meta.url });

export {};
