// consequence.js: what an action on a campaign may be done to, and what it does, in words. Pure.
// The states are those of orchestrator/engine/command.c; the server decides.
import { GOOD, WAITING, number, plural, sum } from './words.js';

const FROM = {
  start: ['draft'],
  pause: ['running'],
  freeze: ['running', 'paused'],
  resume: ['paused'],
  abort: ['draft', 'awaiting-approval', 'scheduled', 'running', 'paused', 'stopping'],
  rollback: ['running', 'paused', 'stopping', 'finished', 'aborted'],
  'retry-failed': ['finished', 'aborted', 'rolled-back'],
  approve: ['awaiting-approval', 'running', 'paused'],
  gate: ['running', 'paused'],
};

const AT_WORK = ['open', 'soaking', 'at-gate'];

export function offered(action, campaign) {
  if (!FROM[action].includes(campaign.state)) return false;
  if (action === 'abort') return campaign.state !== 'stopping' || campaign.stop === 'finish-started';
  if (action === 'rollback') return campaign.rollback_to !== null && !campaign.rolled_back_by && !campaign.rolls_back;
  if (action === 'retry-failed') return campaign.faults > 0;
  if (action === 'freeze') return !campaign.held;
  return true;
}

// advance, hold, unhold of one wave
export function offeredGate(action, campaign, wave) {
  if (!offered('gate', campaign) || ['passed', 'failed'].includes(wave.state)) return false;
  if (action === 'unhold') return wave.manual === 'hold';
  if (action === 'advance') return AT_WORK.includes(wave.state) && wave.manual !== 'advance';
  return wave.manual !== 'hold';
}

// '' the start, a wave's name, or null: nothing to approve now
export function approvable(campaign) {
  if (!offered('approve', campaign)) return [];
  const start = campaign.approvals?.given < campaign.approvals?.needed ? [''] : [];
  const waves = campaign.waves.filter((wave) => AT_WORK.includes(wave.state) && wave.approvals < wave.approvals_needed);
  return start.concat(waves.map((wave) => wave.name));
}

const totals = (campaign, states) => campaign.waves.reduce((all, wave) => all + sum(wave.devices, states), 0);

function recalled(campaign) {
  const { rebooting = 0, probation = 0 } = campaign.not_recalled || {};
  return { over: rebooting + probation, rebooting, probation, started: Math.max(0, campaign.in_flight - rebooting - probation), waiting: totals(campaign, WAITING) };
}

function over(of) {
  if (of.over === 0) return [];
  const they = of.over === 1 ? 'it finishes or falls back by itself' : 'they finish or fall back by themselves';
  return [`${plural(of.over, 'device has', 'devices have')} switched over and cannot be recalled (${number(of.rebooting)} rebooting, ${number(of.probation)} on probation): ${they}.`];
}

function nextWave(campaign, name) {
  const at = campaign.waves.findIndex((wave) => wave.name === name);
  return campaign.waves[at + 1];
}

function opens(campaign, name) {
  const next = name === '' ? campaign.waves[0] : nextWave(campaign, name);
  if (!next) return 'It was the last wave: the campaign finishes.';
  return `Wave ${next.name} opens to ${plural(next.members, 'device')}, at most ${number(campaign.in_flight_max)} of them at once.`;
}

function approveWords(campaign, name) {
  const of = name === '' ? { approvals: campaign.approvals.given, approvals_needed: campaign.approvals.needed } : campaign.waves.find((wave) => wave.name === name);
  const lacking = of.approvals_needed - of.approvals - 1;
  const what = name === '' ? 'The start' : `The gate of wave ${name}`;
  if (lacking > 0) return [`${what} has your approval then, and still lacks ${plural(lacking, 'other', 'others')}.`];
  if (name === '') return ['The campaign starts, as its schedule and windows allow.', opens(campaign, '')];
  return [`${what} has all its approvals then. When its other conditions hold, it passes.`, opens(campaign, name)];
}

const WORDS = {
  start: (campaign) =>
    campaign.approvals?.needed
      ? [`The draft becomes a campaign that waits for ${plural(campaign.approvals.needed, 'approval')} by ${campaign.approvals.role}.`]
      : ['The draft becomes a campaign, and starts as its schedule and windows allow.', opens(campaign, '')],
  pause: (campaign) => [`No more devices are offered the update. ${plural(campaign.in_flight, 'update')} in hand ${campaign.in_flight === 1 ? 'finishes' : 'finish'}.`],
  freeze: (campaign) => {
    const of = recalled(campaign);
    return [`No more devices are offered the update, and ${plural(of.started, 'update')} in hand ${of.started === 1 ? 'waits' : 'wait'} before switching over.`, ...over(of)];
  },
  resume: (campaign) => [`It goes on${campaign.ready ? `; ${plural(campaign.ready, 'device switches', 'devices switch')} over now` : ''}.`],
  abort: (campaign) => {
    const of = recalled(campaign);
    return [
      `The campaign ends, and cannot be resumed. ${plural(of.waiting, 'waiting device is', 'waiting devices are')} withdrawn, ${number(of.started)} in hand ${of.started === 1 ? 'is' : 'are'} asked to give up.`,
      ...over(of),
      `${plural(totals(campaign, GOOD), 'device keeps', 'devices keep')} ${campaign.version}.`,
    ];
  },
  rollback: (campaign) => {
    const of = recalled(campaign);
    const back = totals(campaign, GOOD);
    return [
      `The campaign ends, and ${plural(back, 'updated device is', 'updated devices are')} sent back${campaign.rollback_to ? ` to ${campaign.rollback_to}` : ''} by a campaign of its own.`,
      ...(of.waiting + of.started > 0 ? [`${number(of.waiting)} waiting are withdrawn, ${number(of.started)} in hand are asked to give up.`] : []),
      ...over(of),
    ];
  },
  'retry-failed': (campaign) => [`A campaign of exactly the ${plural(campaign.faults, 'device')} that failed is applied, signed by you; somebody else approves it, where approvals are asked.`],
  approve: approveWords,
  hold: (_, name) => [`The gate of wave ${name} does not pass, whatever its figures, until somebody lets it decide again.`],
  unhold: (campaign, name) => [`The gate of wave ${name} decides by its conditions again.`],
  advance: (campaign, name) => [`The gate of wave ${name} passes now, without waiting for success, sample, soak, hook or health; approvals are still asked for.`, opens(campaign, name)],
};

export const consequence = (action, campaign, name) => WORDS[action](campaign, name);
