/** The public API of phiward: everything that the CLI, the Action and other programs call. */

export { type Access, type AccessOptions, type AccessRow, access } from "./access/access.ts";
export { isArchive, verifyArchive } from "./audit/archive/verify.ts";
export { keepExportCursor, readExportCursor } from "./audit/export/cursor.ts";
export { postSink } from "./audit/export/post.ts";
export { type Exported, type ExportFormat, exportLog } from "./audit/export/run.ts";
export { type ExportSink, fileSink, functionSink } from "./audit/export/sink.ts";
export { placeBefore } from "./audit/export/start.ts";
export { dailyCounts } from "./audit/index/activity.ts";
export { type IndexReport, indexReport } from "./audit/index/find.ts";
export { freshIndex } from "./audit/index/fresh.ts";
export type { Index } from "./audit/index/schema.ts";
export { splitNotes } from "./audit/notes.ts";
export { type Filter, matches, query } from "./audit/query.ts";
export type { AuditRecord } from "./audit/record.ts";
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
export { reviewOpening } from "./emergency/change.ts";
export { openEmergencyStore } from "./emergency/file-store.ts";
export { listOpenings } from "./emergency/listed.ts";
export { awaitingReview, type Opening } from "./emergency/opening.ts";
export { reasonProblem } from "./emergency/reason.ts";
export { ERROR_CODES, type ErrorCode, PhiwardError } from "./errors.ts";
export { readHostConfig } from "./evidence/config.ts";
export { type Evidence, writeEvidence } from "./evidence/evidence.ts";
export { recordExport } from "./evidence/tell.ts";
export { type Finding, hasErrors, type Severity, sortFindings } from "./finding.ts";
export { type Approvals, judgeApprovals, type Part, type Review } from "./gate/approvals.ts";
export { approverGroups } from "./gate/approvers.ts";
export { type GateOptions, type GateWorld, gate } from "./gate/gate.ts";
export { readApprovals } from "./gate/read-approvals.ts";
export type { ApproverGroup, GateReport, Reason, Warning } from "./gate/report.ts";
export { admitGrant, barGrant, listBars } from "./grant/bar.ts";
export { openBarStore } from "./grant/bar-file-store.ts";
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
export { type ArchiveReport, archiveLog } from "./operate/archive.ts";
export { type BackupReport, backUp } from "./operate/backup.ts";
export {
  CLIENTS,
  type Client,
  type ClientConfig,
  clientConfig,
  type Reach,
} from "./operate/clients.ts";
export { type RestoreReport, restoreState } from "./operate/restore.ts";
export { readToken, type TokenPlace, tokenPlace } from "./operate/token-place.ts";
export * as ir from "./policy/ir.ts";
export { type LoadedRepository, load, loadWithGuards, sound } from "./policy/load.ts";
export { parseDay, parseDuration, parseInstant } from "./policy/time.ts";
export { MemoryUsage, UNUSED, type Usage } from "./quota/quota.ts";
export { accessCsv, accessText } from "./render/access.ts";
export { archiveJson, archiveText } from "./render/archive.ts";
export {
  type AnyPage,
  queryCsv,
  queryJson,
  queryJsonLines,
  queryText,
} from "./render/audit-query.ts";
export { reportCsv, reportJson, reportText } from "./render/audit-report.ts";
export { reportHtml } from "./render/audit-report-html.ts";
export { type KeySource, verifyJson, verifyText } from "./render/audit-verify.ts";
export { whoJson, whoText } from "./render/audit-who.ts";
export { backupJson, backupText, restoreJson, restoreText } from "./render/backup.ts";
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
export { clientConfigJson } from "./render/client-config.ts";
export { coverageText } from "./render/coverage.ts";
export { coverageHtml } from "./render/coverage-html.ts";
export { lcov } from "./render/coverage-lcov.ts";
export { diffText } from "./render/diff.ts";
export { diffHtml } from "./render/diff-html.ts";
export {
  emergencyJson,
  emergencyListJson,
  emergencyListText,
  emergencyText,
} from "./render/emergency.ts";
export { emergencyReviewJson, emergencyReviewText } from "./render/emergency-review.ts";
export { evidenceJson, evidenceText } from "./render/evidence.ts";
export { exportFormat, exportJson, exportText } from "./render/export.ts";
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
  grantListCsv,
  grantListJson,
  grantListText,
  grantReviewJson,
  grantReviewText,
  reviewSheetCsv,
  reviewSheetHtml,
  reviewSheetMarkdown,
  unusedJson,
  unusedPatch,
  unusedText,
} from "./render/grants.ts";
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
export {
  storeCheckJson,
  storeCheckText,
  storeInitJson,
  storeInitText,
  storeVerifyJson,
  storeVerifyText,
} from "./render/store.ts";
export { explainText, lintText, testText } from "./render/text.ts";
export {
  tokenAdmitJson,
  tokenAdmitText,
  tokenIssueJson,
  tokenListJson,
  tokenListText,
  tokenNotice,
  tokenRevokeJson,
  tokenRevokeText,
  tokenRotateJson,
} from "./render/token.ts";
export * as review from "./review/index.ts";
export { type ReportedTool, type ScanReport, scanServer } from "./scan/scan-server.ts";
export { addProposals, newServerFile, type Reached } from "./scan/server-file.ts";
export type { ChangedCall, Simulation } from "./simulate/report.ts";
export { simulate, startSimulation } from "./simulate/simulate.ts";
export type { Place } from "./source.ts";
export { type StarterReport, starterFiles } from "./starter/starter.ts";
export { didYouMean } from "./suggest.ts";
export { type Touches, touchedSince } from "./testing/changed.ts";
export { type CaseResult, runTests, type TestReport } from "./testing/run.ts";
