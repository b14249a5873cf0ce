import assert from 'node:assert/strict';
import {test} from 'node:test';
import {mendingRules} from '../../../src/stack/diagnosis/mends.ts';
import {lineRule} from '../../../src/stack/diagnosis/rules.ts';
import {stateRules} from '../../../src/stack/diagnosis/state-rules.ts';
import {lintRules} from '../../../src/stack/lint/lint.ts';

for (const [card, rules] of Object.entries(mendingRules)) {
	test(`the card ${card} is mended by rules that exist and mend`, () => {
		assert.ok(lineRule(card) ?? stateRules.find(({id}) => id === card), 'there is no such card');
		for (const rule of rules) {
			assert.ok(lintRules.find(({id}) => id === rule)?.mend, `${rule} mends nothing`);
		}
	});
}
