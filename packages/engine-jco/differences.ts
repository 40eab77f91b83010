const noLatin1 = 'jco has no strings in latin1+utf16: its translator panics, so the engine refuses such components';
const noLimits = 'jco copies values before anyone could count them';
const noLeaveCheck = 'jco lets the host be called during an allocation';
const looseText = 'jco decodes broken text with U+FFFD instead of a trap';

/** The tests of the engine suite that jco does not pass, each with the reason. */
export const differences: Readonly<Record<string, string>> = {
  'strings in compact-utf16 keep every character': noLatin1,
  'lists of strings in compact-utf16 keep every character': noLatin1,
  'a byte order mark at the beginning of a text stays in compact-utf16': noLatin1,
  'half a surrogate pair from the host arrives as U+FFFD in compact-utf16': noLatin1,
  'a byte order mark at the beginning of a text stays in utf8': 'jco loses a byte order mark',
  'a byte order mark at the beginning of a text stays in utf16': 'jco loses a byte order mark',
  'a borrowed handle that is not dropped before the call returns traps': 'jco does not count the borrows of a call',
  'invalidUtf8 of bad-results traps': looseText,
  'truncatedUtf8 of bad-results traps': looseText,
  'loneSurrogate of bad-utf16 traps': looseText,
  'listOutOfBounds of bad-results traps': 'jco cuts such a list at the end of the memory',
  'listTooLong of bad-results traps': 'jco cuts such a list at the end of the memory',
  'resultAreaMisaligned of bad-results traps': 'jco does not check the alignment of a return area',
  'unknownHandle of bad-results traps': 'jco makes an object of any number',
  'dropUnknown of a handle traps': 'jco lets an unknown handle be dropped',
  'bits that a type does not have are ignored':
    'jco traps for a bool above 1, where the specification and wasmtime take it as true',
  'an allocation that gives a misaligned address traps for an argument':
    'jco does not check the alignment of an allocation',
  'an allocation that gives a misaligned address traps for a result of the host':
    'jco does not check the alignment of an allocation',
  'an allocation that calls the host traps for an argument': noLeaveCheck,
  'an allocation that calls the host traps for a result of the host': noLeaveCheck,
  'an allocation that drops a handle traps for an argument': noLeaveCheck,
  'an allocation that drops a handle traps for a result of the host': noLeaveCheck,
  'a list whose entries share one long text is stopped before it fills the memory': noLimits,
  'the same list is stopped as an argument of a host function': noLimits,
  'maxLiftedBytes bounds one text': noLimits,
  'maxLiftedBytes bounds a list of bytes': noLimits,
  'maxListLength bounds a list that is not of numbers': noLimits,
  'maxHandles bounds the handles that a component holds at a time': noLimits,
};
