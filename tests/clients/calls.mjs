// What must hold of the calls that a model makes of its tools, whatever it says.
import assert from 'node:assert/strict';

const silent = ['$schema', 'description'];

const kinds = {
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: (value) => Number.isInteger(value),
  boolean: (value) => typeof value === 'boolean',
  array: (value) => Array.isArray(value),
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
};

/** What of a value is not as its JSON schema says. A word that is not known here is a fault too, so that nothing goes unchecked. */
export function faults(schema, value, path = 'arguments') {
  const found = [];
  const members = kinds.object(value) ? value : {};
  for (const [word, wanted] of Object.entries(schema)) {
    if (word === 'type') found.push(...(kinds[wanted](value) ? [] : [`${path} is no ${wanted}`]));
    else if (word === 'enum') found.push(...(wanted.includes(value) ? [] : [`${path} is none of ${wanted}`]));
    else if (word === 'maxLength') found.push(...(!kinds.string(value) || [...value].length <= wanted ? [] : [`${path} is longer than ${wanted}`]));
    else if (word === 'required') found.push(...wanted.filter((name) => !Object.hasOwn(members, name)).map((name) => `${path}.${name} is missing`));
    else if (word === 'properties') found.push(...Object.keys(wanted).filter((name) => Object.hasOwn(members, name)).flatMap((name) => faults(wanted[name], members[name], `${path}.${name}`)));
    else if (word === 'items') found.push(...(kinds.array(value) ? value : []).flatMap((each, at) => faults(wanted, each, `${path}[${at}]`)));
    else if (word === 'additionalProperties' && wanted === false) found.push(...Object.keys(members).filter((name) => !Object.hasOwn(schema.properties, name)).map((name) => `${path}.${name} was not asked for`));
    else if (!silent.includes(word)) found.push(`${path}: "${word}" of its schema is not checked`);
  }

  return found;
}

/**
 * Checks calls, each with `id` (undefined where a dialect has none), `name` and `input`.
 * @param offered schemas of arguments, by the names of the tools
 * @param ids all that were given before in this session; those of these calls are added
 */
export function check(calls, offered, ids) {
  for (const { id, name, input } of calls) {
    assert.ok(Object.hasOwn(offered, name), `"${name}" was not offered`);
    assert.deepEqual(faults(offered[name], input), []);
    if (id === undefined) continue;
    assert.match(id, /^[A-Za-z0-9_-]+$/);
    assert.ok(!ids.has(id), `the id ${id} was given twice`);
    ids.add(id);
  }
}

/** The same calls without their ids, which are others in each answer. */
export const nameless = (calls) => calls.map(({ name, input }) => ({ name, input }));
