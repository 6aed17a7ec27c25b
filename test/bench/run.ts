/** `npm run bench`: every figure beside another one of the same run. Nothing is asserted. */
import { benchCli } from "./cli.ts";
import { benchDecide } from "./decide.ts";
import { benchDiff, benchZ3 } from "./diff.ts";
import { benchTests } from "./tests.ts";

console.log(
  `Node ${process.versions.node}; medians over interleaved rounds; × is the ratio to the row of 1`,
);
benchDecide();
benchTests();
benchCli();
await benchDiff();
await benchZ3();
// Z3 runs in threads that outlive their work.
process.exit(0);
