/** What baseline and floor write of a converter that was created. */
export const readyStatus = (generation: number, converterId: string): object => ({
  observedGeneration: generation,
  conditions: [
    {
      type: 'Ready',
      status: 'True',
      reason: 'Running',
      message: `runs as ${converterId}`,
      observedGeneration: generation,
      lastTransitionTime: new Date().toISOString(),
    },
  ],
});
