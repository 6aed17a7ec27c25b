/** Kills a process that writes a log, again and again, and looks at what is left. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { verifyLog } from "../../engine/audit/verify/verify.ts";
import { recordsIn } from "./folder.ts";

export interface Killing {
  /** Records that the processes were told are on disk. */
  readonly told: number;
  /** Of those, the ones that are not there. */
  readonly lost: readonly number[];
  /** Records that are there although nobody was told. */
  readonly untold: number;
  readonly problems: readonly string[];
}

/** Each round opens the log that the last one left, writes until it is killed, and is looked at. */
export async function killWriters(
  folder: string,
  rounds: number,
  { writers, afterMs }: { readonly writers: number; readonly afterMs: (round: number) => number },
): Promise<Killing> {
  const told = new Set<number>();
  const problems: string[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const seq of await killed(folder, writers, afterMs(round))) told.add(seq);
    // Without keys: every child has a key of its own.
    const { problems: found } = verifyLog(folder, { keys: [], kept: [] });
    for (const { kind, says } of found) if (kind !== "torn") problems.push(`${kind}: ${says}`);
  }
  const there = new Set(recordsIn(folder).map(({ seq }) => seq));
  return {
    told: told.size,
    lost: [...told].filter((seq) => !there.has(seq)),
    untold: there.size - told.size,
    problems,
  };
}

/** The numbers that the child printed before it was killed, `afterMs` after the first one. */
async function killed(
  folder: string,
  writers: number,
  afterMs: number,
): Promise<readonly number[]> {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, "crash-child.ts"), folder, String(writers)],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  let printed = "";
  let timer: NodeJS.Timeout | undefined;
  child.stdout.setEncoding("utf8");
  child.stdout.on("data", (text: string) => {
    printed += text;
    timer ??= setTimeout(() => child.kill("SIGKILL"), afterMs);
  });
  // A child that cannot write at all must not hang the test.
  const bound = setTimeout(() => child.kill("SIGKILL"), 20_000);
  await new Promise((resolve) => child.once("close", resolve));
  clearTimeout(bound);
  clearTimeout(timer);
  // The last line may be cut in the middle.
  return printed.split("\n").slice(0, -1).map(Number);
}
