/** A process that stands for election, for tests that kill it: `lease-holder.ts KUBECONFIG IDENTITY`. */
import { realClock } from '../../src/engine/clock.ts';
import { openAccess } from '../../src/hosts/kubernetes/access.ts';
import { createApi } from '../../src/hosts/kubernetes/api.ts';
import { createElector } from '../../src/hosts/kubernetes/lease.ts';
import { SILENT } from '../../src/observability/log.ts';

const [kubeconfig = '', identity = ''] = process.argv.slice(2);
const clock = realClock();
const access = await openAccess({ clock, environment: {}, kubeconfig });
const api = createApi({ access, clock, userAgent: 'lease-holder' });
const options = { api, namespace: 'media', name: 'controller', identity, clock, random: Math.random, log: SILENT };
const elector = createElector(options);
void elector.leading.then(() => console.log('leading'));
const end = new AbortController();
process.on('SIGTERM', () => end.abort());
console.log(await elector.run(end.signal));
await api.close();
