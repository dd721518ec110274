/** A page that the navigation, the `g` keys and the command palette lead to. */
export interface Page {
  path: string;
  name: string;
  /** The key after `g`. */
  key: string;
}
