/** Calls as they pass → lines of a file, in the order of their answers, and a count of it all. */

import { PhiwardError } from "../errors.ts";
import type { FixtureFile } from "./file.ts";
import type { Line, SentCall } from "./line.ts";
import { type Counter, counter, type Recording } from "./report.ts";
import type { Ear } from "./tap.ts";

export interface RecorderOptions {
  readonly server: string;
  readonly grant: string;
  readonly file: FixtureFile;
  readonly now: () => number;
  readonly write: (sent: SentCall) => Line;
  /** What the ids of the lines begin with. */
  readonly prefix: string;
  /** Lines beyond it are only counted. */
  readonly maxCalls: number;
  readonly listed: (names: readonly string[]) => void;
}

export interface Recorder extends Ear {
  /** Writes what is without an answer still, and closes the file. */
  end(about: Pick<Recording, "file" | "values">): Recording;
}

export function recorder(options: RecorderOptions): Recorder {
  const { server, grant, file, now, write, prefix, maxCalls, listed } = options;
  const counts = counter();
  const waiting = new Set<() => void>();
  let taken = 0;
  let over = false;
  let failure: unknown;
  /** What cannot be written must not stop what it only watches; it is told at the end. */
  const tryOne = (sent: SentCall): void => {
    try {
      if (failure === undefined) {
        writeOne(write(sent), file, counts);
        return;
      }
    } catch (error) {
      failure = error;
    }
    counts.beyond();
  };
  return {
    listed,
    asked(asked) {
      if (over) return () => {};
      if (++taken > maxCalls) {
        counts.beyond();
        return () => {};
      }
      const sent = { id: `${prefix}-${taken}`, call: { grant, server, ...asked, at: now() } };
      const written = (isError: boolean | undefined): void => {
        if (waiting.delete(unanswered)) tryOne({ ...sent, isError });
      };
      const unanswered = (): void => written(undefined);
      waiting.add(unanswered);
      return written;
    },
    end(about) {
      for (const unanswered of [...waiting]) unanswered();
      over = true;
      file.close();
      if (failure instanceof Error) {
        throw new PhiwardError("UNREADABLE", `the recording stopped: ${failure.name}`, {
          help: "the lines before are whole; check the room on the disk and record again",
          cause: failure,
        });
      }
      return counts.report({ ...about, server, grant });
    },
  };
}

function writeOne(line: Line, file: FixtureFile, counts: Counter): void {
  if ("skipped" in line) {
    counts.skipped(line.skipped);
    return;
  }
  file.append(line.text);
  counts.line(line.verdict, line.keys);
}
