using Helix.Mirrors.Npm;

namespace Helix.Mirrors.Products;

/// <summary>The npm package gpt4all is a library: this one has its functions, with the traps that the real one has, and answers as the stand-in does.</summary>
internal static class Gpt4AllProduct
{
    private const string Library = """
        // stand-in for gpt4all VERSION: loads nothing, answers as the stand-ins do
        const fs = require('node:fs'), path = require('node:path');
        const count = text => String(text).split(' ').filter(Boolean).length;
        // the last user turn of a rendered prompt
        const asked = prompt => { const turns = String(prompt).split('### Human:'); return turns[turns.length - 1].split('### ')[0].trim(); };
        class InferenceModel {
          constructor(name, file) { this.name = name; this.file = file; this.llm = { setThreadCount() {}, threadCount: () => 1, hasGpuDevice: () => false, isModelLoaded: () => true, dispose() {} }; }
          async generate(prompt, options = {}, callback) {
            const words = `I am a stand-in for gpt4all VERSION, model ${this.name}. You said: ${asked(prompt)}`.match(/ ?[^ ]+/g);
            let text = '', made = 0;
            for (const word of words) {
              if (made >= (options.nPredict ?? 4096)) break;
              text += word; made++;
              const go = (options.onResponseToken ?? (() => true))(made, word);
              if (callback) callback(made, word, text);
              if (go === false) break;
              await new Promise(resolve => setImmediate(resolve));
            }
            return { text, tokensGenerated: made, tokensIngested: count(prompt), nPast: count(prompt) + made };
          }
          dispose() {}
        }
        async function loadModel(name, options = {}) {
          // the real one needs a list of models even for a model that is there
          if (!options.allowDownload && !options.modelConfigFile) throw new Error('No model list source specified');
          if (options.modelConfigFile) JSON.parse(fs.readFileSync(options.modelConfigFile, 'utf8'));
          const file = path.join(options.modelPath ?? '.', name.endsWith('.gguf') ? name : name + '.gguf');
          if (!fs.existsSync(file)) throw new Error(`Model "${name}" does not exist at ${file}`);
          if (fs.readFileSync(file).subarray(0, 4).toString() !== 'GGUF') throw new Error('Model not initialized: unsupported format');
          return new InferenceModel(name, file);
        }
        async function createCompletion(model, input, options = {}) {
          // the real one throws on exactly one message
          if (Array.isArray(input) && input.length === 1) throw new TypeError("Cannot read properties of undefined (reading 'role')");
          const prompt = Array.isArray(input) ? input[input.length - 1].content : input;
          const result = await model.generate(prompt, options);
          const usage = { prompt_tokens: result.tokensIngested, completion_tokens: result.tokensGenerated, total_tokens: result.tokensIngested + result.tokensGenerated, n_past_tokens: result.nPast };
          return { model: model.name, usage, choices: [{ message: { role: 'assistant', content: result.text } }] };
        }
        module.exports = { loadModel, createCompletion, InferenceModel };

        """;

    public static Payload For(string version) => new("gpt4all", version)
    {
        Packages =
        [
            new NpmPackage("gpt4all", version)
            {
                Main = "src/gpt4all.js", Dependencies = new Dictionary<string, string> { ["node-gyp-build"] = "4.8.4" },
                Files = [new("src/gpt4all.js", Library.Replace("VERSION", version, StringComparison.Ordinal))],
            },
            new NpmPackage("node-gyp-build", "4.8.4") { Files = [new("index.js", "module.exports = () => ({});\n")] },
        ],
    };
}
