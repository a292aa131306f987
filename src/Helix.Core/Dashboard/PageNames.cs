using System.Collections.Frozen;

namespace Helix.Core.Dashboard;

/// <summary>What the name of a file says of it.</summary>
internal static class PageNames
{
    /// <summary>A file whose name has the digest of its content in it is never another one.</summary>
    public const string ForEver = "public, max-age=31536000, immutable";

    /// <summary>It may be kept, and is asked for each time whether it is still the same.</summary>
    public const string AskAgain = "no-cache";

    private const int LeastDigest = 8;
    private const int MostDigest = 64;

    private static readonly FrozenDictionary<string, string> s_types = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
    {
        [".html"] = "text/html; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".mjs"] = "text/javascript; charset=utf-8",
        [".json"] = "application/json",
        [".map"] = "application/json",
        [".webmanifest"] = "application/manifest+json",
        [".svg"] = "image/svg+xml",
        [".txt"] = "text/plain; charset=utf-8",
        [".png"] = "image/png",
        [".webp"] = "image/webp",
        [".ico"] = "image/x-icon",
        [".woff2"] = "font/woff2",
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>Of an unknown one: bytes that no browser runs or shows.</summary>
    public static string TypeOf(string name) => s_types.GetValueOrDefault(Path.GetExtension(name), "application/octet-stream");

    /// <summary>Texts get smaller; pictures and fonts are compressed already.</summary>
    public static bool IsText(string name) => Path.GetExtension(name).ToLowerInvariant() is ".html" or ".css" or ".js" or ".mjs" or ".json" or ".map" or ".webmanifest" or ".svg" or ".txt";

    public static string CachingOf(string name) => HasDigest(name) ? ForEver : AskAgain;

    /// <summary>Like <c>app-3F9A0C1B2D.js</c>: its last part before the extension is a digest, of letters and digits with at least one digit among them.</summary>
    private static bool HasDigest(string name)
    {
        var stem = Path.GetFileNameWithoutExtension(name);
        var begin = Math.Max(stem.LastIndexOf('-'), stem.LastIndexOf('.'));
        var last = begin > 0 ? stem[(begin + 1)..] : "";
        return last.Length is >= LeastDigest and <= MostDigest && last.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_') && last.Any(char.IsAsciiDigit);
    }
}
