/** Which commands there are; oclif reads this map instead of searching folders. */
import Access from "./commands/access.ts";
import AuditArchive from "./commands/audit/archive.ts";
import AuditExport from "./commands/audit/export.ts";
import AuditQuery from "./commands/audit/query.ts";
import AuditReport from "./commands/audit/report.ts";
import AuditVerify from "./commands/audit/verify.ts";
import AuditWho from "./commands/audit/who.ts";
import Backup from "./commands/backup.ts";
import BundleBuild from "./commands/bundle/build.ts";
import BundleCarryExport from "./commands/bundle/carry/export.ts";
import BundleCarryImport from "./commands/bundle/carry/import.ts";
import BundleExport from "./commands/bundle/export.ts";
import BundleInspect from "./commands/bundle/inspect.ts";
import BundlePublish from "./commands/bundle/publish.ts";
import BundleReproduce from "./commands/bundle/reproduce.ts";
import BundleSign from "./commands/bundle/sign.ts";
import BundleVerify from "./commands/bundle/verify.ts";
import ClientConfig from "./commands/client-config.ts";
import Completion from "./commands/completion.ts";
import Console from "./commands/console.ts";
import Demo from "./commands/demo.ts";
import Diff from "./commands/diff.ts";
import EmergencyClose from "./commands/emergency/close.ts";
import EmergencyList from "./commands/emergency/list.ts";
import EmergencyOpen from "./commands/emergency/open.ts";
import EmergencyReview from "./commands/emergency/review.ts";
import Evidence from "./commands/evidence.ts";
import Explain from "./commands/explain.ts";
import Gate from "./commands/gate.ts";
import Gateway from "./commands/gateway.ts";
import GrantList from "./commands/grant/list.ts";
import GrantReview from "./commands/grant/review.ts";
import GrantUnused from "./commands/grant/unused.ts";
import HaltList from "./commands/halt/list.ts";
import HaltPush from "./commands/halt/push.ts";
import HeartbeatIssue from "./commands/heartbeat/issue.ts";
import Import from "./commands/import.ts";
import Init from "./commands/init.ts";
import KeysEnrol from "./commands/keys/enrol.ts";
import LanguageServer from "./commands/language-server.ts";
import Lint from "./commands/lint.ts";
import Record from "./commands/record.ts";
import Restore from "./commands/restore.ts";
import RootInit from "./commands/root/init.ts";
import RootPropose from "./commands/root/propose.ts";
import RootShow from "./commands/root/show.ts";
import RootSign from "./commands/root/sign.ts";
import Scan from "./commands/scan.ts";
import Simulate from "./commands/simulate.ts";
import StoreCheck from "./commands/store/check.ts";
import StoreInit from "./commands/store/init.ts";
import Test from "./commands/test.ts";
import TokenAdmit from "./commands/token/admit.ts";
import TokenIssue from "./commands/token/issue.ts";
import TokenList from "./commands/token/list.ts";
import TokenRevoke from "./commands/token/revoke.ts";
import TokenRotate from "./commands/token/rotate.ts";

export const COMMANDS = {
  access: Access,
  "audit:archive": AuditArchive,
  "audit:export": AuditExport,
  "audit:query": AuditQuery,
  "audit:report": AuditReport,
  "audit:verify": AuditVerify,
  "audit:who": AuditWho,
  backup: Backup,
  "bundle:build": BundleBuild,
  "bundle:carry:export": BundleCarryExport,
  "bundle:carry:import": BundleCarryImport,
  "bundle:export": BundleExport,
  "bundle:inspect": BundleInspect,
  "bundle:publish": BundlePublish,
  "bundle:reproduce": BundleReproduce,
  "bundle:sign": BundleSign,
  "bundle:verify": BundleVerify,
  "client-config": ClientConfig,
  completion: Completion,
  console: Console,
  demo: Demo,
  diff: Diff,
  evidence: Evidence,
  "emergency:close": EmergencyClose,
  "emergency:list": EmergencyList,
  "emergency:open": EmergencyOpen,
  "emergency:review": EmergencyReview,
  explain: Explain,
  gate: Gate,
  gateway: Gateway,
  import: Import,
  "grant:list": GrantList,
  "grant:review": GrantReview,
  "grant:unused": GrantUnused,
  "halt:list": HaltList,
  "halt:push": HaltPush,
  "heartbeat:issue": HeartbeatIssue,
  init: Init,
  "keys:enrol": KeysEnrol,
  "language-server": LanguageServer,
  lint: Lint,
  record: Record,
  restore: Restore,
  "root:init": RootInit,
  "root:propose": RootPropose,
  "root:show": RootShow,
  "root:sign": RootSign,
  scan: Scan,
  simulate: Simulate,
  "store:check": StoreCheck,
  "store:init": StoreInit,
  test: Test,
  "token:admit": TokenAdmit,
  "token:issue": TokenIssue,
  "token:list": TokenList,
  "token:revoke": TokenRevoke,
  "token:rotate": TokenRotate,
};
