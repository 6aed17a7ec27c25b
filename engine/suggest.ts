/** "Did you mean …?" */
import { distance } from "fastest-levenshtein";

/** A text longer than this is no misspelling of a name, and comparing it would cost its square. */
const MAX_COMPARED = 64;

/** The known word nearest to `word`, when it is near enough to be a slip. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  if (word.length > MAX_COMPARED) return undefined;
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.round(word.length / 3)) + 1;
  for (const candidate of known) {
    if (candidate.length > MAX_COMPARED) continue;
    const d = distance(word.toLowerCase(), candidate.toLowerCase());
    if (d < bestDistance) {
      best = candidate;
      bestDistance = d;
    }
  }
  return best;
}

/** A sentence that names the near miss, or else what there is to choose from. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const words = [...known];
  const near = nearest(word, words);
  if (near !== undefined) return `did you mean \`${near}\`?`;
  if (words.length === 0) return "there is none";
  const shown = words.slice(0, 12).map((known) => `\`${known}\``);
  return `one of ${shown.join(", ")}${words.length > 12 ? ", …" : ""}`;
}
