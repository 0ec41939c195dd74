/** A slider beside each threshold, and how many recent values the threshold triggers on. */
import { element } from '../lib/parts/dom.js';
import { heard } from '../lib/words/heard.js';
import { ask } from '../lib/parts/page.js';
import { bounds } from '../lib/words/specs.js';
import { text } from '../lib/words/text.js';
import { controls, touch } from './form.js';

/** @typedef {import('../pkg/cuewire.js').Dashboard} Dashboard */

/** Upper end of the wait slider, because the setting allows more than anybody waits. */
const LONGEST_WAIT_S = 600;

/** @type {{ name: string, label: string, max?: number, kind: import('../lib/words/heard.js').Heard }[]} */
const SLIDERS = [
  { name: 'sentimentThreshold', label: 'sliderSentiment', kind: 'sentiment' },
  { name: 'queueWaitThresholdSeconds', label: 'sliderWait', max: LONGEST_WAIT_S, kind: 'wait' },
];

/** @type {Dashboard | undefined} */
let dashboard;

/** @param {(name: string) => void} moved */
export function prepareSliders(moved) {
  for (const { name, label, max } of SLIDERS) {
    const box = controls.get(name);
    const { minimum, maximum, step } = bounds(name);
    const slider = element('input', {
      type: 'range',
      min: String(minimum),
      max: String(max ?? maximum),
      step: String(step),
    });
    slider.dataset.slides = name;
    slider.setAttribute('aria-label', text(label));
    slider.addEventListener('input', () => {
      if (box) box.value = slider.value;
      moved(name);
    });
    slider.addEventListener('change', () => touch(name));
    const effect = element('p', { className: 'effect small', hidden: true });
    effect.dataset.effect = name;
    const pair = element('div', { className: 'slider' });
    box?.replaceWith(pair);
    if (box) pair.append(box, slider);
    pair.after(effect);
  }
  void ask({ kind: 'dashboard' }).then((answer) => {
    if (answer.kind !== 'dashboard') return;
    dashboard = answer.value;
    showSliders();
  });
}

export function showSliders() {
  for (const { name, kind } of SLIDERS) {
    const value = controls.get(name)?.value ?? '';
    const slider = document.querySelector(`[data-slides="${name}"]`);
    if (slider instanceof HTMLInputElement && document.activeElement !== slider) slider.value = value;
    const line = document.querySelector(`[data-effect="${name}"]`);
    if (!(line instanceof HTMLElement)) continue;
    const words = dashboard && value.trim() !== '' ? heard(kind, dashboard[kind], Number(value)) : '';
    line.hidden = words === '';
    if (line.textContent !== words) line.textContent = words;
  }
}
