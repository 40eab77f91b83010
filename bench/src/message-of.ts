/** What an error says, its causes included, in a line of at most 500 characters. */
export function messageOf(error: unknown): string {
  const parts: string[] = [];
  for (let at = error; at !== undefined && parts.length < 4; at = at instanceof Error ? at.cause : undefined) {
    parts.push(at instanceof Error ? at.message : String(at));
  }
  return parts.join(': ').replaceAll(/\s+/g, ' ').slice(0, 500);
}
