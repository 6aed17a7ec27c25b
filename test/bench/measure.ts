/** Timing helpers: everything is measured beside something else in the same run, and quoted as a ratio. */

export interface Contender {
  readonly name: string;
  /** Does the work once, `count` times over, and returns something so that it is not optimised away. */
  readonly run: (count: number) => unknown;
}

export interface Figure {
  readonly name: string;
  /** Nanoseconds for one, the median of the rounds. */
  readonly median: number;
  readonly min: number;
}

/** Rounds in turn, A B C A B C …, so that a machine that slows down slows everybody. */
export function compare(
  contenders: readonly Contender[],
  options: { rounds?: number; roundMs?: number } = {},
): Figure[] {
  const { rounds = 25, roundMs = 60 } = options;
  const counts = contenders.map(({ run }) => calibrate(run, roundMs));
  const samples = contenders.map(() => [] as number[]);
  for (let round = 0; round < rounds; round++) {
    for (const [index, { run }] of contenders.entries()) {
      const count = counts[index]!;
      const start = process.hrtime.bigint();
      sink = run(count);
      samples[index]!.push(Number(process.hrtime.bigint() - start) / count);
    }
  }
  return contenders.map(({ name }, index) => ({
    name,
    median: median(samples[index]!),
    min: Math.min(...samples[index]!),
  }));
}

/** The same for work that has to be waited for. */
export async function compareAsync(
  contenders: readonly Contender[],
  options: { rounds?: number; roundMs?: number } = {},
): Promise<Figure[]> {
  const { rounds = 25, roundMs = 60 } = options;
  const counts: number[] = [];
  for (const { run } of contenders) counts.push(await calibrateAsync(run, roundMs));
  const samples = contenders.map(() => [] as number[]);
  for (let round = 0; round < rounds; round++) {
    for (const [index, { run }] of contenders.entries()) {
      const count = counts[index]!;
      const start = process.hrtime.bigint();
      sink = await run(count);
      samples[index]!.push(Number(process.hrtime.bigint() - start) / count);
    }
  }
  return contenders.map(({ name }, index) => ({
    name,
    median: median(samples[index]!),
    min: Math.min(...samples[index]!),
  }));
}

async function calibrateAsync(run: Contender["run"], roundMs: number): Promise<number> {
  let count = 1;
  for (;;) {
    const start = performance.now();
    sink = await run(count);
    const ms = performance.now() - start;
    if (ms > roundMs / 2) return Math.max(1, Math.round((count * roundMs) / ms));
    count *= ms < 1 ? 10 : 2;
  }
}

export let sink: unknown;

function calibrate(run: (count: number) => unknown, roundMs: number): number {
  let count = 1;
  for (;;) {
    const start = performance.now();
    sink = run(count);
    const ms = performance.now() - start;
    if (ms > roundMs / 2) return Math.max(1, Math.round((count * roundMs) / ms));
    count *= ms < 1 ? 10 : 2;
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export function time(ns: number): string {
  if (ns < 1e3) return `${ns.toFixed(0)} ns`;
  if (ns < 1e6) return `${(ns / 1e3).toFixed(1)} µs`;
  if (ns < 1e9) return `${(ns / 1e6).toFixed(1)} ms`;
  return `${(ns / 1e9).toFixed(2)} s`;
}

export function report(title: string, figures: readonly Figure[], floor: string): void {
  const base = figures.find(({ name }) => name === floor)!;
  console.log(`\n${title}`);
  for (const { name, median: m, min } of figures) {
    const ratio = name === floor ? "1" : (m / base.median).toFixed(m / base.median < 10 ? 2 : 0);
    console.log(
      `  ${name.padEnd(46)} median ${time(m).padStart(9)}  min ${time(min).padStart(9)}  × ${ratio}`,
    );
  }
}
