/**
 * A power that is the same to the last bit on every Node: `**` is not (between Node 20 and 24),
 * while exponential and logarithm are the ones of FreeBSD's msun in all of them. Within some units in the last place.
 * @param base positive
 */
export const power = (base: number, exponent: number): number => Math.exp(exponent * Math.log(base));
