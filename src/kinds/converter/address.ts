const LONGEST = 1_024;
const FORM = /^rtmps?:\/\/([^\s/]+)(\/\S*)?$/u;

/** MP-22: what is wrong with the form of a CDN address, in words that do not show it; undefined where nothing is. */
export function addressFault(url: string): string | undefined {
  if (url.length > LONGEST) return `is longer than ${LONGEST} characters`;
  if (url !== url.trim()) return 'begins or ends in white space or a line break';
  if (!FORM.test(url) || hostOf(url) === '') return 'is not of the form rtmp://host/path or rtmps://host/path';
  return undefined;
}

/** The host of a CDN address, for a look whether it resolves (MP-22). */
export function hostOf(url: string): string {
  const authority = FORM.exec(url)?.[1] ?? '';
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  return host.startsWith('[') ? host.slice(1, Math.max(1, host.indexOf(']'))) : (host.split(':', 1)[0] ?? '');
}
