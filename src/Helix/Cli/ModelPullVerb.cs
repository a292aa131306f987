using System.CommandLine;
using System.Text.Json;
using Helix.Contracts;

namespace Helix.Cli;

internal static class ModelPullVerb
{
    public static Command Create(CliWorld world)
    {
        var source = Verb.Argument("SOURCE", "A name from the catalogue, a URL, hf:owner/repo/file, or hf:owner/repo for a model in many files.");
        var name = ModelAddVerb.NameOption();
        var weights = new Option<string?>("--weights") { Description = "Which weights of a name from the catalogue: gguf (the default), safetensors, mlx or exl3.", HelpName = "FORMAT" };
        weights.AcceptOnlyFromAmong("gguf", "safetensors", "mlx", "exl3");
        var verb = new Verb("pull", "Fetch a model; what was interrupted goes on where it stopped.", "helix models pull hf:ggml-org/SmolLM3-3B-GGUF/SmolLM3-Q4_K_M.gguf --name smol", "helix models pull qwen3-8b --weights mlx") { source, name, weights };
        FormatOption.Add(verb);
        verb.SetAction((parse, _) => RunAsync(parse, new(parse.GetRequiredValue(source), parse.GetValue(name), parse.GetValue(weights)), world));
        return verb;
    }

    private static async Task<int> RunAsync(ParseResult parse, PullModelRequest request, CliWorld world)
    {
        using var signals = world.Interrupts.Listen();
        using var daemon = world.Daemon();
        var body = JsonSerializer.SerializeToUtf8Bytes(request, ApiJson.Default.PullModelRequest);
        try
        {
            var answer = await daemon.OpenAsync(HttpMethod.Post, "/helix/v1/models/pull", body, world.Interrupts.Token);
            if (answer is not Answer<HttpResponseMessage>.Is(var response)) return answer.Fail(world.Terminal);
            using (response)
            {
                if (response.IsSuccessStatusCode) return await FollowAsync(parse, response, world);
                var error = await DaemonClient.ErrorOfAsync(response, world.Interrupts.Token);
                return world.Terminal.Fail(ExitCodes.Of(error.Code), error.Message, error.Remedy);
            }
        }
        catch (OperationCanceledException) when (world.Interrupts.Struck)
        {
            world.Terminal.Say("interrupted; the same command goes on where this one stopped");
            return ExitCodes.Interrupted;
        }
    }

    private static async Task<int> FollowAsync(ParseResult parse, HttpResponseMessage response, CliWorld world)
    {
        var terminal = world.Terminal;
        using var progress = new PullDisplay(terminal, world.Time);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(world.Interrupts.Token));
        while (await ReadAsync(reader, world.Interrupts.Token) is { } line)
        {
            if (line.Length == 0) continue;
            var happened = JsonSerializer.Deserialize(line, ApiJson.Default.PullEvent)!;
            switch (happened)
            {
                case { Error: { } error }:
                    progress.Dispose();
                    return terminal.Fail(ExitCodes.Of(error.Code), error.Message, error.Remedy);
                case { Phase: "done", Model: { } model }:
                    progress.Dispose();
                    return parse.IsJson() ? terminal.WriteJson(model, ApiJson.Default.ModelReport) : ModelListVerb.Write(terminal, [model]);
                default: progress.Show(happened); break;
            }
        }

        progress.Dispose();
        return terminal.Fail(ExitCodes.NotRunning, "the daemon went away before the model was there", "the same command goes on where this one stopped");
    }

    /// <summary>Null at the end, also at one that came too early.</summary>
    private static async Task<string?> ReadAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadLineAsync(cancellationToken);
        }
        catch (Exception lost) when (lost is IOException or HttpRequestException)
        {
            return null;
        }
    }
}
