/**
 * Errors are for questions that could not be answered; a denial or a finding is an answer, and a
 * value. Every error has a stable code, says what is wrong and, apart from that, what to do.
 */
import type { Finding } from "./finding.ts";
import type { Place } from "./source.ts";

/** Every code: what, why, and what to do; docs/errors.md is generated from this table. */
export const ERROR_CODES = {
  USAGE: {
    meaning: "The command line does not say what the command needs, or says too much.",
    why: "A flag that is misread would answer another question than the one that was asked.",
    remedy: "Read `phiward COMMAND --help`; it has examples.",
  },
  NOT_A_REPOSITORY: {
    meaning: "The folder has none of the files of a policy repository.",
    why: "An empty folder is more often the wrong folder than a repository without rules, and to call it sound would mislead.",
    remedy: "Name the folder that holds phiward.yaml, or make one with `phiward init`.",
  },
  UNREADABLE: {
    meaning: "A file or folder cannot be read or written.",
    why: "What could not be read may be the rule that denies; nothing is decided without it.",
    remedy: "Check that it exists, and its permissions.",
  },
  INVALID_REPOSITORY: {
    meaning: "The repository has errors, so that no question about it has a trustworthy answer.",
    why: "A policy that is half understood would be wrong in a way that nobody sees.",
    remedy: "Run `phiward lint` and mend what it lists.",
  },
  INVALID_INPUT: {
    meaning: "A call, a fixture or a tools/list result is not of the form that is asked for.",
    why: "A call that is read in two ways is a way around a policy, so it is read in one or not at all.",
    remedy: "The message names the place and the form.",
  },
  UNKNOWN_NAME: {
    meaning: "A grant, server or policy that is asked about does not exist.",
    why: "Most often it is misspelt, and the answer about nothing would look like a denial.",
    remedy: "The message lists the nearest name.",
  },
  GRANT_EXPIRED: {
    meaning: "A token was asked for under a grant that is over.",
    why: "Every right of access ends on its day; a token that outlives its grant would be a door that nobody watches.",
    remedy: "Renew the grant: a new `issued` and `expires`, reviewed like any other change.",
  },
  NOT_PERMITTED: {
    meaning: "Nobody says who they are, or who they are may not do this.",
    why: "A review that anybody could sign is no review; every signature is a person's, under a grant of their own.",
    remedy: "Put your own grant token into PHIWARD_TOKEN; the message says what the grant lacks.",
  },
  SIGNS_IN_ELSEWHERE: {
    meaning: "A grant token was asked for under a grant whose identity proves itself at an issuer.",
    why: "A second way in would stay open when the issuer closes the first.",
    remedy:
      "Get a token from the issuer; or take `authentication` out of the grant, by a reviewed change.",
  },
  STATE_DAMAGED: {
    meaning: "A file of the state folder is not as phiward wrote it, so nothing in it is trusted.",
    why: "Whoever can change the file could otherwise bring a revoked token back to life.",
    remedy: "Find out who changed it; restore it from a backup, or remove it and issue new tokens.",
  },
  STATE_BUSY: {
    meaning: "Another process is changing the state folder and does not finish.",
    why: "Two writers at once would lose what one of them wrote.",
    remedy: "Try again; look for a command that hangs.",
  },
  STORE_UNAVAILABLE: {
    meaning: "The PostgreSQL database that several gateways share does not answer, or refuses.",
    why: "Without it nobody can tell which tokens are revoked and how much of a limit is used.",
    remedy: "Check that the database runs, and the address, certificate and role in `store`.",
  },
  STORE_VERSION: {
    meaning: "The tables in the database are missing, or are those of another version of phiward.",
    why: "A program that reads tables that it does not know could miss a revocation.",
    remedy:
      "Run `phiward store init` of the newest version that is in use, then start the gateways again.",
  },
  NO_TESTS: {
    meaning: "There is no test to run, and passing without a test would say nothing.",
    why: "A run of nothing is green, and a misspelt name would make it so.",
    remedy: "Write tests/NAME.test.yaml; `phiward init` writes a first one.",
  },
  NO_FIXTURES: {
    meaning: "No recorded call matches.",
    why: "A replay of nothing shows no change, whatever has changed.",
    remedy: "Check the glob; it is relative to the repository's folder.",
  },
  UNKNOWN_REVISION: {
    meaning: "Git does not know the revision, or the folder is not in a Git repository.",
    why: "Compared with the wrong revision, a broadening looks like no change.",
    remedy: "Check the name with `git rev-parse`; a folder is written with `./` or `/`.",
  },
  GIT: {
    meaning: "Git answered with an error.",
    why: "What Git did not say is not guessed.",
    remedy: "The message is Git's own.",
  },
  NO_AUDIT_LOG: {
    meaning: "The state folder has no audit log.",
    why: "An answer from an empty log would be read as `nobody accessed it`.",
    remedy: "Name the folder with `--state DIR`; `phiward gateway` prints it when it is ready.",
  },
  AUDIT_UNAVAILABLE: {
    meaning:
      "A record cannot be written to the audit log, so nothing may happen that it would record.",
    why: "Access without a record cannot be accounted for (45 CFR 164.312(b)).",
    remedy: "Mend what the message names (often a full disk), then start the gateway again.",
  },
  AUDIT_LOCKED: {
    meaning: "Another process writes to this audit log. A chain has one writer.",
    why: "Two writers would make two chains, and neither could be verified.",
    remedy: "Stop the other gateway, or give this one a state folder of its own.",
  },
  AUDIT_BROKEN: {
    meaning: "The audit log is not what was written: a record was changed, or records are missing.",
    why: "The record is evidence; a log that can be changed unseen is none.",
    remedy: "Keep the folder as it is, as evidence, and run `phiward audit verify`.",
  },
  EXPORT_FAILED: {
    meaning: "A collector did not take the records that were sent to it.",
    why: "What was not taken is not counted as sent: the next run with the same cursor sends it again.",
    remedy:
      "The message names the status or the code. See that the collector runs, then run the export again.",
  },
  EXPOSED_KEY: {
    meaning: "Others on this machine may read a secret key.",
    why: "With the key, whoever reads it can sign, or find out which patient a pseudonym is.",
    remedy: "Take their permission away, and replace the key if somebody may have read it.",
  },
  UNTRUSTED_UPSTREAM: {
    meaning:
      "A server's file names an origin or a command that the host does not list, so that a policy change could send a credential elsewhere or run code.",
    why: "The host decides where its credentials go, and a pull request to the policies must not.",
    remedy: "List it in `upstreams` of the engine's configuration, if it is meant.",
  },
  LISTEN: {
    meaning: "The gateway cannot listen at the address.",
    why: "Most often something else listens there, or the port needs a privilege.",
    remedy: "Choose another address or port; `--http 0` takes a free one.",
  },
  ACTION_INPUTS: {
    meaning: "The Action's inputs do not say what the gate needs, or say something unknown.",
    why: "A misspelt input would otherwise switch a check off in silence.",
    remedy: "Mend every input that the message names; action.yml describes them.",
  },
  GITHUB: {
    meaning: "GitHub's API does not answer, or refuses; the gate does not guess what it would say.",
    why: "Who has approved is known only to GitHub, and an approval that is guessed is none.",
    remedy:
      "Run the job again later; where GitHub refuses, give the token the permission that is named.",
  },
  NOT_MERGEABLE: {
    meaning:
      "There is no result of a merge that could be judged: conflicts, or a branch that moved on.",
    why: "What would be merged is not what was judged.",
    remedy: "Update the branch, and let the gate run on its last commit.",
  },
  UNTRUSTED: {
    meaning: "A release, or the root of trust, is not what it should be, so nothing of it is used.",
    why: "A release decides about patient data; one that an attacker made, or an old one that is shown again, would decide in their favour.",
    remedy: "The message names the check; docs/releases.md says what each one stops.",
  },
  SIGNING: {
    meaning: "A key did not sign.",
    why: "Without the signature nothing is released, and nothing has been written.",
    remedy:
      "Run `ssh-add -l` or try `ssh-keygen -Y sign` with the key; phiward needs ssh-keygen 8.2 or newer.",
  },
  BUG: {
    meaning: "phiward did something that it should never do.",
    why: "It is ours to mend; nothing was allowed because of it.",
    remedy: "Please report it, with the command and the version.",
  },
} as const satisfies Record<string, { meaning: string; why?: string; remedy: string }>;

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
