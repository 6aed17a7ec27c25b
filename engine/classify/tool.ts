/** A tool as it was listed, with its name, prose and arguments taken apart. */
import { isObject, type JsonObject } from "../json/value.ts";
import { type Argument, argumentsOf } from "./arguments.ts";
import { sentences, singulars, words } from "./words.ts";

export interface Tool {
  readonly name: string;
  readonly nameWords: readonly string[];
  readonly description: string;
  readonly sentences: readonly string[];
  readonly arguments: readonly Argument[];
  readonly annotations: JsonObject;
}

export function readTool(tool: JsonObject): Tool {
  const name = String(tool.name);
  const description = typeof tool.description === "string" ? tool.description : "";
  return {
    name,
    nameWords: words(name),
    description,
    sentences: sentences(description, 6),
    arguments: isObject(tool.inputSchema) ? argumentsOf(tool.inputSchema as JsonObject) : [],
    annotations: isObject(tool.annotations) ? (tool.annotations as JsonObject) : {},
  };
}

/** The words of a sentence, each as one of many. */
export const wordsOf = (text: string): readonly string[] => singulars(words(text));
