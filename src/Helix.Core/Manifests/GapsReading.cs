using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Helix.Core.Gateway;
using static Helix.Core.Manifests.ManifestReading;

namespace Helix.Core.Manifests;

/// <summary>Reads which parameters an engine does not know, and says where they are written in the wrong place.</summary>
internal static class GapsReading
{
    private const string Chat = "chat", Completions = "completions", Embeddings = "embeddings";

    /// <summary>Keys of a row that name parameters.</summary>
    private static readonly ImmutableArray<string> s_kinds = ["lacks", "drops", "rejects"];

    public static ImmutableArray<string> Paths { get; } = [Chat, Completions, Embeddings];

    /// <param name="rows">Found to be right; null where nothing is said.</param>
    public static ParameterGaps? Of(JsonNode? rows) => rows?.AsArray().Aggregate(ParameterGaps.None, (gaps, row) => With(gaps, row!));

    public static IEnumerable<(string Path, string What)> Broken(JsonObject manifest)
    {
        if (manifest["serves"]?["parameters"] is not JsonArray rows) yield break;
        for (var i = 0; i < rows.Count; i++)
        {
            var (row, path) = (rows[i]!.AsObject(), $"serves.parameters[{i}]");
            if (!s_kinds.Any(row.ContainsKey)) yield return (path, "says nothing: it has neither lacks nor drops nor rejects");
            foreach (var word in Lines(row["lacks"]).Where(IsHarmless)) yield return ($"{path}.lacks", $"{word} changes no answer: write it below drops");
            foreach (var word in Lines(row["drops"]).Where(word => !IsHarmless(word))) yield return ($"{path}.drops", $"{word} changes the answer: write it below lacks");
        }
    }

    private static ParameterGaps With(ParameterGaps gaps, JsonNode row)
    {
        var (paths, rejects) = (Lines(row["of"]), ParameterTable.Of(Lines(row["rejects"])));
        var more = new PathGaps(
            ParameterTable.Of(Lines(row["lacks"])) | (rejects & ~ParameterTable.Harmless), ParameterTable.Of(Lines(row["drops"])) | (rejects & ParameterTable.Harmless), rejects);
        return new(Joined(Chat, gaps.Chat), Joined(Completions, gaps.Completions), Joined(Embeddings, gaps.Embeddings));

        PathGaps Joined(string path, PathGaps before) => paths.IsEmpty || paths.Contains(path) ? before.With(more) : before;
    }

    private static bool IsHarmless(string word) => (ParameterTable.Of([word]) & ParameterTable.Harmless) != RequestParameters.None;
}
