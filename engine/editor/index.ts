/** What the language server asks of the engine: pure answers about texts and places. */
export { type Cursor, cursorAt } from "./cursor.ts";
export { definitions } from "./definition.ts";
export { hover } from "./hover.ts";
export { findingsByFile, view } from "./view.ts";
