/** Cards that are not delivered: in flight, waiting, and given up with the reason. */
import { element, linkButton } from '../../lib/parts/dom.js';
import { refusal } from '../../lib/words/diagnosis.js';
import { handle, unhandle } from '../../lib/parts/handled.js';
import { ask, find } from '../../lib/parts/page.js';
import { text } from '../../lib/words/text.js';
import { confirm } from '../../lib/parts/confirm.js';
import { tell } from '../../lib/parts/toast.js';
import { cardWords, duration } from '../../lib/words/words.js';
import { fillTable } from '../parts/table.js';
import { count, moment, why } from '../words.js';

/** @typedef {import('../../pkg/cuewire.js').CardName} CardName */
/** @typedef {import('../../pkg/cuewire.js').CardView} CardView */

const PAGE = 50;

/** @param {() => Promise<void>} look @returns {(root: HTMLElement) => import('../parts/panel.js').Show} */
export const outbox = (look) => (root) => {
  const table = find('table', HTMLTableElement, root);
  const more = element('button', { type: 'button', className: 'link small' });
  find('.scroll', HTMLElement, root).after(more);
  let limit = PAGE;
  /** @type {CardView[]} */
  let cards = [];
  let now = Date.now();

  const draw = () => {
    const shown = cards.slice(0, limit);
    find('.nothing', HTMLElement, root).hidden = cards.length > 0;
    find('.scroll', HTMLElement, root).hidden = cards.length === 0;
    const givenUp = cards.filter(({ state }) => state.is === 'givenUp').length;
    find('[data-do="tryAll"]', HTMLElement, root).hidden = cards.length === 0;
    find('[data-do="dropAll"]', HTMLElement, root).hidden = givenUp === 0;
    more.hidden = cards.length <= limit;
    more.textContent = text('dashboard_outboxMore', count(cards.length - limit));
    if (cards.length === 0) return table.tBodies[0]?.replaceChildren();
    fillTable(
      table,
      columns(),
      shown.map((card) => row(card, now, look)),
      { caption: text('dashboard_outbox'), actions: text('dashboard_actions') },
    );
  };

  more.addEventListener('click', () => {
    limit += 4 * PAGE;
    draw();
  });
  find('[data-do="tryAll"]', HTMLElement, root).addEventListener('click', () => tryAgain(undefined, look));
  find('[data-do="dropAll"]', HTMLElement, root).addEventListener('click', async () => {
    const givenUp = cards.filter(({ state }) => state.is === 'givenUp').length;
    const sure = await confirm(
      text('dashboard_dropAllAsk', count(givenUp)),
      text('dashboard_dropAllWhy'),
      text('dashboard_dropAll'),
    );
    if (sure) await drop(undefined, text('dashboard_droppedAll', count(givenUp)), look);
  });

  return (dashboard) => {
    now = dashboard.at;
    cards = [...dashboard.outbox].sort(
      (a, b) => rank(a) - rank(b) || (rank(a) === GIVEN_UP ? b.at - a.at : a.at - b.at),
    );
    draw();
  };
};

const GIVEN_UP = 2;

/** Cards in flight first, given-up cards last. @param {CardView} card */
const rank = ({ state }) => (state.is === 'sending' ? 0 : state.is === 'givenUp' ? GIVEN_UP : 1);

const columns = () => [{ name: text('why') }, { name: text('dashboard_acceptedColumn') }, { name: text('state') }];

/** @param {CardView} card @param {number} now @param {() => Promise<void>} look */
function row(card, now, look) {
  const { connection, cardId, queue, at, state } = card;
  const reason = why(card);
  return {
    // A new state makes a new row, because its actions differ.
    key: `${state.is === 'givenUp' ? 'ended' : 'open'} ${connection} ${cardId}`,
    state: state.is,
    cells: [queue ? `${reason} · ${queue}` : reason, moment(at, now), standing(card, now)],
    actions: () => [
      linkButton(
        text('tryAgain'),
        () => tryAgain({ connection, cardId }, look),
        text('dashboard_tryAgainCard', reason),
      ),
      linkButton(text('dashboard_drop'), () => askDrop(card, look), text('dashboard_dropCard', reason)),
      linkButton(text('handled_mark'), () => mark(card, look), text('handled_markThis', reason)),
    ],
  };
}

/** @param {CardView} card @param {() => Promise<void>} look */
async function askDrop(card, look) {
  const { connection, cardId, state } = card;
  const consequence = text(state.is === 'givenUp' ? 'dashboard_dropGivenUpWhy' : 'dashboard_dropWhy');
  if (await confirm(text('dashboard_dropAsk', why(card)), consequence, text('dashboard_drop')))
    await drop({ connection, cardId }, text('dashboard_dropped'), look);
}

/** @param {CardView} card @param {() => Promise<void>} look */
async function mark(card, look) {
  const { entry, interaction, rule } = card;
  if (!(await handle({ entry, interaction, rule }, why(card)))) return;
  tell(text('handled_done'), { label: text('dashboard_undo'), act: () => undo(entry, look) });
  await look();
}

/** State, number of tries, and time of the next retry. @param {CardView} card @param {number} now */
function standing(card, now) {
  const { tries, nextTry, state } = card;
  const parts = [cardWords(card, text)];
  if (tries > 0) parts.push(tries === 1 ? text('dashboard_oneTry') : text('dashboard_tries', count(tries)));
  if (state.is === 'waiting' && typeof nextTry === 'number' && nextTry > now)
    parts.push(text('dashboard_nextTry', duration(nextTry - now, text)));
  return parts.join(' · ');
}

/** @param {CardName | undefined} card @param {() => Promise<void>} look */
async function tryAgain(card, look) {
  const answer = await ask({ kind: 'cards', action: 'tryAgain', card });
  tell(answer.kind === 'done' ? text('dashboard_tryingAgain') : refusal(answer, text) || text('dashboard_failed'));
  await look();
}

/** @param {number} entry @param {() => Promise<void>} look */
async function undo(entry, look) {
  tell((await unhandle(entry)) || text('handled_undone'));
  await look();
}

/** @param {CardName | undefined} card @param {string} words @param {() => Promise<void>} look */
async function drop(card, words, look) {
  const answer = await ask({ kind: 'cards', action: 'drop', card });
  tell(answer.kind === 'done' ? words : refusal(answer, text) || text('dashboard_failed'));
  await look();
}
