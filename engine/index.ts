/** The public API of phiward: everything that the CLI, the Action and other programs call. */

export { type Access, type AccessOptions, type AccessRow, access } from "./access/access.ts";
export { type IndexReport, indexReport } from "./audit/index/find.ts";
export { freshIndex } from "./audit/index/fresh.ts";
export type { Index } from "./audit/index/schema.ts";
export { splitNotes } from "./audit/notes.ts";
export { type Filter, query } from "./audit/query.ts";
export { auditState, ownPublicKey, pseudonymsOf, publicKey } from "./audit/state.ts";
export { verifyLog } from "./audit/verify/verify.ts";
export { who } from "./audit/who.ts";
export * as bundle from "./bundle/index.ts";
export { checkPolicy, hint, type RecordedCall, readCalls, readFixture } from "./calls/calls.ts";
export { ALL_FIXTURES, checkFixtures, eachFixture, loadFixtures } from "./calls/fixtures.ts";
export { type InitOptions, initialFiles } from "./catalog/init.ts";
export { releaseWorkflows } from "./catalog/release-workflows.ts";
export { readToolsList, type Scan, type ScannedTool, scan } from "./catalog/scan.ts";
export { type Classification, classify } from "./classify/classify.ts";
export { type CompareOptions, compare } from "./compare/compare.ts";
export type { Change, ChangeKind, Diff, Verdict, Witness } from "./compare/report.ts";
export { witnessTests } from "./compare/write-tests.ts";
export { type CoverOptions, cover } from "./coverage/coverage.ts";
export type { CoverageReport } from "./coverage/report.ts";
export { type Call, TOOLS_CALL } from "./decide/call.ts";
export {
  BY_ITSELF,
  type Circumstances,
  type Decision,
  decide,
  type Judgement,
} from "./decide/decide.ts";
export { type Explanation, explain, type TraceStep } from "./decide/explain.ts";
export { prepare, type ReadyRepository } from "./decide/prepare.ts";
export * as editor from "./editor/index.ts";
export { ERROR_CODES, type ErrorCode, PhiwardError } from "./errors.ts";
export { type Finding, hasErrors, type Severity, sortFindings } from "./finding.ts";
export { type Approvals, judgeApprovals, type Part, type Review } from "./gate/approvals.ts";
export { approverGroups } from "./gate/approvers.ts";
export { type GateOptions, type GateWorld, gate } from "./gate/gate.ts";
export { readApprovals } from "./gate/read-approvals.ts";
export type { ApproverGroup, GateReport, Reason, Warning } from "./gate/report.ts";
export type { TokenChange } from "./grant/change.ts";
export type { TokenEntry } from "./grant/entry.ts";
export { openTokenStore } from "./grant/file-store.ts";
export { grantNamed, issueToken } from "./grant/issue.ts";
export { listTokens } from "./grant/list.ts";
export { revokeTokens } from "./grant/revoke.ts";
export { rotateToken } from "./grant/rotate.ts";
export { diskTree, unreadable } from "./host/disk.ts";
export { gitTree } from "./host/git.ts";
export { type Host, nodeHost } from "./host/host.ts";
export { originUrl } from "./host/origin-url.ts";
export type { Tree, TreeFile } from "./host/tree.ts";
export { type ImportOptions, importPolicy } from "./import/import.ts";
export { type Imported, lost } from "./import/report.ts";
export { readJson } from "./json/read.ts";
export { canonical, type Digest, digestOf, InexactNumber, type Json } from "./json/value.ts";
export { explainRule, type RuleExplanation, type RuleFacts, ruleFacts } from "./lint/explain.ts";
export { type FixOptions, type FixReport, fix } from "./lint/fix/fix.ts";
export { lint } from "./lint/lint.ts";
export { patientDataInFixtures } from "./lint/patient-data.ts";
export { type MutateOptions, mutate } from "./mutate/mutate.ts";
export type { MutationReport } from "./mutate/report.ts";
export { type WrittenTests, writeTests } from "./mutate/write-tests.ts";
export * as ir from "./policy/ir.ts";
export { type LoadedRepository, load, loadWithGuards, sound } from "./policy/load.ts";
export { parseDay, parseDuration, parseInstant } from "./policy/time.ts";
export { MemoryUsage, UNUSED, type Usage } from "./quota/quota.ts";
export { accessCsv, accessText } from "./render/access.ts";
export { queryCsv, queryJson, queryJsonLines, queryText } from "./render/audit-query.ts";
export { type KeySource, verifyJson, verifyText } from "./render/audit-verify.ts";
export { whoJson, whoText } from "./render/audit-who.ts";
export {
  buildJson,
  buildText,
  carriedJson,
  carriedText,
  changesText,
  exportedJson,
  exportedText,
  keyJson,
  keyText,
  publishJson,
  publishText,
  releaseJson,
  releaseText,
  releaseVerifyJson,
  releaseVerifyText,
  reproduceJson,
  reproduceText,
  rootJson,
  rootText,
  signedJson,
  signedText,
} from "./render/bundle.ts";
export { coverageText } from "./render/coverage.ts";
export { coverageHtml } from "./render/coverage-html.ts";
export { lcov } from "./render/coverage-lcov.ts";
export { diffText } from "./render/diff.ts";
export { diffHtml } from "./render/diff-html.ts";
export { gateText } from "./render/gate.ts";
export {
  gateAnnotations,
  gateGithub,
  gateJunit,
  gateSarif,
} from "./render/gate-formats.ts";
export { gateHtml } from "./render/gate-html.ts";
export { type Annotation, annotations, workflowCommands } from "./render/github.ts";
export {
  haltJson,
  haltListJson,
  haltListText,
  haltText,
  heartbeatJson,
  heartbeatText,
} from "./render/halt.ts";
export { importJson, importText } from "./render/import.ts";
export { lintIssues, testIssues } from "./render/issues.ts";
export {
  accessJson,
  diffJson,
  errorJson,
  explainJson,
  gateJson,
  lintJson,
  simulateJson,
  testJson,
} from "./render/json.ts";
export { lintJunit, testJunit } from "./render/junit.ts";
export { fixJson, fixText } from "./render/lint-fix.ts";
export { COMMENT_MARKER, gateMarkdown, MAX_COMMENT } from "./render/markdown.ts";
export { mutationText } from "./render/mutation.ts";
export { ansi, columns, type Paint, plain, plural, visible } from "./render/paint.ts";
export { recordJson, recordText } from "./render/record.ts";
export { sarif } from "./render/sarif.ts";
export { scanJson, scanMarkdown, scanText } from "./render/scan.ts";
export { simulateText } from "./render/simulate.ts";
export { starterJson, starterText } from "./render/starter.ts";
export { explainText, lintText, testText } from "./render/text.ts";
export {
  tokenIssueJson,
  tokenListJson,
  tokenListText,
  tokenNotice,
  tokenRevokeJson,
  tokenRevokeText,
  tokenRotateJson,
} from "./render/token.ts";
export { type ReportedTool, type ScanReport, scanServer } from "./scan/scan-server.ts";
export { addProposals, newServerFile, type Reached } from "./scan/server-file.ts";
export type { ChangedCall, Simulation } from "./simulate/report.ts";
export { simulate, startSimulation } from "./simulate/simulate.ts";
export type { Place } from "./source.ts";
export { type StarterReport, starterFiles } from "./starter/starter.ts";
export { didYouMean } from "./suggest.ts";
export { type Touches, touchedSince } from "./testing/changed.ts";
export { type CaseResult, runTests, type TestReport } from "./testing/run.ts";
