/** The chapter in which an honest pull request makes something wider, waits, and is approved. */
import type * as Engine from "../../engine/index.ts";
import { type Chapter, heading, mark, overlay } from "./chapter.ts";

type Api = typeof Engine;

const GRANT_FILE = "grants/triage-bot-7.yaml";
const BEFORE = "clinics: [Location/north, Location/east]";
const AFTER = "clinics: [Location/north, Location/east, Location/harbour]";
/** Stands for the head commit that reviewers see; an invented one. */
const COMMIT = "d3".repeat(20);

const PRIVACY = { person: "m-chen", team: "privacy-officers" };
const SECURITY = { person: "k-adeyemi", team: "security-officers" };
const AUTHOR = "j-rivera";

export async function aPullRequest(engine: Api, base: Engine.Tree, at: number): Promise<Chapter> {
  const head = overlay(base, await oneFileChanged(base));
  const judge = (approvers: readonly string[]): Promise<Engine.GateReport> =>
    engine.gate(
      {
        base,
        head,
        now: at,
        approvals: async (requires) => approvalsOf(engine, requires, approvers),
      },
      { reviewed: COMMIT, names: { base: "main", head: "pull request" } },
    );
  const alone = await judge([AUTHOR]);
  const one = await judge([PRIVACY.person]);
  const both = await judge([PRIVACY.person, SECURITY.person]);
  const ok = !alone.passed && !one.passed && both.passed && both.approved;
  const tool = both.diff?.changes.find(({ verdict }) => verdict === "broader")?.tool ?? "";
  const line = (report: Engine.GateReport, who: string, paint: Engine.Paint): string =>
    `   ${report.passed ? paint(["bold", "green"], "passes") : paint(["bold", "red"], "blocks")}  ${who}`;
  return {
    title: "A pull request waits for two people",
    ok,
    facts: {
      verdict: both.verdict,
      byAuthor: alone.passed,
      byOne: one.passed,
      byBoth: both.passed,
    },
    text: (paint) =>
      [
        heading(8, "A pull request waits for two people", paint),
        `   ${AUTHOR} gives the triage agent a third clinic, in ${GRANT_FILE}. Its tests still pass.`,
        `   ${paint("bold", "phiward gate")} proves that more is possible now (${engine.visible(tool)}), so the merge waits:`,
        "",
        line(alone, `approved by ${AUTHOR}, who wrote it`, paint),
        line(one, `approved by ${PRIVACY.person} of ${PRIVACY.team}`, paint),
        line(both, `and by ${SECURITY.person} of ${SECURITY.team}`, paint),
        "",
        `   ${mark(ok, paint)} the GitHub Action asks the same function, and reads the reviews of exactly this commit`,
      ].join("\n"),
  };
}

async function oneFileChanged(base: Engine.Tree): Promise<Engine.Tree> {
  const text = new TextDecoder().decode(await base.read(GRANT_FILE));
  const bytes = new TextEncoder().encode(text.replace(BEFORE, AFTER));
  return {
    label: "a change",
    list: async () => [{ path: GRANT_FILE, bytes: bytes.length, link: false }],
    read: async () => bytes,
  };
}

function approvalsOf(
  engine: Api,
  requires: readonly Engine.ApproverGroup[],
  approvers: readonly string[],
): Engine.Approvals {
  return engine.judgeApprovals({
    commit: COMMIT,
    requires,
    reviews: approvers.map((person) => ({
      person,
      human: true,
      state: "APPROVED",
      commit: COMMIT,
      at: "2026-10-05T09:00:00Z",
      review: "https://git.example.org/reviews/1",
    })),
    teams: new Map([
      [PRIVACY.team, [PRIVACY.person, AUTHOR]],
      [SECURITY.team, [SECURITY.person, AUTHOR]],
    ]),
    parts: [{ person: AUTHOR, did: "authored" }],
    unattributed: [],
  });
}
