/**
 * Whether a test notices a mutant. A test can only notice what its calls touch, so each mutant meets
 * the cases that touch its part, the short ones first, until one of them fails.
 */
import { type Call, TOOLS_CALL } from "../decide/call.ts";
import type { Decision } from "../decide/decide.ts";
import type { ReadyRepository } from "../decide/prepare.ts";
import type { Target } from "../prove/rules.ts";
import type { Planned, Runnable } from "../testing/plan.ts";
import { playCase } from "../testing/play.ts";
import type { Edit } from "./mutant.ts";

/** Cases that pass on the original, by what they touch, the short ones first. */
export type Killers = ReadonlyMap<string, readonly Runnable[]>;

export function killersOf(original: ReadyRepository, planned: readonly Planned[]): Killers {
  const killers = new Map<string, { readonly run: Runnable; readonly calls: number }[]>();
  for (const one of planned) {
    if (!("run" in one)) continue;
    const touched = new Set<string>();
    let calls = 0;
    const { status } = playCase(original, one.run, {
      decided(call, decision) {
        calls++;
        for (const key of touchedBy(call, decision)) touched.add(key);
      },
    });
    if (status !== "passed") continue;
    for (const key of touched) {
      const known = killers.get(key) ?? [];
      known.push({ run: one.run, calls });
      killers.set(key, known);
    }
  }
  return new Map(
    [...killers].map(([key, cases]) => [
      key,
      cases.sort((a, b) => a.calls - b.calls).map(({ run }) => run),
    ]),
  );
}

/** The case that fails on the mutant; undefined where none does. */
export function killerOf(
  killers: Killers,
  edit: Edit,
  mutant: ReadyRepository,
): Runnable | undefined {
  return killers.get(keyOf(edit))?.find((run) => playCase(mutant, run).status !== "passed");
}

function touchedBy({ grant, server, method, tool }: Call, { policy }: Decision): string[] {
  const target = method === TOOLS_CALL ? { tool } : { method };
  return [
    ...(policy === null ? [] : [policyKey(policy.name), policyKey(policy.name, target)]),
    ...(grant === undefined ? [] : [`grant ${grant}`]),
    ...(server === undefined ? [] : [labelKey(server, target)]),
  ];
}

function keyOf(edit: Edit): string {
  if (edit.of === "policy") return policyKey(edit.value.name, edit.target);
  return edit.of === "grant" ? `grant ${edit.value.id}` : labelKey(edit.server, edit.target);
}

function policyKey(name: string, target?: Target): string {
  return `policy ${JSON.stringify([name, target ?? null])}`;
}

function labelKey(server: string, target: Target): string {
  return `label ${JSON.stringify([server, target])}`;
}
