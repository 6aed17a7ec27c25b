/**
 * A server's tools → what each can do, to be reviewed by a person.
 *
 * Deterministic: words, schemas and annotations in, labels with their evidence out. No model is asked
 * and nothing is looked up. Where the evidence is thin the worse label is given, and `confidence` says
 * so. What a vendor claims (annotations) can make a label worse, never milder.
 */
import type { JsonObject } from "../json/value.ts";
import type { ByArgument, Effect, Volume } from "../policy/ir.ts";
import { type Context, contextOf } from "./context.ts";
import { effectOfTool } from "./effect.ts";
import { ephiOfTool } from "./ephi.ts";
import { type NamedBy, subjectsOfTool } from "./subject.ts";
import { readTool, type Tool } from "./tool.ts";
import { volumeOfTool } from "./volume.ts";

export interface Classification {
  readonly name: string;
  readonly effect: Effect | ByArgument<Effect>;
  readonly ephi: boolean | "conditional";
  readonly volume: Volume;
  readonly subject: readonly NamedBy[];
  readonly confidence: "high" | "medium" | "low";
  /** The evidence, one sentence each. Names of the server's arguments stand in it, unescaped. */
  readonly why: readonly string[];
}

/** All tools of one server together: what they share tells of each. */
export function classify(list: readonly JsonObject[]): readonly Classification[] {
  const tools = list.map(readTool);
  const context = contextOf(tools);
  return tools.map((tool) => classifyOne(tool, context));
}

function classifyOne(tool: Tool, context: Context): Classification {
  const effect = effectOfTool(tool);
  const reads = effect.effect === "read" || typeof effect.effect !== "string";
  const subject = subjectsOfTool(tool, context, reads);
  const ephi = ephiOfTool(tool, effect, subject, context);
  const volume = volumeOfTool(tool, effect, ephi, subject);
  const sure = [effect.sure, ephi.sure].filter(Boolean).length;
  return {
    name: tool.name,
    effect: effect.effect,
    ephi: ephi.ephi,
    volume: volume.volume,
    subject: ephi.ephi === false ? [] : subject,
    confidence: sure === 2 ? "high" : sure === 1 ? "medium" : "low",
    why: [
      ...effect.why,
      ...ephi.why,
      ...subject.filter(({ how }) => how === "describes").map(({ why }) => why),
      `${volume.volume}: ${volume.why}`,
    ],
  };
}
