// provider.mjs: a real provider of OpenID Connect (oidc-provider), over TLS on loopback, with pages of its own to sign in on.
// Reads {issuer, certificate, key, client, secret, redirect, alg} from standard input; writes "ready" when it serves.
// Whoever signs in there by a name is that name.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:https';
import { generateKeyPairSync } from 'node:crypto';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const modules = process.env.OIDC_MODULES || join(here, '../../build/oidc/node_modules');
const { default: Provider } = await import(pathToFileURL(createRequire(join(modules, 'x.js')).resolve('oidc-provider')));

const wanted = JSON.parse(readFileSync(0, 'utf8'));
const made = wanted.alg === 'ES256' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('rsa', { modulusLength: 2048 });
const provider = new Provider(wanted.issuer, {
  clients: [{ client_id: wanted.client, client_secret: wanted.secret, redirect_uris: [wanted.redirect], response_types: ['code'], grant_types: ['authorization_code'], id_token_signed_response_alg: wanted.alg, token_endpoint_auth_method: wanted.secret ? 'client_secret_basic' : 'none' }],
  jwks: { keys: [{ ...made.privateKey.export({ format: 'jwk' }), use: 'sig', kid: 'first' }] },
  cookies: { keys: ['a key of this test'] },
  claims: { openid: ['sub'], profile: ['preferred_username', 'groups'] },
  pkce: { required: () => true },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, preferred_username: id, groups: ['wavegate'] }) }),
});
provider.on('server_error', (_, error) => console.error(error));
const tls = { cert: readFileSync(wanted.certificate), key: readFileSync(wanted.key) };
createServer(tls, provider.callback()).listen(Number(new URL(wanted.issuer).port), '127.0.0.1', () => console.log('ready'));
