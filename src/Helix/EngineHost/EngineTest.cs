using System.Text;
using Helix.Core.Hardware;
using Helix.Core.Models;
using Helix.Engine;
using Helix.Engine.Native;
using Helix.Engine.Scheduling;

namespace Helix.EngineHost;

/// <summary>
/// <c>helix engine --test LIBRARIES MODEL</c>: loads a build of the libraries, lists its devices, and lets the self-test model speak from them.
/// In a process of its own, because a driver that does not fit may end it.
/// </summary>
internal static class EngineTest
{
    private const int Passed = 0;
    private const int Failed = 3;
    private const int Tokens = 12;
    private const int Context = 256;

    /// <param name="model">The self-test model: its answer is known.</param>
    public static async Task<int> RunAsync(string libraries, string model)
    {
        if (LlamaLibrary.Load(libraries) is { } refusal) return await SayAsync(refusal);
        var devices = ComputeDevice.Used();
        if (devices.Count == 0) return await SayAsync($"no device was found{(LlamaLog.LastError is { Length: > 0 } error ? $": {error}" : "")}");
        foreach (var device in devices) await Console.Out.WriteLineAsync(VariantTest.LineOf(device.Name, device.Description, device.TotalBytes));
        if (LoadedModel.Load(new ModelLoad(model)) is not LoadOutcome.Loaded(var loaded)) return await SayAsync($"the self-test model could not be loaded: {LlamaLog.LastError}");

        using (loaded)
        {
            try
            {
                using var scheduler = new Scheduler(loaded, new SchedulerSettings(1, Context, Threads: 1, Queue: 1), TimeProvider.System, new Random(1));
                var said = await AskAsync(loaded, scheduler);
                if (said.Length == 0 || !SelfTestModel.Text.StartsWith(said, StringComparison.Ordinal)) return await SayAsync($"the self-test model said '{said}', which is wrong");
            }
            catch (InvalidOperationException failure)
            {
                return await SayAsync(failure.Message);
            }
        }

        await Console.Out.WriteLineAsync(VariantTest.PassedLine);
        return Passed;
    }

    private static async Task<string> AskAsync(LoadedModel model, Scheduler scheduler)
    {
        var question = new Question(model.Vocabulary.Tokenize("Hello", whole: true), Tokens, new Sampling(Temperature: 0), Seed: 1, []);
        if (scheduler.Ask(question) is not Admission.Accepted(var answer)) return "";
        var said = new StringBuilder();
        while (true)
        {
            var part = await answer.NextAsync();
            said.Append(Encoding.UTF8.GetString(part.Text));
            if (part.End is AnswerEnd.Failed(var reason)) throw new InvalidOperationException(reason);
            if (part.End is not null) return said.ToString();
        }
    }

    private static async Task<int> SayAsync(string words)
    {
        await Console.Error.WriteLineAsync(words);
        return Failed;
    }
}
