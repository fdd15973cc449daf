/** A process of its own that serves the simulated cloud on loopback; it ends when its parent does. */
import { realClock } from '../../src/engine/clock.ts';
import { createCloud } from '../../src/simulator/cloud.ts';
import type { ProjectOptions } from '../../src/simulator/projects.ts';
import { serve } from '../../src/simulator/server.ts';

const projects = JSON.parse(process.argv[2] ?? '[]') as readonly ProjectOptions[];
const clock = realClock();
const server = await serve(createCloud({ clock, seed: 'bench', projects }), { clock });
process.send?.(server.url);
process.on('disconnect', () => process.exit());
