/**
 * Errors are for questions that could not be answered; a denial or a finding is an answer, and a
 * value. Every error has a stable code, says what is wrong and, apart from that, what to do.
 */
import type { Finding } from "./finding.ts";
import type { Place } from "./source.ts";

/** Every code, with its meaning and remedy; docs/errors.md is generated from this table. */
export const ERROR_CODES = {
  USAGE: {
    meaning: "The command line does not say what the command needs, or says too much.",
    remedy: "Read `phiward COMMAND --help`; it has examples.",
  },
  NOT_A_REPOSITORY: {
    meaning: "The folder has none of the files of a policy repository.",
    remedy: "Name the folder that holds phiward.yaml, or make one with `phiward init`.",
  },
  UNREADABLE: {
    meaning: "A file or folder cannot be read or written.",
    remedy: "Check that it exists, and its permissions.",
  },
  INVALID_REPOSITORY: {
    meaning: "The repository has errors, so that no question about it has a trustworthy answer.",
    remedy: "Run `phiward lint` and mend what it lists.",
  },
  INVALID_INPUT: {
    meaning: "A call, a fixture or a tools/list result is not of the form that is asked for.",
    remedy: "The message names the place and the form.",
  },
  UNKNOWN_NAME: {
    meaning: "A grant, server or policy that is asked about does not exist.",
    remedy: "The message lists the nearest name.",
  },
  NO_TESTS: {
    meaning: "There is no test to run, and passing without a test would say nothing.",
    remedy: "Write tests/NAME.test.yaml; `phiward init` writes a first one.",
  },
  NO_FIXTURES: {
    meaning: "No recorded call matches.",
    remedy: "Check the glob; it is relative to the repository's folder.",
  },
  UNKNOWN_REVISION: {
    meaning: "Git does not know the revision, or the folder is not in a Git repository.",
    remedy: "Check the name with `git rev-parse`; a folder is written with `./` or `/`.",
  },
  GIT: { meaning: "Git answered with an error.", remedy: "The message is Git's own." },
  BUG: {
    meaning: "phiward did something that it should never do.",
    remedy: "Please report it, with the command and the version.",
  },
} as const satisfies Record<string, { meaning: string; remedy: string }>;

export type ErrorCode = keyof typeof ERROR_CODES;

export class PhiwardError extends Error {
  readonly code: ErrorCode;
  readonly help: string;
  readonly place: Place | undefined;
  /** All the problems, where there are several. */
  readonly findings: readonly Finding[];

  constructor(
    code: ErrorCode,
    message: string,
    more: { help?: string; place?: Place; findings?: readonly Finding[]; cause?: unknown } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = "PhiwardError";
    this.code = code;
    this.help = more.help ?? ERROR_CODES[code].remedy;
    this.place = more.place;
    this.findings = more.findings ?? [];
  }
}
