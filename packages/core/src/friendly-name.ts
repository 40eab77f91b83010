const adjectives =
  'amber bold brave breezy bright calm clever cozy crisp dapper deft eager early fair fleet fond gentle golden green happy hardy hazel humble jolly keen kind lively lucky mellow merry mild misty noble patient plucky proud quick quiet ready rosy rustic silent silver snowy steady sunny swift tidy warm wise';
const nouns =
  'alder anchor aspen badger beacon birch brook cabin canyon cedar cliff cove creek crest dale delta ember falcon fern fjord forest glade grove harbor heron hill inlet island juniper lake lantern larch ledge maple marsh meadow mesa otter peak pine pond prairie raven reef ridge river spruce summit thicket trail valley willow';

/** A random name for a host, such as `quiet-harbor-4821`. Valid by RFC 1123. */
export function randomFriendlyName(): string {
  const [first = 0, second = 0, third = 0] = crypto.getRandomValues(new Uint32Array(3));
  return `${pick(adjectives, first)}-${pick(nouns, second)}-${1000 + (third % 9000)}`;
}

/** Whether a name can be that of a Kubernetes resource: lower-case letters, digits and inner hyphens, at most 63. */
export function isFriendlyName(name: string): boolean {
  return name.length <= 63 && /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(name);
}

function pick(words: string, random: number): string {
  const list = words.split(' ');
  return list[random % list.length] ?? '';
}
