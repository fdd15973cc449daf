import { STORAGE_VENDORS } from '../../kinds/recording/storage-regions.ts';
import type { Facts, ProjectFacts, Recording } from '../facts.ts';
import { about, type Finding, judged, orPass, pass } from '../finding.ts';
import { counted, listed } from '../texts.ts';

/** MP-15: a converter belongs into the area of its CDN's origin. */
export const region = ({ projects }: Facts): readonly Finding[] => projects.flatMap(regionsOf);

function regionsOf({ project, converters }: ProjectFacts): readonly Finding[] {
  if (converters.length === 0) return [];
  const wrong = converters.flatMap((converter) => {
    const { region: own, cdnArea } = converter.spec;
    if (cdnArea === undefined || cdnArea === own) return [];
    return [
      judged(
        'region',
        'warn',
        {
          fact: `${converter.metadata.name} runs in ${own}, and its CDN’s origin is in ${cdnArea}`,
          action: `Set spec.region to ${cdnArea}, or spec.cdnArea to where the origin is.`,
        },
        about(project, converter),
      ),
    ];
  });
  const untold = converters.filter(({ spec }) => spec.cdnArea === undefined).map(({ metadata }) => metadata.name);
  const told = converters.length - untold.length;
  return [
    ...(told === 0
      ? []
      : orPass(wrong, pass('region', `${counted(told, 'converter')} in the area of the CDN`, about(project)))),
    ...(untold.length === 0
      ? []
      : [
          judged(
            'region',
            'skip',
            {
              fact: `${listed('converter', untold)} ${untold.length === 1 ? 'does' : 'do'} not declare where the CDN is`,
              action: 'Set spec.cdnArea to the area of the CDN’s origin, so that it can be compared with spec.region.',
            },
            about(project),
          ),
        ]),
  ];
}

/** Files cross areas where storage lies elsewhere; with `regionPolicy: Required` Agora refuses that (B.2). */
export const storageRegion = ({ projects }: Facts): readonly Finding[] => projects.flatMap(storageOf);

function storageOf({ project, recordings }: ProjectFacts): readonly Finding[] {
  if (recordings.length === 0) return [];
  const placed = recordings.map((recording) => ({ recording, area: areaOf(recording) }));
  const wrong = placed.flatMap(({ recording, area }) => {
    const { region: own, regionPolicy, storage } = recording.spec;
    if (area === undefined || area === own) return [];
    return [
      judged(
        'storage-region',
        regionPolicy === 'Required' ? 'fail' : 'warn',
        {
          fact: `${recording.metadata.name} runs in ${own}, and its storage ${storage.region ?? ''} is in ${area}`,
          action:
            regionPolicy === 'Required'
              ? 'Choose storage in the same area, or set spec.regionPolicy to Preferred: Agora refuses it so.'
              : 'Choose storage in the same area, so that no file has to cross over.',
        },
        about(project, recording),
      ),
    ];
  });
  const told = placed.filter(({ area }) => area !== undefined).length;
  const untold = placed.filter(({ area }) => area === undefined).map(({ recording }) => recording.metadata.name);
  return [
    ...(told === 0
      ? []
      : orPass(
          wrong,
          pass('storage-region', `${counted(told, 'recording')} in the area of the storage`, about(project)),
        )),
    ...(untold.length === 0
      ? []
      : [
          judged(
            'storage-region',
            'skip',
            {
              fact: `it cannot be told in which area the storage of ${listed('recording', untold)} lies`,
              action: 'Look whether the bucket lies in the area of spec.region.',
            },
            about(project),
          ),
        ]),
  ];
}

function areaOf({ spec: { storage } }: Recording): string | undefined {
  return storage.region === undefined ? undefined : STORAGE_VENDORS[storage.vendor].regions[storage.region]?.area;
}
