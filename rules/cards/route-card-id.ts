import { derivedUuid } from '../digest/digest.ts';

/** What names the card of orders without a route. @param order reference of the one that it is named after */
export const routeCardKey = (order: string): string[] => ['route-not-given', order];

/** The uuid of that card. */
export const routeCardId = (decisionId: string, order: string): string =>
  derivedUuid(decisionId, ...routeCardKey(order), 'card');
