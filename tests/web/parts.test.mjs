// parts.test.mjs: what needs no browser: canonical JSON and signatures, differences, consequences, commands; and dist itself.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { canonical, certificatesOf, contains, derOf, pem } from '../../orchestrator/web/src/canonical.js';
import { diffLines, nearChanges } from '../../orchestrator/web/src/diff.js';
import { approvable, consequence, offered, offeredGate } from '../../orchestrator/web/src/consequence.js';
import { share } from '../../orchestrator/web/src/words.js';
import { find } from './mock_campaigns.mjs';

const web = join(dirname(fileURLToPath(import.meta.url)), '../../orchestrator/web');
const BUDGET = 120 * 1000; // bytes, compressed

describe('canonical JSON', () => {
  test('keys sorted, no white space, two letters escaped', () => {
    assert.equal(canonical({ b: [1, null, true], a: 'x"\\\n', _: {} }), '{"_":{},"a":"x\\"\\\\\n","b":[1,null,true]}');
  });
  test('keys go by their bytes, not by halves of letters', () => {
    assert.equal(canonical({ '\u{1f600}': 1, '\uff5e': 2 }), '{"\uff5e":2,"\u{1f600}":1}');
  });
  test('what is no whole number is refused', () => {
    assert.throws(() => canonical({ a: 1.5 }), /whole numbers/);
    assert.throws(() => canonical(2 ** 53), /whole numbers/);
  });
});

describe('signatures', () => {
  test('r || s becomes the one DER spelling, for every length that occurs', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    for (let i = 0; i < 600; i++) {
      const data = Buffer.from(`statement ${i}`);
      const raw = sign('sha256', data, { key: privateKey, dsaEncoding: 'ieee-p1363' });
      const der = derOf(raw);
      assert.ok(verify('sha256', data, publicKey, der));
      assert.equal(der[1], der.length - 2);
    }
  });
  test('numbers with leading zeros, and with a high bit', () => {
    const raw = new Uint8Array(64);
    raw[31] = 1;
    raw[32] = 0x80;
    assert.deepEqual([...derOf(raw)], [0x30, 38, 2, 1, 1, 2, 33, 0, 0x80, ...new Array(31).fill(0)]);
  });
  test('PEM is what others read', () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const der = publicKey.export({ format: 'der', type: 'spki' });
    assert.ok(createPublicKey(pem('PUBLIC KEY', der)).equals(publicKey));
    const [found] = certificatesOf(pem('CERTIFICATE', der));
    assert.ok(contains(found, der.subarray(26)));
    assert.ok(!contains(found, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)));
  });
});

describe('differences', () => {
  test('lines taken out, added, kept', () => {
    assert.deepEqual(diffLines('a\nb\nc\nd', 'a\nx\nc\nd\ne'), [[' ', 'a'], ['-', 'b'], ['+', 'x'], [' ', 'c'], [' ', 'd'], ['+', 'e']]);
    assert.deepEqual(diffLines('a', 'a'), [[' ', 'a']]);
    assert.deepEqual(diffLines('x\na', 'a'), [['-', 'x'], [' ', 'a']]);
  });
  test('what is far from a change is left out', () => {
    const lines = diffLines(Array.from({ length: 30 }, (_, i) => `${i}`).join('\n'), Array.from({ length: 30 }, (_, i) => (i === 15 ? 'x' : `${i}`)).join('\n'));
    assert.deepEqual(nearChanges(lines, 1), [null, [' ', '14'], ['-', '15'], ['+', 'x'], [' ', '16'], null]);
  });
});

describe('what may be done, and what it does', () => {
  test('by state, as the engine has it', () => {
    const in_state = (state, more = {}) => ['start', 'pause', 'freeze', 'resume', 'abort', 'rollback'].filter((action) => offered(action, { ...find('brake-2.4.1'), state, ...more }));
    assert.deepEqual(in_state('draft'), ['start', 'abort']);
    assert.deepEqual(in_state('running'), ['pause', 'freeze', 'abort', 'rollback']);
    assert.deepEqual(in_state('paused'), ['freeze', 'resume', 'abort', 'rollback']);
    assert.deepEqual(in_state('stopping', { stop: 'abort' }), ['rollback']);
    assert.deepEqual(in_state('finished'), ['rollback']);
    assert.deepEqual(in_state('finished', { rolled_back_by: 'x' }), []);
    assert.deepEqual(in_state('rolled-back'), []);
  });
  test('gates', () => {
    const campaign = find('brake-2.4.1');
    assert.deepEqual(approvable(campaign), ['canary']);
    assert.deepEqual(approvable(find('brake-2.5.0')), ['']);
    const [lab, , canary, early] = campaign.waves;
    assert.equal(offeredGate('advance', campaign, canary), true);
    assert.equal(offeredGate('advance', campaign, early), false);
    assert.equal(offeredGate('hold', campaign, early), true);
    assert.equal(offeredGate('hold', campaign, lab), false);
  });
  test('an abort says what cannot be recalled', () => {
    assert.deepEqual(consequence('abort', find('brake-2.5.1-field')), [
      'The campaign ends, and cannot be resumed. 5,351 waiting devices are withdrawn, 256 in hand are asked to give up.',
      '52 devices have switched over and cannot be recalled (12 rebooting, 40 on probation): they finish or fall back by themselves.',
      '4,310 devices keep 2.5.1.',
    ]);
  });
  test('a share is never rounded up to all', () => {
    assert.equal(share(9999, 10000), '99.9 %');
    assert.equal(share(1, 3), '33 %');
    assert.equal(share(10, 10), '100 %');
  });
});

describe('dist', () => {
  const files = readdirSync(join(web, 'dist')).sort();
  test('is what the sources build', () => {
    const out = mkdtempSync(join(tmpdir(), 'wavegate-dist-'));
    try {
      execFileSync(process.execPath, [join(web, 'build.mjs'), out], { stdio: 'inherit' });
      assert.deepEqual(readdirSync(out).sort(), files);
      for (const name of files) assert.ok(readFileSync(join(out, name)).equals(readFileSync(join(web, 'dist', name))), `${name} is old: make web`);
    } finally {
      rmSync(out, { recursive: true, force: true });
    }
  });
  test(`is at most ${BUDGET} bytes, compressed`, () => {
    const sizes = files.map((name) => [name, gzipSync(readFileSync(join(web, 'dist', name)), { level: 9 }).length]);
    const total = sizes.reduce((sum, [, size]) => sum + size, 0);
    assert.ok(total <= BUDGET, `${total} bytes: ${sizes.map((pair) => pair.join(' ')).join(', ')}`);
    console.log(`dist: ${total} bytes, compressed`);
  });
  test('the sources keep to the rules of eslint.config.mjs', () => {
    const modules = process.env.WEB_MODULES || join(web, '../../build/web/node_modules');
    execFileSync(process.execPath, [join(modules, 'eslint/bin/eslint.js'), '-c', join(web, 'eslint.config.mjs'), 'orchestrator/web', 'tests/web', 'tests/oidc'], { cwd: join(web, '../..'), stdio: 'inherit' });
  });
});
