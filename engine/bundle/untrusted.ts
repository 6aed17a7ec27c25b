/** For those who ask one thing and want no list of checks: what is refused becomes an error. */
import { PhiwardError } from "../errors.ts";
import { CHECKS, type Demand, Refused, startChecks } from "./checks.ts";

/** Rejects with UNTRUSTED, which names the check. */
export async function believing<T>(work: (demand: Demand) => T | Promise<T>): Promise<T> {
  try {
    return await work(startChecks().demand);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    throw new PhiwardError("UNTRUSTED", `${error.message} (${error.check})`, {
      help: `this check stops ${CHECKS[error.check]}`,
      cause: error,
    });
  }
}
