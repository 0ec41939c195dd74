/** Changes to stored records. The name of a store stays on this side, because each text that crosses is decoded. */

/** @param {boolean} isHistory */
const storeOf = (isHistory) => (isHistory ? 'history' : 'journal');

/** @param {boolean} isHistory @param {string} key @param {string} value */
export const put = (isHistory, key, value) => ({ change: 'put', store: storeOf(isHistory), key, value });

/** @param {boolean} isHistory @param {string} key */
export const remove = (isHistory, key) => ({ change: 'delete', store: storeOf(isHistory), key });

/** @param {boolean} isHistory @param {string} key */
export const removeThrough = (isHistory, key) => ({ change: 'deleteThrough', store: storeOf(isHistory), key });

/** @param {boolean} isHistory */
export const clear = (isHistory) => ({ change: 'clear', store: storeOf(isHistory) });
