/** A link lost for this long is said across the page. */
export const FREEZE_AFTER_MS = 3000;
