// map.js: where the fleet is, on a packaged outline of the land: cells with counts, to be looked into.
import { geoEqualEarth, geoEquirectangular, geoPath } from 'd3-geo';
import { feature } from 'topojson-client';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { html } from '../html.js';
import { useThing } from '../thing.js';
import { number, share } from '../words.js';
import { Stale } from './show.js';

const WIDTH = 960;
const HEIGHT = 440;
const WORLD = { west: -180, south: -56, east: 180, north: 84 };
const CELLS = 48;
const LABELS = 12; // the largest cells have their number in them,
const APART = 28; // if it fits

let land = null;

async function loadLand() {
  const topology = await (await fetch('world.json')).json();
  land = feature(topology, topology.objects.land);
  return land;
}

function useLand() {
  const [shape, set] = useState(land);
  useEffect(() => {
    if (!land) loadLand().then(set, () => {});
  }, []);
  return shape;
}

const isWorld = (box) => box.east - box.west >= 359;

function projectionOf(box) {
  const frame = [[0, 0], [WIDTH, HEIGHT]];
  if (isWorld(box)) return geoEqualEarth().fitExtent(frame, lineOf({ ...box, west: -179, east: 179 }));
  return geoEquirectangular()
    .parallel((box.south + box.north) / 2)
    .fitExtent(frame, lineOf(box))
    .clipExtent([[-20, -20], [WIDTH + 20, HEIGHT + 20]]);
}

// Points, not a polygon: its inside would be a question of which way it turns.
const lineOf = ({ west, south, east, north }) => ({
  type: 'MultiPoint',
  coordinates: [[west, south], [east, south], [east, north], [west, north], [west, (south + north) / 2], [east, (south + north) / 2], [(west + east) / 2, south], [(west + east) / 2, north]],
});

function moved(box, by) {
  const width = box.east - box.west, height = box.north - box.south;
  if (by.zoom) {
    const w = Math.min(360, width * by.zoom), h = Math.min(140, height * by.zoom);
    if (w >= 355 || h >= 140) return WORLD;
    return inside((box.west + box.east - w) / 2, (box.south + box.north - h) / 2, w, h);
  }
  return inside(box.west + width * (by.x || 0), box.south + height * (by.y || 0), width, height);
}

function inside(west, south, width, height) {
  const w = Math.max(-180, Math.min(180 - width, west));
  const s = Math.max(-85, Math.min(85 - height, south));
  return { west: w, south: s, east: w + width, north: s + height };
}

// The cell with as much around it again.
function around(cell) {
  const width = Math.max(2, (cell.east - cell.west) * 6);
  const height = (width * HEIGHT) / WIDTH;
  return inside((cell.west + cell.east - width) / 2, (cell.south + cell.north - height) / 2, width, height);
}

const boxText = ({ west, south, east, north }) => [west, south, east, north].map((degree) => degree.toFixed(3)).join(',');

const MOVES = {
  ArrowLeft: { x: -0.25 },
  ArrowRight: { x: 0.25 },
  ArrowUp: { y: 0.25 },
  ArrowDown: { y: -0.25 },
  '+': { zoom: 0.5 },
  '-': { zoom: 2 },
};

// Of the largest cells, those whose numbers do not cover each other.
function labelled(known) {
  const out = [];
  for (const one of known.slice(0, 2 * LABELS))
    if (one.r > 9 && out.length < LABELS && out.every((other) => Math.hypot(one.at[0] - other.at[0], 2 * (one.at[1] - other.at[1])) > APART)) out.push(one);
  return out;
}

function Cells({ cells, projection, onOpen }) {
  const most = Math.max(1, ...cells.map((cell) => cell.devices));
  const known = cells
    .map((cell) => ({ cell, at: projection([(cell.west + cell.east) / 2, (cell.south + cell.north) / 2]), r: 2.5 + 13 * Math.sqrt(cell.devices / most) }))
    .filter((one) => one.at)
    .sort((a, b) => b.r - a.r);
  return html`<g>
    ${known.map(({ cell, at, r }) => html`<g key=${`${cell.west} ${cell.south}`} class="cell" onClick=${() => onOpen(cell)}>
      <title>${number(cell.devices)} devices, ${number(cell.online)} online (${share(cell.online, cell.devices)})</title>
      <circle cx=${at[0]} cy=${at[1]} r=${r} class="cell-all" />
      <circle cx=${at[0]} cy=${at[1]} r=${r * Math.sqrt(cell.online / cell.devices)} class="cell-online" />
    </g>`)}
    ${labelled(known).map(({ cell, at }) => html`<text x=${at[0]} y=${at[1] + 4} class="cell-text">${cell.devices > 999 ? `${Math.round(cell.devices / 1000)}k` : cell.devices}</text>`)}
  </g>`;
}

export function FleetMap() {
  const [box, set] = useState(WORLD);
  const shape = useLand();
  const svg = useRef(null);
  const cells = useThing(`/fleet/map?box=${boxText(box)}&cells=${CELLS}`);
  const { projection, outline } = useMemo(() => {
    const made = projectionOf(box);
    return { projection: made, outline: shape ? geoPath(made).digits(1)(shape) : '' };
  }, [box, shape]);
  const all = cells.data?.cells || [];
  const seen = all.reduce((sum, cell) => sum + cell.devices, 0);
  const onKey = (event) => {
    const move = MOVES[event.key];
    if (!move) return;
    event.preventDefault();
    set(moved(box, move));
  };
  const button = (label, sign, next) => html`<button type="button" class="small" aria-label=${label} title=${label} onClick=${() => set(next)}>${sign}</button>`;
  return html`<figure class="map">
    <div class="map-buttons" role="group" aria-label="what the map shows">
      ${button('closer', '+', moved(box, MOVES['+']))} ${button('farther', '−', moved(box, MOVES['-']))}
      ${button('west', '←', moved(box, MOVES.ArrowLeft))} ${button('north', '↑', moved(box, MOVES.ArrowUp))}
      ${button('south', '↓', moved(box, MOVES.ArrowDown))} ${button('east', '→', moved(box, MOVES.ArrowRight))}
      ${button('the whole world', 'World', WORLD)}
    </div>
    <svg ref=${svg} viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" tabindex="0" onKeyDown=${onKey}
      aria-label="Map: ${number(seen)} devices in ${number(all.length)} cells of what is shown. Arrow keys move, plus and minus zoom. The table of regions has the same in words.">
      <path d=${outline} class="land" />
      <${Cells} cells=${all} projection=${projection} onOpen=${(cell) => set(around(cell))} />
    </svg>
    <figcaption class="dim small">
      ${number(seen)} devices shown. A disc is a cell of the map, the filled part who is online; click one to look into it.
      ${cells.data?.without_position ? ` ${number(cells.data.without_position)} devices have no position.` : ''}
    </figcaption>
    <${Stale} of=${cells} />
  </figure>`;
}
