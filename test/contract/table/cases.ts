import type { Case } from './case.ts';
import { CONVERTER_CASES } from './converter.ts';
import { PROJECT_CASES } from './project.ts';
import { RECORDING_CASES } from './recording.ts';
import { STORAGE_CASES } from './storage.ts';

/** What `validate` and the API server must agree on, with an invalid manifest for every CEL rule at least. */
export const CASES: readonly Case[] = [...PROJECT_CASES, ...RECORDING_CASES, ...STORAGE_CASES, ...CONVERTER_CASES];
