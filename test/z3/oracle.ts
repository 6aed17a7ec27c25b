/**
 * Z3 as an oracle. Only two entry points take part: the script is parsed at once, on this thread, by
 * `solver_from_string`, and answered by `solver_check`. The entry point that evaluates a script as text
 * on another thread reads memory that may be gone by then.
 */
import { init } from "z3-solver";

export type Answer = "sat" | "unsat" | "unknown";

export interface Oracle {
  ask(script: string): Promise<Answer>;
  close(): void;
}

export async function startZ3(milliseconds: number): Promise<Oracle> {
  const { Z3, em } = await init();
  const config = Z3.mk_config();
  const context = Z3.mk_context(config);
  Z3.del_config(config);
  return {
    async ask(script) {
      const solver = Z3.mk_solver(context);
      Z3.solver_inc_ref(context, solver);
      const params = Z3.mk_params(context);
      Z3.params_inc_ref(context, params);
      Z3.params_set_uint(context, params, Z3.mk_string_symbol(context, "timeout"), milliseconds);
      Z3.solver_set_params(context, solver, params);
      Z3.solver_from_string(context, solver, script);
      const answer = await Z3.solver_check(context, solver);
      Z3.params_dec_ref(context, params);
      Z3.solver_dec_ref(context, solver);
      return answer === 1 ? "sat" : answer === -1 ? "unsat" : "unknown";
    },
    close() {
      (em as { PThread: { terminateAllThreads(): void } }).PThread.terminateAllThreads();
    },
  };
}
