/** How far a long run is, on standard error, when somebody watches a terminal. */

const WIDTH = 30;
const EVERY_MS = 100;

export function progressBar(what: string, quiet: boolean): (done: number, of: number) => void {
  if (!process.stderr.isTTY || quiet) return () => {};
  let shown = 0;
  return (done, of) => {
    const at = performance.now();
    if (done < of && at - shown < EVERY_MS) return;
    shown = at;
    const full = of === 0 ? WIDTH : Math.round((done / of) * WIDTH);
    const bar = `${"█".repeat(full)}${"░".repeat(WIDTH - full)}`;
    // The line is cleared once all is done: what comes next is the answer.
    process.stderr.write(done < of ? `\r${bar} ${done}/${of} ${what}` : "\r\u001b[2K");
  };
}
