import { type Key, keyOf } from '../../core/resource.ts';
import type { Secret } from '../../core/secret.ts';
import { hours, type Instant, seconds } from '../../core/time.ts';
import { addressFault } from '../../kinds/converter/address.ts';
import { NOTIFICATION_SECRETS } from '../../kinds/project/notifications.ts';
import type { Converter, Project, Recording, SecretFact } from '../facts.ts';

/** The value of a key; `unreadable` where the caller may not read it. */
export type SecretLookup = (namespace: string, name: string, key: string) => Secret | 'unreadable' | undefined;

type Fault = NonNullable<SecretFact['fault']>;
type Judge = (text: string) => Fault | undefined;

interface Reference {
  readonly field: string;
  readonly name: string;
  readonly key: string;
  /** Absent: its absence is fine. */
  readonly isNeeded: boolean;
  readonly judge?: Judge;
}

/** B.4: temporary credentials live four hours at least when a recording begins. */
const STS_LEFT_MS = hours(4);

export function projectSecrets(project: Project, lookup: SecretLookup): readonly SecretFact[] {
  const { credentialsSecretRef, notifications } = project.spec;
  const notified = Object.values(NOTIFICATION_SECRETS).flatMap(({ ref, key, previousKey }): readonly Reference[] => {
    const name = notifications?.[ref]?.name;
    const field = `spec.notifications.${ref}`;
    return name === undefined
      ? []
      : [needed(field, name, key), { ...needed(field, name, previousKey), isNeeded: false }];
  });
  const references = [
    needed('spec.credentialsSecretRef', credentialsSecretRef.name, 'customerId'),
    needed('spec.credentialsSecretRef', credentialsSecretRef.name, 'customerSecret'),
    ...notified,
  ];
  return factsOf(project, references, lookup);
}

export function recordingSecrets(recording: Recording, lookup: SecretLookup, at: Instant): readonly SecretFact[] {
  const { urlFrom, publish, tokenFrom, storage } = recording.spec;
  const { name } = storage.credentialsSecretRef;
  const stored = (key: string): Reference => needed('spec.storage.credentialsSecretRef', name, key);
  return factsOf(
    recording,
    [
      ...from('spec.urlFrom', urlFrom, pageFault),
      ...from('spec.publish.rtmpUrlFrom', publish?.rtmpUrlFrom, cdnFault),
      ...from('spec.tokenFrom', tokenFrom),
      stored('accessKey'),
      stored('secretKey'),
      { ...stored('stsToken'), isNeeded: false },
      { ...stored('stsExpiration'), isNeeded: false, judge: (text) => stsFault(text, at) },
    ],
    lookup,
  );
}

export function converterSecrets(converter: Converter, lookup: SecretLookup): readonly SecretFact[] {
  const { rtmpUrlFrom, redundancy } = converter.spec;
  const outputs = (redundancy?.outputs ?? []).flatMap((output, index) =>
    from(`spec.redundancy.outputs[${index}].rtmpUrlFrom`, output.rtmpUrlFrom, cdnFault),
  );
  return factsOf(converter, [...from('spec.rtmpUrlFrom', rtmpUrlFrom, cdnFault), ...outputs], lookup);
}

const needed = (field: string, name: string, key: string): Reference => ({ field, name, key, isNeeded: true });

function from(
  field: string,
  source: { readonly secretKeyRef: { readonly name: string; readonly key: string } } | undefined,
  judge?: Judge,
): readonly Reference[] {
  if (source === undefined) return [];
  const { name, key } = source.secretKeyRef;
  return [{ ...needed(field, name, key), ...(judge === undefined ? {} : { judge }) }];
}

function factsOf(
  owner: Project | Recording | Converter,
  references: readonly Reference[],
  lookup: SecretLookup,
): readonly SecretFact[] {
  const key: Key = keyOf(owner);
  return references.flatMap((reference): readonly SecretFact[] => {
    const { field, name, isNeeded, judge } = reference;
    const found = lookup(owner.metadata.namespace, name, reference.key);
    const fact = { owner: key, field, name, key: reference.key };
    if (found === 'unreadable') return [{ ...fact, state: 'unreadable' }];
    if (found === undefined) return isNeeded ? [{ ...fact, state: 'absent' }] : [];
    const fault = formFault(found.reveal()) ?? judge?.(found.reveal());
    return [{ ...fact, state: 'there', ...(fault === undefined ? {} : { fault }) }];
  });
}

/** What `echo value | base64` and a copied line leave behind. */
function formFault(text: string): Fault | undefined {
  if (text === '') return { severity: 'fail', text: 'is empty' };
  if (text.trim() !== text) return { severity: 'fail', text: 'begins or ends in white space or a line break' };
  return undefined;
}

function cdnFault(text: string): Fault | undefined {
  const fault = addressFault(text);
  return fault === undefined ? undefined : { severity: 'fail', text: fault };
}

function pageFault(text: string): Fault | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPage = url !== undefined && (url.protocol === 'https:' || url.protocol === 'http:');
  return isPage ? undefined : { severity: 'fail', text: 'is no address of a page (https://…)' };
}

function stsFault(text: string, at: Instant): Fault | undefined {
  const left = seconds(Number(text)) - at;
  if (!Number.isFinite(left)) return { severity: 'fail', text: 'is no time in Unix seconds' };
  if (left <= 0) return { severity: 'fail', text: 'is over: the temporary credentials have expired' };
  if (left < STS_LEFT_MS) return { severity: 'warn', text: 'is less than 4 h ahead, and Agora asks for as much' };
  return undefined;
}
