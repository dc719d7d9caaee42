// diff.js: two texts line by line. Pure.

const MOST = 4e6; // cells of the table: beyond, the middle is shown as replaced

// [[' ' | '-' | '+', line]]
export function diffLines(before, after) {
  const a = before.split('\n'), b = after.split('\n');
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  const same = (lines) => lines.map((line) => [' ', line]);
  return [
    ...same(a.slice(0, head)),
    ...middle(a.slice(head, a.length - tail), b.slice(head, b.length - tail)),
    ...same(tail ? a.slice(-tail) : []),
  ];
}

function middle(a, b) {
  if (a.length * b.length > MOST) return [...a.map((line) => ['-', line]), ...b.map((line) => ['+', line])];
  const width = b.length + 1;
  const longest = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      longest[i * width + j] = a[i] === b[j] ? longest[(i + 1) * width + j + 1] + 1 : Math.max(longest[(i + 1) * width + j], longest[i * width + j + 1]);
  const out = [];
  let i = 0, j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      out.push([' ', a[i++]]);
      j++;
    } else if (j >= b.length || (i < a.length && longest[(i + 1) * width + j] >= longest[i * width + j + 1])) out.push(['-', a[i++]]);
    else out.push(['+', b[j++]]);
  }
  return out;
}

// Without what is far from any change; null stands for lines left out.
export function nearChanges(lines, near = 3) {
  const keep = new Set();
  lines.forEach(([sign], i) => {
    if (sign !== ' ') for (let k = i - near; k <= i + near; k++) keep.add(k);
  });
  const out = [];
  lines.forEach((line, i) => {
    if (keep.has(i)) out.push(line);
    else if (out.at(-1) !== null) out.push(null);
  });
  return out;
}
