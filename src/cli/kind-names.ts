import { KIND_NAMES, type KindName } from '../core/resource.ts';
import { CommandError } from './io.ts';

/** How kinds may be called on the command line, as kubectl takes them: singular, plural, short name (design §4). */
const NAMES: Readonly<Record<KindName, readonly string[]>> = {
  AgoraProject: ['agoraproject', 'agoraprojects', 'agp', 'project', 'projects'],
  WebPageRecording: ['webpagerecording', 'webpagerecordings', 'wpr', 'recording', 'recordings'],
  RtmpConverter: ['rtmpconverter', 'rtmpconverters', 'rtmpc', 'converter', 'converters'],
};

/** What tables write before a name where several kinds are shown. */
export const SHORT_NAMES: Readonly<Record<KindName, string>> = {
  AgoraProject: 'agp',
  WebPageRecording: 'wpr',
  RtmpConverter: 'rtmpc',
};

/** The category of all kinds. */
const ALL = ['agora', 'all'];

/** One kind, several with commas, or `agora` for all. */
export function kindsNamed(text: string | undefined): readonly KindName[] {
  if (text === undefined || ALL.includes(text.toLowerCase())) return KIND_NAMES;
  const kinds = text.split(',').map(kindNamed);
  return KIND_NAMES.filter((kind) => kinds.includes(kind));
}

export function kindNamed(text: string): KindName {
  const [plain = ''] = text.toLowerCase().split('.', 1);
  const kind = KIND_NAMES.find((each) => NAMES[each].includes(plain));
  if (kind !== undefined) return kind;
  const known = KIND_NAMES.map((each) => `${each} (${SHORT_NAMES[each]})`).join(', ');
  throw new CommandError(`${text} is no kind; use ${known} or agora`, { exitCode: USAGE });
}

const USAGE = 64;

/** What `KIND/NAME` or `KIND/NAMESPACE/NAME` names; the namespace may be left open. */
export interface Named {
  readonly kind: KindName;
  readonly namespace?: string;
  readonly name: string;
}

export function resourceNamed(text: string, namespace: string | undefined): Named {
  const [kind = '', ...rest] = text.split('/');
  if (rest.length < 1 || rest.length > 2 || rest.includes(''))
    throw new CommandError(`${text} does not name a resource; write KIND/NAME, as rtmpc/vertical`, { exitCode: USAGE });
  const within = rest.length === 2 ? rest[0] : namespace;
  return { kind: kindNamed(kind), name: rest.at(-1) ?? '', ...(within === undefined ? {} : { namespace: within }) };
}
