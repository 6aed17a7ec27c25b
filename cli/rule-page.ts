/** The page of a lint rule, as `lint --explain RULE` and `explain RULE` answer with it. */
import type * as Engine from "../engine/index.ts";
import type { Answer } from "./base-command.ts";
import { EXIT } from "./exit.ts";

export function rulePage(engine: typeof Engine, id: string): Answer {
  const { page, ...facts } = engine.explainRule(id);
  const json = { schema: "phiward.rule/1", ...facts, page };
  return { exit: EXIT.YES, text: () => page.trimEnd(), json };
}
