// virtual.js: a table of which only the rows in sight exist, so that 100,000 scroll like 20.
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { html } from '../html.js';

const ROW = 28; // px, as in the style sheet
const SPARE = 12; // rows above and below what is in sight
const AHEAD = 200; // rows before the end: ask for more

function rangeOf(box, count) {
  const from = Math.max(0, Math.floor(box.scrollTop / ROW) - SPARE);
  const to = Math.min(count, Math.ceil((box.scrollTop + box.clientHeight) / ROW) + SPARE);
  return { from, to };
}

// columns: [{head, cell(row), width, num}], of which the first names the row.
export function VirtualTable({ label, columns, rows, list, empty }) {
  const ref = useRef(null);
  const frame = useRef(0);
  const most = useRef(1);
  const [range, set] = useState({ from: 0, to: 60 });
  const look = () => {
    frame.current = 0;
    const box = ref.current;
    if (!box) return;
    const next = rangeOf(box, rows.length);
    set((old) => (old.from === next.from && old.to === next.to ? old : next));
    if (next.to + AHEAD >= rows.length) list?.more?.();
  };
  const latest = useRef(look);
  latest.current = look;
  useLayoutEffect(() => latest.current(), [rows.length, list?.loading]);
  useEffect(() => {
    const again = () => {
      frame.current ||= requestAnimationFrame(() => latest.current());
    };
    const box = ref.current;
    box.addEventListener('scroll', again, { passive: true });
    const watch = new ResizeObserver(again);
    watch.observe(box);
    return () => {
      box.removeEventListener('scroll', again);
      watch.disconnect();
    };
  }, []);
  const template = { gridTemplateColumns: columns.map((column) => column.width || '1fr').join(' ') };
  const shown = rows.slice(range.from, range.to);
  // A row that leaves the sight gives its elements to one that comes: nothing is made while it scrolls.
  most.current = Math.max(most.current, shown.length);
  const slot = (i) => (range.from + i) % most.current;
  return html`<div class="virtual" ref=${ref} role="table" aria-label=${label} aria-rowcount=${list && !list.done ? -1 : rows.length + 1} tabindex="0">
    <div role="rowgroup" class="virtual-head">
      <div role="row" aria-rowindex="1" class="virtual-row" style=${template}>
        ${columns.map((column) => html`<span role="columnheader" key=${column.head} class=${column.num ? 'num' : ''}>${column.head}</span>`)}
      </div>
    </div>
    <div role="rowgroup" class="virtual-body" style=${{ height: `${rows.length * ROW}px` }}>
      ${shown.map((row, i) => html`<div role="row" aria-rowindex=${range.from + i + 2} key=${slot(i)} class="virtual-row"
        style=${{ ...template, top: `${(range.from + i) * ROW}px` }}>
        ${columns.map((column, at) => html`<span role=${at === 0 ? 'rowheader' : 'cell'} key=${column.head} class=${column.num ? 'num' : ''}>${column.cell(row)}</span>`)}
      </div>`)}
    </div>
    ${rows.length === 0 && list && !list.loading && html`<p class="dim pad">${empty || 'None.'}</p>`}
  </div>`;
}

export const ListFoot = ({ list, what }) => html`
  <p class="dim small" aria-live="polite">
    ${list.loading ? 'Asking the server …' : `${list.items.length.toLocaleString('en-GB')} ${what}${list.done ? ', all of them' : '; scroll for more'}`}
  </p>`;
