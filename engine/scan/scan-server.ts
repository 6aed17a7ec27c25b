/** A live or saved list of tools → what each can do, what changed since its review, and two files. */
import { type Scan, type ScannedTool, scan } from "../catalog/scan.ts";
import { type Classification, classify } from "../classify/classify.ts";
import type { JsonObject } from "../json/value.ts";
import type { Lock, Server } from "../policy/ir.ts";
import { formatPath } from "../policy/path.ts";
import { type Drift, driftOf, textDrift } from "./drift.ts";

export interface ReportedTool extends Omit<ScannedTool, "confidence"> {
  /** `described`: a person's label stands, and the classifier is not asked. */
  readonly confidence: "described" | Classification["confidence"];
  /** Only of a tool that changed. */
  readonly drift?: readonly Drift[];
}

export interface ScanReport {
  readonly server: string;
  readonly tools: readonly ReportedTool[];
  readonly removed: readonly string[];
  /** What changed in what the server tells a client's model at the start. */
  readonly instructions: readonly Drift[];
  /** Whether anything differs from the lock that was there; everything does where there was none. */
  readonly drifted: boolean;
  readonly lock: Scan["lock"];
  /** Labels for tools that nobody described yet. */
  readonly proposals: readonly Classification[];
}

export function scanServer(
  server: string,
  list: { readonly tools: readonly JsonObject[]; readonly instructions?: string },
  known: { readonly server?: Server | undefined; readonly lock?: Lock | undefined },
): ScanReport {
  const pinned = scan(server, { ...list, tools: list.tools }, known);
  const labels = byName(classify(list.tools));
  const before = known.lock?.tools ?? {};
  const old = byName(classify(Object.values(before).map(({ definition }) => definition)));
  const definitions = new Map(list.tools.map((tool) => [String(tool.name), tool]));
  const tools = pinned.tools.map((tool): ReportedTool => {
    const label = labels.get(tool.name)!;
    const shown =
      tool.confidence === "none"
        ? proposed(tool, label)
        : { ...tool, confidence: "described" as const };
    if (tool.change !== "changed") return shown;
    const was = { definition: before[tool.name]!.definition, label: old.get(tool.name)! };
    return { ...shown, drift: driftOf(was, { definition: definitions.get(tool.name)!, label }) };
  });
  const instructions =
    known.lock === undefined
      ? []
      : textDrift("instructions", known.lock.instructions, list.instructions);
  return {
    server,
    tools,
    removed: pinned.removed,
    instructions,
    drifted:
      pinned.removed.length > 0 ||
      instructions.length > 0 ||
      tools.some(({ change }) => change !== "same"),
    lock: pinned.lock,
    proposals: pinned.tools
      .filter(({ confidence }) => confidence === "none")
      .map(({ name }) => labels.get(name)!),
  };
}

const byName = (list: readonly Classification[]): ReadonlyMap<string, Classification> =>
  new Map(list.map((one) => [one.name, one]));

function proposed(tool: ScannedTool, label: Classification): ReportedTool {
  const { effect, ephi, volume, subject, confidence, why } = label;
  return {
    ...tool,
    effect:
      typeof effect === "string" ? effect : { by: formatPath(effect.by), cases: effect.cases },
    ephi,
    volume,
    subject: subject.map(({ steps }) => formatPath({ root: "args", steps })),
    confidence,
    // The first reason of the pin is that nobody described it; a schema that does not compile stays said.
    why: [...why, ...tool.why.slice(1)],
  };
}
