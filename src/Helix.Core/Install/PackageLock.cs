using System.Collections.Immutable;
using System.Text.Json;

namespace Helix.Core.Install;

/// <summary>What npm's lock says was installed.</summary>
internal static class PackageLock
{
    private const string Folder = "node_modules/";

    /// <summary>Name, version and digest of each package; null where the text is no lock, or where one of its packages came without a digest.</summary>
    public static ImmutableArray<LockedPackage>? Read(ReadOnlyMemory<byte> text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("packages", out var all) || all.ValueKind != JsonValueKind.Object) return null;
            var packages = ImmutableArray.CreateBuilder<LockedPackage>();
            foreach (var (path, entry) in all.EnumerateObject().Select(property => (property.Name, property.Value)))
            {
                if (entry.ValueKind != JsonValueKind.Object) return null;
                // the release itself, and what came inside another package
                if (path.Length == 0 || Is(entry, "link") || Is(entry, "inBundle")) continue;
                if (path.LastIndexOf(Folder, StringComparison.Ordinal) is not (>= 0 and var at) || Text(entry, "version") is not { } version || Digest(Text(entry, "integrity")) is not var (algorithm, value)) return null;
                packages.Add(new LockedPackage(path[(at + Folder.Length)..], version, algorithm, value));
            }

            return packages.ToImmutable();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The strongest digest of an integrity, in hexadecimal; null where it is none.</summary>
    private static (string Algorithm, string Value)? Digest(string? integrity)
    {
        var best = (integrity ?? "").Split(' ').Select(word => word.Split('-', 2)).Where(parts => parts is ["sha512" or "sha256" or "sha1", _]).OrderByDescending(parts => parts[0].Length).ThenByDescending(parts => parts[0], StringComparer.Ordinal).FirstOrDefault();
        Span<byte> bytes = stackalloc byte[64];
        return best is not null && Convert.TryFromBase64String(best[1], bytes, out var written) ? (best[0], Convert.ToHexStringLower(bytes[..written])) : null;
    }

    private static bool Is(JsonElement entry, string name) => entry.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    private static string? Text(JsonElement entry, string name) => entry.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

/// <param name="Value">In lower-case hexadecimal.</param>
internal sealed record LockedPackage(string Name, string Version, string Algorithm, string Value);
