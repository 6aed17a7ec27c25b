/** Names and prose as lists of words. */

/** `epicGetPatientById`, `list_ECR_repositories` → words in lower case. */
export function words(name: string): readonly string[] {
  return name
    .normalize("NFKC")
    .replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, "$1 $2")
    .replace(/(\p{Lu}+)(\p{Lu}\p{Ll})/gu, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");
}

const UNCHANGED = /(ss|us|is|series|species|ics)$/;

/** One of many: `allergies` → `allergy`. */
export function singular(word: string): string {
  if (word.length < 4 || UNCHANGED.test(word)) return word === "diagnoses" ? "diagnosis" : word;
  if (word === "diagnoses") return "diagnosis";
  if (word.endsWith("ies")) return `${word.slice(0, -3)}y`;
  if (/(ses|xes|ches|shes|zes)$/.test(word) && !/(ases|ises|uses|oses)$/.test(word)) {
    return word.slice(0, -2);
  }
  return word.endsWith("s") ? word.slice(0, -1) : word;
}

export const singulars = (list: readonly string[]): readonly string[] => list.map(singular);

/** `creates`, `creating`, `retrieves` → what could be the verb, the likeliest first. */
export function verbForms(word: string): readonly string[] {
  const forms = [word];
  if (word.endsWith("ies")) forms.push(`${word.slice(0, -3)}y`);
  if (word.endsWith("es")) forms.push(word.slice(0, -2));
  if (word.endsWith("s")) forms.push(word.slice(0, -1));
  if (word.endsWith("ing")) {
    const stem = word.slice(0, -3);
    forms.push(stem, `${stem}e`, stem.replace(/(.)\1$/, "$1"));
  }
  return forms;
}

/** Where a phrase of singular words stands in a list of them; -1: nowhere. */
export function indexOfPhrase(list: readonly string[], phrase: readonly string[]): number {
  const last = list.length - phrase.length;
  for (let at = 0; at <= last; at++) {
    if (phrase.every((word, i) => list[at + i] === word)) return at;
  }
  return -1;
}

const SECTIONS =
  /(?:^|\n|\s)(?:args|arguments|parameters?|params|returns?|raises|errors?|examples?|rules|notes?|usage|inputs?|outputs?)\s*:\s/i;

/** The sentences before the lists of arguments, results and errors; at most `limit`. */
export function sentences(description: string, limit: number): readonly string[] {
  const cut = description.slice(0, 4_000).split(SECTIONS, 1)[0]!.trim();
  // A text that begins with such a list has no summary but itself.
  const summary = cut === "" ? description.slice(0, 500) : cut;
  return summary
    .split(/(?<=[.!?])\s+|\n\s*\n|\n\s*[-*•]\s|\s[-–—]\s/u)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== "")
    .slice(0, limit);
}
