/** An activity log that is long from the start. Runs in a page of the extension. */

/** Writes so many entries of the past, as the worker would have. @param {number} count */
export async function fillHistory(count) {
  const queues = ['billing', 'sales', 'support', 'returns'];
  const request = indexedDB.open('cuewire');
  /** @type {IDBDatabase} */
  const database = await new Promise((resolve) => {
    request.onsuccess = () => resolve(request.result);
  });
  const transaction = database.transaction('history', 'readwrite');
  const store = transaction.objectStore('history');
  const step = (24 * 3_600_000) / 72_000;
  for (let number = 1; number <= count; number += 1) {
    const at = Math.round(Date.now() - (count - number) * step);
    const refused = number % 40 === 1;
    const end = refused
      ? { is: 'givenUp', why: { why: 'refused', status: 422, excerpt: 'no such desktop' } }
      : { is: 'delivered' };
    const entry = {
      kind: 'trigger',
      at,
      interaction: `i-${number}`,
      rule: 'negative-sentiment',
      reason: 'Negative sentiment detected (-0.72)',
      queue: queues[number % queues.length],
      evidence: [
        {
          rule: 'negative-sentiment',
          field: 'sentimentScore',
          seen: -0.72,
          operator: 'below',
          threshold: -0.5,
          verdict: true,
        },
        { rule: 'long-wait', field: 'queueWaitMs', seen: 5_000, operator: 'above', threshold: 120_000, verdict: false },
      ],
      durableAt: at + 2,
      tries: [{ at: at + 30, status: refused ? 422 : 201, tookMs: 20 }],
      end,
      endedAt: at + 31,
    };
    store.put(JSON.stringify(entry), String(number).padStart(16, '0'));
  }
  await new Promise((resolve) => {
    transaction.oncomplete = () => resolve(undefined);
  });
  database.close();
}
