using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Helix.Contracts;
using Helix.Core.Fleet;

namespace Helix.Cli;

/// <summary>Decides again what helix decided about an engine, from what it knew then.</summary>
internal static class ReplayVerb
{
    public static Command Create(CliWorld world)
    {
        var id = new Argument<long>("ID") { Description = "Number of an event of kind state, as \"helix history\" shows it." };
        var verb = new Verb("replay", "Decide again what was decided about an engine, from what was known then, and compare.", "helix history replay 42") { id };
        FormatOption.Add(verb);
        verb.SetAction((parse, cancellationToken) => RunAsync(parse, parse.GetRequiredValue(id), world, cancellationToken));
        return verb;
    }

    private static async Task<int> RunAsync(ParseResult parse, long id, CliWorld world, CancellationToken cancellationToken)
    {
        using var daemon = world.Daemon();
        var answer = await daemon.GetAsync($"/helix/v1/history/{id.ToString(CultureInfo.InvariantCulture)}", HistoryJson.Default.HistoryReport, cancellationToken);
        if (answer is not Answer<HistoryReport>.Is(var happened)) return answer.Fail(world.Terminal);
        if (DecisionOf(happened) is not { } then) return world.Terminal.Fail(ExitCodes.Refused, $"{id} is no decision about an engine that can be made again: it is of the kind {happened.Kind.ToString().ToLowerInvariant()}, or an older helix wrote it", "take one from: helix history --kind state");
        var now = then.Again();
        var isSame = now.IsSameAs(then);
        if (parse.IsJson()) world.Terminal.WriteJson(new ReplayReport(id, isSame, happened.Subject ?? "", then, now), ReplayJson.Default.ReplayReport);
        else
        {
            var lines = world.Terminal.Out;
            lines.WriteLine($"{happened.At.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture)} UTC, {happened.Subject}");
            lines.WriteLine($"it was    {Shown(then.Before)}");
            lines.WriteLine($"happened  {then.Happening}");
            lines.WriteLine($"became    {Shown(then.After)}");
            lines.WriteLine($"to be done {string.Join(", ", then.Effects.DefaultIfEmpty("nothing"))}");
            if (!isSame)
            {
                lines.WriteLine($"now it would become {Shown(now.After)}");
                lines.WriteLine($"and to be done would be {string.Join(", ", now.Effects.DefaultIfEmpty("nothing"))}");
            }
        }

        world.Terminal.Say(isSame ? "decided again, from the same: the same" : "decided again, from the same: something else. This helix decides otherwise than the one that wrote it");
        return isSame ? ExitCodes.Ok : ExitCodes.Bug;
    }

    private static LifeDecision? DecisionOf(HistoryReport happened)
    {
        try
        {
            return happened.Data?[FleetEvents.Decision]?.Deserialize(LifeDecisionJson.Default.LifeDecision);
        }
        catch (Exception other) when (other is JsonException or NotSupportedException)
        {
            return null;
        }
    }

    private static string Shown(Life life) => $"{life.Phase}, generation {life.Generation}, {life.Restarts} {(life.Restarts == 1 ? "restart" : "restarts")}: {life.Reason}";
}
