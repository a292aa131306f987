using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Helix.Core.Manifests;

/// <summary>A run of a provider that was really made, as the tests write it down.</summary>
internal sealed record RecordedRun(string Release, DateOnly Date, string Platform);

/// <summary>What a provider was driven against.</summary>
/// <param name="Engine">The real engine; null where it never was.</param>
/// <param name="StandIn">The tests' stand-in that poses as it; null where it never was.</param>
internal sealed record ProviderRuns(RecordedRun? Engine, RecordedRun? StandIn)
{
    public static ProviderRuns None { get; } = new(null, null);

    /// <summary>In a user's words; empty where it was never driven.</summary>
    public string Words => this switch
    {
        { Engine: var (release, date, platform) } => $"real engine {release} on {date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}, {platform}",
        { StandIn: not null } => "stand-in only",
        _ => "",
    };
}

/// <summary>Reads <c>providers/runs.json</c>, which the tests write and nobody types.</summary>
internal static class RecordedRuns
{
    /// <exception cref="JsonException">It is not what the tests write.</exception>
    public static ImmutableDictionary<string, ProviderRuns> Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.EnumerateObject().ToImmutableDictionary(
            provider => provider.Name, provider => new ProviderRuns(Run(provider.Value, "engine"), Run(provider.Value, "stand-in")), StringComparer.Ordinal);
    }

    private static RecordedRun? Run(JsonElement provider, string against) => provider.TryGetProperty(against, out var run)
        ? new(Text(run, "release"), DateOnly.ParseExact(Text(run, "date"), "yyyy-MM-dd", CultureInfo.InvariantCulture), Text(run, "platform"))
        : null;

    private static string Text(JsonElement run, string name) => run.GetProperty(name).GetString() ?? throw new JsonException($"{name} is null");
}
