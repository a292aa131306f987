using Helix.Engine.Native;

namespace Helix.EngineHost;

/// <summary>The hidden verb <c>helix engine</c>: one model behind one unix socket, until it is told to stop.</summary>
internal static class EngineVerb
{
    private const int Stopped = 0;
    private const int BadArguments = 2;
    private const int LibraryRefused = 3;
    private const int ModelRefused = 4;
    private const int Failed = 5;

    public static async Task<int> RunAsync(string[] args)
    {
        // must be set before the first socket is made: no hop to another thread for each event of a slow stream
        Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");
        if (args is ["--check", var folder])
            return LlamaLibrary.Load(folder) is { } wrong ? await SayAsync(LibraryRefused, wrong) : Stopped;
        if (args is ["--test", var libraries, var model])
            return await EngineTest.RunAsync(libraries, model);
        if (EngineArguments.Parse(args, Path.Combine(AppContext.BaseDirectory, "llama"), Environment.ProcessorCount, out var errors) is not { } arguments)
            return await SayAsync(BadArguments, string.Join(Environment.NewLine, [.. errors, EngineArguments.Usage]));
        if (LlamaLibrary.Load(arguments.Libraries) is { } refusal)
            return await SayAsync(LibraryRefused, refusal);

        var random = new Random();
        using var loader = new EngineLoader(arguments, TimeProvider.System, random);
        await using var app = EngineApp.Build(arguments.Socket, loader, TimeProvider.System, random);
        try
        {
            File.Delete(arguments.Socket);
            await app.StartAsync();
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(arguments.Socket, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return await SayAsync(BadArguments, $"{arguments.Socket} cannot be listened on: {error.Message}");
        }

        return await ServeAsync(app, loader);
    }

    private static async Task<int> ServeAsync(WebApplication app, EngineLoader loader)
    {
        var stopped = app.WaitForShutdownAsync();
        var loading = loader.LoadAsync();
        if (await Task.WhenAny(stopped, loading) == stopped)
            return Stopped;
        if (await loading is { } reason)
        {
            await app.StopAsync();
            return await SayAsync(ModelRefused, reason);
        }

        var engine = ((EngineState.Ready)loader.State).Engine;
        using var stopping = app.Lifetime.ApplicationStopping.Register(() => engine.Scheduler.Stop("the engine is stopping"));
        var ended = await Task.WhenAny(stopped, engine.Scheduler.Completion);
        if (ended == stopped || engine.Scheduler.Completion.Exception is not { } failure)
        {
            await stopped;
            return Stopped;
        }

        // a dead loop is a dead engine: its supervisor starts another
        await app.StopAsync();
        return await SayAsync(Failed, $"The engine's loop failed: {failure.InnerException}");
    }

    private static async Task<int> SayAsync(int code, string words)
    {
        await Console.Error.WriteLineAsync(words);
        return code;
    }
}
