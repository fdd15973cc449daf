import { expect, it } from 'vitest';
import { keyOf, type Resource } from '../../src/core/resource.ts';
import { Memory } from '../../src/engine/memory.ts';
import { project, recordingWith, SID } from '../ingress/builders.ts';

it('what was seen of a resource is not taken for its successor of the same name, though nobody told that it went', () => {
  const memory = new Memory();
  const first = recordingWith({ sid: SID });
  const key = keyOf(first);
  memory.index(project());
  memory.index(first);
  memory.observations.set(key, 'seen');
  memory.index({ ...first, metadata: { ...first.metadata, generation: 2, resourceVersion: '9' } });
  expect(memory.observations.get(key)).toBe('seen');
  const second: Resource = { ...first, metadata: { ...first.metadata, uid: 'uid-of-the-second' } };
  memory.index(second);
  expect(memory.observations.has(key)).toBe(false);
  expect(memory.membersOf(keyOf(project()))).toEqual(new Set([key]));
});
