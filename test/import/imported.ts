/** An Intercept policy, imported and made ready to decide. */
import { decide } from "../../engine/decide/decide.ts";
import { prepare, type ReadyRepository } from "../../engine/decide/prepare.ts";
import { importPolicy } from "../../engine/import/import.ts";
import type { Imported } from "../../engine/import/report.ts";
import type { ReceivedObject } from "../../engine/json/value.ts";
import { load } from "../../engine/policy/load.ts";
import { MemoryUsage } from "../../engine/quota/quota.ts";
import { memoryTree } from "../support/tree.ts";

export interface Loaded {
  readonly imported: Imported;
  readonly files: Readonly<Record<string, string>>;
  readonly ready: ReadyRepository;
}

/** The server labels every tool of `harmless` as `ephi: false`, so that `default: allow` reaches it. */
export async function imported(
  policy: object | string,
  harmless: readonly string[] = [],
): Promise<Loaded> {
  const text = typeof policy === "string" ? policy : JSON.stringify(policy);
  const result = importPolicy("p.yaml", text);
  const tools = Object.fromEntries(
    harmless.map((tool) => [tool, { effect: "read", ephi: false, volume: "single" }]),
  );
  const files = {
    ...Object.assign({}, ...result.policies.map(({ files }) => files)),
    "servers/s1.yaml": JSON.stringify({ version: "1", id: "s1", tools }),
  };
  const loaded = await load(memoryTree(files));
  if (loaded.findings.length > 0) throw new Error(loaded.findings[0]!.message);
  return { imported: result, files, ready: prepare(loaded.repository) };
}

/** Whether each call is allowed, one after the other within one minute. */
export function verdicts(
  ready: ReadyRepository,
  calls: readonly { readonly tool: string; readonly args: object }[],
): boolean[] {
  const usage = new MemoryUsage();
  return calls.map(({ tool, args }) => {
    const call = {
      policy: "p",
      server: "s1",
      method: "tools/call",
      tool,
      args: args as ReceivedObject,
      at: 0,
    };
    const { decision, charges } = decide(ready, call, { usage });
    usage.charge(charges);
    return decision.verdict === "allow";
  });
}
