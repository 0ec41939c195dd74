/** The threshold on a histogram: dragged, clicked, typed or moved by keys, it proposes; only *Save* changes the setting. */
import { heard } from '../../lib/words/heard.js';
import { ask, find } from '../../lib/parts/page.js';
import { text } from '../../lib/words/text.js';
import { tell } from '../../lib/parts/toast.js';

/** @typedef {import('./histogram.js').Kind} Kind */

/**
 * @param {HTMLElement} root
 * @param {Kind} kind
 * @param {() => import('../../pkg/cuewire.js').Histogram} histogram
 * @param {() => void} redraw
 */
export function threshold(root, kind, histogram, redraw) {
  const field = find('.field', HTMLElement, root);
  const line = find('.threshold', HTMLElement, root);
  const form = find('.proposal', HTMLFormElement, root);
  const input = find('input', HTMLInputElement, form);
  const save = find('[type="submit"]', HTMLButtonElement, form);
  const undo = find('[data-do="undo"]', HTMLButtonElement, form);
  let inForce = Number.NaN;
  /** @type {number | undefined} */
  let proposed;
  let dragging = false;
  input.min = String(kind.min);
  input.max = String(kind.most);
  line.setAttribute('aria-valuemin', String(kind.min));

  const value = () => proposed ?? inForce;
  /** @param {number} proposed */
  const effect = (proposed) => heard(kind.id, histogram(), proposed) || text('dashboard_thresholdUnknown');

  const draw = () => {
    const shown = Math.min(kind.max, Math.max(kind.min, value()));
    line.style.left = `${((shown - kind.min) / (kind.max - kind.min)) * 100}%`;
    line.dataset.value = kind.words(value());
    line.dataset.side = shown > (kind.min + kind.max) / 2 ? 'left' : 'right';
    line.setAttribute('aria-valuenow', String(value()));
    line.setAttribute('aria-valuemax', String(Math.max(kind.max, value())));
    line.setAttribute('aria-valuetext', kind.words(value()));
    root.toggleAttribute('data-proposed', proposed !== undefined);
    save.hidden = undo.hidden = proposed === undefined;
    if (document.activeElement !== input || dragging) input.value = String(value());
    const words = proposed === undefined ? text('dashboard_thresholdHint') : effect(proposed);
    const told = find('[data-show="proposal"]', HTMLElement, form);
    if (told.textContent !== words) told.textContent = words;
  };

  /** @param {number} wanted */
  const propose = (wanted) => {
    const within = Math.min(kind.most, Math.max(kind.min, wanted));
    const clean = rounded(within, kind.grain);
    proposed = clean === inForce ? undefined : clean;
    draw();
    redraw();
  };

  const forget = () => {
    proposed = undefined;
    draw();
    redraw();
  };

  /** @param {PointerEvent} event */
  const follow = ({ clientX }) => {
    const { left, width } = field.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (clientX - left) / width));
    propose(rounded(kind.min + share * (kind.max - kind.min), kind.step));
  };
  field.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 || Number.isNaN(inForce)) return;
    event.preventDefault();
    line.focus();
    dragging = true;
    field.setPointerCapture(event.pointerId);
    follow(event);
  });
  field.addEventListener('pointermove', (event) => dragging && follow(event));
  for (const end of ['pointerup', 'pointercancel']) {
    field.addEventListener(end, () => {
      dragging = false;
    });
  }

  line.addEventListener('keydown', (event) => {
    const next = moved(event.key, value(), kind);
    if (event.key === 'Escape' && proposed !== undefined) forget();
    else if (event.key === 'Enter' && proposed !== undefined) form.requestSubmit();
    else if (next !== undefined) propose(next);
    else return;
    event.preventDefault();
  });
  input.addEventListener('input', () => {
    if (input.value !== '' && input.validity.valid) propose(Number(input.value));
  });
  input.addEventListener('blur', draw);
  undo.addEventListener('click', () => {
    forget();
    line.focus();
  });
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (proposed === undefined) return;
    const [before, after] = [inForce, proposed];
    save.disabled = true;
    const why = await store(kind, after);
    save.disabled = false;
    if (why) return tell(why);
    inForce = after;
    forget();
    line.focus();
    const back = async () => {
      const failed = await store(kind, before);
      tell(failed || text('dashboard_thresholdBack', kind.words(before)));
    };
    tell(text('dashboard_thresholdSaved', kind.words(after)), { label: text('dashboard_undo'), act: back });
  });

  return {
    value,
    moving: () => dragging,
    /** @param {import('../../pkg/cuewire.js').Histogram} histogram with the threshold as it is stored */
    show({ threshold: now, inForce: offers }) {
      line.hidden = form.hidden = !offers;
      find('[data-show="by-rules"]', HTMLElement, root).hidden = offers;
      inForce = offers ? now : Number.NaN;
      if (proposed === now) proposed = undefined;
      draw();
    },
  };
}

/** @param {number} value @param {number} grain */
const rounded = (value, grain) => Number((Math.round(value / grain) * grain).toFixed(2));

/** @param {string} key @param {number} from @param {Kind} kind */
function moved(key, from, { min, max, step, leap }) {
  switch (key) {
    case 'ArrowRight':
    case 'ArrowUp':
      return from + step;
    case 'ArrowLeft':
    case 'ArrowDown':
      return from - step;
    case 'PageUp':
      return from + leap;
    case 'PageDown':
      return from - leap;
    case 'Home':
      return min;
    case 'End':
      return max;
  }
}

/** All settings, with this one changed. @param {Kind} kind @param {number} value @returns {Promise<string>} why not */
async function store({ setting }, value) {
  const answer = await ask({ kind: 'settings' });
  if (answer.kind !== 'settings') return text('dashboard_notSaved');
  const reply = await ask({
    kind: 'save',
    text: JSON.stringify({ ...answer.value, [setting]: value }),
    checkOnly: false,
  });
  return reply.kind === 'done' ? '' : text('dashboard_notSaved');
}
