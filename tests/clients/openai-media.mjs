// node openai-media.mjs ADDRESS IMAGE SPEECH TRANSCRIPTION RERANK [KEY]: pictures, sounds and rankings for a program that uses OpenAI's official client.
import assert from 'node:assert/strict';
import OpenAI, { toFile } from 'openai';

const [baseURL, image, speech, transcription, rerank, apiKey = 'none-needed'] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey, maxRetries: 0, timeout: 30_000 });

const pictures = await client.images.generate({ model: image, prompt: 'a cat', n: 2, response_format: 'b64_json' });
assert.equal(pictures.data.length, 2);
assert.equal(Buffer.from(pictures.data[0].b64_json, 'base64').subarray(1, 4).toString(), 'PNG');

const sound = Buffer.from(await (await client.audio.speech.create({ model: speech, voice: 'alloy', input: 'Hello from helix' })).arrayBuffer());
assert.equal(sound.subarray(0, 4).toString(), 'RIFF');
assert.equal(sound.length, 44 + sound.readUInt32LE(40));

const heard = await client.audio.transcriptions.create({ model: transcription, file: await toFile(sound, 'hello.wav') });
assert.match(heard.text, new RegExp(`hello\\.wav, ${sound.length} bytes$`));
const plain = await client.audio.transcriptions.create({ model: transcription, file: await toFile(sound, 'hello.wav'), response_format: 'text' });
assert.equal(String(plain).trim(), heard.text);

const ranked = await fetch(`${baseURL}/rerank`, {
  method: 'POST',
  headers: { 'content-type': 'application/json', authorization: `Bearer ${apiKey}` },
  body: JSON.stringify({ model: rerank, query: 'a cat', documents: ['a dog', 'a cat'], top_n: 1 }),
});
assert.equal(ranked.status, 200);
assert.deepEqual((await ranked.json()).results.map((each) => each.index), [1]);

const unable = await client.images.edit({ model: image, image: await toFile(sound, 'cat.png'), prompt: 'a dog' }).catch((error) => error);
assert.ok(unable instanceof OpenAI.BadRequestError, String(unable));
assert.equal(unable.code, 'model_lacks_ability');
assert.equal(unable.param, 'model');

const nobody = await client.moderations.create({ model: 'auto', input: 'Hello' }).catch((error) => error);
assert.ok(nobody instanceof OpenAI.NotFoundError, String(nobody));
assert.match(nobody.message, /helix local-llm attach URL/);

console.log('all good');
