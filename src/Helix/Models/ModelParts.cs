using Helix.Core.Models;

namespace Helix.Models;

/// <summary>The files of which a model consists.</summary>
internal static class ModelParts
{
    /// <summary>All parts that the name of one of them promises, the first one first; just the file where it promises none.</summary>
    public static IReadOnlyList<string> Of(string path) =>
        ShardName.Parse(Path.GetFileName(path)) is { } shard ? [.. shard.All().Select(part => Path.Combine(Path.GetDirectoryName(path)!, part.FileName))] : [path];

    /// <summary>Reads all files; either the facts of the whole or what is wrong.</summary>
    public static Task<(ModelFacts? Facts, string? Refusal)> ReadAsync(IReadOnlyList<string> paths, CancellationToken cancellationToken) =>
        ReadAsync(paths, GgufFile.ReadAsync, cancellationToken);

    /// <param name="read">How the header of one file is read.</param>
    public static async Task<(ModelFacts? Facts, string? Refusal)> ReadAsync(
        IReadOnlyList<string> paths, Func<string, CancellationToken, Task<GgufReading>> read, CancellationToken cancellationToken)
    {
        var facts = default(ModelFacts);
        var parameters = 0L;
        for (var i = 0; i < paths.Count; i++)
        {
            var reading = await read(paths[i], cancellationToken);
            if (paths.Count > 1 && Refusal(reading, i + 1, paths.Count) is { } refusal) return (null, refusal);
            switch (reading)
            {
                case GgufReading.Model(var whole) when whole.Parts != paths.Count: return (null, $"this is part 1 of {whole.Parts}; all parts are needed, named …-00001-of-{whole.Parts:00000}.gguf");
                case GgufReading.Model(var whole): facts = whole; break;
                case GgufReading.Part(var number, var count, _) when paths.Count == 1: return (null, $"this is part {number + 1} of {count}; all parts are needed, with their own names");
                case GgufReading.Part(_, _, var more): parameters += more; break;
                case GgufReading.Bad(var reason, var offset): return (null, $"{reason} (at byte {offset})");
            }
        }

        return (facts! with { Parameters = facts.Parameters + parameters }, null);
    }

    private static string? Refusal(GgufReading reading, int number, int count) => reading switch
    {
        GgufReading.Bad(var reason, var offset) => $"part {number} of {count}: {reason} (at byte {offset})",
        GgufReading.Model(var facts) when number == 1 && facts.Parts == count => null,
        GgufReading.Part(var index, var parts, _) when index + 1 == number && parts == count => null,
        _ => $"the file named part {number} of {count} is something else",
    };
}
