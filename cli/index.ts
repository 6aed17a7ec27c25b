/** Which commands there are; oclif reads this map instead of searching folders. */
import Access from "./commands/access.ts";
import Demo from "./commands/demo.ts";
import Diff from "./commands/diff.ts";
import Explain from "./commands/explain.ts";
import Init from "./commands/init.ts";
import Lint from "./commands/lint.ts";
import Scan from "./commands/scan.ts";
import Simulate from "./commands/simulate.ts";
import Test from "./commands/test.ts";

export const COMMANDS = {
  access: Access,
  demo: Demo,
  diff: Diff,
  explain: Explain,
  init: Init,
  lint: Lint,
  scan: Scan,
  simulate: Simulate,
  test: Test,
};
