using System.CommandLine;
using System.Text.Json;
using Helix.Contracts;

namespace Helix.Cli;

/// <summary>Brings helix itself to another version; engines go on, and no request is lost.</summary>
internal static class UpdateVerb
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(100);

    public static Command Create(CliWorld world)
    {
        var from = new Option<string?>("--from") { Description = "A folder with a built helix, or a signed archive: its path, or its http address.", HelpName = "PATH" };
        var check = new Option<bool>("--check") { Description = "Only say whether there is a newer version; nothing is changed." };
        var verb = new Verb("update", "Update helix itself: build or check beside, try, switch; the version before is back where the new one does not answer.", "helix update", "helix update --check", "helix update --from helix-linux-x64.tar.gz") { from, check };
        FormatOption.Add(verb);
        Verb.RefuseEmpty(from.Validators, "--from");
        verb.Validators.Add(result =>
        {
            if (result.GetValue(check) && result.GetValue(from) is not null) result.AddError("--check and --from do not go together.");
            if (result.GetValue<string>(FormatOption.Name) == "json" && !result.GetValue(check)) result.AddError("--format json is for --check.");
        });
        verb.SetAction((parse, cancellationToken) => RunAsync(parse, parse.GetValue(from), parse.GetValue(check), world, cancellationToken));
        return verb;
    }

    private static async Task<int> RunAsync(ParseResult parse, string? from, bool check, CliWorld world, CancellationToken cancellationToken)
    {
        var request = new SelfUpdateRequest(from is null || IsAddress(from) ? from : Path.GetFullPath(from), check);
        if (from is null && !check) world.Terminal.Say("looking for a newer helix; to build one takes some minutes …");
        using var daemon = world.Daemon();
        var answer = await daemon.PostPatientlyAsync("/helix/v1/updates/helix", JsonSerializer.SerializeToUtf8Bytes(request, SelfUpdateApiJson.Default.SelfUpdateRequest), SelfUpdateApiJson.Default.SelfUpdateReport, cancellationToken);
        if (answer is not Answer<SelfUpdateReport>.Is(var report)) return answer.Fail(world.Terminal);
        if (parse.IsJson()) return world.Terminal.WriteJson(report, SelfUpdateApiJson.Default.SelfUpdateReport);
        world.Terminal.Tell($"helix {report.Release ?? VersionVerb.Short(report.Version)}: {report.Words}");
        return report.To is { } to ? await ArrivedAsync(daemon, to, report.Pid, world, cancellationToken) : ExitCodes.Ok;
    }

    /// <summary>Waits for whoever answers next: the new release, or the one before.</summary>
    /// <param name="old">Pid of the daemon that began it, which may answer for a moment more.</param>
    private static async Task<int> ArrivedAsync(DaemonClient daemon, string to, int old, CliWorld world, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(s_patience, world.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            for (; ; await Task.Delay(s_look, world.Time, either.Token))
            {
                if (await WhoAsync(daemon, either.Token) is not var (pid, release, address) || pid == old) continue;
                if (release != to) return world.Terminal.Fail(ExitCodes.StartFailed, $"{to} was given up, and {release ?? "the program before"} is back", "why: helix history --kind update");
                world.Terminal.Say($"helix {to} runs at {address} (pid {pid})");
                return ExitCodes.Ok;
            }
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested)
        {
            return world.Terminal.Fail(ExitCodes.TimedOut, $"{to} was not there after {s_patience.TotalMinutes:0} minutes", "what was done: helix history --kind update");
        }
    }

    /// <summary>Read with forbearance: who answers may be newer than this program.</summary>
    private static async Task<(int Pid, string? Release, string? Address)?> WhoAsync(DaemonClient daemon, CancellationToken cancellationToken)
    {
        if (await daemon.OpenAsync(HttpMethod.Get, "/helix/v1/status", null, cancellationToken) is not Answer<HttpResponseMessage>.Is(var response)) return null;
        using (response)
        {
            try
            {
                using var json = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken));
                return (json.RootElement.GetProperty("pid").GetInt32(), Text(json, "release"), Text(json, "address"));
            }
            catch (Exception broken) when (broken is HttpRequestException or JsonException or KeyNotFoundException or InvalidOperationException)
            {
                return null;
            }
        }
    }

    private static string? Text(JsonDocument json, string name) => json.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static bool IsAddress(string from) => Uri.TryCreate(from, UriKind.Absolute, out var url) && url.Scheme is "http" or "https";
}
