import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** What an address must not be, unless the policy names the host. */
type AddressKind = 'loopback' | 'local';

/** The error of a connection to an address that requests must not reach. */
export class AddressProhibited extends Error {
  override readonly name: string = 'AddressProhibited';
  readonly code = 'LODGE_ADDRESS_PROHIBITED';

  constructor() {
    super('requests must not reach this address');
  }
}

/** Tells addresses of this machine, its link and its cloud's metadata service from others. */
export class AddressGuard {
  readonly #loopback: BlockList = new BlockList();
  readonly #local: BlockList = new BlockList();

  constructor() {
    this.#loopback.addSubnet('127.0.0.0', 8, 'ipv4');
    this.#loopback.addSubnet('0.0.0.0', 8, 'ipv4');
    // Also the deprecated IPv4-compatible addresses.
    this.#loopback.addSubnet('::', 96, 'ipv6');
    addTranslated(this.#loopback, '7f00', 8);
    addTranslated(this.#loopback, '0000', 8);
    this.#local.addSubnet('169.254.0.0', 16, 'ipv4');
    this.#local.addSubnet('224.0.0.0', 3, 'ipv4');
    this.#local.addAddress('100.100.100.200', 'ipv4');
    this.#local.addSubnet('fe80::', 10, 'ipv6');
    this.#local.addSubnet('ff00::', 8, 'ipv6');
    this.#local.addAddress('fd00:ec2::254', 'ipv6');
    this.#local.addAddress('fd20:ce::254', 'ipv6');
    addTranslated(this.#local, 'a9fe', 16);
  }

  /** Whether a request may go to `address`. @param allowsLoopback Also to this machine. */
  mayReach(address: string, allowsLoopback: boolean): boolean {
    const kind = this.#kindOf(address);
    return kind === undefined || (allowsLoopback && kind === 'loopback');
  }

  /** A resolver that answers only with addresses that requests may reach. @param allowsLoopback Where the policy names the host. */
  lookup(allowsLoopback: boolean): LookupFunction {
    return (hostname: string, options: LookupOptions, callback): void => {
      lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
        if (error !== null) {
          callback(error, []);
          return;
        }
        const allowed = addresses.filter(({ address }) => this.mayReach(address, allowsLoopback));
        const [first] = allowed;
        if (first === undefined) callback(new AddressProhibited(), []);
        else if (options.all === true) callback(null, allowed);
        else callback(null, first.address, first.family);
      });
    };
  }

  #kindOf(address: string): AddressKind | undefined {
    const version = isIP(address);
    if (version === 0) return 'local';
    const family = version === 4 ? 'ipv4' : 'ipv6';
    if (this.#loopback.check(address, family)) return 'loopback';
    return this.#local.check(address, family) ? 'local' : undefined;
  }
}

/** IPv6 addresses that carry an IPv4 one: NAT64 and 6to4. @param start The first 16 bits of the IPv4 subnet. */
function addTranslated(list: BlockList, start: string, prefix: number): void {
  list.addSubnet(`64:ff9b::${start}:0`, 96 + prefix, 'ipv6');
  list.addSubnet(`2002:${start}::`, 16 + prefix, 'ipv6');
}

/** `host` as an address, without the brackets of IPv6; `undefined` when it is a name. */
export function literalAddress(host: string): string | undefined {
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  return isIP(bare) === 0 ? undefined : bare;
}
