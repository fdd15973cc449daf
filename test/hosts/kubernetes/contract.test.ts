import { type HostHarness, hostContract } from '../contract.ts';
import { openHost, userOf } from './fixture.ts';
import { ApiStub } from './stub.ts';

// The same suite runs against a real API server: test/kubernetes/host-contract.test.ts.
hostContract('kubernetes, a stub of its API', async () => harness(await ApiStub.start()));

function harness(stub: ApiStub): HostHarness {
  const host = openHost(stub);
  return {
    host,
    ...userOf(stub),
    async restart() {
      await host.close();
      return harness(stub);
    },
    async close() {
      await host.close();
      await stub.stop();
    },
  };
}
