using System.Text.RegularExpressions;

namespace Helix.Core.Install;

/// <summary>Files of digests, as sha256sum, sha512sum and their BSD cousins write them.</summary>
internal static partial class ChecksumFile
{
    /// <summary>The digest of a file; null where it is not listed, or listed twice with two digests.</summary>
    public static (string Algorithm, string Value)? Find(string text, string name)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var line in text.Split('\n').Select(line => line.Trim()))
        {
            if (Gnu().Match(line) is { Success: true } gnu && NameOf(gnu.Groups[2].Value) == name) found.Add(gnu.Groups[1].Value.ToLowerInvariant());
            else if (Bsd().Match(line) is { Success: true } bsd && NameOf(bsd.Groups[1].Value) == name) found.Add(bsd.Groups[2].Value.ToLowerInvariant());
            else if (Bare().IsMatch(line) && text.Trim() == line) found.Add(line.ToLowerInvariant());
        }

        return found.Count == 1 && found.First() is var digest ? (digest.Length == 64 ? "sha256" : "sha512", digest) : null;
    }

    private static string NameOf(string path) => path[(path.LastIndexOf('/') + 1)..];

    [GeneratedRegex(@"^([0-9a-fA-F]{128}|[0-9a-fA-F]{64})[ \t]+\*?(\S.*)$")]
    private static partial Regex Gnu();

    [GeneratedRegex(@"^SHA(?:256|512) ?\((.+)\) ?= ?([0-9a-fA-F]{128}|[0-9a-fA-F]{64})$")]
    private static partial Regex Bsd();

    [GeneratedRegex(@"^([0-9a-fA-F]{128}|[0-9a-fA-F]{64})$")]
    private static partial Regex Bare();
}
