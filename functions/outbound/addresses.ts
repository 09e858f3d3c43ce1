/**
 * Which IP addresses may be called: those of the public internet, and of this machine where that is allowed. Names are
 * none of its business. Pure.
 */
import { BlockList, isIP, isIPv4 } from 'node:net';

const thisMachine = new BlockList();
thisMachine.addSubnet('127.0.0.0', 8, 'ipv4');
thisMachine.addAddress('::1', 'ipv6');

/** https://www.iana.org/assignments/iana-ipv4-special-registry and multicast, RFC 5771. */
const notPublicV4 = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const) {
  notPublicV4.addSubnet(network, prefix, 'ipv4');
}

/** Only 2000::/3 is handed out to the public (https://www.iana.org/assignments/ipv6-address-space). */
const globalV6 = new BlockList();
globalV6.addSubnet('2000::', 3, 'ipv6');
/** Of that, https://www.iana.org/assignments/iana-ipv6-special-registry: Teredo, 6to4, documentation and more. */
const notPublicV6 = new BlockList();
for (const [network, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['2620:4f:8000::', 48],
  ['3fff::', 20],
] as const) {
  notPublicV6.addSubnet(network, prefix, 'ipv6');
}

/** Where the last 32 bits are an IPv4 address that is really reached: mapped ones and NAT64 (RFC 6052). */
const carriesV4 = new BlockList();
carriesV4.addSubnet('64:ff9b::', 96, 'ipv6');
const mapped = /^\[?::ffff:/;

/** The IPv4 address in the last 32 bits of an IPv6 address. */
function embeddedV4(address: string): string {
  // The URL parser spells every IPv6 address in one way, with hexadecimal groups only.
  const groups = new URL(`http://[${address}]`).hostname.slice(1, -1).split(':');
  const [high, low] = groups.slice(-2).map((group) => Number.parseInt(group || '0', 16));
  return [high ?? 0, low ?? 0].flatMap((group) => [group >> 8, group & 255]).join('.');
}

/** The address as it is reached: an IPv4 address in IPv6 clothes is that IPv4 address. Null for what is none. */
function plainAddress(address: string): string | null {
  if (isIPv4(address)) return address;
  // A zone (`fe80::1%eth0`) only makes sense on a local link.
  if (isIP(address) === 0 || address.includes('%')) return null;
  const spelled = new URL(`http://[${address}]`).hostname;
  return mapped.test(spelled) || carriesV4.check(address, 'ipv6') ? embeddedV4(address) : address;
}

/** Whether an IP address belongs to this machine: 127.0.0.0/8 and ::1. */
export function isLoopbackAddress(address: string): boolean {
  const plain = plainAddress(address);
  return plain !== null && thisMachine.check(plain, isIPv4(plain) ? 'ipv4' : 'ipv6');
}

/** Whether an IP address is one on the public internet. */
export function isPublicAddress(address: string): boolean {
  const plain = plainAddress(address);
  if (plain === null) return false;
  if (isIPv4(plain)) return !notPublicV4.check(plain, 'ipv4');
  return globalV6.check(plain, 'ipv6') && !notPublicV6.check(plain, 'ipv6');
}

/** Plain `http` only to this machine; `https` to the public, and to this machine where that is allowed. */
export const reachable = {
  http: isLoopbackAddress,
  https: isPublicAddress,
  'https or loopback': (address: string) => isPublicAddress(address) || isLoopbackAddress(address),
} as const;
export type Reach = keyof typeof reachable;
