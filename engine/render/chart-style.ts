/** Apart from the charts: a page needs the style, and a chart what a page escapes with. */

/** Classes of every chart, in the colours of a page (`html.ts`), light and dark. */
export const CHART_STYLE = `
.chart { display: block; width: 100%; height: auto; max-width: 60rem; font: 12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
.chart text { fill: var(--soft); }
.chart .label { fill: var(--ink); }
.chart .axis { stroke: var(--line); stroke-width: 1; }
.chart .main { fill: var(--narrower); }
.chart .other { fill: var(--broader); }
.chart .before { fill: none; stroke: var(--soft); stroke-width: 1.5; }
.chart .cell { fill: var(--narrower); }
.chart .empty { fill: var(--code); }
@media print { .chart { print-color-adjust: exact; -webkit-print-color-adjust: exact; break-inside: avoid; } }
`;
