import type { Facts } from '../facts.ts';
import { about, type Finding, judged, orPass, pass } from '../finding.ts';
import { counted } from '../texts.ts';

/** MP-21: 300 s is advised. Less than a minute takes a converter away in every pause; beyond 600 s Agora refuses it (C.2). */
export const RECOMMENDED_SECONDS = 300;
export const SHORT_SECONDS = 60;
export const LONGEST_SECONDS = 600;

export const idleTimeout = ({ projects }: Facts): readonly Finding[] =>
  projects.flatMap(({ project, converters }) => {
    if (converters.length === 0) return [];
    const findings = converters.flatMap((converter) => {
      const { idleTimeout: seconds } = converter.spec;
      if (seconds >= SHORT_SECONDS && seconds <= LONGEST_SECONDS) return [];
      return [
        judged(
          'idle-timeout',
          seconds > LONGEST_SECONDS ? 'fail' : 'warn',
          {
            fact: `${converter.metadata.name} is destroyed ${seconds} s after the last user has left`,
            action:
              seconds > LONGEST_SECONDS
                ? `Set spec.idleTimeout to ${LONGEST_SECONDS} at most.`
                : `Set spec.idleTimeout to ${RECOMMENDED_SECONDS}, so that a reconnect does not end the push.`,
          },
          about(project, converter),
        ),
      ];
    });
    const usual = converters.filter(({ spec }) => spec.idleTimeout === RECOMMENDED_SECONDS).length;
    const good = `${counted(converters.length, 'converter')}, ${usual} with the advised ${RECOMMENDED_SECONDS} s`;
    return orPass(findings, pass('idle-timeout', good, about(project)));
  });
