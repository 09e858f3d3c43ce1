/** The log could neither be written nor kept for later, or could not be read: nothing may be answered. */
export class LogUnavailable extends Error {}

/** For `catch`: the record is lost, and so is the answer. @throws LogUnavailable */
export function notRecorded(cause: unknown): never {
  throw new LogUnavailable('the decision could not be recorded, so nothing is given', { cause });
}

/** For `catch`. @throws LogUnavailable */
export function notRead(cause: unknown): never {
  throw new LogUnavailable('the decision log could not be read', { cause });
}
