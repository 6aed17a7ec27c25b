/** A patient's accesses: asked by a form, answered under a handle. */
import { whoCsv } from "../../render/audit-who.ts";
import { withIndex } from "../books.ts";
import { seeOther } from "../http/reply.ts";
import { patientAnswer, questionIn } from "../models/patient.ts";
import type { Action, Page } from "../page.ts";
import { askBody, goneBody, patientBody } from "../views/patient.ts";
import { exported } from "./exported.ts";

export const askPatient: Page = ({ session }) => ({
  title: "A patient",
  body: askBody(session.formToken),
  seen: "nothing",
});

export const findPatient: Action = ({ books, handles, session, at }, form) => {
  const question = questionIn(form, books);
  return question === undefined
    ? { title: "A patient", status: 400, body: askBody(session.formToken, true), seen: "nothing" }
    : seeOther(`/patient/${handles.keep(question, session, at)}`);
};

export const showPatient: Page = ({ books, handles, session, part, at }) => {
  const question = handles.find(part, session, at);
  if (question === undefined) {
    return { title: "A patient", status: 410, body: goneBody(), seen: "nothing" };
  }
  const answer = withIndex(books, (index) => patientAnswer(books, index, question));
  return {
    title: "Who accessed this patient’s record",
    body: patientBody(answer, question, session.formToken, part),
    seen: {
      rows: answer.who.accesses.length + answer.who.possible.length,
      patient: answer.pseudonym,
    },
  };
};

export const exportPatient: Action = async (visit) => {
  const { books, handles, session, part, at } = visit;
  const question = handles.find(part, session, at);
  if (question === undefined) {
    return { title: "A patient", status: 410, body: goneBody(), seen: "nothing" };
  }
  const { who, pseudonym } = withIndex(books, (index) => patientAnswer(books, index, question));
  return await exported(visit, {
    page: "patient",
    file: "accesses.csv",
    text: whoCsv(who),
    rows: who.accesses.length + who.possible.length,
    patient: pseudonym,
  });
};
