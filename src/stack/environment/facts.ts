import type {Failure} from '../../failure.ts';
import type {EngineInfo, Stack} from '../model.ts';

/** What a stack runs on, as far as it could be found out. What is unknown is absent. */
export interface EnvironmentFacts {
	readonly kind: EngineInfo['kind'];
	readonly engine?: EngineFacts;
	/** Why no engine answers, where none does. */
	readonly away?: Failure;
	/** Absent for an engine that needs none of them. */
	readonly tools?: ToolFacts;
	readonly disks: readonly DiskFacts[];
	readonly ports: readonly PortFacts[];
	readonly images: readonly ImageFacts[];
	/** Absent when the engine's clock is this machine's own, or not known. */
	readonly clock?: ClockFacts;
	/** Absent when the stack could not be resolved. */
	readonly stack?: Stack;
}

export interface EngineFacts extends EngineInfo {
	/** It runs without the rights of root. */
	readonly rootless: boolean;
}

/** Versions of the docker command's plugins, and of docker-compose, version 1. */
export interface ToolFacts {
	/** There is a docker command. */
	readonly docker: boolean;
	readonly compose?: string;
	readonly composeV1?: string;
	readonly buildx?: string;
}

/** `engine`: where images, containers and volumes are. `project`: where the compose file lies. */
export interface DiskFacts {
	readonly place: 'engine' | 'project';
	readonly path: string;
	/** Bytes that this user may still write; absent when the place cannot be looked at from here. */
	readonly free?: number;
}

/** A port that the stack publishes. */
export interface PortFacts {
	readonly service: string;
	readonly port: number;
	/** `unknown`: the engine runs elsewhere, and none of its containers has the port. */
	readonly state: 'free' | 'ours' | 'taken' | 'unknown';
	/** Who has it: a container's name, a process. */
	readonly owner?: string;
}

/** The image of a service, which the engine has at hand. */
export interface ImageFacts {
	readonly service: string;
	readonly image: string;
	/** As the engine names it: `amd64`, `arm64`. */
	readonly arch: string;
}

/** Both in ms. */
export interface ClockFacts {
	/** How much later it is there; negative: earlier. */
	readonly ahead: number;
	/** Half of the time that asking took: the difference is no better known. */
	readonly uncertainty: number;
}

/** Go's names of architectures (GOARCH) for the kernel's, which `/info` gives and images do not. */
const architectures: Readonly<Record<string, string>> = {
	x86_64: 'amd64',
	aarch64: 'arm64',
	armv7l: 'arm',
	x64: 'amd64',
};

/** An architecture as images name it. */
export function architecture(name: string): string {
	return architectures[name] ?? name;
}
