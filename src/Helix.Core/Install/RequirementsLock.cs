using System.Collections.Immutable;
using System.Text;
using System.Text.Json;

namespace Helix.Core.Install;

/// <summary>Exactly what was installed into a Python environment: each package with version and digest, as pip and uv read it.</summary>
internal static class RequirementsLock
{
    private const string Mark = "# for: ";

    /// <summary>What pip's report says was installed; null where it is none.</summary>
    public static ImmutableArray<LockedArchive>? FromReport(ReadOnlyMemory<byte> report)
    {
        try
        {
            using var document = JsonDocument.Parse(report);
            var archives = ImmutableArray.CreateBuilder<LockedArchive>();
            foreach (var item in document.RootElement.GetProperty("install").EnumerateArray())
            {
                var (metadata, download) = (item.GetProperty("metadata"), item.GetProperty("download_info"));
                // a folder or a checkout has no digest; whoever installs it knows where it came from
                if (!download.TryGetProperty("archive_info", out var archive)) continue;
                var url = new Uri(download.GetProperty("url").GetString()!);
                if (Sha256(archive) is not { } digest) return null;
                archives.Add(new LockedArchive(metadata.GetProperty("name").GetString()!, metadata.GetProperty("version").GetString()!, Uri.UnescapeDataString(url.Segments[^1]), digest));
            }

            return archives.ToImmutable();
        }
        catch (Exception odd) when (odd is JsonException or KeyNotFoundException or InvalidOperationException or UriFormatException)
        {
            return null;
        }
    }

    /// <param name="asked">What was asked for; a lock for something else is not used.</param>
    public static string Write(string asked, IEnumerable<LockedArchive> archives)
    {
        var text = new StringBuilder(Mark).Append(asked).Append('\n');
        foreach (var archive in archives.OrderBy(archive => archive.Name, StringComparer.OrdinalIgnoreCase)) text.Append($"{archive.Name}=={archive.Version} --hash=sha256:{archive.Sha256}\n");
        return text.ToString();
    }

    /// <summary>A lock that uv has written, with our mark; null where one of its packages has no digest.</summary>
    public static string? Of(string asked, string compiled)
    {
        var entries = compiled.Replace("\\\n", "", StringComparison.Ordinal).Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] is not ('#' or '-')).Where(line => !line.Contains(" @ file:", StringComparison.Ordinal) && !line.StartsWith('/') && !line.StartsWith("file:", StringComparison.Ordinal)).ToArray();
        return entries.All(line => line.Contains("--hash=sha256:", StringComparison.Ordinal)) ? $"{Mark}{asked}\n{string.Concat(entries.Select(line => line + "\n"))}" : null;
    }

    public static bool IsFor(string text, string asked) => text.StartsWith($"{Mark}{asked}\n", StringComparison.Ordinal);

    private static string? Sha256(JsonElement archive) =>
        archive.TryGetProperty("hashes", out var hashes) && hashes.TryGetProperty("sha256", out var digest) ? digest.GetString()
        : archive.TryGetProperty("hash", out var single) && single.GetString() is { } text && text.StartsWith("sha256=", StringComparison.Ordinal) ? text["sha256=".Length..]
        : null;
}

/// <param name="File">Its name at the index.</param>
internal sealed record LockedArchive(string Name, string Version, string File, string Sha256);
