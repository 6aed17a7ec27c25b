/**
 * The story of one run: read the event and the inputs, find what would be merged, have it judged,
 * tell. It answers with the exit code; whatever goes wrong on the way is no pass.
 */
import { COMMENT_MARKER, type GateReport, gateMarkdown, PhiwardError } from "../engine/index.ts";
import { comment } from "./comment.ts";
import { readEvent } from "./event.ts";
import { readInputs, type Settings } from "./inputs.ts";
import { judge } from "./judge.ts";
import { locate, type Places, type Subject } from "./locate.ts";
import { protectionWarning } from "./protection.ts";
import { command, tellError, tellReport } from "./tell.ts";
import type { Job, World } from "./world.ts";

/** 0 passes, 1 does not, 2 could not be answered, 3 untrusted, 70 a bug of ours. */
export type Exit = 0 | 1 | 2 | 3 | 70;

export async function run(world: World): Promise<Exit> {
  try {
    return await judgeAndTell(world);
  } catch (error) {
    const known = error instanceof PhiwardError ? error : bug(error);
    // Its first words go to the log; a runner without the other files changes nothing of the answer.
    await tellError(known, world.out).catch(() => undefined);
    return known.code === "BUG" ? 70 : 2;
  }
}

async function judgeAndTell(world: World): Promise<Exit> {
  const job = await world.job();
  const occasion = readEvent(job.event, job.payload);
  const settings = readInputs(world.inputs, occasion.kind !== "revisions");
  const places: Places = {
    github: world.github(settings.token, job.repository),
    objects: await world.objects(settings.token, job.repository),
    clock: world,
  };
  const subjects = await locate(occasion, settings, places);
  const own = subjects.at(-1)!;
  const before = await judgeBefore(subjects.slice(0, -1), settings, places);
  const report = await warned(await judge(own, settings.dir, places), own, job, places);
  const exit = exitOf(report, before, settings);
  const told = await commented(report, own, exit, settings, job, places);
  for (const line of before.map(({ sentence }) => sentence))
    world.out.log(command("error", "phiward: merge queue", line));
  await tellReport(told, settings, job, world.out);
  if (settings.failOn === "never")
    world.out.log(command("notice", "phiward", "`fail-on: never`: the verdict stops nothing"));
  return exit;
}

/** An entry that stands before this one in the merge queue and does not pass. */
interface Obstacle {
  readonly exit: Exit;
  readonly sentence: string;
}

async function judgeBefore(
  subjects: readonly Subject[],
  { dir }: Settings,
  places: Places,
): Promise<readonly Obstacle[]> {
  const obstacles: Obstacle[] = [];
  for (const subject of subjects) {
    const { passed, exit, reasons } = await judge(subject, dir, places);
    if (passed) continue;
    const why = reasons.map(({ message }) => message).join("; ");
    const sentence = `${subject.head.name}, which this merge group stands on, does not pass: ${why}`;
    obstacles.push({ exit, sentence });
  }
  return obstacles;
}

async function warned(
  report: GateReport,
  { base, pull }: Subject,
  job: Job,
  { github }: Places,
): Promise<GateReport> {
  if (pull === undefined) return report;
  // It decides nothing here, so a question without an answer is only told.
  const rules = await github.rules(base.name).catch(onlyGithub);
  const warning = protectionWarning(base.name, rules, job.workflow);
  return warning === undefined ? report : { ...report, warnings: [...report.warnings, warning] };
}

/** Of this change and of what it stands on the gravest. */
function exitOf(report: GateReport, before: readonly Obstacle[], { failOn }: Settings): Exit {
  if (failOn === "never") return 0;
  const wider = report.verdict === "broader" || report.verdict === "unknown";
  const own = report.exit === 0 && failOn === "broader" && wider ? 1 : report.exit;
  return Math.max(own, ...before.map(({ exit }) => exit)) as Exit;
}

/** Writes the comment; where that cannot be, the report says so, and the verdict stays what it is. */
async function commented(
  report: GateReport,
  { pull }: Subject,
  exit: Exit,
  { comment: when, dir }: Settings,
  job: Job,
  { github }: Places,
): Promise<GateReport> {
  if (pull === undefined || when === "never") return report;
  const wish = {
    marker: COMMENT_MARKER,
    body: gateMarkdown(report, { kind: "comment", dir, url: job.url }),
    create: when === "always" || exit !== 0 || !report.passed,
  };
  const done = await comment(github, pull.number, wish).catch(onlyGithub);
  if (done !== undefined) return report;
  const warning = {
    code: "NO_COMMENT",
    message:
      "the token may not write a comment, or GitHub did not take it; the job's summary says the same",
    help: "give the token `pull-requests: write`; the token of a fork's `pull_request` can only read",
  };
  return { ...report, warnings: [...report.warnings, warning] };
}

function onlyGithub(error: unknown): undefined {
  if (!(error instanceof PhiwardError) || error.code !== "GITHUB") throw error;
  return undefined;
}

function bug(error: unknown): PhiwardError {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new PhiwardError("BUG", text, { cause: error });
}
