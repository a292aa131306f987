using System.Collections.Immutable;
using System.Text.Json;

namespace Helix.Core.Models;

/// <param name="Sha256">Null for small files: the hub keeps another digest of them.</param>
internal sealed record HubFile(string Name, long Bytes, string? Sha256);

/// <summary>What a repository of a model hub holds at one commit.</summary>
internal sealed record HubListing(string Commit, ImmutableArray<HubFile> Files)
{
    /// <summary>Reads an answer of <c>/api/models/OWNER/REPOSITORY/revision/REVISION?blobs=true</c>.</summary>
    /// <returns>Null where it is none, or names a file that cannot be one.</returns>
    public static HubListing? Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            var files = root.GetProperty("siblings").EnumerateArray().Select(File).ToImmutableArray();
            return root.GetProperty("sha").GetString() is { Length: > 0 } commit && commit.All(char.IsAsciiHexDigitLower) && files.All(file => IsName(file.Name)) ? new(commit, files) : null;
        }
        catch (Exception other) when (other is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private static HubFile File(JsonElement file)
    {
        var isLarge = file.TryGetProperty("lfs", out var large) && large.ValueKind == JsonValueKind.Object;
        var digest = isLarge && large.TryGetProperty("sha256", out var sha256) ? sha256.GetString() : null;
        return new(
            file.GetProperty("rfilename").GetString() ?? "",
            file.TryGetProperty("size", out var size) && size.ValueKind == JsonValueKind.Number ? size.GetInt64() : 0,
            digest is not null && ModelSource.IsDigest(digest) ? digest : null);
    }

    /// <summary>A path that stays where it is put.</summary>
    private static bool IsName(string name) =>
        name.Length is > 0 and <= 400 && !name.Any(letter => letter is '\\' || char.IsControl(letter)) && name.Split('/').All(part => part.Length > 0 && part is not ("." or ".."));
}
