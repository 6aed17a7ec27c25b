/**
 * A catalogue, and recorded calls if there are any → the first policies: for each kind of agent the
 * smallest that lets through what was recorded.
 *
 *     calls ─▶ observe ─▶ draft ─▶ load and prove ─▶ spare out ─▶ files
 *
 * Nothing is claimed that was not asked of the decision and the prover: every recorded call is judged
 * again under the policies that are given back, and every rule in them stops a call that nothing else
 * stops.
 */
import { firstTests } from "../author/write-tests.ts";
import { eachFixture } from "../calls/fixtures.ts";
import { agreementInForce, decide } from "../decide/decide.ts";
import { prepare } from "../decide/prepare.ts";
import { PhiwardError } from "../errors.ts";
import { type Tree, withTexts } from "../host/tree.ts";
import { writeTests } from "../mutate/write-tests.ts";
import type { Server } from "../policy/ir.ts";
import { type LoadedRepository, load, sound } from "../policy/load.ts";
import { DAY, formatDay } from "../policy/time.ts";
import { MemoryUsage } from "../quota/quota.ts";
import { type DraftPolicy, openWords } from "./draft.ts";
import { fromCatalogue } from "./from-catalogue.ts";
import { fromTraffic, type Starter } from "./from-traffic.ts";
import { labelOf, startObserving, type Traffic } from "./observe.ts";
import { spareOut } from "./spare.ts";
import { grantYaml, policyYaml } from "./write.ts";

export interface StarterOptions {
  readonly now: number;
  /** The recorded calls, within `fixtures/`; absent: the labels alone say what is needed. */
  readonly recorded?: string;
  /** The person who answers for the agents: `person:…`. */
  readonly responsible: string;
  /** Files that are written with it, such as phiward.yaml: path → text. */
  readonly beside?: Readonly<Record<string, string>>;
  /** Hears how many slips the tests were tried on, of how many. */
  readonly onProgress?: (done: number, of: number) => void;
}

export interface StarterReport {
  /** Path → text. */
  readonly files: Readonly<Record<string, string>>;
  readonly policies: readonly {
    readonly name: string;
    readonly grant: string;
    readonly server: string;
    readonly tools: number;
    readonly rules: number;
    /** Rules that were left out again, because nothing would have been stopped by them alone. */
    readonly spared: number;
    /** What no rule can say, for a person to look at. */
    readonly open: readonly string[];
  }[];
  /** The tests that were written: how many of a person's slips they notice, in percent. */
  readonly tests: { readonly cases: number; readonly score: number };
  /** Recorded calls, judged again under these policies; absent without any. */
  readonly recorded?: { readonly calls: number; readonly allowed: number };
}

export async function starterFiles(given: Tree, options: StarterOptions): Promise<StarterReport> {
  const tree = withTexts(given, new Map(Object.entries(options.beside ?? {})));
  const catalogue = await load(tree);
  const servers = serversOf(catalogue);
  const observed =
    options.recorded === undefined ? undefined : await observe(tree, servers, options.recorded);
  const drafts =
    observed === undefined ? fromCatalogue(servers) : fromTraffic(observed.traffic, servers);
  if (drafts.length === 0) {
    throw new PhiwardError("INVALID_INPUT", "there is nothing to make a policy of", {
      help:
        observed === undefined
          ? "label the tools in servers/<id>.yaml: which only read, and which argument names the patient"
          : "the recorded calls hold no allowed call of a tool",
    });
  }
  const issued = observed?.first ?? options.now;
  const write = (starters: readonly Starter[]): Record<string, string> =>
    filesOf(starters, catalogue, { ...options, issued });
  const first = await loadedWith(tree, write(drafts));
  requireAgreements(drafts, first, options.now);
  const spared = spareOut(
    drafts.map(({ policy }) => policy),
    first,
    options.now,
  );
  const starters = drafts.map((starter, index) => ({ ...starter, policy: spared[index]! }));
  const policies = write(starters);
  const untested = await loadedWith(tree, policies);
  const written = { ...policies, ...firstSuites(starters, untested) };
  const loaded = await loadedWith(tree, written);
  const tests = writeTests(
    loaded,
    await testTexts(withTexts(tree, new Map(Object.entries(written))), loaded),
    {
      now: options.now,
      ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
    },
  );
  return {
    files: { ...written, ...Object.fromEntries(tests.files) },
    tests: { cases: tests.cases, score: tests.report.score },
    policies: starters.map((starter, index) => summaryOf(starter, drafts[index]!.policy)),
    ...(observed === undefined
      ? {}
      : { recorded: await replay(tree, options.recorded!, starters, loaded) }),
  };
}

/** Servers whose tools are pinned: what was never pinned cannot be allowed. */
function serversOf(catalogue: LoadedRepository): ReadonlyMap<string, Server> {
  const servers = Object.values(catalogue.repository.servers).filter(
    ({ lock }) => lock !== undefined,
  );
  if (servers.length > 0) return new Map(servers.map((server) => [server.id, server]));
  throw new PhiwardError("INVALID_INPUT", "there is no server with pinned tools", {
    help: "run `phiward scan` first: it writes servers/<id>.yaml and servers/<id>.lock.json",
  });
}

async function observe(
  tree: Tree,
  servers: ReadonlyMap<string, Server>,
  glob: string,
): Promise<{ readonly traffic: Traffic; readonly first: number }> {
  const observing = startObserving(servers);
  let first = Number.POSITIVE_INFINITY;
  for await (const calls of eachFixture(tree, glob)) {
    observing.see(calls);
    for (const { call } of calls) first = Math.min(first, call.at);
  }
  const traffic = observing.traffic();
  requireKnown(traffic, servers);
  return { traffic, first };
}

/** A server or tool without a pin stays out of every policy; leaving its calls out would be silence. */
function requireKnown(traffic: Traffic, servers: ReadonlyMap<string, Server>): void {
  for (const [id, tools] of [...traffic.values()].flatMap((used) => [...used])) {
    const server = servers.get(id);
    const missing =
      server === undefined
        ? id
        : [...tools.keys()].find((t) => !Object.hasOwn(server.lock!.tools, t));
    if (missing === undefined) continue;
    const kind = server === undefined ? "server" : "tool";
    throw new PhiwardError(
      "UNKNOWN_NAME",
      `a recorded call is for a ${kind} that is not pinned: \`${missing.slice(0, 60)}\``,
      {
        help: "scan the server first; what was never reviewed is in no policy",
      },
    );
  }
}

/** Without an agreement the project denies each call on patient data: there would be nothing to write. */
function requireAgreements(
  starters: readonly Starter[],
  loaded: LoadedRepository,
  now: number,
): void {
  if (!loaded.repository.requireBaa) return;
  const ready = prepare(sound(loaded));
  for (const { server: id, policy } of starters) {
    const server = ready.servers.get(id)!;
    const ephi = policy.tools.some(({ name }) => labelOf(server.source, name).ephi !== false);
    if (!ephi || agreementInForce(server, now)) continue;
    throw new PhiwardError(
      "INVALID_INPUT",
      `\`${id}\` has no business associate agreement in force, which phiward.yaml demands`,
      {
        help: `write it into servers/${id}.yaml, such as \`vendor: { name: …, baa: { status: signed, signed: 2026-02-01 } }\`; until then every call on patient data is denied`,
      },
    );
  }
}

function filesOf(
  starters: readonly Starter[],
  { repository }: LoadedRepository,
  { now, issued, responsible }: StarterOptions & { readonly issued: number },
): Record<string, string> {
  const files: Record<string, string> = {};
  const access = new Map<string, { server: string; policy: string }[]>();
  for (const { grant, server, policy } of starters) {
    files[`policies/${policy.name}.yaml`] = policyYaml(policy);
    access.set(grant, [...(access.get(grant) ?? []), { server, policy: policy.name }]);
  }
  // A grant of at most half a year, which begins when its calls were recorded, so that they replay.
  const from = Math.max(Math.min(issued, now), now - 180 * DAY);
  for (const [grant, pairs] of access) {
    if (Object.hasOwn(repository.grants, grant)) continue;
    files[`grants/${grant}.yaml`] = grantYaml({
      grant,
      access: pairs,
      responsible,
      issued: formatDay(from),
      expires: formatDay(now + 180 * DAY),
    });
  }
  return files;
}

async function loadedWith(tree: Tree, files: Record<string, string>): Promise<LoadedRepository> {
  const loaded = await load(withTexts(tree, new Map(Object.entries(files))));
  const { findings } = loaded;
  const error = findings.find(({ severity }) => severity === "error");
  if (error !== undefined) {
    throw new PhiwardError("INVALID_INPUT", error.message, {
      help: error.help,
      place: error.place,
    });
  }
  return loaded;
}

/** A suite for each policy. Its calls are the prover's: no recorded value is among them. */
function firstSuites(
  starters: readonly Starter[],
  { repository }: LoadedRepository,
): Record<string, string> {
  return Object.fromEntries(
    starters.map(({ grant, server, policy: { name } }) => [
      `tests/${name}.test.yaml`,
      firstTests(repository.policies[name]!, {
        suite: `what ${grant} may do on ${server}`,
        description: "Made with the policy: what it says, for people to add what it should.",
        server: repository.servers[server]!,
      }),
    ]),
  );
}

async function testTexts(
  tree: Tree,
  { tests }: LoadedRepository,
): Promise<ReadonlyMap<string, string>> {
  const decoder = new TextDecoder();
  return new Map(
    await Promise.all(
      tests.map(async ({ file }) => [file, decoder.decode(await tree.read(file))] as const),
    ),
  );
}

function summaryOf(
  { grant, server, policy }: Starter,
  draft: DraftPolicy,
): StarterReport["policies"][number] {
  const count = ({ tools }: DraftPolicy): number =>
    tools.reduce((sum, { require, limits }) => sum + require.length + limits.length, 0);
  return {
    name: policy.name,
    grant,
    server,
    tools: policy.tools.length,
    rules: count(policy),
    spared: count(draft) - count(policy),
    open: policy.tools.flatMap(({ name, open }) =>
      openWords(open).map((says) => `\`${name}\`: ${says}`),
    ),
  };
}

/** By policy and not by grant: whether a grant was valid at a time is no question of its policy. */
async function replay(
  tree: Tree,
  glob: string,
  starters: readonly Starter[],
  loaded: LoadedRepository,
): Promise<{ calls: number; allowed: number }> {
  const ready = prepare(sound(loaded));
  const usage = new MemoryUsage();
  let [calls, allowed] = [0, 0];
  for await (const block of eachFixture(tree, glob)) {
    for (const { call, outcome } of block) {
      if (outcome.verdict === "deny") continue;
      calls++;
      const { grant, server } = call;
      const starter = starters.find((one) => one.grant === grant && one.server === server);
      if (starter === undefined) continue;
      const { grant: _, ...asked } = call;
      const { decision, charges } = decide(
        ready,
        { ...asked, policy: starter.policy.name },
        { usage },
      );
      if (decision.verdict !== "allow") continue;
      allowed++;
      usage.charge(charges);
    }
  }
  return { calls, allowed };
}
