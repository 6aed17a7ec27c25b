/** Asks GitHub again where that can help, for a bounded time; then the question fails. */
import { PhiwardError } from "../engine/index.ts";

export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Milliseconds. */
  sleep(ms: number): Promise<void>;
}

/** Milliseconds before the second and the third try. Writing is tried once: it may have happened. */
const WAITS = [1_000, 4_000] as const;

/** The longest that a job waits for GitHub's limit; a runner costs money while it waits. */
const MAX_LIMIT_WAIT = 30_000;

/** What is read of an answer that is no success; Octokit's RequestError has it. */
interface Answer {
  readonly status?: number;
  readonly response?: {
    readonly headers?: Readonly<Record<string, string | number | undefined>>;
  };
}

/**
 * The answer to `ask`. `what` names the question in an error.
 *
 * @throws PhiwardError GITHUB when there is none: the server is down, refuses, or has had enough of
 * us. The gate never goes on without an answer that it needs.
 */
export async function patiently<T>(
  what: string,
  clock: Clock,
  ask: () => Promise<T>,
  waits: readonly number[] = WAITS,
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      // Octokit gives every failed request a status; anything else is a bug of ours.
      if (typeof (error as Answer).status !== "number") throw error;
      const wait = waitAfter(error as Answer, waits[attempt], clock.now());
      if (wait === undefined) throw failure(what, error as Answer, clock.now());
      await clock.sleep(wait);
    }
  }
}

/** The status of a refusal (401, 403, 404, 422): trying again would change nothing. */
export function refusal(error: unknown): number | undefined {
  if (!(error instanceof PhiwardError)) return undefined;
  const answer = error.cause as Answer | undefined;
  return answer !== undefined && isRefusal(answer) ? answer.status : undefined;
}

function isRefusal(answer: Answer): boolean {
  return [401, 403, 404, 422].includes(answer.status ?? 0) && limitedUntil(answer, 0) === undefined;
}

/** Milliseconds until another try; undefined when there is none. */
function waitAfter(answer: Answer, usual: number | undefined, now: number): number | undefined {
  if (usual === undefined || isRefusal(answer)) return undefined;
  const until = limitedUntil(answer, now);
  if (until === undefined) return usual;
  return until - now <= MAX_LIMIT_WAIT ? Math.max(until - now, usual) : undefined;
}

/**
 * When GitHub's limit ends, in epoch milliseconds; undefined when it is not the limit that refuses
 * (docs.github.com, "Rate limits for the REST API": 403 or 429, with one of two headers).
 */
function limitedUntil({ status, response }: Answer, now: number): number | undefined {
  if (status !== 403 && status !== 429) return undefined;
  const headers = response?.headers ?? {};
  const after = Number(headers["retry-after"] ?? Number.NaN);
  if (Number.isFinite(after)) return now + after * 1000;
  const reset = Number(headers["x-ratelimit-reset"] ?? Number.NaN);
  if (String(headers["x-ratelimit-remaining"]) === "0" && Number.isFinite(reset))
    return reset * 1000;
  // A limit that does not say when it ends: GitHub asks for a minute at least.
  return status === 429 ? now + 60_000 : undefined;
}

function failure(what: string, answer: Answer, now: number): PhiwardError {
  const until = limitedUntil(answer, now);
  if (until !== undefined)
    return new PhiwardError(
      "GITHUB",
      `GitHub's limit of requests is used up until ${new Date(until).toISOString().slice(0, 16)}Z; it was asked for ${what}`,
      {
        help: "run the job again after that time; a token of a GitHub App has a limit of its own",
        cause: answer,
      },
    );
  if (isRefusal(answer))
    return new PhiwardError("GITHUB", `GitHub refuses ${what} (status ${answer.status})`, {
      help: "give the token the permission for it; docs/protect-the-branch.md lists what the Action reads",
      cause: answer,
    });
  return new PhiwardError(
    "GITHUB",
    `GitHub does not answer (${answer.response === undefined ? "no connection" : `status ${answer.status}`}) when it is asked for ${what}`,
    { help: "run the job again when githubstatus.com is green", cause: answer },
  );
}
