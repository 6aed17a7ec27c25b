/** One chapter of the story, and how chapters look. */
import type * as Engine from "../../engine/index.ts";

export interface Chapter {
  readonly title: string;
  readonly ok: boolean;
  readonly facts: object;
  readonly text: (paint: Engine.Paint) => string;
}

export function heading(number: number, title: string, paint: Engine.Paint): string {
  return paint(["bold", "cyan"], `${number}  ${title}`);
}

export function mark(good: boolean, paint: Engine.Paint): string {
  return good ? paint("green", "✓") : paint("red", "✗");
}

/** The files of `base`, with those of `over` in their place. */
export function overlay(base: Engine.Tree, over: Engine.Tree): Engine.Tree {
  return {
    label: `${base.label} with ${over.label}`,
    async list() {
      const changed = await over.list();
      const paths = new Set(changed.map(({ path }) => path));
      return [...(await base.list()).filter(({ path }) => !paths.has(path)), ...changed].sort(
        (a, b) => (a.path < b.path ? -1 : 1),
      );
    },
    async read(path) {
      const changed = (await over.list()).some((file) => file.path === path);
      return await (changed ? over : base).read(path);
    },
  };
}
