/** Where `watch` keeps its state unless `--state` says otherwise; a file of its own, so that `get` loads no engine for it. */
export const STATE_DIRECTORY = '.agora-reconciler';
