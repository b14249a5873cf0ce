import {createSocket} from 'node:dgram';
import {portState} from '../../environment/listening.ts';
import {stringIn} from '../../json.ts';

/** Ports that are kept for a service. */
export interface PortHold {
	release(): void;
}

/**
 * Keeps TCP ports of 127.0.0.1 for a service that is about to listen on them, which takes MLflow five seconds: two
 * supervisors that chose the same one must not both start. Whoever holds the UDP port of that number holds it, among
 * mlstack's supervisors: UDP has numbers of its own, so that nothing is in the service's way, and the kernel keeps them
 * for all users of the machine, to the same extent as TCP's, and frees them when the supervisor dies. A stranger's
 * program on that UDP port costs no more than another number.
 *
 * Returns the first port that another supervisor holds. With `free`, also the first on which something listens already.
 */
export async function holdPorts(ports: readonly number[], free: boolean): Promise<PortHold | number> {
	const releases: Array<() => void> = [];
	const hold: PortHold = {
		release() {
			for (const release of releases.splice(0)) {
				release();
			}
		},
	};
	for (const port of ports) {
		const release = await bindUdp(port);
		if (release) {
			releases.push(release);
		}

		if (!release || (free && (await portState(port)) === 'taken')) {
			hold.release();
			return port;
		}
	}

	return hold;
}

/** `undefined` when another program has it. What the system does not let us have is left to the service to be told. */
async function bindUdp(port: number): Promise<(() => void) | undefined> {
	const socket = createSocket('udp4').unref();
	return new Promise((resolve) => {
		socket.on('error', (error) => {
			resolve(stringIn(error, 'code') === 'EADDRINUSE' ? undefined : () => undefined);
		});
		socket.bind({address: '127.0.0.1', port, exclusive: true}, () => {
			resolve(() => {
				socket.close();
			});
		});
	});
}
