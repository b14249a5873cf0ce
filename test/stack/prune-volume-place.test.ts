import assert from 'node:assert/strict';
import {test} from 'node:test';
import {placedText, unseenText, volumePlace} from '../../src/stack/prune/volume-place.ts';

const places: ReadonlyArray<{
	readonly driver?: string;
	readonly options: Readonly<Record<string, string>>;
	readonly said: string | undefined;
	readonly isSafeToMount?: boolean;
}> = [
	{options: {}, said: undefined},
	{options: {o: 'size=10g'}, said: undefined},
	{
		options: {type: 'none', o: 'bind', device: '/srv/models'},
		said: '3 files, kept in the folder /srv/models, which stays',
		isSafeToMount: true,
	},
	{
		options: {type: 'none', o: 'ro,rbind', device: '/srv/models'},
		said: '3 files, kept in the folder /srv/models, which stays',
		isSafeToMount: true,
	},
	{
		options: {type: 'tmpfs', device: 'tmpfs', o: 'size=100m'},
		said: '3 files, kept in memory',
		isSafeToMount: true,
	},
	{
		options: {type: 'nfs', device: ':/export', o: 'addr=10.0.0.1,rw'},
		said: '3 files, kept on NFS at 10.0.0.1:/export, which stays',
	},
	{
		options: {type: 'nfs4', device: 'files:/export', o: 'rw'},
		said: '3 files, kept on NFS at files:/export, which stays',
	},
	{
		options: {type: 'cifs', device: '//files/share', o: 'username=ana,password=geheim'},
		said: '3 files, kept on //files/share, which stays',
	},
	{options: {type: 'ext4', device: '/dev/sdb1'}, said: '3 files, kept on /dev/sdb1, which stays'},
	{driver: 'rclone', options: {remote: 'x'}, said: '3 files, kept by the volume driver rclone'},
];
for (const {driver = 'local', options, said, isSafeToMount = false} of places) {
	test(`a volume of ${driver} with ${JSON.stringify(options)} is told: ${said ?? 'nothing more'}`, () => {
		const place = volumePlace(driver, options);
		assert.equal(place && placedText('3 files', place), said);
		assert.equal(place?.isSafeToMount ?? false, isSafeToMount);
	});
}

test('a volume that was not looked into says so, where it is, and why', () => {
	const place = volumePlace('local', {type: 'nfs', device: ':/export', o: 'addr=10.0.0.1'});
	assert.ok(place);
	assert.equal(unseenText(place), 'not looked into: it is kept on NFS at 10.0.0.1:/export, which stays');
	assert.equal(
		unseenText(place, 'it does not answer'),
		'not looked into: it is kept on NFS at 10.0.0.1:/export, which stays (it does not answer)',
	);
});
