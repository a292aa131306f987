using System.Text;
using Helix.Core.Models;
using Helix.Engine;
using Helix.Engine.Native;
using Helix.Engine.Scheduling;

namespace Helix.Tests.Engine;

/// <summary>A real engine with a model made for the test, on one thread, in a folder of its own.</summary>
internal sealed class TestEngine : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("helix-engine-");

    public TestEngine(string answer, int slots = 4, int context = 2048, int queue = 64, string? chatTemplate = ScriptedGguf.ChatMl)
        : this(ScriptedGguf.Make(answer, "scripted", chatTemplate: chatTemplate), slots, context, queue)
    {
    }

    public TestEngine(byte[] model, int slots, int context, int queue = 64)
    {
        Model = Load(model);
        Scheduler = new Scheduler(Model, new SchedulerSettings(slots, context, Threads: 1, queue), TimeProvider.System, new Random(1));
    }

    public static string Libraries => Path.Combine(AppContext.BaseDirectory, "llama");

    public LoadedModel Model { get; }

    public Scheduler Scheduler { get; }

    public Question Question(string prompt, int maxTokens = 1024, Sampling? sampling = null, params string[] stops) =>
        new(Model.Vocabulary.Tokenize(prompt, whole: true), maxTokens, sampling ?? new Sampling(Temperature: 0), Seed: 1, [.. stops.Select(Encoding.UTF8.GetBytes)]);

    public AnswerStream Ask(Question question) => Assert.IsType<Admission.Accepted>(Scheduler.Ask(question)).Answer;

    public Task<Told> AskAsync(string prompt, int maxTokens = 1024, Sampling? sampling = null, params string[] stops) =>
        ReadAsync(Ask(Question(prompt, maxTokens, sampling, stops)));

    public Task<float[][]> EmbedAsync(int[][] texts) =>
        Assert.IsType<Admission.Embedding>(Scheduler.Embed(texts, TestContext.Current.CancellationToken)).Vectors;

    public static async Task<Told> ReadAsync(AnswerStream answer)
    {
        var pieces = new List<string>();
        while (true)
        {
            var part = await answer.NextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60));
            for (var i = 0; i < part.Count; i++)
                pieces.Add(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(part.Piece(i)));
            if (part.End is { } end)
                return new Told(string.Concat(pieces), pieces, end);
        }
    }

    public void Dispose()
    {
        Scheduler.Dispose();
        Model.Dispose();
        _folder.Delete(recursive: true);
    }

    private LoadedModel Load(byte[] file)
    {
        Assert.Null(LlamaLibrary.Load(Libraries));
        var path = Path.Combine(_folder.FullName, "model.gguf");
        File.WriteAllBytes(path, file);
        return Assert.IsType<LoadOutcome.Loaded>(LoadedModel.Load(new ModelLoad(path))).Model;
    }
}

/// <summary>A whole answer, as the reader saw it.</summary>
internal sealed record Told(string Text, IReadOnlyList<string> Pieces, AnswerEnd End)
{
    public AnswerEnd.Finished Finished => Assert.IsType<AnswerEnd.Finished>(End);
}
