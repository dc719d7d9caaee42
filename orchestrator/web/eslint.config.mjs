// eslint.config.mjs: what a reader would stumble over. Modules: $WEB_MODULES, or build/web of the tree.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const load = createRequire(join(process.env.WEB_MODULES || join(here, '../../build/web/node_modules'), 'x.js'));
const js = load('@eslint/js');

const named = (names) => Object.fromEntries(names.split(' ').map((name) => [name, 'readonly']));

export default [
  { ignores: ['**/dist/**'] },
  js.configs.recommended,
  {
    languageOptions: { globals: named('document window location history localStorage sessionStorage navigator matchMedia getComputedStyle fetch crypto indexedDB EventSource AbortController URL URLSearchParams TextEncoder Blob ResizeObserver PerformanceObserver performance requestAnimationFrame setTimeout clearTimeout setInterval clearInterval addEventListener scrollTo atob btoa console process Buffer structuredClone') },
    rules: { eqeqeq: 'error', 'no-var': 'error', 'prefer-const': ['error', { destructuring: 'all' }], 'no-unused-vars': 'error', 'no-eval': 'error', 'no-implied-eval': 'error', complexity: ['error', 22], 'max-lines': ['error', 320] },
  },
];
