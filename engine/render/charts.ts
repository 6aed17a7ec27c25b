/**
 * Charts as SVG: bars, a timeline, a heat map. A chart is never the only way to read its numbers: it
 * has a title and a description for who cannot see it, and whoever uses it puts the table beside it.
 * Nothing in it carries a style of its own, so that a page may forbid them: `CHART_STYLE` goes into
 * the page's one style sheet. Labels come from outside and are escaped.
 */
import { text } from "./html.ts";

export { CHART_STYLE } from "./chart-style.ts";

export interface ChartWords {
  readonly title: string;
  /** What it shows, in a sentence or two, with the numbers that matter. */
  readonly description: string;
  /** Distinct within a page; letters and digits. */
  readonly id: string;
}

interface Box {
  readonly width: number;
  readonly height: number;
}

function chart(
  { title, description, id }: ChartWords,
  { width, height }: Box,
  body: string,
): string {
  return `<svg class="chart" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id}-title ${id}-desc">
<title id="${id}-title">${text(title)}</title>
<desc id="${id}-desc">${text(description)}</desc>
${body}
</svg>`;
}

export interface Bar {
  readonly label: string;
  readonly value: number;
  /** Of the period before: a mark beside the bar. */
  readonly before?: number | null;
}

const BAR = { width: 720, label: 220, value: 90, height: 18, gap: 8 } as const;

/** Horizontal bars, one a row, with their numbers. */
export function bars(words: ChartWords, rows: readonly Bar[]): string {
  const most = Math.max(1, ...rows.map(({ value, before }) => Math.max(value, before ?? 0)));
  const room = BAR.width - BAR.label - BAR.value;
  const body = rows.map(({ label, value, before }, i) => {
    const y = i * (BAR.height + BAR.gap);
    const middle = y + BAR.height - 5;
    const wide = (value / most) * room;
    const mark = BAR.label + ((before ?? 0) / most) * room;
    return [
      `<text class="label" x="${BAR.label - 8}" y="${middle}" text-anchor="end">${text(short(label, LABEL_CHARACTERS))}</text>`,
      `<rect class="main" x="${BAR.label}" y="${y}" width="${round(wide)}" height="${BAR.height}" rx="2"/>`,
      before === null || before === undefined
        ? ""
        : `<line class="before" x1="${round(mark)}" y1="${y - 2}" x2="${round(mark)}" y2="${y + BAR.height + 2}"/>`,
      `<text x="${round(BAR.label + Math.max(wide, mark - BAR.label) + 6)}" y="${middle}">${value.toLocaleString("en")}</text>`,
    ].join("");
  });
  return chart(
    words,
    { width: BAR.width, height: rows.length * (BAR.height + BAR.gap) },
    body.join("\n"),
  );
}

const LABEL_CHARACTERS = 32;

function short(label: string, characters: number): string {
  return label.length <= characters ? label : `${label.slice(0, characters - 1)}…`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

export interface Point {
  /** Such as a day. */
  readonly label: string;
  readonly value: number;
  /** A part of it that stands apart, such as what was denied. */
  readonly part: number;
}

const TIME = { width: 720, height: 180, left: 48, bottom: 24, top: 8 } as const;

/** A column for each point in time; the part that stands apart is on top of it. */
export function timeline(words: ChartWords, points: readonly Point[]): string {
  const most = niceTop(Math.max(1, ...points.map(({ value }) => value)));
  const [width, height] = [TIME.width - TIME.left, TIME.height - TIME.bottom - TIME.top];
  const step = width / Math.max(1, points.length);
  const base = TIME.top + height;
  const tall = (value: number): number => (value / most) * height;
  const columns = points.map(({ label, value, part }, i) => {
    const x = round(TIME.left + i * step + step * 0.1);
    const wide = round(step * 0.8);
    const [plain, apart] = [tall(value - part), tall(part)];
    return [
      `<g><title>${text(`${label}: ${value.toLocaleString("en")}, ${part.toLocaleString("en")} of them apart`)}</title>`,
      `<rect class="main" x="${x}" y="${round(base - plain)}" width="${wide}" height="${round(plain)}"/>`,
      part === 0
        ? ""
        : `<rect class="other" x="${x}" y="${round(base - plain - apart)}" width="${wide}" height="${round(Math.max(apart, 1))}"/>`,
      "</g>",
    ].join("");
  });
  const every = Math.ceil(points.length / TIME_LABELS);
  const labels = points.map(({ label }, i) =>
    i % every === 0
      ? `<text x="${round(TIME.left + (i + 0.5) * step)}" y="${TIME.height - 6}" text-anchor="middle">${text(label)}</text>`
      : "",
  );
  const lines = [0, most / 2, most].map((value) => {
    const y = round(base - tall(value));
    return `<line class="axis" x1="${TIME.left}" y1="${y}" x2="${TIME.width}" y2="${y}"/><text x="${TIME.left - 6}" y="${y + 4}" text-anchor="end">${value.toLocaleString("en")}</text>`;
  });
  return chart(words, TIME, [...lines, ...columns, ...labels].join("\n"));
}

const TIME_LABELS = 8;

/** A round number that nothing exceeds; its half is a whole number too. */
function niceTop(most: number): number {
  const power = 10 ** Math.max(0, Math.floor(Math.log10(most)));
  const steps = power === 1 ? [2, 4, 6, 8, 10] : [1, 2, 3, 4, 5, 6, 8, 10];
  return steps.map((by) => by * power).find((top) => top >= most) ?? 10 * power;
}

export interface HeatMap {
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** By row and column. */
  readonly values: readonly (readonly number[])[];
}

const HEAT = { left: 44, cell: 27, gap: 2, top: 18 } as const;

/** Darker is more; every cell tells its number. */
export function heatMap(words: ChartWords, { rows, columns, values }: HeatMap): string {
  const most = Math.max(1, ...values.flat());
  const at = (i: number): number => i * (HEAT.cell + HEAT.gap);
  const top = columns.map(
    (label, i) =>
      `<text x="${HEAT.left + at(i) + HEAT.cell / 2}" y="12" text-anchor="middle">${text(label)}</text>`,
  );
  const cells = rows.map((label, r) => {
    const y = HEAT.top + at(r);
    const row = columns.map((column, c) => {
      const value = values[r]?.[c] ?? 0;
      // Never so pale that it looks like nothing.
      const shade = value === 0 ? "" : ` fill-opacity="${round(0.15 + 0.85 * (value / most))}"`;
      return `<rect class="${value === 0 ? "empty" : "cell"}"${shade} x="${HEAT.left + at(c)}" y="${y}" width="${HEAT.cell}" height="${HEAT.cell}" rx="2"><title>${text(`${label} ${column}: ${value.toLocaleString("en")}`)}</title></rect>`;
    });
    return `<text x="${HEAT.left - 6}" y="${y + HEAT.cell / 2 + 4}" text-anchor="end">${text(label)}</text>${row.join("")}`;
  });
  const box = { width: HEAT.left + at(columns.length), height: HEAT.top + at(rows.length) };
  return chart(words, box, [...top, ...cells].join("\n"));
}
