/** The newest page of the log, asked for before the other modules of the dashboard have arrived. */
import { FIRST_PAGE, read } from './read.js';

export const first = read(undefined, FIRST_PAGE);
first.catch(() => {}); // `Log.start` tells it.
