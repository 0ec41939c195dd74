// The faults drawer: what each switch does, and to whom.

import { byId, make, mark, write } from './dom.js';
import { counted, span } from './format.js';

/**
 * @typedef {{ id: number, kind: string, target?: string, untilMs: number | null, injected: number }} Active
 * @typedef {{ name: string, does: string, fault: Record<string, unknown>, once?: boolean }} Choice
 * @typedef {{ title: string, service?: 'contract' | 'published', choices: Choice[] }} Group
 */

/** @type {Group[]} */
const GROUPS = [
  {
    title: 'Cards',
    choices: [
      {
        name: 'Rate limit',
        does: 'Every card is refused with 429 and asked to come back in 5 s. Cards queue up, then arrive at a gentle pace.',
        fault: { kind: '429', retryAfter: 5 },
      },
      {
        name: 'Server errors',
        does: 'Cards get 503. The extension backs off and tries each again.',
        fault: { kind: '5xx' },
      },
      {
        name: 'Slow answers',
        does: 'The card is on the desktop at once; its answer comes 2 s late.',
        fault: { kind: 'slow', ms: 2000 },
      },
      {
        name: 'Lost answers',
        does: 'One card in two is kept, and its answer lost. It is sent again; the agent must not see it twice.',
        fault: { kind: 'lost-answer', share: 0.5 },
      },
      {
        name: 'Lost requests',
        does: 'One card in two never arrives. It must be sent again.',
        fault: { kind: 'lost-request', share: 0.5 },
      },
      {
        name: 'Forbidden',
        does: 'Cards get 403: given up, and after three in a row dispatch pauses and says so.',
        fault: { kind: '403' },
      },
    ],
  },
  {
    title: 'Sign-in',
    choices: [
      {
        name: 'Short tokens',
        does: 'New tokens live 5 s. The extension asks for fresh ones in time.',
        fault: { kind: 'token-expiry', tokenSeconds: 5 },
      },
      {
        name: 'Credentials rejected',
        does: 'No new token is given. The supervisor is told to check the client.',
        fault: { kind: 'token-reject' },
      },
      { name: 'Sign-in down', does: 'The token endpoint answers 503 for now.', fault: { kind: 'token-error' } },
      {
        name: 'Revoke tokens',
        does: 'Every token ends now. The next card gets 401, then a fresh token.',
        fault: { kind: 'token-revoke' },
        once: true,
      },
    ],
  },
  {
    title: 'Polls',
    service: 'published',
    choices: [
      {
        name: 'Polls are limited',
        does: 'Active contacts get 429 without Retry-After. The extension asks less often.',
        fault: { kind: '429', target: 'contacts', form: 'absent' },
      },
      {
        name: 'Polls fail',
        does: 'Skills get a page of HTML with 500. After three missed polls the extension says so.',
        fault: { kind: 'html', target: 'skills' },
      },
      {
        name: 'Answers break off',
        does: 'One list of digital contacts in two ends in the middle.',
        fault: { kind: 'cut', target: 'digital', share: 0.5 },
      },
      {
        name: 'Clock ahead',
        does: 'The server’s clock is 5 min ahead. Waits and the validity of messages must not change by it.',
        fault: { kind: 'skew', skewSeconds: 300 },
      },
      {
        name: 'Contacts vanish',
        does: 'One open contact in five is over at once.',
        fault: { kind: 'contacts-vanish' },
        once: true,
      },
      {
        name: 'Agents change',
        does: 'One contact in five goes to another agent. No message may follow the former one.',
        fault: { kind: 'agents-change' },
        once: true,
      },
      {
        name: 'End sign-ins',
        does: 'Refresh tokens end. At the next renewal a person has to sign in again.',
        fault: { kind: 'refresh-revoke' },
        once: true,
      },
    ],
  },
  {
    title: 'Stream',
    service: 'contract',
    choices: [
      {
        name: 'Drop politely',
        does: 'The stream is closed with 1001, as when a server is replaced. The extension connects again.',
        fault: { kind: 'drop', code: 1001 },
        once: true,
      },
      {
        name: 'Drop with an error',
        does: 'The stream is closed with 1011.',
        fault: { kind: 'drop', code: 1011 },
        once: true,
      },
      {
        name: 'Cut the connection',
        does: 'The connection ends without a word (1006), as on a bad network.',
        fault: { kind: 'drop', code: 1006 },
        once: true,
      },
      {
        name: 'Go silent',
        does: 'The stream stays open and says nothing more. The extension has to notice by itself.',
        fault: { kind: 'silent' },
        once: true,
      },
      {
        name: 'Refuse streams',
        does: 'New streams are refused with 403. Open ones go on.',
        fault: { kind: 'upgrade-refused' },
      },
      {
        name: 'Garbage',
        does: 'Ten frames a second that are no events: broken, oversized, nested without end.',
        fault: { kind: 'garbage', perSecond: 10, seconds: 3600 },
      },
    ],
  },
  {
    title: 'Everything',
    choices: [
      {
        name: 'Outage',
        does: 'Stream, sign-in and cards are cut off, as if the server were gone.',
        fault: { kind: 'outage' },
      },
    ],
  },
];

/** @type {{ service: string, section: HTMLElement }[]} */
const sections = [];

/** @type {{ choice: Choice, control: HTMLElement, note: HTMLElement, id: number | null }[]} */
const rows = [];

/** Builds the drawer once. */
export function buildFaults() {
  for (const group of GROUPS) {
    const list = make('ul', {}, ...group.choices.map(makeRow));
    const section = make('section', {}, make('h3', {}, group.title), list);
    if (group.service) sections.push({ service: group.service, section });
    byId('fault-groups').append(section);
  }
  byId('end-faults').addEventListener('click', () => ask('DELETE', '/control/faults'));
}

/** @param {Choice} choice */
function makeRow(choice) {
  const note = make('span', { class: 'fault-note small' });
  const control = choice.once
    ? make('button', { type: 'button', 'aria-label': `${choice.name} now` }, 'Once')
    : make('button', { type: 'button', role: 'switch', 'aria-checked': 'false', 'aria-label': choice.name });
  const row = { choice, control, note, id: /** @type {number | null} */ (null) };
  control.addEventListener('click', () => toggle(row));
  rows.push(row);
  const name = make('span', { class: 'fault-name' }, choice.name, note);
  return make(
    'li',
    {},
    make('div', { class: 'fault-words' }, name, make('span', { class: 'small' }, choice.does)),
    control,
  );
}

/** @param {(typeof rows)[number]} row */
function toggle(row) {
  if (row.id !== null) return ask('DELETE', `/control/faults/${row.id}`);
  return ask('POST', '/control/faults', row.choice.fault);
}

/**
 * Hides what the service that is spoken does not have.
 * @param {string} service
 */
export function showGroups(service) {
  for (const part of sections) part.section.hidden = part.service !== service;
}

/**
 * Shows which faults are on.
 * @param {Active[]} active
 * @param {Record<string, number>} injected
 * @param {number} atMs
 */
export function showFaults(active, injected, atMs) {
  for (const row of rows) {
    const { kind, target } = row.choice.fault;
    const on = active.find((fault) => fault.kind === kind && fault.target === target);
    row.id = row.choice.once ? null : (on?.id ?? null);
    if (!row.choice.once) mark(row.control, 'aria-checked', on ? 'true' : 'false');
    const left = on?.untilMs && on.untilMs - atMs < 600_000 ? ` · ${span(on.untilMs - atMs)} left` : '';
    const times = row.choice.once ? 0 : (injected[String(kind)] ?? 0);
    write(row.note, times > 0 || on ? `${counted(times, 'time')}${left}` : '');
  }
  byId('end-faults').toggleAttribute('disabled', active.length === 0);
  const button = byId('open-faults');
  write(button, active.length > 0 ? `Faults (${active.length} on)` : 'Faults');
  mark(button, 'data-on', active.length > 0 ? 'yes' : null);
}

/**
 * Asks the simulator for something, and says so when it cannot.
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body]
 */
export async function ask(method, path, body) {
  const note = byId('fault-note');
  try {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(path, { method, headers, body: body === undefined ? null : JSON.stringify(body) });
    const said = await answer.json();
    if (!answer.ok) throw new Error(said.error_description ?? `answer ${answer.status}`);
    write(
      note,
      said.hit === 0 && body && rowIsOnce(body) ? 'Nothing was there to hit: no supervisor is on the stream.' : '',
    );
  } catch (error) {
    write(
      note,
      `That did not work: ${error instanceof Error ? error.message : error}. Is the simulator still running?`,
    );
  }
}

/** @param {unknown} body */
function rowIsOnce(body) {
  return rows.some((row) => row.choice.once && row.choice.fault === body);
}
