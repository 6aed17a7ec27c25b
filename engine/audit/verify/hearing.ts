/** Compares what witnesses say with the chain as it is read, each at the record that it speaks of. */
import type { KeyObject } from "node:crypto";
import type { Link } from "../chain.ts";
import { type Checkpoint, claimOf, openCheckpoint } from "../checkpoint.ts";
import type { CheckpointRecord } from "../record.ts";
import type { Place, Report } from "./problem.ts";
import type { Testimony, Witness } from "./witness.ts";

export interface Hearing {
  /** A record that is in order. `checkpoint`: it is one. */
  record(link: Link, place: Place, checkpoint: CheckpointRecord | undefined): void;
  /** The log is over: what was seen beyond it is missing. */
  end(last: number, place: Place): void;
  counts(): HearingCounts;
}

export interface HearingCounts {
  /** Checkpoints in the log. */
  readonly inLog: number;
  /** Notes whose signature fits, in the log and outside; each counted where it was found. */
  readonly verified: number;
  /** Notes that no key was there for. */
  readonly unverified: number;
  /** By witness: how many of its notes are of this chain, and of others. */
  readonly witnesses: readonly {
    readonly name: string;
    /** It stands outside the log's folder. */
    readonly external: boolean;
    readonly agreed: number;
    readonly others: number;
  }[];
}

interface Heard {
  readonly witness: Witness;
  readonly rest: Iterator<Testimony | undefined>;
  due: Testimony | undefined;
  agreed: number;
  others: number;
  /** The largest count so far; notes are written in order. */
  last: number;
}

export interface HearingOptions {
  /** The chain's name; undefined when its beginning is missing, and then nobody is asked for it. */
  readonly origin: string | undefined;
  /** Public keys. With none, what notes say is compared, and their signatures are not. */
  readonly keys: readonly KeyObject[];
}

const BEGINNING: Place = { segment: 1, line: 1, offset: 0 };

export function startHearing(
  witnesses: readonly Witness[],
  { origin, keys }: HearingOptions,
  report: Report,
): Hearing {
  let inLog = 0;
  let verified = 0;
  let unverified = 0;
  /** The note that was verified last: the same note often stands in the log and beside it. */
  let known: string | undefined;

  const heard = witnesses.map((witness): Heard => {
    const rest = witness.testimonies[Symbol.iterator]();
    return { witness, rest, due: undefined, agreed: 0, others: 0, last: 0 };
  });
  for (const one of heard) advance(one, BEGINNING);
  let soonest = dueNext();

  function dueNext(): number {
    return heard.reduce((least, { due }) => Math.min(least, due?.count ?? Infinity), Infinity);
  }

  /** The next testimony about this chain. */
  function advance(one: Heard, place: Place): void {
    for (;;) {
      const { done, value } = one.rest.next();
      one.due = done === true ? undefined : value;
      if (done === true) return;
      const problem = (says: string): void =>
        report({
          kind: "checkpoint",
          ...place,
          seq: null,
          says: `\`${one.witness.name}\`: ${says}`,
        });
      if (value === undefined) {
        problem("a note is not of the form of a signed note");
        continue;
      }
      if (origin !== undefined && value.signed !== undefined && value.signed.origin !== origin) {
        one.others++;
        continue;
      }
      if (value.count < one.last) problem("the notes do not stand in their order");
      one.last = Math.max(one.last, value.count);
      return;
    }
  }

  /** Whether the signature of a note may be believed, as far as keys are there. */
  function signed(note: string, place: Place, name: string): boolean {
    if (note === known) return true;
    if (keys.length === 0) {
      known = note;
      unverified++;
      return true;
    }
    const answers = keys.map((key) => openCheckpoint(note, key));
    if (answers.some(({ ok }) => ok)) {
      verified++;
      known = note;
      return true;
    }
    const [answer] = answers;
    const says = `${name}: a checkpoint cannot be believed: ${answer?.ok === false ? answer.says : ""}`;
    report({ kind: "checkpoint", ...place, seq: null, says });
    return false;
  }

  function ask(one: Heard, { count, root, signed: by }: Testimony, link: Link, place: Place): void {
    const name = `\`${one.witness.name}\``;
    if (by !== undefined && !signed(by.note, place, name)) return;
    if (root === link.hash) {
      one.agreed++;
      return;
    }
    const says = `${name} has seen another record ${count}: the chain was written anew`;
    report({ kind: by === undefined ? "spliced" : "checkpoint", ...place, seq: count, says });
  }

  return {
    record(link, place, checkpoint) {
      if (checkpoint !== undefined) {
        inLog++;
        ownCheckpoint(checkpoint, link, place);
      }
      if (link.seq < soonest) return;
      for (const one of heard) {
        // A testimony about a record that could not be read is passed over: that is told already.
        while (one.due !== undefined && one.due.count <= link.seq) {
          if (one.due.count === link.seq) ask(one, one.due, link, place);
          advance(one, place);
        }
      }
      soonest = dueNext();
    },
    end(last, place) {
      for (const one of heard) {
        let beyond: Testimony | undefined;
        for (; one.due !== undefined; advance(one, place)) {
          const by = one.due.signed;
          if (by === undefined || signed(by.note, place, `\`${one.witness.name}\``)) {
            beyond = one.due;
          }
        }
        if (beyond !== undefined) {
          const says = `the log ends at record ${last}, and \`${one.witness.name}\` has seen record ${beyond.count}`;
          report({ kind: "truncated", ...place, seq: last + 1, says });
        }
        if (one.witness.external && one.last === 0) {
          const says = `\`${one.witness.name}\` has no checkpoint of this log: it is another log's, or this one was written anew`;
          report({ kind: "checkpoint", ...place, seq: null, says });
        }
      }
    },
    counts: () => ({
      inLog,
      verified,
      unverified,
      witnesses: heard.map(({ witness: { name, external }, agreed, others }) => ({
        name,
        external,
        agreed,
        others,
      })),
    }),
  };

  /** A checkpoint in the chain signs the record before it. */
  function ownCheckpoint(record: CheckpointRecord, link: Link, place: Place): void {
    const problem = (says: string): void =>
      report({ kind: "checkpoint", ...place, seq: link.seq, says });
    if (record.count !== link.seq - 1 || record.root !== link.prev) {
      problem(`checkpoint ${link.seq} signs another chain than the one that it stands in`);
    } else if (origin !== undefined && record.origin !== origin) {
      problem(`checkpoint ${link.seq} has another chain's name`);
    } else if (!agree(claimOf(record.note), record)) {
      problem(`the signed note of checkpoint ${link.seq} says something else than its record`);
    } else signed(record.note, place, `record ${link.seq}`);
  }
}

function agree(claim: Checkpoint | undefined, { origin, count, root }: CheckpointRecord): boolean {
  return claim?.origin === origin && claim.count === count && claim.root === root;
}
