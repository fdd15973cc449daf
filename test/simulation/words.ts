/** What a trace says of a write. */
export function summary(status: unknown): string {
  const {
    conditions = [],
    tasks = [],
    admission = [],
  } = (status ?? {}) as {
    admission?: { region: string; class: string }[];
    conditions?: { type: string; status: string; reason: string }[];
    tasks?: { attempt: number; phase: string; intent?: { call: string } }[];
  };
  const ready = conditions.find(({ type }) => type === 'Ready');
  const entries = tasks.map(
    (task) => `${task.attempt}:${task.phase}${task.intent === undefined ? '' : `(${task.intent.call})`}`,
  );
  const slots = admission.map((slot) => `${slot.region}-${slot.class}`).join(' ');
  return `${ready?.status}/${ready?.reason} [${entries.join(' ')}]${slots === '' ? '' : ` holds ${slots}`}`;
}

/** Which notification or report it is. */
export function shortly(body: Uint8Array): string {
  const { eventType, productId, payload, state, faults, load } = JSON.parse(Buffer.from(body).toString());
  if (eventType === undefined) return `${String(load).slice(0, 4)} ${[state, ...faults].join(', ')}`;
  const { cname, sid, converter, details, destroyReason } = payload;
  const who = productId === 3 ? `${cname} ${sid}` : `${converter.name ?? ''} ${converter.id}`;
  return `${eventType} ${who} ${details?.code ?? details?.reason ?? destroyReason ?? converter?.state ?? ''}`;
}
