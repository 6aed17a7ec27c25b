/**
 * What a reviewer decided of each grant: keep, narrow or revoke. Kept grants get the date in their
 * files; the others stay as they are until somebody changes them by a pull request, and the record says
 * that they are to go. 45 CFR §164.308(a)(4)(ii)(C).
 */
import { PhiwardError } from "../../errors.ts";
import type { Tree } from "../../host/tree.ts";
import { canonical, digestOf, type Json } from "../../json/value.ts";
import { CannotEdit, edited } from "../../lint/fix/edits.ts";
import { type LoadedRepository, load, sound } from "../../policy/load.ts";
import { didYouMean } from "../../suggest.ts";
import type { Reviewer } from "../reviewer.ts";
import { type AccessReviewed, signAccess } from "../sign-off.ts";
import type { AdminWords } from "../tell.ts";
import type { GrantRow } from "./registry.ts";
import { editedTree, textOf } from "./texts.ts";

export interface Decisions {
  readonly keep: readonly string[];
  readonly narrow: readonly string[];
  readonly revoke: readonly string[];
}

/** Throws USAGE for a grant that is decided twice, and UNKNOWN_NAME for one that does not exist. */
export function checkDecisions({ keep, narrow, revoke }: Decisions, ids: readonly string[]): void {
  const all = [...keep, ...narrow, ...revoke];
  const unknown = all.find((id) => !ids.includes(id));
  if (unknown !== undefined) {
    throw new PhiwardError("UNKNOWN_NAME", `there is no grant \`${unknown.slice(0, 100)}\``, {
      help: didYouMean(unknown, ids),
    });
  }
  const twice = all.find((id, i) => all.indexOf(id) !== i);
  if (twice === undefined) return;
  throw new PhiwardError("USAGE", `the grant \`${twice}\` is decided twice`, {
    help: "keep it, narrow it or revoke it",
  });
}

export interface Dated {
  /** Path → new text. */
  readonly texts: ReadonlyMap<string, string>;
}

/**
 * The files of grants with `lastReview` set, as they are to be written: comments, order and form stay.
 * Each is loaded again and must differ in nothing else. Throws INVALID_INPUT where a file does not let
 * itself be edited like that.
 */
export async function dated(
  tree: Tree,
  loaded: LoadedRepository,
  ids: readonly string[],
  review: { readonly on: string; readonly by: string },
): Promise<Dated> {
  const texts = new Map<string, string>();
  for (const id of ids) {
    const { file } = loaded.grants.get(id)!.located;
    const has = loaded.repository.grants[id]!.lastReview !== undefined;
    texts.set(file, withReview(file, await textOf(tree, file), has, review));
  }
  const after = await load(editedTree(tree, texts));
  const others = (of: LoadedRepository): string =>
    canonical(
      Object.values(sound(of).grants).map((grant) => {
        const { lastReview, ...rest } = grant;
        return rest;
      }) as unknown as Json,
    );
  if (others(after) !== others(loaded)) throw cannot("a grant", "something else would change");
  for (const id of ids) {
    if (after.repository.grants[id]?.lastReview?.by !== review.by) {
      throw cannot(loaded.grants.get(id)!.located.file, "the date would not be read");
    }
  }
  return { texts };
}

function withReview(
  file: string,
  text: string,
  has: boolean,
  { on, by }: { readonly on: string; readonly by: string },
): string {
  if (has) {
    try {
      return edited(file, text, [
        { file, pointer: ["lastReview", "on"], do: "set", value: on },
        { file, pointer: ["lastReview", "by"], do: "set", value: by },
      ]);
    } catch (error) {
      if (error instanceof CannotEdit) throw cannot(file, error.message);
      throw error;
    }
  }
  if (file.endsWith(".json")) {
    const end = text.lastIndexOf("}");
    const head = text.slice(0, end).trimEnd();
    const entry = `  "lastReview": { "on": ${JSON.stringify(on)}, "by": ${JSON.stringify(by)} }`;
    return `${head},\n${entry}\n${text.slice(end)}`;
  }
  const line = `lastReview: { on: ${on}, by: ${JSON.stringify(by)} }\n`;
  return text.endsWith("\n") || text === "" ? text + line : `${text}\n${line}`;
}

function cannot(file: string, why: string): PhiwardError {
  return new PhiwardError(
    "INVALID_INPUT",
    `the review cannot be written into \`${file}\`: ${why}`,
    {
      help: "set `lastReview` in the file by hand, commit it, and sign again",
    },
  );
}

export interface Signing {
  readonly reviewer: Reviewer;
  readonly decisions: Decisions;
  /** The registry as it was reviewed. */
  readonly rows: readonly GrantRow[];
  /** Of Git, in full. */
  readonly commit: string;
  readonly note?: string | undefined;
}

/** The record of a review of access. Throws NOT_PERMITTED for somebody who may not sign. */
export function accessReview({ reviewer, decisions, rows, commit, note }: Signing): AdminWords {
  const { keep, narrow, revoke } = decisions;
  const decided = new Set([...keep, ...narrow, ...revoke]);
  const sheet = rows.filter(({ grant }) => decided.has(grant));
  const reviewed: AccessReviewed = {
    commit,
    grants: decided.size,
    narrow: narrow.length,
    revoke: revoke.length,
    digest: digestOf({ rows: sheet, decisions } as unknown as Json),
    note,
  };
  return withNames(signAccess(reviewer, reviewed), { narrow, revoke });
}

const MAX_NAMES_CHARACTERS = 1000;

/** Which grants are to go or to become less, as far as a record has room for their names. */
function withNames(
  words: AdminWords,
  { narrow, revoke }: Pick<Decisions, "narrow" | "revoke">,
): AdminWords {
  const names = { toNarrow: narrow.join(" "), toRevoke: revoke.join(" ") };
  const said = Object.entries(names).filter(
    ([, text]) => text !== "" && text.length <= MAX_NAMES_CHARACTERS,
  );
  return { ...words, details: { ...words.details, ...Object.fromEntries(said) } };
}
