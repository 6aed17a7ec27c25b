/** Reads what Node's profiler wrote: where a program's time went. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
  }[];
  readonly samples: readonly number[];
  /** Microseconds since the sample before. */
  readonly timeDeltas: readonly number[];
}

/** What does no work: waiting for something to happen. */
const IDLE = new Set(["(idle)", "(root)"]);

/**
 * The functions of the main thread that took most of its working time themselves, and the files or
 * packages that did. `folder` is what --cpu-prof-dir names.
 */
export function profileText(folder: string, root: string, top = 15): string {
  // CPU.<date>.<time>.<pid>.<thread>.<n>.cpuprofile; the main thread is number 0.
  const file = readdirSync(folder).find((name) => /\.0\.[0-9]+\.cpuprofile$/.test(name));
  if (file === undefined) throw new Error("the profiler wrote nothing");
  const profile = JSON.parse(readFileSync(join(folder, file), "utf8")) as CpuProfile;
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  const functions = new Map<string, number>();
  const places = new Map<string, number>();
  let total = 0;
  for (const [index, id] of profile.samples.entries()) {
    const { functionName, url } = frames.get(id)!;
    if (IDLE.has(functionName)) continue;
    const took = profile.timeDeltas[index]!;
    const place = placeOf(url, root);
    total += took;
    add(functions, `${functionName || "(anonymous)"} ${place}`, took);
    add(places, /^(node:|node_modules)/.test(place) ? packageOf(place) : place, took);
  }
  const best = (of: ReadonlyMap<string, number>): string[] =>
    [...of]
      .sort((a, b) => b[1] - a[1])
      .slice(0, top)
      .map(([name, took]) => `  ${((took * 100) / total).toFixed(1).padStart(5)} %  ${name}`);
  return ["by function (self time)", ...best(functions), "by file", ...best(places)].join("\n");
}

function add(to: Map<string, number>, key: string, amount: number): void {
  to.set(key, (to.get(key) ?? 0) + amount);
}

/** A file from the root of the checkout; what has none is the runtime's own. */
function placeOf(url: string, root: string): string {
  if (url === "") return "node:(native)";
  return url.startsWith("file:") ? fileURLToPath(url).replace(`${root}/`, "") : url;
}

function packageOf(place: string): string {
  const [, name] = /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(place) ?? [];
  return name ?? (place === "node:(native)" ? place : place.split("/").slice(0, 2).join("/"));
}
