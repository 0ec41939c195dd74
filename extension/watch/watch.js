/** Restarts the worker whenever it ends, and forwards network events, which a worker does not get. */
import { link } from '../lib/browser/link.js';

const tell = link('watch');

addEventListener('online', () => tell({ online: true }));
addEventListener('offline', () => tell({ online: false }));
