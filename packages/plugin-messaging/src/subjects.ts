/** Longer subjects are refused: NATS reads a whole command, subjects included, into 4,096 bytes. */
export const maxSubjectLength = 1_024;

/** What would end a line of the protocol or a word of it, or hide in a log. */
const unwanted = /[\p{White_Space}\p{Cc}\p{Cf}]/u;

/** Whether a message can be sent to `text`: tokens of visible characters, joined by dots, no wildcards. */
export function isSubject(text: string): boolean {
  return isPattern(text) && !text.split('.').some(isWildcard);
}

/** Whether `text` is a subject in which `*` may stand for one token, and a last `>` for one or more. */
export function isPattern(text: string): boolean {
  if (text === '' || text.length > maxSubjectLength || unwanted.test(text)) return false;
  const tokens = text.split('.');
  return tokens.every((token, index) => token !== '' && (token !== '>' || index === tokens.length - 1));
}

/** Whether a valid subject falls under a valid pattern. */
export function matchesPattern(pattern: string, subject: string): boolean {
  const wanted = pattern.split('.');
  const tokens = subject.split('.');
  for (const [index, token] of wanted.entries()) {
    if (token === '>') return tokens.length > index;
    if (index >= tokens.length || (token !== '*' && token !== tokens[index])) return false;
  }
  return wanted.length === tokens.length;
}

/** Whether NATS makes up such subjects for replies. */
export function isInbox(subject: string): boolean {
  return /^_INBOX(\.|$)/.test(subject);
}

/**
 * Whether a subject is no guest's business, either way: those of NATS itself (`$SYS`, `$JS`, `$KV`), those of the host API, which start workloads,
 * those of the logs, which a guest could forge, and inboxes. Of a pattern, whether all that it names literally lies there.
 */
export function isReserved(subject: string): boolean {
  return subject.startsWith('$') || /^(runtime|lodge\.logs)(\.|$)/.test(subject) || isInbox(subject);
}

function isWildcard(token: string): boolean {
  return token === '*' || token === '>';
}
