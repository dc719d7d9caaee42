// session.js: who is signed in, and what they may.
import { ask, ended, get, me, post } from './api.js';

export { ended, me };

export const can = (permission) => Boolean(me.value?.permissions?.includes(permission));

export async function refresh() {
  try {
    me.value = await get('/me');
  } catch (problem) {
    if (problem.status === 0) throw problem;
    me.value = null;
  }
}

async function enter(path, body) {
  const answer = await post(path, body);
  ended.value = false;
  if (answer?.name && answer.permissions) me.value = answer;
  else await refresh();
}

export const signIn = (name, password, code) => enter('/session', code ? { name, password, code } : { name, password });
export const setUp = (token, name, password) => enter('/setup', { token, name, password });

export const accept = (token, password) => enter('/invitation', { token, password });
export const finishOpenid = (code) => enter('/openid/code', { code });

export async function signOut() {
  await ask('DELETE', '/session');
  ended.value = false;
  me.value = null;
}
