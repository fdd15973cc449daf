import { type Declare, examples } from './command.ts';
import { type ControllerFlags, controllerFlags } from './controller-flags.ts';

export const declareController: Declare = (program, { io, run }) => {
  controllerFlags(
    program
      .command('controller')
      .description('Make Agora match the resources of a Kubernetes cluster, and keep it so.'),
  )
    .addHelpText(
      'after',
      `${examples(
        'controller --leader-elect',
        'controller --context live --watch-namespaces media',
        'controller --endpoint http://127.0.0.1:8080',
      )}
Exit codes: 0 ended in order; 1 lost the lease; 2 cluster, endpoint or address
cannot be used; 64 wrong command line.`,
    )
    .action(async (flags: ControllerFlags) => {
      const { metricsBindAddress, healthProbeBindAddress, ingressBindAddress, gracefulShutdownTimeout, ...rest } =
        flags;
      const { controllerCommand } = await import('../cli/controller.ts');
      const options = {
        ...rest,
        metricsBindAddress: metricsBindAddress.address,
        healthProbeBindAddress: healthProbeBindAddress.address,
        ingressBindAddress: ingressBindAddress.address,
        gracefulShutdownTimeoutMs: gracefulShutdownTimeout,
      };
      await run(controllerCommand(options, io));
    });
};
