/** Records what passes between a client and one server of a policy repository. */
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { prepare, type ReadyRepository } from "../decide/prepare.ts";
import { PhiwardError } from "../errors.ts";
import { readConfig } from "../gateway/config.ts";
import type { Host } from "../host/host.ts";
import type { JsonObject } from "../json/value.ts";
import { pseudonymiser } from "../phi/pseudonymise.ts";
import { vocabularyOf } from "../phi/vocabulary.ts";
import { unknownName } from "../policy/compile.ts";
import { load, sound } from "../policy/load.ts";
import { createFixtureFile } from "./file.ts";
import { lineWriter } from "./line.ts";
import { startProxy } from "./proxy.ts";
import { recorder } from "./recorder.ts";
import type { Recording } from "./report.ts";
import { recorderKey } from "./state.ts";

export interface RecordOptions {
  /** The policy repository. */
  readonly folder: string;
  readonly server: string;
  /** Whose calls they are; the one grant that reaches the server when absent. */
  readonly grant: string | undefined;
  /** How the server is reached. */
  readonly target: { readonly command: readonly string[] } | { readonly url: string };
  /** The fixture file; a new one below fixtures/recorded when absent. */
  readonly output: string | undefined;
  /** Where the key is kept; it is gone with the process when absent. */
  readonly state: string | undefined;
  /** engine.yaml, for what the host adds to the server's requests or environment. */
  readonly config: string | undefined;
  readonly raw: boolean;
  readonly maxCalls: number;
  readonly host: Host;
}

export interface RunningRecorder {
  readonly file: string;
  listen(port: number): Promise<string>;
  serveStdio(input: Readable, output: Writable): Promise<void>;
  stop(): Promise<Recording>;
}

export async function startRecorder(options: RecordOptions): Promise<RunningRecorder> {
  const { folder, server, target, state, raw, maxCalls, host } = options;
  const repository = prepare(sound(await load(host.folder(folder))));
  const grant = grantFor(repository, server, options.grant);
  const key = recorderKey(state, folder);
  const policy = repository.grants.get(grant)!.access.get(server)!;
  const vocabulary = vocabularyOf({
    repository: repository.source,
    server,
    policies: [policy],
  });
  const known = toolsOf(repository, server, policy);
  const stamp = new Date(host.now()).toISOString().replace(/[-:]|\.[0-9]+/g, "");
  const path = options.output ?? fixturePath(folder, server, stamp, raw);
  const upstream = options.config === undefined ? undefined : readConfig(options.config, host.env);
  const file = createFixtureFile(path, raw);
  const recording = recorder({
    server,
    grant,
    file,
    now: host.now,
    prefix: `${server}-${stamp}`,
    maxCalls,
    listed: (names) => {
      for (const name of names) known.add(name);
    },
    write: lineWriter({
      repository,
      vocabulary,
      pseudonymiser: pseudonymiser(key, vocabulary),
      isTool: (name) => known.has(name),
      raw,
    }),
  });
  const proxy = await startProxy({
    server,
    transport: transportOf(target),
    grant: repository.source.grants[grant]!,
    methods: Object.keys(repository.source.policies[policy]?.methods ?? {}),
    ear: recording,
    now: host.now,
    env: host.env,
    upstream: upstream?.settings.upstreams[server],
  });
  let ended: Promise<Recording> | undefined;
  return {
    file: path,
    listen: proxy.listen,
    serveStdio: proxy.serveStdio,
    stop() {
      ended ??= proxy
        .stop()
        .then(() => recording.end({ file: path, values: raw ? "raw" : "replaced" }));
      return ended;
    },
  };
}

export function fixturePath(folder: string, server: string, stamp: string, raw: boolean): string {
  return join(folder, "fixtures", "recorded", `${server}-${stamp}${raw ? ".raw" : ""}.jsonl`);
}

function transportOf(target: RecordOptions["target"]): JsonObject {
  return "url" in target
    ? { type: "http", url: target.url }
    : { type: "stdio", command: target.command };
}

/** Tools whose names the repository has; those that the server lists join them. */
function toolsOf({ source }: ReadyRepository, server: string, policy: string): Set<string> {
  const known = source.servers[server];
  return new Set([
    ...Object.keys(known?.tools ?? {}),
    ...Object.keys(known?.lock?.tools ?? {}),
    ...Object.keys(source.policies[policy]?.tools ?? {}),
  ]);
}

function grantFor(
  { grants, servers }: ReadyRepository,
  server: string,
  wanted: string | undefined,
): string {
  if (!servers.has(server)) {
    const { message, help } = unknownName("server", server, servers.keys());
    throw new PhiwardError("UNKNOWN_NAME", message, { help });
  }
  const able = [...grants.values()].flatMap(({ source, access }) =>
    access.has(server) ? [source.id] : [],
  );
  if (wanted === undefined) {
    if (able.length === 1) return able[0]!;
    throw new PhiwardError("USAGE", "say whose calls they are", {
      help:
        able.length === 0
          ? `no grant reaches \`${server}\`: write one first`
          : `add --grant with one of ${able.map((id) => `\`${id}\``).join(", ")}`,
    });
  }
  if (able.includes(wanted)) return wanted;
  if (grants.has(wanted)) {
    throw new PhiwardError("USAGE", `the grant \`${wanted}\` does not reach \`${server}\``, {
      help: "name a grant whose `access` lists the server",
    });
  }
  const { message, help } = unknownName("grant", wanted, able);
  throw new PhiwardError("UNKNOWN_NAME", message, { help });
}
