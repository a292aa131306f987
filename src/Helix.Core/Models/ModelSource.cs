using System.Text.RegularExpressions;

namespace Helix.Core.Models;

/// <summary>Where a model can be fetched from, as a user wrote it.</summary>
internal abstract partial record ModelSource
{
    private ModelSource() { }

    /// <summary>A file on a model hub.</summary>
    /// <param name="Repository">Owner and name, for example <c>Qwen/Qwen3-0.6B-GGUF</c>.</param>
    /// <param name="Path">Of the file in the repository.</param>
    /// <param name="Revision">A branch, a tag or a commit.</param>
    /// <param name="Sha256">What the user says the file's digest is.</param>
    internal sealed record Hub(string Repository, string Path, string Revision = "main", string? Sha256 = null) : ModelSource
    {
        public override string ToString() => Revision == "main" ? $"hf:{Repository}/{Path}" : $"hf:{Repository}/{Path}@{Revision}";
    }

    /// <summary>A model in a folder of many files: all of a repository on a model hub.</summary>
    internal sealed record HubFolder(string Repository, string Revision = "main") : ModelSource
    {
        public override string ToString() => Revision == "main" ? $"hf:{Repository}" : $"hf:{Repository}@{Revision}";
    }

    internal sealed record Address(Uri Url, string? Sha256 = null) : ModelSource
    {
        /// <summary>Without the part that may hold a password or a token.</summary>
        public override string ToString() => Url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
    }

    /// <summary>A name to be looked up in the catalogue.</summary>
    internal sealed record Named(string Name) : ModelSource
    {
        public override string ToString() => Name;
    }

    /// <summary>Not understood.</summary>
    internal sealed record Unclear(string Reason, string Remedy) : ModelSource;

    private const string Forms = "Write a name of the catalogue (qwen3-0.6b), hf:owner/repository/file.gguf[@revision], hf:owner/repository[@revision] for a model in many files, or https://…/file.gguf.";

    /// <param name="text">As written.</param>
    /// <param name="hub">The hub's base address: its own web addresses are understood as files of the hub.</param>
    public static ModelSource Parse(string text, Uri hub)
    {
        text = text.Trim();
        var digest = default(string);
        if (text.IndexOf("#sha256=", StringComparison.OrdinalIgnoreCase) is >= 0 and var mark)
        {
            digest = text[(mark + 8)..].ToLowerInvariant();
            text = text[..mark];
            if (!IsDigest(digest)) return new Unclear($"'{digest}' is not a SHA-256: 64 hexadecimal digits are wanted", Forms);
        }

        if (text.StartsWith("hf:", StringComparison.OrdinalIgnoreCase)) return ParseHub(text[3..], digest);
        if (!text.Contains("://", StringComparison.Ordinal))
            return ModelId.Refusal(text) is { } refusal ? new Unclear(refusal, Forms) : digest is null ? new Named(text) : new Unclear("a name of the catalogue needs no digest: the catalogue has it", Forms);
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("https" or "http") || url.Host.Length == 0)
            return new Unclear($"'{text}' is not an address that can be fetched", Forms);
        if (url.Authority == hub.Authority && WebAddress().Match(Uri.UnescapeDataString(url.AbsolutePath)) is { Success: true } match)
            return ParseHub($"{match.Groups[1].Value}/{match.Groups[3].Value}@{match.Groups[2].Value}", digest);
        if (!url.AbsolutePath.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase))
            return new Unclear($"{url.AbsolutePath} does not end in .gguf; other formats cannot be used by the built-in engine", Forms);
        if (url.Scheme == "http" && digest is null && !url.IsLoopback)
            return new Unclear("plain http lets anyone on the way exchange the file", "Use https, or add the digest: …#sha256=…");
        return new Address(url, digest);
    }

    public static bool IsDigest(string text) => text.Length == 64 && text.All(char.IsAsciiHexDigitLower);

    private static ModelSource ParseHub(string text, string? digest)
    {
        var (path, revision) = text.LastIndexOf('@') is > 0 and var at ? (text[..at], text[(at + 1)..]) : (text, "main");
        var segments = path.Split('/');
        if (segments.Length < 2) return new Unclear($"'hf:{text}' names no repository", "Write hf:owner/repository/file.gguf, or hf:owner/repository for a model in many files.");
        if (segments.FirstOrDefault(segment => !SegmentForm().IsMatch(segment) || segment is "." or "..") is { } wrong)
            return new Unclear($"'{wrong}' cannot be a part of a path on the hub", Forms);
        if (!RevisionForm().IsMatch(revision) || revision.Contains("..", StringComparison.Ordinal)) return new Unclear($"'{revision}' is not a branch, tag or commit", Forms);
        if (segments.Length == 2) return digest is null ? new HubFolder(path, revision) : new Unclear("a digest is that of one file, and a repository has many", Forms);
        return path.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase)
            ? new Hub($"{segments[0]}/{segments[1]}", string.Join('/', segments[2..]), revision, digest)
            : new Unclear($"{segments[^1]} does not end in .gguf; other formats cannot be used by the built-in engine", Forms);
    }

    [GeneratedRegex(@"^/([^/]+/[^/]+)/(?:resolve|blob)/([^/]+)/(.+\.gguf)$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex WebAddress();

    [GeneratedRegex(@"^[A-Za-z0-9._+ ()\[\]-]{1,200}$", RegexOptions.CultureInvariant)]
    private static partial Regex SegmentForm();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._/-]{0,127}$", RegexOptions.CultureInvariant)]
    private static partial Regex RevisionForm();
}
