/** The prover's verdicts against Z3's, on the same random pairs. */
import { proveTool } from "../../engine/prove/prove.ts";
import { Generator, type SideDocument } from "../prove/generate.ts";
import { Random } from "../prove/random.ts";
import { sideOf } from "../prove/sides.ts";
import { startZ3 } from "./oracle.ts";
import { Question, Unsupported } from "./translate.ts";

export interface Agreement {
  /** Pairs drawn, and of those the ones that Z3 decided. */
  readonly pairs: number;
  readonly decided: number;
  readonly unsupported: number;
  readonly timeouts: number;
  readonly verdicts: Readonly<Record<string, number>>;
  readonly milliseconds: { readonly prover: number; readonly z3: number };
  readonly problems: readonly string[];
}

export interface AgreementOptions {
  readonly from: number;
  /** Goes on until Z3 decided so many. */
  readonly decided: number;
  /** For one question to Z3. */
  readonly milliseconds: number;
}

export async function agreeWithZ3(options: AgreementOptions): Promise<Agreement> {
  const z3 = await startZ3(options.milliseconds);
  const verdicts: Record<string, number> = {};
  const problems: string[] = [];
  const spent = { prover: 0, z3: 0 };
  let [pairs, decided, unsupported, timeouts] = [0, 0, 0, 0];
  try {
    for (let seed = options.from; decided < options.decided; seed++) {
      pairs++;
      const { base, head } = new Generator(new Random(seed)).pair();
      let scripts: readonly [string, string];
      try {
        scripts = [new Question().script(head, base), new Question().script(base, head)];
      } catch (error) {
        if (!(error instanceof Unsupported)) throw error;
        unsupported++;
        continue;
      }
      const started = performance.now();
      const [more, less] = [await z3.ask(scripts[0]), await z3.ask(scripts[1])];
      spent.z3 += performance.now() - started;
      const expected = verdictOf(more, less);
      if (expected === undefined) {
        timeouts++;
        continue;
      }
      decided++;
      const said = prove(base, head, spent);
      verdicts[said] = (verdicts[said] ?? 0) + 1;
      if (said !== expected) problems.push(`${seed}: the prover says ${said}, Z3 says ${expected}`);
    }
  } finally {
    z3.close();
  }
  return { pairs, decided, unsupported, timeouts, verdicts, milliseconds: spent, problems };
}

function verdictOf(more: string, less: string): string | undefined {
  if (more === "sat") return "broader";
  if (more === "unknown" || less === "unknown") return undefined;
  return less === "sat" ? "narrower" : "same";
}

function prove(base: SideDocument, head: SideDocument, spent: { prover: number }): string {
  const sides = [sideOf(base), sideOf(head)] as const;
  const started = performance.now();
  const { verdict } = proveTool(...sides, { confirm: () => true });
  spent.prover += performance.now() - started;
  return verdict;
}
