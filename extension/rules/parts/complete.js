/** Placeholders that complete while typing: after `{` a list offers them. */
import { element } from '../../lib/parts/dom.js';
import { text } from '../../lib/words/text.js';

/**
 * @param {HTMLInputElement | HTMLTextAreaElement} box
 * @param {string[]} names of placeholders
 * @returns {HTMLElement} the box with its list
 */
export function completing(box, names) {
  const list = element('ul', { id: `${box.id}-names`, className: 'names', role: 'listbox', hidden: true });
  list.setAttribute('aria-label', text('rulePlaceholders'));
  box.setAttribute('aria-autocomplete', 'list');
  box.setAttribute('aria-controls', list.id);
  let active = 0;

  const options = () => /** @type {HTMLElement[]} */ ([...list.children]);
  const begun = () => /\{(\w*)$/.exec(box.value.slice(0, box.selectionStart ?? 0));
  const hide = () => {
    list.hidden = true;
    box.removeAttribute('aria-activedescendant');
  };
  const mark = (/** @type {number} */ index) => {
    const all = options();
    active = (index + all.length) % all.length;
    for (const [at, option] of all.entries()) option.ariaSelected = String(at === active);
    box.setAttribute('aria-activedescendant', all[active]?.id ?? '');
  };
  const take = (/** @type {string} */ name) => {
    const typed = begun()?.[1] ?? '';
    const end = box.selectionStart ?? box.value.length;
    const closed = box.value[end] === '}' ? end + 1 : end;
    box.setRangeText(`{${name}}`, end - typed.length - 1, closed, 'end');
    hide();
    box.dispatchEvent(new Event('input', { bubbles: true }));
    box.focus();
  };
  const look = () => {
    const found = begun();
    const fitting = found ? names.filter((name) => name.startsWith(found[1] ?? '')) : [];
    if (fitting.length === 0 || box.value.slice(box.selectionStart ?? 0).match(/^\w*\}/)) return hide();
    list.replaceChildren(
      ...fitting.map((name) => {
        const words = element('span', { className: 'muted small', textContent: text(`rulePlaceholder_${name}`) });
        const option = element('li', { id: `${box.id}-${name}`, role: 'option' }, `{${name}}`, ' ', words);
        option.dataset.name = name;
        option.addEventListener('pointerdown', (event) => {
          event.preventDefault();
          take(name);
        });
        return option;
      }),
    );
    list.hidden = false;
    mark(0);
  };

  box.addEventListener('input', look);
  box.addEventListener('click', look);
  box.addEventListener('blur', hide);
  box.addEventListener('keydown', (/** @type {any} */ event) => {
    if (list.hidden) return;
    const name = options()[active]?.dataset.name;
    if (event.key === 'ArrowDown') mark(active + 1);
    else if (event.key === 'ArrowUp') mark(active - 1);
    else if (event.key === 'Escape') hide();
    else if ((event.key === 'Enter' || event.key === 'Tab') && name) take(name);
    else return;
    event.preventDefault();
  });

  const buttons = names.map((name) => {
    const made = element('button', { type: 'button', className: 'chip', textContent: `{${name}}` });
    made.setAttribute('aria-label', text('rulePlaceholderInsert', `{${name}}`));
    made.addEventListener('click', () => {
      box.setRangeText(
        `{${name}}`,
        box.selectionStart ?? box.value.length,
        box.selectionEnd ?? box.value.length,
        'end',
      );
      box.dispatchEvent(new Event('input', { bubbles: true }));
      hide();
      box.focus();
    });
    return made;
  });
  return element('div', { className: 'completing' }, box, list, element('p', { className: 'chips' }, ...buttons));
}
