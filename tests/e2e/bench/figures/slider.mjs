/**
 * How long a slider of the rules page waits, in V8 without a page: a day of 500 000 events, 20 rules, one threshold moved
 * bit by bit, by the module that ships. Once more with rules that reach fields by JSON pointer, which a day then holds. `node tests/e2e/bench/figures/slider.mjs` after `cargo xtask build`. What is timed is a
 * question as `extension/rules/effect/worker.js` asks it: from the text of the rules to the figures of the edited one,
 * beside the saved rule.
 */
import { readFileSync } from 'node:fs';
import { Backtest, initSync } from '../../../../extension/pkg/workbench.js';

const INTERACTIONS = 20_000;
const EVENTS_EACH = 25;
const DAY_MS = 86_400_000;
const MOVES = 60;
const QUEUES = ['billing', 'sales', 'support', 'retail'];
const TIERS = ['gold', 'silver', 'bronze', 'Platinum plus'];

let luck = 0x9e3779b9;
/** @param {number} below */
function next(below) {
  luck ^= luck << 13;
  luck ^= luck >>> 17;
  luck ^= luck << 5;
  return (luck >>> 0) % below;
}

function day() {
  const heard = Array.from({ length: INTERACTIONS }, (_, interaction) => {
    const begins = next(DAY_MS - 1_000_000);
    return Array.from({ length: EVENTS_EACH }, (_, step) => ({ at: begins + step * 20_000, interaction }));
  }).flat();
  heard.sort((one, other) => one.at - other.at);
  return heard.map(({ at, interaction }) => {
    // Some customers are unhappy all along, most are not.
    const mood = ((interaction * 7_919) % 200) / 100 - 1;
    const score = Math.round(Math.max(-1, Math.min(1, mood + (next(60) - 30) / 100)) * 100) / 100;
    const event = {
      id: `interaction-${interaction}`,
      sentiment: { score, confidence: 0.9 },
      routing: { queueName: QUEUES[interaction % 4], queueWaitTimeMs: next(200_000) },
      customer: { tier: TIERS[(interaction * 7) % 4], vip: interaction % 3 === 0, tries: next(6) },
    };
    return JSON.stringify({ atMs: at, event });
  });
}

/** @param {number} threshold @param {boolean} points whether rules reach fields by JSON pointer */
function rules(threshold, points) {
  const below = (/** @type {number} */ value, /** @type {object} */ more) => ({
    compare: { field: 'sentimentScore', operator: 'below', value, ...more },
  });
  const field = (/** @type {string} */ at, /** @type {string} */ operator, /** @type {unknown} */ value) => ({
    compare: { field: `/customer/${at}`, operator, ...(value === undefined ? {} : { value }) },
  });
  const tier = { any: [field('tier', 'contains', 'L'), field('vip', 'isTrue', undefined), field('tries', 'above', 3)] };
  const moving = points ? { all: [below(threshold, {}), tier] } : below(threshold, {});
  const moved = { id: 'moved', name: 'Moved', holdSeconds: 20, once: 'rule', when: moving };
  const others = Array.from({ length: 19 }, (_, at) => {
    const window = { figure: ['mean', 'min', 'change', 'slope'][at % 4], seconds: 70 + at * 10 };
    const waits = { compare: { field: 'queueWaitMs', operator: 'above', value: 10_000 * (at + 1) } };
    const own = [
      field('tier', 'is', TIERS[at % 4]),
      field('tries', 'atLeast', at % 6),
      field('tier', 'startsWith', 'g'),
    ];
    const when = { all: [below(-0.225 - at / 40, { window }), waits, ...(points ? [own[at % 3]] : [])] };
    return { id: `r-${at}`, name: 'R', once: 'episode', when };
  });
  return JSON.stringify({ version: 1, rules: [moved, ...others] });
}

/** @param {Backtest} backtest @param {string} text @param {string} inForce */
function ask(backtest, text, inForce) {
  const [begun, used] = [performance.now(), process.cpuUsage()];
  backtest.unrecorded(text);
  backtest.ask(text, 0, inForce);
  for (;;) {
    const said = backtest.stepAlone();
    if (said?.kind !== 'done') continue;
    const { user, system } = process.cpuUsage(used);
    return { clock: performance.now() - begun, busy: (user + system) / 1_000, count: said.value.count };
  }
}

initSync({ module: readFileSync(new URL('../../../../extension/pkg/workbench_bg.wasm', import.meta.url)) });
const lines = day();
for (const points of [false, true]) {
  const backtest = new Backtest();
  const inForce = rules(-0.5, points);
  backtest.readFor(inForce);
  for (let at = 0; at < lines.length; at += 10_000) backtest.addLines(lines.slice(at, at + 10_000).join('\n'));
  const about = backtest.about();
  const how = points ? 'fields by JSON pointer' : 'fields with names';
  console.log(`${about?.events} events of ${about?.interactions} interactions, ${how}`);
  ask(backtest, inForce, inForce);
  for (const [name, from, to] of /** @type {const} */ ([
    ['threshold', -0.9, -0.3],
    ['threshold, most fire', -0.3, 0.9],
  ])) {
    const tried = Array.from({ length: MOVES }, (_, move) =>
      ask(backtest, rules(from + ((to - from) * move) / MOVES, points), inForce),
    );
    const most = Math.max(...tried.map(({ count }) => count.interactions));
    console.log(`${name}: up to ${most} interactions fire`);
    for (const kind of /** @type {const} */ (['clock', 'busy'])) {
      const spans = tried.map((one) => one[kind]).sort((one, other) => one - other);
      const share = (/** @type {number} */ part) => spans[Math.min(spans.length - 1, Math.floor(spans.length * part))];
      const [least, p50, p95] = [0, 0.5, 0.95].map((part) => `${share(part)?.toFixed(1)} ms`);
      console.log(`  ${kind === 'clock' ? 'on the clock' : 'on processors'}: least ${least}, p50 ${p50}, p95 ${p95}`);
    }
  }
  backtest.free();
}
