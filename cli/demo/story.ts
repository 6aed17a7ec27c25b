/** The story that `phiward demo` tells, chapter by chapter, from examples/hospital. */
import type * as Engine from "../../engine/index.ts";
import { type Chapter, heading, mark, overlay } from "./chapter.ts";
import { type LiveResult, tryLive } from "./live.ts";
import { aPullRequest } from "./pull-request.ts";

type Api = typeof Engine;

/** From dist/cli/demo and from cli/demo alike the examples stand beside the package's root. */
const HOSPITAL = new URL(
  import.meta.url.includes("/dist/cli/")
    ? "../../../examples/hospital/"
    : "../../examples/hospital/",
  import.meta.url,
);

const GRANT = "lookup-bot-3";
const SERVER = "ehr";
/** A day on which the example's grants are valid, so that the story never changes with the calendar. */
const AT = "2026-10-05T09:00:00Z";

/** The patient is one of the benchmark's synthetic ones; the number is not printed. */
const ALLOWED = {
  tool: "fhir_search",
  args: { resourceType: "Patient", parameters: { identifier: "S6535936" } },
};
const DENIED = { tool: "fhir_search", args: { resourceType: "Patient", parameters: {} } };

const PATIENT = "S6535936";
const READ = {
  tool: "fhir_search",
  args: {
    resourceType: "Observation",
    parameters: { patient: `Patient/${PATIENT}`, code: "2823-3" },
  },
};
const DELETE = { tool: "fhir_delete", args: { resourceType: "Patient", id: PATIENT } };

export async function* tellStory(engine: Api, host: Engine.Host): AsyncGenerator<Chapter> {
  const folder = HOSPITAL.pathname;
  const started = performance.now();
  const loaded = await engine.load(host.folder(folder));
  const repository = engine.prepare(engine.sound(loaded));
  yield whatIsInGit(engine, loaded);
  yield isItSound(engine, loaded, repository);
  yield oneCallEach(engine, repository);
  const live = await tryLive({
    engine,
    host: demoHost(engine, host),
    hospital: HOSPITAL,
    grant: GRANT,
    server: SERVER,
    allowed: READ,
    denied: DELETE,
    patient: PATIENT,
  });
  yield throughTheGateway(live);
  yield whatTheLogSays(engine, live);
  const changed = await engine.load(
    overlay(host.folder(folder), host.folder(new URL("careless/", HOSPITAL).pathname)),
  );
  yield await aCarelessChange(engine, host.folder(folder), changed, repository);
  yield theProof(engine, loaded, changed);
  yield await aPullRequest(engine, host.folder(folder), engine.parseInstant(AT)!);
  yield theEnd(performance.now() - started);
}

function whatIsInGit(engine: Api, loaded: Engine.LoadedRepository): Chapter {
  const { grants, servers } = loaded.repository;
  const server = servers[SERVER]!;
  const pinned = Object.keys(server.lock?.tools ?? {}).length;
  const effects = new Map<string, number>();
  for (const { effect } of Object.values(server.tools)) {
    const name = typeof effect === "string" ? effect : "that an argument decides";
    effects.set(name, (effects.get(name) ?? 0) + 1);
  }
  const agents = Object.values(grants).map((grant) => ({
    grant: grant.id,
    responsible: grant.principal.responsible ?? grant.principal.id,
    purpose: grant.purpose,
    policy: grant.access[SERVER] ?? "",
    until: new Date(grant.expires).toISOString().slice(0, 10),
  }));
  return {
    title: "What is in Git",
    ok: pinned > 0,
    facts: { agents, pinned, effects: Object.fromEntries(effects) },
    text: (paint) =>
      [
        heading(1, "What is in Git", paint),
        `   St. Elsewhere lets ${agents.length} agents use its health record, each with a grant of its own:`,
        "",
        ...engine
          .columns(
            [
              ["grant", "responsible", "purpose", "policy", "until"],
              ...agents.map((agent) => Object.values(agent)),
            ],
            (text, _, row) => (row === 0 ? paint("dim", text) : text),
          )
          .map((line) => `     ${line}`),
        "",
        `   The record is an MCP server with ${pinned} tools, each pinned by digest:`,
        `   ${[...effects].map(([name, count]) => `${count} ${name}`).join(", ")}.`,
      ].join("\n"),
  };
}

function isItSound(
  engine: Api,
  loaded: Engine.LoadedRepository,
  repository: Engine.ReadyRepository,
): Chapter {
  const at = engine.parseInstant(AT)!;
  const { findings } = engine.lint(loaded, at);
  const errors = findings.filter(({ severity }) => severity === "error").length;
  const begun = performance.now();
  const {
    passed,
    failed,
    errors: broken,
    cases,
  } = engine.runTests(repository, loaded.tests, { now: at });
  const ms = Math.round(performance.now() - begun);
  const ok = errors === 0 && failed === 0 && broken === 0 && cases.length > 0;
  return {
    title: "Is it sound?",
    ok,
    facts: { errors, warnings: findings.length - errors, passed, failed },
    text: (paint) => {
      return [
        heading(2, "Is it sound?", paint),
        `   ${mark(errors === 0, paint)} lint   ${engine.plural(errors, "error")}, ${engine.plural(findings.length - errors, "remark")} in ${engine.plural(loaded.files, "file")}`,
        `   ${mark(failed === 0 && broken === 0, paint)} test   ${passed} passed, ${failed} failed in ${ms} ms`,
      ].join("\n");
    },
  };
}

function ask(
  engine: Api,
  repository: Engine.ReadyRepository,
  { tool, args }: typeof ALLOWED | typeof DENIED,
): Engine.Explanation {
  const at = engine.parseInstant(AT)!;
  return engine.explain(repository, {
    grant: GRANT,
    server: SERVER,
    method: engine.TOOLS_CALL,
    tool,
    args,
    at,
  });
}

function oneCallEach(engine: Api, repository: Engine.ReadyRepository): Chapter {
  const allowed = ask(engine, repository, ALLOWED).decision;
  const denied = ask(engine, repository, DENIED).decision;
  return {
    title: "Two calls of one agent",
    ok: allowed.verdict === "allow" && denied.verdict === "deny",
    facts: { allowed, denied },
    text: (paint) =>
      [
        heading(3, "Two calls of one agent", paint),
        `   ${GRANT} asks for ${paint("bold", "one patient")}`,
        "          fhir_search { resourceType: Patient, parameters: { identifier: … } }",
        `   ${paint(["bold", "green"], "ALLOW")}  ${engine.visible(allowed.reason)}`,
        "",
        `   ${GRANT} asks for ${paint("bold", "everybody")}`,
        "          fhir_search { resourceType: Patient, parameters: {} }",
        `   ${paint(["bold", "red"], "DENY")}   by ${paint("bold", denied.rule)}`,
        `          ${engine.visible(denied.reason)}`,
        "   the agent reads:",
        ...wrap(engine.visible(denied.message), 80).map(
          (line) => `          ${paint("dim", line)}`,
        ),
      ].join("\n"),
  };
}

/** The demo's own clock: it starts on a day of the example's grants and goes on from there. */
function demoHost(engine: Api, host: Engine.Host): Engine.Host {
  const start = engine.parseInstant(AT)!;
  const began = host.now();
  return { ...host, now: () => start + host.now() - began };
}

function throughTheGateway(live: LiveResult): Chapter {
  const title = "Through the gateway, on a real server";
  if (!live.ran) {
    return {
      title,
      ok: true,
      facts: { ran: false, why: live.why },
      text: (paint) =>
        [heading(4, title, paint), `   ${paint("yellow", "left out:")} ${live.why}`].join("\n"),
    };
  }
  const { shown, asPinned, allowed, denied, afterRevoking } = live;
  const arrived = allowed.ok && allowed.storeRequests.length === 1;
  const kept = !denied.ok && denied.storeRequests.length === 0;
  const stopped = !afterRevoking.ok && afterRevoking.storeRequests.length === 0;
  return {
    title,
    ok: asPinned && arrived && kept && stopped,
    facts: {
      ran: true,
      shown,
      asPinned,
      allowed: allowed.storeRequests,
      denied: denied.storeRequests,
      afterRevoking: afterRevoking.storeRequests,
    },
    text: (paint) =>
      [
        heading(4, title, paint),
        "   A FHIR store, the npm package fhir-mcp-server, and phiward in front of it, all on loopback.",
        `   ${GRANT} connects with its token:`,
        `   ${mark(asPinned, paint)} the server's tools are exactly as pinned; the agent sees ${shown.join(", ")} alone`,
        `   ${mark(arrived, paint)} it asks for one patient's potassium; the store saw: ${allowed.storeRequests.join(", ")}`,
        `   ${mark(kept, paint)} it tries to delete the patient; the store saw: ${denied.storeRequests.join(", ") || "nothing"}`,
        `          ${paint("dim", denied.text.replace(/, decision .*/, ", decision …)"))}`,
        `   ${mark(stopped, paint)} its token is revoked; the next message is refused`,
      ].join("\n"),
  };
}

function whatTheLogSays(engine: Api, live: LiveResult): Chapter {
  const title = "Who accessed this patient's record?";
  if (!live.ran) {
    return {
      title,
      ok: true,
      facts: { ran: false },
      text: (paint) =>
        [heading(5, title, paint), `   ${paint("yellow", "left out:")} ${live.why}`].join("\n"),
    };
  }
  const { found, records, whole } = live;
  const verdicts = found.map(({ verdict }) => verdict);
  const both = verdicts.includes("allow") && verdicts.includes("deny");
  return {
    title,
    ok: both && whole,
    facts: { ran: true, records: records.length, found: verdicts, whole },
    text: (paint) =>
      [
        heading(5, title, paint),
        `   ${paint("bold", "phiward audit who")}, asked for the patient by an id that the log does not hold:`,
        ...engine.columns(
          found.map(({ at, principal, responsible, tool, verdict, rule }) => [
            `     ${at.slice(11, 19)}`,
            verdict,
            tool,
            `${principal}, for ${responsible ?? principal}`,
            rule,
          ]),
          (text, column) =>
            column === 1 ? paint(text.startsWith("allow") ? "green" : "red", text) : text,
        ),
        `   ${mark(whole, paint)} ${records.length} records, one hash chain, signed: ${whole ? "whole" : "broken"}`,
      ].join("\n"),
  };
}

async function aCarelessChange(
  engine: Api,
  tree: Engine.Tree,
  changed: Engine.LoadedRepository,
  base: Engine.ReadyRepository,
): Promise<Chapter> {
  const head = engine.prepare(engine.sound(changed));
  const calls = await engine.loadFixtures(tree, "fixtures/medagentbench.jsonl");
  const report = engine.simulate(calls, head, base);
  const byTool = Map.groupBy(report.gained, ({ tool, effect, base: was }) =>
    JSON.stringify([tool, effect, was.rule]),
  );
  const rows = [...byTool].map(
    ([key, gained]) =>
      [...(JSON.parse(key) as string[]), gained.length] as [string, string, string, number],
  );
  return {
    title: "A careless change",
    ok: report.gained.length > 0,
    facts: {
      total: report.total,
      gained: report.gained.length,
      ephiGained: report.ephiGained,
      revoked: report.revoked.length,
    },
    text: (paint) =>
      [
        heading(6, "A careless change", paint),
        '   A pull request makes the agent "less chatty about errors":',
        "   it removes the `require` above, and grants one more tool.",
        `   ${report.total} calls that agents really made, through both revisions:`,
        "",
        `   ${paint(["bold", "red"], `${report.gained.length} newly allowed`)}, ${paint("magenta", `${report.ephiGained} of them ePHI`)}; ${report.revoked.length} revoked, ${report.unchanged} unchanged`,
        ...engine.columns(
          rows.map(([tool, effect, rule, count]) => [
            `     ${count} ×`,
            tool,
            effect,
            `was denied by ${rule}`,
          ]),
        ),
        "   And the removed `require`? No recorded call touches it. A replay sees what was recorded.",
      ].join("\n"),
  };
}

function theProof(
  engine: Api,
  base: Engine.LoadedRepository,
  head: Engine.LoadedRepository,
): Chapter {
  const begun = performance.now();
  const diff = engine.compare(base, head, { base: "before", head: "after" });
  const ms = Math.round(performance.now() - begun);
  const broader = diff.changes.filter(({ verdict }) => verdict === "broader");
  return {
    title: "The proof",
    ok: diff.verdict === "broader" && broader.every(({ witness }) => witness !== undefined),
    facts: {
      verdict: diff.verdict,
      blocks: diff.blocks,
      cells: diff.cells,
      broader: broader.length,
    },
    text: (paint) =>
      [
        heading(7, "The proof", paint),
        `   ${paint("bold", "phiward diff")} asks about every call there is: ${diff.cells.total} grants × tools, ${diff.cells.compared} changed, ${ms} ms`,
        ...broader.flatMap(({ tool, witness, baseDecision }) => [
          "",
          `   ${paint(["bold", "red"], "broader")}  ${engine.visible(tool ?? "")} ${engine.visible(JSON.stringify(witness?.args))}`,
          `            before: denied by ${engine.visible(baseDecision?.rule ?? "")}; now: allowed`,
        ]),
        "",
        `   Its answer is ${paint(["bold", "red"], "broader")}, exit code 1.`,
      ].join("\n"),
  };
}

function theEnd(ms: number): Chapter {
  return {
    title: "Done",
    ok: true,
    facts: { ms: Math.round(ms) },
    text: (paint) =>
      `${paint(["bold", "green"], "✓")} ${(ms / 1000).toFixed(1)} s. Every verdict came from ${paint("bold", "decide")}: the function that test, explain, simulate, diff and the gateway share.`,
  };
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length + 1 > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
