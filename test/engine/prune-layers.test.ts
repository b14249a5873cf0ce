import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {layersOf, withPackedLayers, type HistoryEntry} from '../../src/engine/docker/image-layers.ts';

/** `RUN pip install mlflow 800` */
function steps(...texts: readonly string[]): readonly HistoryEntry[] {
	return texts.map((text) => {
		const [, createdBy = '', size = '0'] = /^(.*?)(?: (\d+))?$/.exec(text) ?? [];
		return {createdBy, size: Number(size)};
	});
}

test('steps that only change settings make no layer', () => {
	const layers = layersOf(
		['sha256:a', 'sha256:b'],
		steps(
			'debian rootfs 80',
			'ENV PG_MAJOR=18',
			'/bin/sh -c #(nop)  CMD ["bash"]',
			'RUN apt-get 400',
			'VOLUME [/x]',
		),
	);
	assert.deepEqual(
		layers.map(({size}) => size),
		[80, 400],
	);
});

test('a step that left nothing behind makes an empty layer', () => {
	const layers = layersOf(
		['sha256:a', 'sha256:b', 'sha256:c'],
		steps('rootfs 80', 'RUN true', 'ENV A=1', 'COPY app 7'),
	);
	assert.deepEqual(
		layers.map(({size}) => size),
		[80, 0, 7],
	);
});

test('the same content on top of another layer is another layer', () => {
	const one = layersOf(['sha256:a', 'sha256:c'], steps('x 1', 'y 2'));
	const two = layersOf(['sha256:b', 'sha256:c'], steps('x 1', 'y 2'));
	assert.notEqual(one[1]?.id, two[1]?.id);
	assert.equal(one[0]?.id, 'sha256:a');
});

test('a chain id is what the image specification says', () => {
	const [, second] = layersOf(['sha256:1', 'sha256:2'], steps('x 1', 'y 2'));
	// printf 'sha256:1 sha256:2' | sha256sum
	assert.equal(second?.id, 'sha256:86095f8fe4f778dd9cd1eaa8351228c07b0476d1635c04d136b40abfd6fa0fef');
});

test('what the containerd store keeps of a layer twice is learnt from the image that has least besides it', () => {
	const base = {id: 'base', size: 2000};
	const sizes = withPackedLayers([
		{total: 3000 + 10_000 + 6000, layers: [base, {id: 'a', size: 5000}, {id: 'b', size: 3000}]},
		{total: 3000, layers: [base]},
	]);
	assert.deepEqual(
		[...sizes],
		[
			['base', 3000],
			['a', 10_000],
			['b', 6000],
		],
	);
});

test('the classic store keeps layers once: they are as large as history says', () => {
	const sizes = withPackedLayers([
		{
			total: 450,
			layers: [
				{id: 'a', size: 100},
				{id: 'b', size: 350},
			],
		},
	]);
	assert.deepEqual([...sizes.values()], [100, 350]);
});

test('a squashed image is in its last layer', () => {
	const layers = layersOf(['sha256:a'], steps('x 100', 'y 300'));
	assert.deepEqual(
		layers.map(({size}) => size),
		[400],
	);
});

test('whatever history says, there are as many layers as the image has and none weighs less than nothing', () => {
	fc.assert(
		fc.property(
			fc.array(fc.constantFrom('sha256:a', 'sha256:b', 'sha256:c'), {maxLength: 6}),
			fc.array(fc.record({size: fc.nat(9), createdBy: fc.constantFrom('RUN x', 'ENV A=1', '', 'COPY y')}), {
				maxLength: 8,
			}),
			(diffIds, history) => {
				const layers = layersOf(diffIds, history);
				assert.equal(layers.length, diffIds.length);
				assert.ok(layers.every(({size}) => size >= 0 && Number.isFinite(size)));
			},
		),
	);
});
