/** The access review, its export and its signature. */
import { freshIndex } from "../../audit/index/fresh.ts";
import type { Index } from "../../audit/index/schema.ts";
import { csv } from "../../render/csv.ts";
import { allPseudonyms, cleanNote } from "../../review/note.ts";
import { signAccess } from "../../review/sign-off.ts";
import { type AccessReview, accessReview, choicesIn } from "../models/access-review.ts";
import type { Action, Page, Visit } from "../page.ts";
import { accessReviewBody, signedBody } from "../views/access-review.ts";
import { exported } from "./exported.ts";
import { notSigned } from "./not-signed.ts";

async function withReview<T>(
  { books, at }: Visit,
  use: (review: AccessReview, index: Index) => T,
): Promise<T> {
  const policy = await books.policy.current();
  const index = freshIndex(books.audit.log);
  try {
    return use(await accessReview(books, policy, index, at), index);
  } finally {
    index.close();
  }
}

export const showAccessReview: Page = async (visit) =>
  await withReview(visit, (review) => ({
    title: "Access review",
    body: accessReviewBody(review, {
      maySign: visit.visitor.may === "sign",
      formToken: visit.session.formToken,
    }),
    seen: { rows: review.rows.length },
  }));

export const exportAccessReview: Action = async (visit) => {
  const { rows, digest } = await withReview(visit, (review) => review);
  return await exported(visit, {
    page: "access review",
    file: "access-review.csv",
    text: sheetCsv(rows),
    rows: rows.length,
    filter: { sheet: digest },
  });
};

function sheetCsv(rows: AccessReview["rows"]): string {
  const day = (at: number): string => new Date(at).toISOString().slice(0, 10);
  return csv([
    [
      "grant",
      "principal",
      "responsible",
      "purpose",
      "issued",
      "expires",
      "lastReview",
      "reviewedBy",
      "reach",
      "unused",
      "allowed",
      "denied",
      "lastUsed",
      "decision",
    ],
    ...rows.map(({ grant, reach, unused, allowed, denied, lastUsed }) => [
      grant.id,
      grant.principal.id,
      grant.principal.responsible ?? "",
      grant.purpose,
      day(grant.issued),
      day(grant.expires),
      grant.lastReview === undefined ? "" : day(grant.lastReview.on),
      grant.lastReview?.by ?? "",
      reach.join(" "),
      unused.join(" "),
      String(allowed),
      String(denied),
      lastUsed ?? "",
      "",
    ]),
  ]);
}

export const signAccessReview: Action = async (visit, form) => {
  const { books, recorder, visitor, at } = visit;
  if (form.get("looked") !== "yes") return notSigned("Look at the grants, and say so.");
  const { review, note } = await withReview(visit, (review, index) => ({
    review,
    note: cleanNote(form.get("note") ?? "", index, allPseudonyms(books.audit)),
  }));
  const { rows, commit, digest } = review;
  // What is signed is what was shown, and no policy that came between.
  if (form.get("sheet") !== digest) {
    return notSigned("The sheet is another one than you were shown. Look at it again.");
  }
  const choices = choicesIn(form, rows);
  const many = (wanted: string): number =>
    [...choices.values()].filter((one) => one === wanted).length;
  const words = {
    commit,
    grants: rows.length,
    revoke: many("revoke"),
    narrow: many("narrow"),
    digest,
    note,
  };
  const told = await recorder.tell(signAccess(visitor, words), at);
  return {
    title: "Access review",
    body: signedBody(choices, told === "waiting"),
    seen: "nothing",
  };
};
