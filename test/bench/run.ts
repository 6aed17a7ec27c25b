/** `npm run bench`: every figure beside another one of the same run. Nothing is asserted. */
import { benchAudit } from "./audit.ts";
import { benchBundle } from "./bundle.ts";
import { benchCli } from "./cli.ts";
import { benchDecide } from "./decide.ts";
import { benchDiff, benchZ3 } from "./diff.ts";
import { benchSimulate } from "./simulate.ts";
import { benchTests } from "./tests.ts";

console.log(
  `Node ${process.versions.node}; medians over interleaved rounds; × is the ratio to the row of 1`,
);
benchDecide();
benchTests();
benchCli();
benchSimulate();
await benchDiff();
await benchBundle();
await benchAudit();
await benchZ3();
// Z3 runs in threads that outlive their work.
process.exit(0);
