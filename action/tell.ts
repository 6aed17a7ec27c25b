/** The verdict → annotations, the job's summary, outputs and files. Nothing is decided here. */
import {
  type GateReport,
  gateGithub,
  gateJson,
  gateMarkdown,
  gateSarif,
  hasErrors,
  type PhiwardError,
} from "../engine/index.ts";
import type { Settings } from "./inputs.ts";
import type { Job, Out } from "./world.ts";

export async function tellReport(
  report: GateReport,
  settings: Settings,
  job: Job,
  out: Out,
): Promise<void> {
  const place = { dir: settings.dir };
  out.log(gateGithub(report, place));
  await out.summary(gateMarkdown(report, { kind: "summary", ...place, url: job.url }));
  if (settings.sarifFile !== undefined)
    await out.file(settings.sarifFile, json(gateSarif(report, place)));
  await out.output("verdict", report.verdict);
  await out.output("blocks", String(report.blocks));
  await out.output("approved", String(report.approved));
  await out.output("report", await out.report(json(gateJson(report))));
  await out.output("counts", JSON.stringify(countsOf(report)));
}

/** What a later step of the workflow reads when there is no verdict: the worst. */
export async function tellError(error: PhiwardError, out: Out): Promise<void> {
  out.log(command("error", `phiward: ${error.code}`, `${error.message}\n${error.help}`));
  await out.summary(
    `## phiward could not judge this change\n\nSo it does not pass.\n\n${quoted(error.message)}\n\n${quoted(error.help)}\n`,
  );
  await out.output("verdict", "unknown");
  await out.output("blocks", "true");
  await out.output("approved", "false");
}

function countsOf(report: GateReport): Readonly<Record<string, number>> {
  const { lint, test, simulate, diff } = report;
  const changes = (verdict: string): number =>
    diff?.changes.filter((change) => change.verdict === verdict).length ?? 0;
  const errors = lint.findings.filter((finding) => hasErrors([finding])).length;
  return {
    broader: changes("broader"),
    unknown: changes("unknown"),
    narrower: changes("narrower"),
    errors,
    warnings: lint.findings.length - errors,
    testsPassed: test?.passed ?? 0,
    testsFailed: (test?.failed ?? 0) + (test?.errors ?? 0),
    callsGained: simulate?.gainedTotal ?? 0,
    callsRevoked: simulate?.revokedTotal ?? 0,
  };
}

const json = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;

/** A workflow command. Text that a pull request supplies could otherwise begin another command. */
export function command(
  level: "error" | "warning" | "notice",
  title: string,
  text: string,
): string {
  const data = (raw: string): string =>
    raw.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
  const property = (raw: string): string => data(raw).replaceAll(":", "%3A").replaceAll(",", "%2C");
  return `::${level} title=${property(title)}::${data(text)}`;
}

/** As code that starts with four spaces: nothing in it is read as Markdown or HTML. */
const quoted = (text: string): string =>
  text
    .split(/\r?\n|\r/)
    .map((line) => `    ${line}`)
    .join("\n");
