import type {PruneGroupName, PruneKind} from '../prune.ts';

export interface GroupRow {
	readonly name: PruneGroupName;
	readonly kind: PruneKind;
	readonly title: string;
	readonly note: string;
	/** The options of `mlstack prune` that choose everything in it; without one only what is preselected. */
	readonly option?: 'images' | 'volumes' | 'buildCache';
}

/** The groups of a plan in the order in which they are shown. */
export const pruneGroups: readonly GroupRow[] = [
	{
		name: 'stopped-containers',
		kind: 'container',
		title: 'Stopped containers',
		note: 'their logs go with them; the next `up` makes new ones',
	},
	{
		name: 'dangling-images',
		kind: 'image',
		title: 'Dangling images',
		note: 'left behind without a name by a build or a pull',
		option: 'images',
	},
	{
		name: 'stack-images',
		kind: 'image',
		title: 'Images of this stack',
		note: 'the next `up` pulls or builds them again',
		option: 'images',
	},
	{
		name: 'unused-images',
		kind: 'image',
		title: 'Unused images',
		note: 'no container uses them; pulled or built again when needed',
		option: 'images',
	},
	{
		name: 'build-cache',
		kind: 'buildCache',
		title: 'Build cache',
		note: 'of all projects; the next build takes longer',
		option: 'buildCache',
	},
	{
		name: 'networks',
		kind: 'network',
		title: 'Networks',
		note: 'the next `up` makes them again',
	},
	{
		name: 'anonymous-volumes',
		kind: 'volume',
		title: 'Anonymous volumes',
		note: 'made for a container that named none; they can hold data all the same',
		option: 'volumes',
	},
	{
		name: 'stack-volumes',
		kind: 'volume',
		title: 'Volumes of this stack',
		note: 'the experiments themselves: nothing makes them again',
		option: 'volumes',
	},
	{
		name: 'unused-volumes',
		kind: 'volume',
		title: 'Unused volumes',
		note: 'named volumes that no running container uses: nothing makes them again',
		option: 'volumes',
	},
];
