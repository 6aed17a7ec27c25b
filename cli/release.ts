/** What the commands about releases have in common. */
import { Flags } from "@oclif/core";
import type * as Engine from "../engine/index.ts";
import { readText } from "./arguments.ts";
import { untrusted } from "./published.ts";

export const releaseFolder = Flags.string({
  description: "folder in which a release is made: its root, its bundle, its signatures",
  helpValue: "DIR",
  default: "./release",
});

export const trustFile = Flags.string({
  description: "what is trusted; trust.json in the release's folder when absent",
  helpValue: "FILE",
});

export const keyFile = Flags.string({
  description: "key to sign with: an SSH key (or its .pub, for an agent), or a PEM key",
  helpValue: "FILE",
  required: true,
});

/** `90d` → milliseconds. */
export function lifeOf(engine: typeof Engine, text: string): number {
  if (/^[0-9]{1,6}[smhd]$/.test(text)) return engine.parseDuration(text);
  throw new engine.PhiwardError("USAGE", `\`${text.slice(0, 60)}\` is no duration`, {
    help: "write a number and s, m, h or d, such as 90d",
  });
}

export async function trustOf(
  engine: typeof Engine,
  path: string,
): Promise<ReturnType<typeof Engine.bundle.readTrust>> {
  return engine.bundle.readTrust(path, await readText(engine, path));
}

/** `GROUP:NAME=KEYFILE` → a person of the root. */
export function personOf(engine: typeof Engine, text: string): Engine.bundle.Person {
  const [, group, name, path] = /^([a-z0-9.-]+):([a-z0-9.-]+)=(.+)$/.exec(text) ?? [];
  if (path === undefined) {
    throw new engine.PhiwardError("USAGE", `\`${text.slice(0, 100)}\` names no person with a key`, {
      help: "write GROUP:NAME=KEYFILE, such as privacy:m.chen=~/.ssh/id_ed25519.pub",
    });
  }
  return { group: group!, name: name!, key: engine.bundle.readPublicKey(path) };
}

/** The policy of a release, and where its rules come from. Rejects with UNTRUSTED, which names the check. */
export async function believed(
  engine: typeof Engine,
  files: Parameters<typeof Engine.bundle.verifyRelease>[0],
  trust: ReturnType<typeof Engine.bundle.readTrust>,
  now: number,
): Promise<{
  readonly repository: Engine.LoadedRepository;
  readonly provenance: Engine.bundle.Verification["provenance"];
}> {
  const { release, provenance, refused } = await engine.bundle.verifyRelease(files, { trust, now });
  if (release !== undefined) return { repository: release.repository, provenance };
  throw untrusted(engine, refused!);
}

/** The tests of a repository, which a release does not go without. Throws when one fails, or there is none. */
export function passedTests(
  engine: typeof Engine,
  loaded: Engine.LoadedRepository,
  now: number,
): { readonly passed: number; readonly failed: 0; readonly report: Engine.Digest } {
  const repository = engine.prepare(engine.sound(loaded, { tests: true }));
  const report = engine.runTests(repository, loaded.tests, { now });
  if (report.failed + report.errors > 0 || report.passed === 0) {
    throw new engine.PhiwardError("INVALID_REPOSITORY", "the tests of the commit do not pass", {
      help: "run `phiward test` on it",
    });
  }
  return { passed: report.passed, failed: 0, report: engine.digestOf(engine.testJson(report)) };
}

export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("utf8");
}

/** The first root, unsigned, and what goes to the hosts of the engines. */
export async function beginTrust(
  engine: typeof Engine,
  first: Parameters<typeof Engine.bundle.firstRoot>[0],
): Promise<{
  readonly root: Engine.bundle.Root;
  readonly files: Readonly<Record<string, string>>;
}> {
  const { believing, firstRoot, readRoot, rootFile, wrap, writeEnvelope } = engine.bundle;
  const envelope = wrap("root", firstRoot(first));
  const root = await believing((demand) => readRoot(envelope.payload, demand));
  const trust = {
    version: "1",
    domain: first.domain,
    stream: first.stream,
    root: { version: 1, digest: root.digest },
    floor: { epoch: 1, version: 1 },
  };
  return {
    root,
    files: {
      [rootFile(1)]: writeEnvelope(envelope),
      "trust.json": `${JSON.stringify(trust, null, 2)}\n`,
    },
  };
}

export const seatFlags = {
  role: Flags.string({
    description:
      "who must sign: root, release or heartbeat by all of these, halt by any; such as release=builder:1,privacy:2",
    helpValue: "ROLE=GROUP:N,…",
    multiple: true,
    default: [],
  }),
  extra: Flags.string({
    description: "who must sign a change that is broader, or unknown, as well; `none`: nobody can",
    helpValue: "VERDICT=GROUP:N,…",
    multiple: true,
    default: [],
  }),
};

/** The flags `--role` and `--extra`. */
export function seatsOf(
  engine: typeof Engine,
  flags: { readonly role: readonly string[]; readonly extra: readonly string[] },
): Engine.bundle.NewSeats {
  const roles = flags.role.map((text) => {
    const [name, seats] = seatsIn(engine, text, ["root", "release", "heartbeat", "halt"]);
    return [name, name === "halt" ? { anyOf: seats } : { allOf: seats }] as const;
  });
  const extraFor = flags.extra.map((text) => {
    const [, verdict] = /^(broader|unknown)=none$/.exec(text) ?? [];
    if (verdict !== undefined) return [verdict, null] as const;
    const [name, seats] = seatsIn(engine, text, ["broader", "unknown"]);
    return [name, { allOf: seats }] as const;
  });
  return { roles: Object.fromEntries(roles), extraFor: Object.fromEntries(extraFor) };
}

function seatsIn(
  engine: typeof Engine,
  text: string,
  names: readonly string[],
): readonly [string, { readonly group: string; readonly threshold: number }[]] {
  const [, name, list] = /^([a-z]+)=(.+)$/.exec(text) ?? [];
  const seats = (list ?? "").split(",").map((seat) => /^([a-z0-9.-]+):([1-9][0-9]?)$/.exec(seat));
  if (name === undefined || !names.includes(name) || seats.includes(null)) {
    throw new engine.PhiwardError("USAGE", `\`${text.slice(0, 100)}\` does not say who must sign`, {
      help: `write ${names.join(", or ")}, then = and GROUP:N, such as ${names.at(1)}=privacy:2`,
    });
  }
  return [name, seats.map((seat) => ({ group: seat![1]!, threshold: Number(seat![2]) }))];
}

/** The root with the highest version in a folder, believed or not. */
export async function newestRoot(
  engine: typeof Engine,
  folder: string,
): Promise<{
  readonly root: Engine.bundle.Root;
  readonly envelope: ReturnType<typeof Engine.bundle.readEnvelope>;
}> {
  const { believing, readEnvelope, readFolder, readRoot } = engine.bundle;
  const { roots } = readFolder(folder);
  const bytes = roots.get(Math.max(...roots.keys()));
  if (bytes === undefined) {
    throw new engine.PhiwardError("UNREADABLE", `\`${folder}\` has no root`, {
      help: "make one with `phiward root init`",
    });
  }
  return await believing((demand) => {
    const envelope = readEnvelope("root", "the root", bytes, demand);
    return { envelope, root: readRoot(envelope.payload, demand) };
  });
}
