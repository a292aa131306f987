using System.CommandLine;

namespace Helix.Cli;

internal static class ProviderLogsVerb
{
    public static Command Create(CliWorld world)
    {
        var id = Verb.Argument("ID", "The provider; \"helix\" for helix itself.");
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on with what is written from now on, until Ctrl-C." };
        var lines = new Option<int>("--lines", "-n") { Description = "How many of the last lines.", DefaultValueFactory = _ => 200, HelpName = "N" };
        lines.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && !(int.TryParse(result.Tokens[0].Value, out var count) && count is >= 0 and <= 10_000))
                result.AddError("--lines must be a whole number from 0 to 10000.");
        });
        var verb = new Verb("logs", "Show what a provider wrote.", "helix local-llm logs builtin", "helix local-llm logs helix -n 20 -f") { id, follow, lines };
        verb.SetAction((parse, _) => RunAsync(parse.GetRequiredValue(id), parse.GetValue(follow), parse.GetValue(lines), world));
        return verb;
    }

    private static async Task<int> RunAsync(string id, bool follow, int lines, CliWorld world)
    {
        using var signals = world.Interrupts.Listen();
        var cancellationToken = world.Interrupts.Token;
        using var daemon = world.Daemon();
        var path = $"/helix/v1/providers/{Uri.EscapeDataString(id)}/logs?lines={lines}&follow={(follow ? "true" : "false")}";
        var answer = await daemon.OpenAsync(HttpMethod.Get, path, null, cancellationToken);
        if (answer is not Answer<HttpResponseMessage>.Is(var response)) return answer.Fail(world.Terminal);
        using (response)
        {
            if (!response.IsSuccessStatusCode)
            {
                var error = await DaemonClient.ErrorOfAsync(response, cancellationToken);
                return world.Terminal.Fail(ExitCodes.Of(error.Code), error.Message, error.Remedy);
            }

            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
            try
            {
                while (await reader.ReadLineAsync(cancellationToken) is { } line) await world.Terminal.Out.WriteLineAsync(world.Terminal.Shown(line));
            }
            catch (IOException)
            {
                return world.Terminal.Fail(ExitCodes.NotRunning, "the daemon went away", "follow again with the same command");
            }

            return ExitCodes.Ok;
        }
    }
}
