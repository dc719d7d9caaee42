// qr.js: a text as a QR code (ISO/IEC 18004), dark on light in every theme, for a camera.
import { correction, generate } from 'lean-qr';
import { html } from '../html.js';

const QUIET = 4; // modules of nothing around it, as the standard wants

// Runs of dark modules, line by line: the path of an SVG.
export function qrPath(text) {
  const code = generate(text, { minCorrectionLevel: correction.M });
  let path = '';
  for (let y = 0; y < code.size; y++)
    for (let x = 0; x < code.size; x++) {
      const begin = x;
      while (x < code.size && code.get(x, y)) x++;
      if (x > begin) path += `M${begin + QUIET} ${y + QUIET}h${x - begin}v1h${begin - x}z`;
    }
  return { path, size: code.size + 2 * QUIET };
}

export function Qr({ text, label }) {
  const { path, size } = qrPath(text);
  return html`<svg class="qr" role="img" aria-label=${label} viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges"><rect width=${size} height=${size} fill="#fff" /><path d=${path} fill="#000" /></svg>`;
}
