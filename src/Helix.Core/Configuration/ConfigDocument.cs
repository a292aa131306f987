using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Helix.Core.Configuration;

/// <summary>The configuration as somebody wrote it: whatever the format was, it is JSON by now.</summary>
/// <param name="Lines">The line (from 1) of every section (<c>health</c>), key (<c>health.check_interval</c>) and item of a list (<c>install[0]</c>), at any depth.</param>
internal sealed record ConfigDocument(JsonObject Values, ImmutableDictionary<string, int> Lines)
{
    public static ConfigDocument Empty => new([], ImmutableDictionary<string, int>.Empty);

    /// <summary>What the document says at a path of two parts; null where it says nothing.</summary>
    public JsonNode? At(string path)
    {
        var (section, key) = Setting.Split(path);
        return Values[section] is JsonObject keys ? keys[key] : null;
    }
}

/// <summary>Why a configuration was refused.</summary>
/// <param name="Path">Where; empty when it is the file as a whole.</param>
/// <param name="Line">From 1; null when nobody knows.</param>
/// <param name="What">What is wrong, and what to do.</param>
internal sealed record ConfigError(string Path, int? Line, string What)
{
    public override string ToString() =>
        (Line is { } line ? $"line {line}: " : "") + (Path.Length > 0 ? $"{Path}: " : "") + What;
}

/// <summary>What came of reading a configuration.</summary>
internal abstract record ConfigOutcome
{
    private ConfigOutcome() { }

    /// <param name="Document">What was written, to tell a chosen value from a default.</param>
    internal sealed record Good(HelixConfig Config, ConfigDocument Document) : ConfigOutcome;

    /// <param name="Errors">All of them, in the order of their lines; never empty.</param>
    internal sealed record Bad(ImmutableArray<ConfigError> Errors) : ConfigOutcome;
}
