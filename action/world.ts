/** Everything outside that the Action touches, as one argument; action/host.ts is the real one. */
import type { GitHub } from "./github.ts";
import type { Objects } from "./objects.ts";
import type { Clock } from "./retry.ts";

export interface World extends Clock {
  /** The inputs by name, as the workflow writes them; an absent one and an empty one are the same. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Rejects when GitHub's files of the job cannot be read. */
  job(): Promise<Job>;
  /** GitHub as the owner of the token sees it. */
  github(token: string, repository: string): GitHub;
  /** Git's objects of this repository, fetched when they are asked for; empty at first. */
  objects(token: string, repository: string): Promise<Objects>;
  readonly out: Out;
}

/** What GitHub says of the job. */
export interface Job {
  /** The event's name, such as `pull_request`. */
  readonly event: string;
  /** The event's payload: parsed JSON of which nothing is known. */
  readonly payload: unknown;
  /** `owner/name` of the repository that is judged. */
  readonly repository: string;
  /** Where the workflow is written: `owner/name/.github/workflows/x.yml@ref`. */
  readonly workflow: string;
  /** The page of this run. */
  readonly url: string;
}

/** Where answers go. */
export interface Out {
  /** Workflow commands and lines of the log. */
  log(text: string): void;
  /** Markdown, after what the job's summary has already. */
  summary(markdown: string): Promise<void>;
  output(name: string, value: string): Promise<void>;
  /** Writes a file of the job and answers with its path. */
  report(text: string): Promise<string>;
  /** Writes a file at a path of the workspace; rejects when the path leads elsewhere. */
  file(path: string, text: string): Promise<void>;
}
