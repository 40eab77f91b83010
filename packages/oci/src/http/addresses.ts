import { BlockList, isIP } from 'node:net';

/**
 * Where an address is. `local`: on this link, a group, or a cloud's metadata service; nobody serves components from there.
 */
export type Zone = 'public' | 'private' | 'loopback' | 'local';

const zones: readonly (readonly [Zone, readonly string[]])[] = [
  [
    'local',
    // Link-local, groups and reserved; then the metadata services that are elsewhere.
    [
      '169.254.0.0/16',
      '224.0.0.0/3',
      'fe80::/10',
      'ff00::/8',
      '100.100.100.200/32',
      'fd00:ec2::254/128',
      'fd20:ce::254/128',
    ],
  ],
  // Also the deprecated IPv4-compatible addresses.
  ['loopback', ['127.0.0.0/8', '0.0.0.0/8', '::/96']],
  [
    'private',
    [
      '10.0.0.0/8',
      '172.16.0.0/12',
      '192.168.0.0/16',
      '100.64.0.0/10',
      '192.0.0.0/24',
      '198.18.0.0/15',
      'fc00::/7',
      'fec0::/10',
    ],
  ],
];

const lists: readonly (readonly [Zone, BlockList])[] = zones.map(([zone, subnets]) => [zone, blockList(subnets)]);

/** The zone of an IP address. What is not an address counts as `local`. */
export function zoneOf(address: string): Zone {
  const version = isIP(address);
  if (version === 0) return 'local';
  const family = version === 4 ? 'ipv4' : 'ipv6';
  return lists.find(([, list]) => list.check(address, family))?.[0] ?? 'public';
}

/** Whether a server in zone `from` may send a client to an address in zone `to`: never closer to this machine than it is itself. */
export function maySendTo(from: Zone, to: Zone): boolean {
  return to === 'public' || to === from || (from === 'loopback' && to === 'private');
}

/** `host` of a URL as an address, without the brackets of IPv6; `undefined` when it is a name. */
export function literalAddress(host: string): string | undefined {
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  return isIP(bare) === 0 ? undefined : bare;
}

function blockList(subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [address = '', bits] = subnet.split('/');
    const prefix = Number(bits);
    if (isIP(address) === 6) {
      list.addSubnet(address, prefix, 'ipv6');
      continue;
    }
    list.addSubnet(address, prefix, 'ipv4');
    // IPv6 addresses that carry an IPv4 one: NAT64 and 6to4. BlockList itself knows the mapped ones.
    const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
    const groups = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
    list.addSubnet(`64:ff9b::${groups}`, 96 + prefix, 'ipv6');
    list.addSubnet(`2002:${groups}::`, 16 + prefix, 'ipv6');
  }
  return list;
}
