import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/** `CHROMIUM`, else the first one in PATH. No browser is downloaded; without one the tests fail and say how to get it. */
export function chromiumPath(): string {
  const path = process.env['CHROMIUM'] ?? inPath();
  if (path === undefined)
    throw new Error('no Chromium: install one (Debian: apt-get install chromium) or name it in CHROMIUM');
  return path;
}

export const startChromium = (): Promise<Browser> =>
  chromium.launch({
    executablePath: chromiumPath(),
    args: [
      // As a recorder has it: nobody clicks.
      '--autoplay-policy=no-user-gesture-required',
      // The pages are our own, and in containers there is no other user to be.
      '--no-sandbox',
    ],
    // Pages come back from the cache as in a browser that people use.
    ignoreDefaultArgs: ['--disable-back-forward-cache', '--mute-audio'],
  });

function inPath(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
