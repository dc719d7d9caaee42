// make_vectors.mjs: writes what node-semver and dpkg say of seeded versions, for range_test.c, version_test.c and
// scheme_test.c. In an empty folder: npm install semver@7.8.6 && node .../make_vectors.mjs .
//
// npm_ranges.txt   "v VERSION" lines: the versions that each range is asked about; then RANGE, mark, answers (a digit a
//                  version). Marks: + npm takes it; ? npm takes it, but its documented grammar does not; - npm takes it,
//                  but an alternative is empty or can hold nothing; ! npm refuses it. The last two have no answers.
// npm_order.txt    VERSION, VERSION, -1 0 1
// debian_order.txt VERSION, VERSION, -1 0 1; or !: the first is no version to dpkg, or it warns of it. A letter in front
//                  is fine all the same.
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

const semver = createRequire(join(process.cwd(), 'x'))('semver')
const out = process.argv[2] ?? '.'
const seed = 20261201
let state = seed

function random(n) { // mulberry32
  state = (state + 0x6d2b79f5) | 0
  let t = Math.imul(state ^ (state >>> 15), 1 | state)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) % n
}
const pick = list => list[random(list.length)]
const times = (n, make) => Array.from({ length: n }, make)
const save = (name, lines) => writeFileSync(join(out, name), lines.join('\n') + '\n')
const source = `node-semver ${createRequire(join(process.cwd(), 'x'))('semver/package.json').version}, seed ${seed}`

// ---- ranges

const tags = ['0', 'alpha', 'alpha.1', 'beta.2', 'beta.11', 'rc.1', '1', 'a-b']
const number = () => pick(['0', '0', '1', '1', '2', '2', '9', '10'])
const small = ['0', '1', '2']
const triples = small.flatMap(a => small.flatMap(b => small.map(c => `${a}.${b}.${c}`)))
const versions = [...triples, '0.9.10', '0.10.0', '1.9.9', '1.10.0', '1.10.10', '2.9.1', '2.10.2', '3.0.0', '9.9.9',
  '10.0.0', '10.10.10', '11.0.0',
  ...['0.0.0', '0.0.1', '0.1.0', '0.2.1', '1.0.0', '1.0.1', '1.1.0', '1.2.1', '2.0.0', '2.1.2', '3.0.0', '10.0.0']
    .flatMap(triple => tags.map(tag => `${triple}-${tag}`))]

const qualifier = () => (random(3) === 0 ? '-' + pick(tags) : '') + (random(12) === 0 ? '+b.7' : '')
const part = () => random(6) === 0 ? pick(['x', 'X', '*']) : number()
function partial() {
  const prefix = random(14) === 0 ? pick(['v', '=', 'v', '=v']) : ''
  const count = pick([1, 2, 3, 3, 3])
  let parts = times(count, part)
  const wild = parts.findIndex(p => /[xX*]/.test(p))
  if (wild >= 0 && random(20)) parts = parts.map((p, i) => i > wild && !/[xX*]/.test(p) ? 'x' : p)
  if (random(4) === 0) parts = (random(2) ? pick(triples) : '1.0.0').split('.')
  return prefix + parts.join('.') + (parts.length === 3 ? qualifier() : '')
}
const space = () => pick(['', '', '', '', ' ', '  '])
const operators = ['', '', '=', '<', '<=', '>', '>=', '>=', '^', '^', '~', '~', '~>']
const simple = () => pick(operators) + space() + partial()
const alternative = () => random(6) === 0
  ? `${partial()} -${pick([' ', '  '])}${partial()}`
  : times(pick([1, 1, 1, 2, 2, 3]), simple).join(pick([' ', '  ']))
const range = () => times(pick([1, 1, 1, 2, 3]), alternative).join(pick(['||', ' || ', ' ||']))

function mutate(text) {
  const at = random(text.length + 1), sign = pick([...'0123.xX*-+^~<>=|v !a_,'])
  return pick([
    () => text.slice(0, at) + sign + text.slice(at),
    () => text.slice(0, at) + text.slice(at + 1),
    () => text.slice(0, at) + sign + text.slice(at + 1),
  ])()
}

// The grammar of node-semver's README, with its "v", "=" and "~>", and no number behind a wildcard.
const nr = '(?:0|[1-9][0-9]*)', id = '[0-9A-Za-z-]+', x = '[xX*]'
const tail = `(?:-${id}(?:\\.${id})*)?(?:\\+${id}(?:\\.${id})*)?`
const core = `(?:${nr}\\.${nr}\\.${nr}${tail}|${nr}\\.${nr}\\.${x}${tail}|${nr}\\.${x}\\.${x}${tail}|${x}\\.${x}\\.${x}${tail}|` +
  `${nr}\\.${nr}|${nr}\\.${x}|${x}\\.${x}|${nr}|${x})`
const documented = new RegExp(`^ *(?:(?:(?:[<>]?=?|\\^|~>?) *v?${core}(?: +|$))+|v?${core} +- +v?${core} *)$`)

const alternatives = text => text.split('||')
const isEmpty = text => text.trim() !== '' && alternatives(text).some(a => a.trim() === '')
// minVersion() does not think of prereleases that another comparator lets in.
const lowest = text => (text.match(/\d+\.\d+\.\d+(?=-)/g) ?? []).map(triple => triple + '-0')
const holdsNothing = text => alternatives(text).some(a => semver.minVersion(a) === null &&
  ![...versions, ...lowest(a)].some(v => semver.satisfies(v, a)))

function mark(text) {
  if (semver.validRange(text) === null) return '!'
  if (isEmpty(text) || holdsNothing(text)) return '-'
  return text.trim() === '' || alternatives(text).every(a => documented.test(a)) ? '+' : '?'
}

// >=0.0.0 is "*" to npm, but >=v0.0.0 is not: which of them was meant shows in prereleases alone, and nobody means it.
const odd = text => /v0\.0\.0(?![-.0-9])/.test(text)

const fixed = ['', ' ', '*', 'x', 'X', '>=*', '<=x', '>*', '<x', '^*', '~x', '* - *', '*.*', 'x.x.x', '1 - *', '* - 1.2',
  '1.2 - 2', '1.2.3 - 2.3', '1.2.3-alpha - 2.0.0-rc.1', '^0', '^0.0', '^0.0.0', '^0.x', '^0.1', '^0.0.1-beta.2',
  '^1.2.1-alpha', '~0', '~1.2.1-beta.2', '~>1', '~> 1.2', '>1', '>1.2', '>=1.2', '<2', '<=1.2', '<=2.x', '=1.x', '=v1.2.1',
  '>=1.0.0-alpha <1.0.0', '>1.0.0-alpha <1.0.0-rc.1', '>=1.0.0-alpha <2.0.0-rc.1 >0.1.0', '<1.0.1-0', '<1.0.0', '>0.2.1',
  '* || 1.0.0-rc.1', '>=0.0.0 || 1.0.0-rc.1', '>=0.0.0 <0.0.0-rc.1', '>=0 || 1.0.0-rc.1', '1.x || >=2.1.2-alpha',
  '>=1.2.0-alpha <1.2', '>=1.2.0-alpha <1.2 || 1', '>=2.0.0-alpha <2', '>=1.0.0-alpha <1.0.0-0',
  '0.0.0', '<0.0.0', '<=0.0.0', '<0.0.1', '>0.0.0 <0.0.1', '>1.2.1 <1.2.2', '>1.2.1 <=1.2.2', '>9.9.9 <10',
  '1.9.9 || 1.10.x', '1.x.3', 'x.1', '1.2.3 - 2 - 3', '1 - 2 >1', '- 1', '1 -', '1 -2', '>', '^', '~', '> =1', '>= =1',
  '==1', '==1.0.0', '=>1', '<>1', '!=1', '01', '1.02', '1.2.3.4', '1.2-rc', '1.2.x-rc', '1.2.3-', '1.2.3-01', '1.2.3-a..b',
  '1.2.3+', '1.2.3+a+b', '1||', '||1', '||', '1 || || 2', '1 | 2', '1|||2', '1,2', 'latest', 'v', '=', 'vv1', 'v=1', '^v1',
  '^=1.0.0', '~=v1.0', '>=v1', '1.2.1*', '1..2', '.1', '1.', '>=1.0.0<2.0.0', '^1.0.0^2.0.0', '^~1', '~^1', '>^1', '^>1']
const ranges = new Set(fixed)
while (ranges.size < 1100) ranges.add(range())
while (ranges.size < 1500) ranges.add(mutate(range()))
save('npm_ranges.txt', [`# ${source}`, ...versions.map(v => `v ${v}`),
  ...[...ranges].filter(text => !odd(text)).map(text => {
    const m = mark(text)
    const answers = '+?'.includes(m) ? versions.map(v => +semver.satisfies(v, text)).join('') : ''
    return [text, m, answers].join('\t')
  })])

// ---- order of semantic versions

const long = () => [number(), number(), number()].join('.') +
  (random(3) ? '-' + times(pick([1, 2, 3]), () => pick(['0', '1', '9', '10', '100', 'a', 'B', 'alpha', 'rc', 'rc1', '-', 'x-1',
    '1a', '0a', 'a0'])).join('.') : '') + (random(6) === 0 ? '+' + pick(['1', 'a.b', '-']) : '')
const near = text => random(2) ? text : text.replace(/[^.]+$/, () => pick(['0', '1', '2', '10', '1-a', '2-0.1']))
save('npm_order.txt', [`# ${source}`, ...times(1500, () => {
  const a = long(), b = random(3) ? near(a) : long()
  return semver.valid(b) ? [a, b, semver.compare(a, b)].join('\t') : null
}).filter(Boolean)])

// ---- order of Debian versions

const pieces = ['0', '00', '1', '01', '2', '9', '10', '007', '100', '4294967296', 'a', 'b', 'z', 'A', 'Z', 'rc', 'beta',
  'dfsg', '.', '.', '.', '+', '~', '~', '~~', '-', '-', ':']
const upstream = () => pick(['1', '1', '2', '0', '10', '1.0', '1.2', 'a']) + times(random(6), () => pick(pieces)).join('')
const debian = () => (random(4) ? '' : pick(['0:', '00:', '1:', '2:', '10:', '2147483647:'])) + upstream()
function turn(text) {
  const at = 1 + random(text.length), piece = pick(pieces)
  return pick([() => text.slice(0, at) + piece + text.slice(at), () => text.slice(0, at) + text.slice(at + 1),
    () => text + piece, () => text + '-0', () => '0:' + text])()
}
const compares = (a, how, b) => spawnSync('dpkg', ['--compare-versions', a, how, b], { encoding: 'utf8' })
function order(a, b) {
  const less = compares(a, 'lt', b)
  const digit = a.replace(/^(\d+:)?[A-Za-z]/, (_, epoch) => `${epoch ?? ''}1`) // dpkg warns of the first thing only
  if (less.status > 1 || compares(digit, 'eq', digit).stderr !== '') return '!'
  return less.status === 0 ? -1 : compares(a, 'eq', b).status === 0 ? 0 : 1
}
const lines = ['# ' + spawnSync('dpkg', ['--version'], { encoding: 'utf8' }).stdout.split('\n')[0] + `, seed ${seed}`]
for (const bad of ['1-', '1:', ':1', 'a:1', '2147483648:1', '99999999999999999999:1', '1_2', '1.0-1-', '1:-1', '1 2',
  '1-a_b', '1,2', '1/2', '1=2', '1-1:1', '1:1-1:1']) lines.push([bad, '1', order(bad, '1')].join('\t'))
while (lines.length < 1500) {
  const a = debian(), b = random(4) ? turn(a) : debian()
  if (a.length > 64 || b.length > 64 || order(b, b) === '!') continue
  lines.push([a, b, order(a, b)].join('\t'))
}
save('debian_order.txt', lines)
