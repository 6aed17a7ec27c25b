/** Who accessed this patient's record, on whichever node: what audit/who.ts tells of one. */
import type pg from "pg";
import type { Period } from "../audit/index/find.ts";
import type { Problem } from "../audit/index/reader.ts";
import { patientKey } from "../audit/index/schema.ts";
import { isOpen } from "../audit/index/shape.ts";
import type { DecisionRecord, Hex64, OutcomeRecord } from "../audit/record.ts";
import {
  accessOf,
  MAX_POSSIBLE,
  type Origins,
  type PatientAccess,
  type PossibleAccess,
  viaOf,
  type Who,
  whyPossible,
} from "../audit/who.ts";
import { countOf, newest, ofPatient, openShapes, type Stored } from "./find.ts";
import { problemAt } from "./query.ts";

/** `pseudonyms`: those of one patient, under every key. */
export async function whoOnAll(
  client: pg.ClientBase,
  pseudonyms: readonly Hex64[],
  period: Period,
  origins: Origins = () => null,
): Promise<Who> {
  const patient = new Set(pseudonyms);
  const found = await ofPatient(client, pseudonyms.map(patientKey), period);
  const calls = decisionsOf(found).flatMap((one) => {
    const via = viaOf(patient, one.record, one.outcome);
    return via === undefined ? [] : [{ ...one, via }];
  });
  const accesses = calls.map(
    ({ record, outcome, via }): PatientAccess => ({ ...told(record, outcome, origins), via }),
  );
  const known = new Set(accesses.map(({ decision }) => decision));
  const open = await openShapes(client);
  // Those of the patient may be among the newest, and are told above.
  const others = await newest(client, open, period, undefined, MAX_POSSIBLE + known.size);
  const possible = decisionsOf(others)
    .filter(({ record }) => !known.has(record.id))
    .slice(0, MAX_POSSIBLE)
    .map(
      ({ record, outcome }): PossibleAccess => ({
        ...told(record, outcome, origins),
        why: whyPossible(record),
      }),
    );
  const allowed = accesses.filter(({ verdict }) => verdict === "allow").length;
  const both = calls.filter(({ record }) => isOpen(record)).length;
  return {
    accesses,
    possible,
    totals: {
      allowed,
      denied: accesses.length - allowed,
      possible: (await countOf(client, open, period)) - both,
    },
    problems: problemsOf([...found, ...others]),
  };
}

interface Decision {
  readonly record: DecisionRecord;
  readonly outcome: OutcomeRecord | undefined;
}

function decisionsOf(found: readonly Stored[]): readonly Decision[] {
  return found.flatMap(({ record, outcome }) =>
    record?.kind === "decision" ? [{ record, outcome }] : [],
  );
}

function told(record: DecisionRecord, outcome: OutcomeRecord | undefined, origins: Origins) {
  return { ...accessOf({ origins }, record, outcome), node: record.node };
}

function problemsOf(found: readonly Stored[]): readonly Problem[] {
  return found.flatMap(({ record, position }) =>
    record === undefined ? [problemAt(position)] : [],
  );
}
