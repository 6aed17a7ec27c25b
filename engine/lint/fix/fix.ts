/**
 * `lint --fix`: makes the changes that rules propose, as far as no decision changes by them.
 *
 * Every change is made in the text, loaded again, and proved; what cannot be proved is left as it is,
 * and said. The result is a fixed point: a second run finds nothing more to do.
 */
import { type Tree, withTexts } from "../../host/tree.ts";
import { type LoadedRepository, load } from "../../policy/load.ts";
import type { Place } from "../../source.ts";
import { lint, type Proposal } from "../lint.ts";
import { CannotEdit, edited } from "./edits.ts";
import { whyNotSame } from "./same.ts";

export interface FixOptions {
  /** Epoch milliseconds: the time at which the rules judge dates. */
  readonly now: number;
  /** What else has to stay as it is, such as the results of tests: why it would not, or nothing. */
  readonly alsoSame?: (before: LoadedRepository, after: LoadedRepository) => string | undefined;
}

export interface Done {
  readonly rule: string;
  /** Where it stood when it was found, in the file as it was then. */
  readonly place: Place;
  readonly what: string;
}

export interface FixReport {
  readonly done: readonly Done[];
  readonly left: readonly (Done & { readonly why: string })[];
  /** Path → text before and after, of the files that change. */
  readonly files: ReadonlyMap<string, { readonly before: string; readonly after: string }>;
  /** The repository with its changes. */
  readonly loaded: LoadedRepository;
}

interface State {
  readonly texts: ReadonlyMap<string, string>;
  readonly loaded: LoadedRepository;
}

/** No repository of a person has as many; a rule whose fix it finds again and again would. */
const MAX_ROUNDS = 200;

export async function fix(tree: Tree, options: FixOptions): Promise<FixReport> {
  let state: State = { texts: new Map(), loaded: await load(tree) };
  const done: Done[] = [];
  let left: (Done & { why: string })[] = [];
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const proposals = lint(state.loaded, options.now).proposals;
    const step = await firstThatHolds(tree, state, proposals, options);
    left = step.left;
    if (step.next === undefined) break;
    state = step.next;
    done.push(...step.made.map(told));
  }
  const files = new Map<string, { before: string; after: string }>();
  for (const [path, after] of state.texts) {
    const before = await textOf(tree, path);
    if (before !== after) files.set(path, { before, after });
  }
  return { done, left, files, loaded: state.loaded };
}

interface Step {
  readonly next?: State;
  readonly made: readonly Proposal[];
  readonly left: (Done & { why: string })[];
}

/** All that can be written at once, where it holds together; otherwise the first that holds alone. */
async function firstThatHolds(
  tree: Tree,
  state: State,
  proposals: readonly Proposal[],
  options: FixOptions,
): Promise<Step> {
  const left: (Done & { why: string })[] = [];
  const writable: Proposal[] = [];
  for (const proposal of proposals) {
    const texts = await written(tree, state.texts, [proposal]);
    if (typeof texts === "string") left.push({ ...told(proposal), why: texts });
    else writable.push(proposal);
  }
  const alone = writable.map((one) => [one]);
  for (const some of writable.length > 1 ? [writable, ...alone] : alone) {
    const result = await attempt(tree, state, some, options);
    if (typeof result !== "string") return { next: result, made: some, left: [] };
    if (some.length === 1) left.push({ ...told(some[0]!), why: result });
  }
  return { made: [], left };
}

/** The state with these changes, or why they are not made. */
async function attempt(
  tree: Tree,
  { texts, loaded }: State,
  proposals: readonly Proposal[],
  { now, alsoSame }: FixOptions,
): Promise<State | string> {
  const next = await written(tree, texts, proposals);
  if (typeof next === "string") return next;
  const after = await load(withTexts(tree, next));
  const why = whyNotSame(loaded, after, now) ?? alsoSame?.(loaded, after);
  return why ?? { texts: next, loaded: after };
}

/** The texts with these changes, or why they cannot be written. */
async function written(
  tree: Tree,
  texts: ReadonlyMap<string, string>,
  proposals: readonly Proposal[],
): Promise<ReadonlyMap<string, string> | string> {
  const changes = Map.groupBy(
    proposals.flatMap(({ fix: { changes } }) => changes),
    ({ file }) => file,
  );
  const next = new Map(texts);
  try {
    for (const [file, some] of changes) {
      next.set(file, edited(file, texts.get(file) ?? (await textOf(tree, file)), some));
    }
  } catch (error) {
    if (error instanceof CannotEdit) return error.message;
    throw error;
  }
  return next;
}

/** As it was written, a byte order mark included. */
async function textOf(tree: Tree, path: string): Promise<string> {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(await tree.read(path));
}

function told({ rule, place, fix: { what } }: Proposal): Done {
  return { rule, place, what };
}
