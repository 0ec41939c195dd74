/** Starts the worker again whenever it ends, and tells it about the network, of which a worker hears nothing. */
import { link } from '../lib/link.js';

const tell = link('watch');

addEventListener('online', () => tell({ online: true }));
addEventListener('offline', () => tell({ online: false }));
