/** Which commands there are; oclif reads this map instead of searching folders. */
import Access from "./commands/access.ts";
import AuditQuery from "./commands/audit/query.ts";
import AuditVerify from "./commands/audit/verify.ts";
import AuditWho from "./commands/audit/who.ts";
import Demo from "./commands/demo.ts";
import Diff from "./commands/diff.ts";
import Explain from "./commands/explain.ts";
import Gateway from "./commands/gateway.ts";
import Init from "./commands/init.ts";
import Lint from "./commands/lint.ts";
import Scan from "./commands/scan.ts";
import Simulate from "./commands/simulate.ts";
import Test from "./commands/test.ts";
import TokenIssue from "./commands/token/issue.ts";
import TokenList from "./commands/token/list.ts";
import TokenRevoke from "./commands/token/revoke.ts";
import TokenRotate from "./commands/token/rotate.ts";

export const COMMANDS = {
  access: Access,
  "audit:query": AuditQuery,
  "audit:verify": AuditVerify,
  "audit:who": AuditWho,
  demo: Demo,
  diff: Diff,
  explain: Explain,
  gateway: Gateway,
  init: Init,
  lint: Lint,
  scan: Scan,
  simulate: Simulate,
  test: Test,
  "token:issue": TokenIssue,
  "token:list": TokenList,
  "token:revoke": TokenRevoke,
  "token:rotate": TokenRotate,
};
