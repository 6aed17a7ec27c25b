/** What a server as a whole tells of one tool: whether it is about health care, and what its siblings take. */
import { matches } from "./evidence.ts";
import { ANY_PERSON, KEY_WORDS, PATIENT_WORDS } from "./terms/identifiers.ts";
import { type Tool, wordsOf } from "./tool.ts";
import { effectOfVerb } from "./verb.ts";
import { singulars, words } from "./words.ts";

export interface Context {
  /** Some tool speaks of patients or their data. */
  readonly health: boolean;
  /** Some tool speaks of samples and sequences. */
  readonly genomic: boolean;
  /** No tool has an argument for a patient, so that a person's id is all that names one. */
  readonly personsArePatients: boolean;
  /** What the tools are about that take a patient: `drug safety flag`. */
  readonly patientThings: ReadonlySet<string>;
}

export function contextOf(tools: readonly Tool[]): Context {
  const takesPatient = tools.filter((tool) =>
    tool.arguments.some(({ words: name }) => PATIENT_WORDS.has(name[0] ?? "")),
  );
  const said = new Set(
    tools.flatMap((tool) =>
      matches([...singulars(tool.nameWords), ".", ...wordsOf(tool.sentences.join(" . "))]).map(
        ({ kind }) => kind,
      ),
    ),
  );
  return {
    health: takesPatient.length > 0 || said.has("clinical"),
    genomic: said.has("genomic"),
    personsArePatients: takesPatient.length === 0,
    patientThings: new Set(takesPatient.map(thingOf).filter((thing) => thing.includes(" "))),
  };
}

/** A name without its verbs. */
export function thingOf({ nameWords }: Tool): string {
  return singulars(nameWords.filter((word) => effectOfVerb(word) === undefined || word === "flag"))
    .filter((word) => word !== "by" && !KEY_WORDS.has(word))
    .join(" ");
}

export const isPerson = (name: string): boolean =>
  singulars(words(name)).some((word) => ANY_PERSON.has(word));
