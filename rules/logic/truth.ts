/** Three-valued truth: Kleene's strong logic of indeterminacy, where `null` is unknown. */
export type Truth = true | false | null;

/** False as soon as one part is false, unknown as soon as one is unknown. Of nothing: true. */
export function all(parts: readonly Truth[]): Truth {
  let result: Truth = true;
  for (const part of parts) {
    if (part === false) return false;
    if (part === null) result = null;
  }
  return result;
}

/** True as soon as one part is true, unknown as soon as one is unknown. Of nothing: false. */
export function any(parts: readonly Truth[]): Truth {
  let result: Truth = false;
  for (const part of parts) {
    if (part === true) return true;
    if (part === null) result = null;
  }
  return result;
}

export const not = (part: Truth): Truth => (part === null ? null : !part);
