// chart.js: numbers over time, with uPlot: lines told apart by dashes as well as by colour.
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { html } from '../html.js';
import { colour, onThemeChange } from '../theme.js';
import { clock, dayOf } from '../time.js';
import { number } from '../words.js';

const DASHES = [[], [6, 3], [2, 2], [10, 3, 2, 3], [1, 4], [12, 4]];
const COLOURS = ['line1', 'line2', 'line3', 'line4', 'line5', 'line6'];
const HEIGHT = 220;

function axis(extra) {
  const grid = { stroke: colour('rule'), width: 1 };
  return { stroke: colour('dim'), grid, ticks: grid, font: '12px system-ui, sans-serif', ...extra };
}

// A day, or an hour of it when the steps are shorter.
function tick(second, step) {
  const hour = clock(second * 1000).slice(0, 5);
  return step >= 86400 || hour === '00:00' ? dayOf(second * 1000) : hour;
}

// Without a pointer over it, the legend has the newest figures.
function last(plot) {
  if (plot.cursor.idx === null || plot.cursor.idx === undefined) plot.setLegend({ idx: plot.data[0].length - 1 }, false);
}

function optionsOf(width, lines) {
  return {
    width,
    height: HEIGHT,
    cursor: { drag: { x: false, y: false }, points: { size: 5 } },
    legend: { live: true },
    hooks: { ready: [last], setCursor: [last] },
    scales: { x: { time: true }, y: { range: (_, min, max) => [0, Math.max(1, max * 1.05)] } },
    axes: [axis({ space: 80, values: (_, splits, at, space, step) => splits.map((second) => tick(second, step)) }), axis({ size: 64, values: (_, ticks) => ticks.map(number) })],
    series: [
      { label: 'on', value: (_, at) => (at === null ? '' : `${dayOf(at * 1000)} ${new Date(at * 1000).getFullYear()}`) },
      ...lines.map((line, i) => ({
        label: line.label,
        stroke: colour(COLOURS[i % COLOURS.length]),
        dash: DASHES[i % DASHES.length],
        width: 2,
        points: { show: false },
        value: (_, value) => number(value),
      })),
    ],
  };
}

// times: RFC 3339; lines: [{label, values}]
export function Chart({ label, times, lines }) {
  const ref = useRef(null);
  useEffect(() => {
    const box = ref.current;
    const data = [times.map((at) => Date.parse(at) / 1000), ...lines.map((line) => line.values)];
    let plot = null;
    const draw = () => {
      plot?.destroy();
      plot = new uPlot(optionsOf(box.clientWidth || 320, lines), data, box);
    };
    draw();
    const watch = new ResizeObserver(() => {
      if (plot && box.clientWidth && plot.width !== box.clientWidth) plot.setSize({ width: box.clientWidth, height: HEIGHT });
    });
    watch.observe(box);
    let first = true;
    const stop = onThemeChange(() => {
      if (!first) draw();
      first = false;
    });
    return () => {
      watch.disconnect();
      stop();
      plot?.destroy();
    };
  }, [times, lines]);
  return html`<div class="chart" ref=${ref} role="img" aria-label=${label}></div>`;
}
