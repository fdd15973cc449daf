import { describe, expect, it } from 'vitest';
import { Secret } from '../../../src/core/secret.ts';
import { hours } from '../../../src/core/time.ts';
import {
  mintPageToken,
  PAGE_TOKEN_PARAMETER,
  type PageIdentity,
  pageTokenExpiry,
  pageTokenHash,
  readPageToken,
  withPageToken,
} from '../../../src/kinds/recording/page-token.ts';
import { T0 } from './builders.ts';

const identity: PageIdentity = { namespace: 'media', name: 'keynote', attempt: 3, expiresAt: T0 };
const secret = new Secret('customer-secret');
const token = (more: Partial<PageIdentity> = {}, key = secret): string =>
  mintPageToken(key, { ...identity, ...more }).reveal();

describe('WR-8 the token that names a recording and its attempt', () => {
  it('is this one: the simulated cloud and pages out there rely on its form', () => {
    expect(token()).toBe('v1.bWVkaWEva2V5bm90ZS8zLzE3OTYxMTU2MDA.o8G2Xl-kZ2D6ja2M-iVR6kqjIj1fh0Hc8vEwD5IWNM8');
    expect(pageTokenHash(token())).toBe(pageTokenHash(mintPageToken(secret, identity)));
    expect(pageTokenHash(token())).toMatch(/^[0-9a-f]{64}$/);
  });

  it('is the same for each retry of an attempt, and another for everything that it names', () => {
    expect(token()).toBe(token());
    const others = [
      token({ namespace: 'medi' }),
      token({ name: 'keynote2' }),
      token({ attempt: 4 }),
      token({ expiresAt: T0 + 1_000 }),
      token({}, new Secret('rotated')),
    ];
    expect(new Set([token(), ...others]).size).toBe(6);
  });

  it('does not print', () => {
    expect(
      `${String(mintPageToken(secret, identity))} ${JSON.stringify({ token: mintPageToken(secret, identity) })}`,
    ).toBe('*** {"token":"***"}');
  });

  it('says what it names', () => {
    expect(readPageToken(token())).toEqual(identity);
    const longest = { namespace: 'n'.repeat(63), name: 'm'.repeat(253), attempt: 2_147_483_647, expiresAt: T0 };
    expect(readPageToken(token(longest))).toEqual(longest);
    // The rule on the length of `url` counts on it.
    expect(`?${PAGE_TOKEN_PARAMETER}=${token(longest)}`.length).toBeLessThanOrEqual(516);
  });

  it('is good for an hour past the latest end of its attempt, in whole seconds', () => {
    expect(pageTokenExpiry(T0)).toBe(T0 + hours(1));
    expect(pageTokenExpiry(T0 + 1)).toBe(T0 + hours(1) + 1_000);
  });

  it.each([
    ['nothing', ''],
    ['another version', token().replace('v1', 'v2')],
    ['no signature', token().replace(/\.[^.]*$/, '')],
    ['a short signature', token().slice(0, -1)],
    ['a padded payload', token().replace(/\.(?=[^.]*$)/, '=.')],
    ['blanks around it', ` ${token()}`],
    ['a line end', `${token()}\n`],
    ['a payload that is not canonical', token().replace('MDA.', 'MDB.')],
    ['attempt 0', token({ attempt: 0 })],
    ['an attempt with a fraction', token({ attempt: 1.5 })],
    ['a time that is none', token({ expiresAt: Number.NaN })],
    ['a slash in a name', token({ name: 'key/note' })],
    ['capitals in a name', token({ name: 'Keynote' })],
    ['a text without end', `v1.${'a'.repeat(100_000)}.${'b'.repeat(43)}`],
  ])('%s is none', (_what, text) => {
    expect(readPageToken(text)).toBeUndefined();
  });
});

describe('WR-8 the address that Agora opens carries it, and is otherwise as declared', () => {
  const T = new Secret('v1.x.y');
  const P = `${PAGE_TOKEN_PARAMETER}=v1.x.y`;
  it.each`
    url                                     | query                                        | fragment
    ${'https://a.example'}                  | ${`https://a.example?${P}`}                  | ${`https://a.example#${P}`}
    ${'https://a.example/'}                 | ${`https://a.example/?${P}`}                 | ${`https://a.example/#${P}`}
    ${'https://a.example/b/'}               | ${`https://a.example/b/?${P}`}               | ${`https://a.example/b/#${P}`}
    ${'https://a.example/b&'}               | ${`https://a.example/b&?${P}`}               | ${`https://a.example/b&#${P}`}
    ${'https://a.example/?'}                | ${`https://a.example/?${P}`}                 | ${`https://a.example/?#${P}`}
    ${'https://a.example/?x=1'}             | ${`https://a.example/?x=1&${P}`}             | ${`https://a.example/?x=1#${P}`}
    ${'https://a.example/?x=1&'}            | ${`https://a.example/?x=1&${P}`}             | ${`https://a.example/?x=1&#${P}`}
    ${'https://a.example/?x=a%20b+%C3%A9'}  | ${`https://a.example/?x=a%20b+%C3%A9&${P}`}  | ${`https://a.example/?x=a%20b+%C3%A9#${P}`}
    ${'https://a.example/?u=/b?c=1'}        | ${`https://a.example/?u=/b?c=1&${P}`}        | ${`https://a.example/?u=/b?c=1#${P}`}
    ${'https://a.example/#'}                | ${`https://a.example/?${P}#`}                | ${`https://a.example/#${P}`}
    ${'https://a.example/#part'}            | ${`https://a.example/?${P}#part`}            | ${`https://a.example/#part&${P}`}
    ${'https://a.example/?x=1#part'}        | ${`https://a.example/?x=1&${P}#part`}        | ${`https://a.example/?x=1#part&${P}`}
    ${'https://a.example/#a=1&b=2'}         | ${`https://a.example/?${P}#a=1&b=2`}         | ${`https://a.example/#a=1&b=2&${P}`}
    ${'https://a.example/#?a=1'}            | ${`https://a.example/?${P}#?a=1`}            | ${`https://a.example/#?a=1&${P}`}
    ${'https://a.example/#/hall'}           | ${`https://a.example/?${P}#/hall`}           | ${`https://a.example/#/hall?${P}`}
    ${'https://a.example/#/hall?x=1'}       | ${`https://a.example/?${P}#/hall?x=1`}       | ${`https://a.example/#/hall?x=1&${P}`}
    ${'https://a.example/#!/hall'}          | ${`https://a.example/?${P}#!/hall`}          | ${`https://a.example/#!/hall?${P}`}
    ${'https://a.example/#a#b?c'}           | ${`https://a.example/?${P}#a#b?c`}           | ${`https://a.example/#a#b?c&${P}`}
    ${'https://a.example/#part:~:text=x,y'} | ${`https://a.example/?${P}#part:~:text=x,y`} | ${`https://a.example/#part&${P}:~:text=x,y`}
    ${'https://a.example/#:~:text=x'}       | ${`https://a.example/?${P}#:~:text=x`}       | ${`https://a.example/#${P}:~:text=x`}
    ${'HTTP://User:Pw@A.example:80/%7e/..'} | ${`HTTP://User:Pw@A.example:80/%7e/..?${P}`} | ${`HTTP://User:Pw@A.example:80/%7e/..#${P}`}
    ${'https://a.example/früh?ü=ß'}         | ${`https://a.example/früh?ü=ß&${P}`}         | ${`https://a.example/früh?ü=ß#${P}`}
  `('$url', ({ url, query, fragment }) => {
    expect(withPageToken(url, T, 'Query')).toBe(query);
    expect(withPageToken(url, T, 'Fragment')).toBe(fragment);
    for (const address of [query, fragment]) expect(new URL(address).href).toContain(P);
  });
});
