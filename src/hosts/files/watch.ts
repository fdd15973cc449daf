import { type FSWatcher, watch } from 'node:fs';
import { errorCode } from './filesystem.ts';

export interface DirectoryWatch {
  /** Watches exactly these from now on; tells whether one of them was not watched before. */
  follow(directories: ReadonlyMap<string, string>): 'same' | 'more';
  /** Why changes may go unseen until the next periodic scan; undefined where all directories are watched. */
  trouble(): string | undefined;
  close(): void;
}

/**
 * Rings when something in a directory changed. Only a hint that a scan is worth while (ADR 0002): what happened is not
 * asked, a lost event costs time until the periodic scan.
 */
export function watchDirectories(ring: () => void): DirectoryWatch {
  const watchers = new Map<string, { readonly identity: string; readonly watcher: FSWatcher }>();
  const troubles = new Map<string, string>();

  const drop = (path: string): void => {
    watchers.get(path)?.watcher.close();
    watchers.delete(path);
  };
  const add = (path: string, identity: string): void => {
    try {
      const watcher = watch(path, { persistent: false }, ring);
      watcher.on('error', () => {
        drop(path);
        ring();
      });
      watchers.set(path, { identity, watcher });
      troubles.delete(path);
    } catch (error) {
      const code = errorCode(error) ?? 'unknown error';
      // A directory that vanished since it was scanned: the next scan tells.
      if (code !== 'ENOENT') troubles.set(path, EXPLAINED[code] ?? code);
    }
  };

  return {
    follow(directories) {
      let news: 'same' | 'more' = 'same';
      for (const [path, { identity }] of watchers) if (directories.get(path) !== identity) drop(path);
      for (const path of troubles.keys()) if (!directories.has(path)) troubles.delete(path);
      for (const [path, identity] of directories) {
        if (watchers.has(path)) continue;
        add(path, identity);
        if (watchers.has(path)) news = 'more';
      }
      return news;
    },
    trouble: () => [...troubles].map(([path, why]) => `${path} cannot be watched: ${why}`)[0],
    close() {
      for (const path of [...watchers.keys()]) drop(path);
    },
  };
}

const EXPLAINED: Readonly<Record<string, string>> = {
  ENOSPC: 'the system allows no more watches (raise fs.inotify.max_user_watches)',
  EMFILE: 'too many open files (raise fs.inotify.max_user_instances)',
};
