using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Helix.Contracts;
using Helix.Core.Cli;

namespace Helix.Cli;

/// <summary>Shows what tuning tried and would try next; measures engines when asked to.</summary>
internal static class DiagnoseVerb
{
    private const int BarWidth = 24;

    public static Command Create(CliWorld world)
    {
        var provider = new Argument<string?>("PROVIDER") { Description = "Only this one.", Arity = ArgumentArity.ZeroOrOne };
        var model = new Option<string?>("--model") { Description = "Measure with this model.", HelpName = "ID" };
        var measure = new Option<bool>("--measure") { Description = "Measure first token, tokens a second, the reading of a long prompt, and several requests at once." };
        var load = new Option<bool>("--load") { Description = "Also find out how many requests at once it bears, and give it as many slots." };
        var compare = new Option<bool>("--compare") { Description = "Also measure the other installed providers that can load the model, each beside what runs." };
        var verb = new Verb(
            "diagnose", "Show what was tuned and what would be tried next; measure how fast the engines are.",
            "helix local-llm diagnose", "helix local-llm diagnose --measure", "helix local-llm diagnose builtin --load", "helix local-llm diagnose --compare --model qwen3-8b") { provider, model, measure, load, compare };
        FormatOption.Add(verb);
        Verb.RefuseEmpty(model.Validators, "--model");
        verb.SetAction((parse, cancellationToken) =>
        {
            var request = new DiagnoseRequest(parse.GetValue(provider), parse.GetValue(model), parse.GetValue(load), parse.GetValue(compare));
            return parse.GetValue(measure) || request is { Load: true } or { Compare: true } or { Model: not null } ? MeasureAsync(parse, request, world) : ShowAsync(parse, request.Provider, world, cancellationToken);
        });
        return verb;
    }

    private static async Task<int> ShowAsync(ParseResult parse, string? provider, CliWorld world, CancellationToken cancellationToken)
    {
        using var daemon = world.Daemon();
        var answer = await daemon.GetAsync("/helix/v1/tuning", TuningJson.Default.TuningReport, cancellationToken);
        if (answer is not Answer<TuningReport>.Is(var report)) return answer.Fail(world.Terminal);
        if (provider is not null) report = report with { Engines = [.. report.Engines.Where(engine => engine.Provider == provider)], Tried = [.. report.Tried.Where(row => row.Provider == provider)] };
        return parse.IsJson() ? world.Terminal.WriteJson(report, TuningJson.Default.TuningReport) : Write(world.Terminal, report);
    }

    private static int Write(Terminal terminal, TuningReport report)
    {
        if (report.Engines.Count == 0) terminal.Say("nothing serves now; a request wakes a model");
        else
            terminal.WriteTable(
                ["PROVIDER", "MODEL", "SLOTS", "CONTEXT", "THREADS", "TUNED", "NEXT"],
                report.Engines.Select(engine => new[]
                {
                    engine.Provider, engine.Model, $"{engine.Slots}", $"{engine.ContextPerSlot}", engine.Threads is { } threads ? $"{threads}" : "-",
                    engine.Tuned.Count == 0 ? "-" : string.Join(", ", engine.Tuned.Select(knob => $"{knob.Key} {knob.Value}")), engine.Next,
                }));
        if (report.Tried.Count > 0)
        {
            terminal.Out.WriteLine();
            terminal.WriteTable(
                ["TRIED", "PROVIDER", "MODEL", "CHANGE", "KEPT", "WHAT IT BROUGHT"],
                report.Tried.Select(row => new[] { row.At.ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture), row.Provider, row.Model, $"{row.Knob} {row.From} → {row.To}", row.Kept ? "yes" : "no", row.Words }));
        }

        if (report.Forecasts.Count > 0)
        {
            terminal.Out.WriteLine();
            terminal.WriteTable(
                ["MODEL", "WEEKS SEEN", "FORECAST", "LIKELY IN THE NEXT 24 HOURS"],
                report.Forecasts.Select(model => new[]
                {
                    model.Model, $"{model.Weeks}", model.Words,
                    model.Followed && model.LikelyHours.Count > 0 ? string.Join(", ", model.LikelyHours.Select(hour => hour.ToLocalTime().ToString("HH:mm", CultureInfo.InvariantCulture))) : "-",
                }));
        }

        return ExitCodes.Ok;
    }

    private static async Task<int> MeasureAsync(ParseResult parse, DiagnoseRequest request, CliWorld world)
    {
        using var signals = world.Interrupts.Listen();
        using var daemon = world.Daemon();
        try
        {
            var answer = await daemon.OpenAsync(HttpMethod.Post, "/helix/v1/diagnose", JsonSerializer.SerializeToUtf8Bytes(request, TuningJson.Default.DiagnoseRequest), world.Interrupts.Token);
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
            world.Terminal.Say("interrupted; what a load test changed before is in: helix history --kind tuning");
            return ExitCodes.Interrupted;
        }
        catch (Exception lost) when (lost is IOException or HttpRequestException)
        {
            return world.Terminal.Fail(ExitCodes.NotRunning, "the daemon went away before everything was measured", "the same command begins again");
        }
    }

    private static async Task<int> FollowAsync(ParseResult parse, HttpResponseMessage response, CliWorld world)
    {
        var (terminal, open) = (world.Terminal, 0);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(world.Interrupts.Token));
        while (await reader.ReadLineAsync(world.Interrupts.Token) is { } line)
        {
            if (line.Length == 0) continue;
            var happened = JsonSerializer.Deserialize(line, TuningJson.Default.DiagnosisEvent)!;
            if (happened.Result is { } result)
            {
                if (open > 0) terminal.Error.WriteLine();
                return parse.IsJson() ? terminal.WriteJson(result, TuningJson.Default.DiagnosisReport) : Write(terminal, result);
            }

            if (!terminal.ErrorIsTerminal) terminal.Say(happened.Step);
            else
            {
                var filled = BarWidth * happened.Done / Math.Max(1, happened.Total);
                var shown = $"[{new string('#', filled)}{new string('.', BarWidth - filled)}]  {PlainText.Of(happened.Step)}";
                terminal.Error.Write($"\r{shown.PadRight(open)}");
                open = shown.Length;
            }
        }

        if (open > 0) terminal.Error.WriteLine();
        return terminal.Fail(ExitCodes.NotRunning, "the daemon went away before everything was measured", "the same command begins again");
    }

    private static int Write(Terminal terminal, DiagnosisReport report)
    {
        terminal.WriteTable(
            ["PROVIDER", "MODEL", "FIRST TOKEN", "TOKENS/S", "READS TOKENS/S", "BEARS AT ONCE", "NOTE"],
            report.Engines.Select(engine => new[]
            {
                engine.Provider, engine.Model, engine.FirstTokenMs is { } first ? Milliseconds(first) : "-", Number(engine.TokensPerSecond), Number(engine.PrefillTokensPerSecond), engine.Knee is { } knee ? $"{knee}" : "-",
                engine.Problem ?? string.Join("; ", new[] { engine.Beside ? "started beside, for this" : null, engine.Note }.OfType<string>().DefaultIfEmpty("-")),
            }));
        var load = report.Engines.SelectMany(engine => engine.Load.Select(point => (engine.Provider, engine.Model, Point: point))).ToArray();
        if (load.Length > 0)
        {
            terminal.Out.WriteLine();
            terminal.WriteTable(
                ["PROVIDER", "MODEL", "AT ONCE", "FIRST TOKEN P50", "P95", "TOKENS/S IN ALL", "REQUESTS", "FAILED"],
                load.Select(each => new[]
                {
                    each.Provider, each.Model, $"{each.Point.Concurrency}", Milliseconds(each.Point.FirstTokenP50Ms), Milliseconds(each.Point.FirstTokenP95Ms),
                    Number(each.Point.TokensPerSecond), $"{each.Point.Requests}", $"{each.Point.Failed}",
                }));
        }

        return report.Engines.All(engine => engine.Problem is not null) ? ExitCodes.StartFailed : ExitCodes.Ok;
    }

    private static string Milliseconds(double value) => string.Create(CultureInfo.InvariantCulture, $"{value:0.0} ms");

    private static string Number(double? value) => value is { } number ? string.Create(CultureInfo.InvariantCulture, $"{number:0.0}") : "-";
}
