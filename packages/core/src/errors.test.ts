import { describe, expect, it } from 'vitest';
import { GuestExit, HostError, WitError } from './errors.js';

/** An error as another copy of this package makes it. */
function foreign(name: string, fields: object): Error {
  return Object.assign(new Error('foreign'), { name }, fields);
}

describe('HostError', () => {
  it('is recognised by its structure, with and without a code', () => {
    expect(HostError.is(foreign('HostError', { code: 'ERR_SPEC_INVALID' }))).toBe(true);
    expect(HostError.is(foreign('HostError', { code: 'ERR_SPEC_INVALID' }), 'ERR_HOST_STATE')).toBe(false);
    expect(HostError.is(foreign('HostError', { code: 'ERR_MADE_UP' }))).toBe(false);
    expect(HostError.is({ name: 'HostError', code: 'ERR_SPEC_INVALID' })).toBe(false);
  });

  it('is kept as it is by from, and anything else becomes its cause', () => {
    const error = new HostError('ERR_HOST_STATE', 'x');
    expect(HostError.from(error, 'ERR_SPEC_INVALID', 'y')).toBe(error);
    expect(HostError.from('text', 'ERR_SPEC_INVALID', 'y')).toMatchObject({ code: 'ERR_SPEC_INVALID', cause: 'text' });
  });

  it('tells the errors of users from those of the system', () => {
    expect(new HostError('ERR_SPEC_INVALID', 'x').isUserError).toBe(true);
    expect(new HostError('ERR_GUEST_TRAPPED', 'x').isUserError).toBe(false);
  });
});

describe('errors for guests', () => {
  it('are recognised by their structure', () => {
    expect(WitError.is(foreign('WitError', { payload: 1 }))).toBe(true);
    expect(WitError.is(foreign('WitError', {}))).toBe(false);
    expect(GuestExit.is(foreign('GuestExit', { exitCode: 1 }))).toBe(true);
    expect(GuestExit.is(new Error('GuestExit'))).toBe(false);
  });
});
