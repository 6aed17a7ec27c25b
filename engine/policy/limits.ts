/** What one file may be, at the most. Each bound stops a file that is made to exhaust its reader. */

/** Bytes of one file. */
export const MAX_FILE_BYTES = 1024 * 1024;
/** Bytes of one line of a fixture file; the file, which is read line by line, may have any number. */
export const MAX_LINE_BYTES = 1024 * 1024;
/** Bytes of one lock or of one saved `tools/list`: real servers with 80 tools stay below a tenth. */
export const MAX_LOCK_BYTES = 8 * 1024 * 1024;
/** Nodes of one document: a policy of 200 tools with 20 conditions each has some 30,000. */
export const MAX_NODES = 50_000;
/** Nodes that aliases may add to a document. */
export const MAX_ALIASED_NODES = 10_000;
/** Nodes of one lock, which holds whole tool definitions. */
export const MAX_LOCK_NODES = 500_000;
/** As deep as collections may nest. */
export const MAX_NESTING = 64;
/** Problems of one file that are listed; of the rest it is only said that there is one. */
export const MAX_PROBLEMS = 100;
