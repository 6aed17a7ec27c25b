/** `npm run bench`: every figure beside another one of the same run. Nothing is asserted. */
import { benchCli } from "./cli.ts";
import { benchDecide } from "./decide.ts";
import { benchTests } from "./tests.ts";

console.log(
  `Node ${process.versions.node}; medians over interleaved rounds; × is the ratio to the first row`,
);
benchDecide();
benchTests();
benchCli();
