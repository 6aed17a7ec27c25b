/** The resources that the conformance suite reads. */
import type { ReadResourceResult } from "@modelcontextprotocol/server";
import { PIXEL_PNG } from "./contents.ts";

type Contents = ReadResourceResult["contents"][number];

export interface Resource {
  readonly description: string;
  readonly mimeType: string;
  /** What stands under the URI; of a template, with the values of its variables. */
  readonly read: (uri: string, variables: Readonly<Record<string, string>>) => Contents;
}

/** By URI. */
export const RESOURCES: Readonly<Record<string, Resource>> = {
  "test://static-text": {
    description: "A text that never changes.",
    mimeType: "text/plain",
    read: (uri) => ({
      uri,
      mimeType: "text/plain",
      text: "This is the content of the static text resource.",
    }),
  },
  "test://static-binary": {
    description: "An image that never changes.",
    mimeType: "image/png",
    read: (uri) => ({ uri, mimeType: "image/png", blob: PIXEL_PNG }),
  },
  "test://watched-resource": {
    description: "A text that clients subscribe to.",
    mimeType: "text/plain",
    read: (uri) => ({ uri, mimeType: "text/plain", text: "Watched." }),
  },
};

/** By URI template (RFC 6570). */
export const TEMPLATES: Readonly<Record<string, Resource>> = {
  "test://template/{id}/data": {
    description: "A document for each id.",
    mimeType: "application/json",
    read: (uri, { id }) => ({
      uri,
      mimeType: "application/json",
      text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }),
    }),
  },
};
