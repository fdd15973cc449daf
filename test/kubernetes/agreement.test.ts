import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KindName } from '../../src/core/resource.ts';
import { createOffline } from '../contract/offline.ts';
import { type Case, type Json, manifest } from '../contract/table/case.ts';
import { CASES } from '../contract/table/cases.ts';
import { YAML_CASES } from '../contract/table/yaml.ts';
import { type ApiAnswer, type ApiClient, createApiClient, kubectl } from './api-client.ts';
import { type ApiServer, startApiServer, whyNoServer } from './api-server.ts';

const NAMESPACE = 'agora-agreement';
const PLURALS: Readonly<Record<KindName, string>> = {
  AgoraProject: 'agoraprojects',
  WebPageRecording: 'webpagerecordings',
  RtmpConverter: 'rtmpconverters',
};

const reason = whyNoServer(process.env);
const offline = await createOffline();

if (reason !== undefined) console.warn(`the half that needs an API server is skipped: ${reason}`);
if (reason !== undefined && process.env.CI) {
  it('has an API server to test against', () => expect.fail(reason));
}

describe.skipIf(reason !== undefined)(
  `validate and the API server agree${reason === undefined ? '' : ` (${reason})`}`,
  () => {
    let server: ApiServer;
    let client: ApiClient;

    beforeAll(async () => {
      server = await startApiServer(process.env);
      client = createApiClient(server);
      const applied = await kubectl(server, [
        'apply',
        '--server-side',
        '--force-conflicts',
        '-f',
        new URL('../../crds', import.meta.url).pathname,
      ]);
      expect(applied.stderr).toBe('');
      const established = await kubectl(server, [
        'wait',
        '--for=condition=Established',
        '--timeout=30s',
        ...Object.values(PLURALS).map((plural) => `crd/${plural}.agora-reconciler.dev`),
      ]);
      expect(established.stderr).toBe('');
      await client.call('POST', '/api/v1/namespaces', {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: NAMESPACE },
      });
    });

    afterAll(async () => {
      client?.close();
      await server?.stop();
    });

    const path = (kind: KindName): string =>
      `/apis/agora-reconciler.dev/v1alpha1/namespaces/${NAMESPACE}/${PLURALS[kind]}`;
    const DRY_RUN = '?dryRun=All&fieldValidation=Strict';

    async function ask(row: Case): Promise<ApiAnswer> {
      const asked = placed(manifest(row));
      if (row.old === undefined) return client.call('POST', `${path(row.kind)}${DRY_RUN}`, asked);
      const made = await client.call('POST', path(row.kind), placed(manifest({ kind: row.kind, set: row.old })));
      expect(made.status).toBe(201);
      const at = `${path(row.kind)}/${nameOf(made.body)}`;
      try {
        return await client.call('PUT', `${at}${DRY_RUN}`, {
          ...asked,
          metadata: { ...meta(asked), resourceVersion: meta(made.body).resourceVersion },
        });
      } finally {
        await client.call('DELETE', at);
      }
    }

    describe.each(Object.keys(PLURALS))('%s', (kind) => {
      it.each(CASES.filter((row) => row.kind === kind).map((row) => [row.title, row] as const))(
        '%s',
        async (_, row) => {
          const { resource, errors } = offline.judge(row);
          const { status, body } = await ask(row);
          expect([status, errors.length > 0]).toEqual(
            row.refused === undefined ? [row.old ? 200 : 201, false] : [status >= 400 ? status : 'refused', true],
          );
          if (row.refused === undefined) expect(resource?.spec).toEqual(body.spec);
          else expect(fieldsOf(body).some((field) => related(field, row.refused ?? ''))).toBe(true);
        },
      );
    });

    it('the API server takes every example', async () => {
      await client.call('POST', '/api/v1/namespaces', {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: 'media' },
      });
      const examples = new URL('../../examples/', import.meta.url).pathname;
      const manifests = readdirSync(examples, { recursive: true, encoding: 'utf8' }).filter((name) =>
        name.endsWith('.yaml'),
      );
      const { code, stderr } = await kubectl(server, [
        'apply',
        '--dry-run=server',
        ...manifests.flatMap((name) => ['-f', join(examples, name)]),
      ]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    });

    describe('kubectl reads YAML alike', () => {
      it.each(YAML_CASES)('$title', async ({ text, reads }) => {
        const { code, stdout } = await kubectl(
          server,
          ['annotate', '--local', '--dry-run=client', '-f', '-', '-o', 'json', 'read=yes'],
          text,
        );
        // One JSON text after the other.
        const list =
          stdout.trim() === ''
            ? []
            : stdout
                .trim()
                .split(/(?<=^\})\n(?=\{)/m)
                .map((one) => JSON.parse(one));
        if (reads === 'alike') {
          expect(code).toBe(0);
          expect(offline.documents(text)).toEqual(list.map((value) => value.spec));
        } else expect(offline.syntaxErrors(text)).toBeGreaterThan(0);
      });
    });
  },
);

const placed = (value: Json): Json => ({ ...value, metadata: { ...meta(value), namespace: NAMESPACE } });

function meta(value: Json): Json {
  return typeof value.metadata === 'object' && value.metadata !== null ? { ...value.metadata } : {};
}

const nameOf = (value: Json): string => String(meta(value).name);

/** The fields that a refusal names: as causes, or, for unknown ones, in its text. */
function fieldsOf(body: Json): readonly string[] {
  const details =
    typeof body.details === 'object' && body.details !== null ? Reflect.get(body.details, 'causes') : undefined;
  const causes = Array.isArray(details) ? details.map((cause) => String(cause.field)) : [];
  return [
    ...causes,
    ...[...String(body.message).matchAll(/unknown field "([^"]+)"/g)].map(([, field]) => String(field)),
  ];
}

/** The server may name the item of a list, or the map of a key. */
const related = (field: string, ours: string): boolean => field.startsWith(ours) || ours.startsWith(field);
