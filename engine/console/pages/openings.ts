/** Emergency access, and the review of it. */
import { allPseudonyms, cleanNote } from "../../review/note.ts";
import { signEmergency } from "../../review/sign-off.ts";
import { withIndex } from "../books.ts";
import { seeOther } from "../http/reply.ts";
import { openingsSeen } from "../models/openings.ts";
import type { Action, Page } from "../page.ts";
import { openingsBody } from "../views/openings.ts";
import { notSigned } from "./not-signed.ts";

export const showOpenings: Page = ({ books, visitor, session }) => {
  const openings = withIndex(books, (index) => openingsSeen(books, index));
  return {
    title: "Emergency access",
    body: openingsBody(openings, {
      maySign: visitor.may === "sign",
      formToken: session.formToken,
    }),
    seen: { rows: openings.length },
  };
};

export const signOpening: Action = async ({ books, recorder, visitor, part, at }, form) => {
  if (form.get("looked") !== "yes") return notSigned("Look at what was done, and say so.");
  const { opening, note } = withIndex(books, (index) => ({
    opening: openingsSeen(books, index).find(({ id }) => id === part),
    note: cleanNote(form.get("note") ?? "", index, allPseudonyms(books.audit)),
  }));
  if (opening === undefined) return notSigned("The log knows no such opening.");
  // A second signature would say that somebody else had not looked.
  if (opening.review === null) {
    await recorder.tell(
      signEmergency(visitor, { opening: opening.id, grant: opening.grant, note }),
      at,
    );
  }
  return seeOther("/openings");
};
