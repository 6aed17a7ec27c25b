/** Which verb a tool's name and prose turn on. */
import { EFFECTS, type Effect } from "../policy/ir.ts";
import { ALSO_NOUNS, MOSTLY_NOUNS, VERBS } from "./terms/verbs.ts";
import type { Tool } from "./tool.ts";
import { verbForms, words } from "./words.ts";

export interface Verb {
  readonly word: string;
  readonly effect: Effect;
}

const EFFECT_OF = new Map<string, Effect>(
  EFFECTS.flatMap((effect) => VERBS[effect].map((word) => [word, effect] as const)),
);

export const effectOfVerb = (word: string): Effect | undefined => EFFECT_OF.get(word);

export const worse = (a: Effect, b: Effect): Effect =>
  EFFECTS.indexOf(a) >= EFFECTS.indexOf(b) ? a : b;

type Named = Pick<Tool, "nameWords" | "sentences">;

const verb = (word: string): Verb | undefined => {
  const effect = EFFECT_OF.get(word);
  return effect === undefined ? undefined : { word, effect };
};

/**
 * The verbs of a name: the leading one, and whatever `and` or `or` joins to it. A word that is also a
 * noun counts only where a verb stands: first or last.
 */
export function nameVerbs(tool: Named): readonly Verb[] {
  const { nameWords } = tool;
  const first = verb(nameWords[0] ?? "");
  const last = nameWords.length > 1 ? verb(nameWords.at(-1)!) : undefined;
  const plain = nameWords.flatMap((word) => (ALSO_NOUNS.has(word) ? [] : (verb(word) ?? [])));
  const joined = nameWords.flatMap((word, i) =>
    word === "and" || word === "or" ? [verb(nameWords[i + 1] ?? "") ?? []].flat() : [],
  );
  // `update_and_delete`, `find_or_create`, `search_delete_all`: a dangerous verb never hides behind a mild one.
  const grave = plain.filter(({ effect }) => effect === "destructive" || effect === "execute");
  const leading = leadingVerb(first, plain, last, tool);
  return [...(leading === undefined ? [] : [leading]), ...joined, ...grave];
}

function leadingVerb(
  first: Verb | undefined,
  plain: readonly Verb[],
  last: Verb | undefined,
  tool: Named,
): Verb | undefined {
  const { sentences } = tool;
  if (first !== undefined && !ALSO_NOUNS.has(first.word)) return first;
  if (plain[0] !== undefined) return first === undefined ? plain[0] : graver(first, plain[0]);
  const told = sentences[0] === undefined ? undefined : sentenceVerb(sentences[0]);
  if (
    first === undefined &&
    last !== undefined &&
    MOSTLY_NOUNS.has(last.word) &&
    told !== undefined
  ) {
    return undefined;
  }
  if (first === undefined || last === undefined) return first ?? last ?? inTheMiddle(tool);
  // `issue_read`, `list_label`: the one that is hardly ever a verb is none. `run_query` stays a run.
  if (first.effect !== "execute" && MOSTLY_NOUNS.has(first.word) !== MOSTLY_NOUNS.has(last.word)) {
    return MOSTLY_NOUNS.has(first.word) ? last : first;
  }
  // Two nouns that are also verbs: nothing says which one is done.
  return graver(first, last);
}

/** `web_search_advanced`: the worst of what could be a verb, when nothing else is said. */
function inTheMiddle({ nameWords, sentences }: Named): Verb | undefined {
  if (sentences[0] !== undefined && sentenceVerb(sentences[0]) !== undefined) return undefined;
  const all = nameWords.flatMap((word) => verb(word) ?? []);
  return all.length === 0 ? undefined : all.reduce(graver);
}

const graver = (a: Verb, b: Verb): Verb => (worse(a.effect, b.effect) === a.effect ? a : b);

const FILLER = new Set(
  "a able allow an can enable endpoint for function helper important let method operation please that the this to tool use used utility warning will you your lets allows enables admin deprecated internal preferred quickly safely automatically permanently".split(
    " ",
  ),
);

/** The verb that a sentence begins with, after words such as `this tool` or `use it to`. */
export function sentenceVerb(sentence: string): Verb | undefined {
  const list = words(sentence).slice(0, 10);
  const at = list.findIndex((word) => !FILLER.has(word));
  if (at < 0) return undefined;
  for (const form of verbForms(list[at]!)) {
    const found = verb(form);
    if (found !== undefined) return found;
  }
  return undefined;
}
