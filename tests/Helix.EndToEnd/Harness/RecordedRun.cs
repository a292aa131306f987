using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Helix.EndToEnd.Harness;

/// <summary>
/// Writes down that a provider was driven, and against what: helix shows it beside the provider. Only when <c>HELIX_RECORD_RUNS</c> is set,
/// so that a test run changes no file of the project by itself.
/// </summary>
internal static class RecordedRun
{
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };
    private static readonly Lock s_writing = new();

    /// <summary>The real engine of this release.</summary>
    public static void OfEngine(string provider, string release) => Write(provider, "engine", release);

    /// <summary>Nothing but the stand-in that poses as it.</summary>
    public static void OfStandIn(string provider, string release) => Write(provider, "stand-in", release);

    private static void Write(string provider, string against, string release)
    {
        if (Environment.GetEnvironmentVariable("HELIX_RECORD_RUNS") is not { Length: > 0 }) return;
        var file = Path.Combine(Binary.Repository, "providers", "runs.json");
        lock (s_writing)
        {
            var runs = File.Exists(file) ? JsonNode.Parse(File.ReadAllText(file))!.AsObject() : [];
            var of = runs[provider] as JsonObject ?? [];
            of[against] = new JsonObject
            {
                ["release"] = release,
                ["date"] = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture),
                ["platform"] = $"{(OperatingSystem.IsMacOS() ? "macos" : "linux")}-{RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()}",
            };
            runs[provider] = of.DeepClone();
            var sorted = new JsonObject(runs.OrderBy(run => run.Key, StringComparer.Ordinal).Select(run => KeyValuePair.Create(run.Key, run.Value?.DeepClone())));
            File.WriteAllText(file, sorted.ToJsonString(s_indented) + "\n");
        }
    }
}
