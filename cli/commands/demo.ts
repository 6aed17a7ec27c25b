import { type Answer, PhiwardCommand } from "../base-command.ts";
import type { Chapter } from "../demo/chapter.ts";
import { tellStory } from "../demo/story.ts";
import { EXIT } from "../exit.ts";

export default class Demo extends PhiwardCommand<typeof Demo> {
  static override summary =
    "Watch one denied call, in under a minute: five agents, one hospital, 25 real tools.";
  static override description =
    "Loads examples/hospital, lints and tests it, explains one allowed and one denied call, runs the gateway in front of a real MCP server over a FHIR store on loopback with an agent that reads, tries to delete and is revoked, asks the audit log who accessed the patient's record, replays recorded calls through a careless change, and has a pull request blocked and approved.";
  static override examples = [
    "<%= config.bin %> <%= command.id %>",
    "<%= config.bin %> <%= command.id %> --format json",
  ];

  protected override async answer(): Promise<Answer> {
    const { engine } = this;
    // A story is read as it happens: each chapter is printed when it is known, not at the end.
    const live = !this.json && this.flags.output === undefined && !this.flags.quiet;
    const told: Chapter[] = [];
    const paint = this.paint;
    for await (const chapter of tellStory(engine, this.host)) {
      told.push(chapter);
      if (live) process.stdout.write(`${chapter.text(paint)}\n\n`);
    }
    return {
      exit: told.every(({ ok }) => ok) ? EXIT.YES : EXIT.NO,
      text: (p) =>
        live
          ? p("dim", "next: phiward init, then read examples/hospital/README.md")
          : told.map((chapter) => chapter.text(p)).join("\n\n"),
      json: {
        schema: "phiward.demo/1",
        chapters: told.map(({ title, ok, facts }) => ({ title, ok, ...facts })),
      },
    };
  }
}
