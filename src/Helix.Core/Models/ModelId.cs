using System.Text;

namespace Helix.Core.Models;

/// <summary>The name under which a model is asked for: lower-case letters, digits, '.', '_' and '-', at most 96, beginning with a letter or digit.</summary>
internal static class ModelId
{
    public const int MaxLength = 96;

    /// <summary>Names with a meaning of their own.</summary>
    private static readonly string[] s_reserved = ["auto", "helix-selftest"];

    /// <summary>Null if the id may be used, else what is wrong with it.</summary>
    public static string? Refusal(string id)
    {
        if (id.Length is 0 or > MaxLength) return $"a model's name has 1 to {MaxLength} characters";
        if (!id.All(IsAllowed)) return $"'{id}' holds other characters than a-z, 0-9, '.', '_' and '-'";
        if (!char.IsAsciiLetterOrDigit(id[0])) return $"'{id}' does not begin with a letter or digit";
        return s_reserved.Contains(id) ? $"'{id}' has a meaning of its own in helix" : null;
    }

    /// <summary>The id for a file name: without folder, extension and part number, in lower case.</summary>
    public static string FromFileName(string file)
    {
        var name = Path.GetFileName(file.Replace('\\', '/'));
        if (ShardName.Parse(name) is { } shard) name = shard.Stem;
        else if (name.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase)) name = name[..^5];

        var id = new StringBuilder(name.Length);
        foreach (var c in name.ToLowerInvariant())
        {
            if (IsAllowed(c)) id.Append(c);
            else if (id.Length > 0 && id[^1] != '-') id.Append('-');
            if (id.Length == MaxLength) break;
        }

        var slug = id.ToString().TrimStart('-', '.', '_').TrimEnd('-', '.', '_');
        return Refusal(slug) is null ? slug : Unreserved(slug);
    }

    /// <summary>The id itself, or with the smallest number behind it that makes it new.</summary>
    public static string Unique(string id, Func<string, bool> taken)
    {
        for (var number = 1; ; number++)
        {
            var suffix = number == 1 ? "" : $"-{number}";
            var candidate = id[..Math.Min(id.Length, MaxLength - suffix.Length)] + suffix;
            if (!taken(candidate)) return candidate;
        }
    }

    private static string Unreserved(string slug) => slug.Length == 0 ? "model" : $"{slug[..Math.Min(slug.Length, MaxLength - 6)]}-model";

    private static bool IsAllowed(char c) => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '_' or '-';
}
