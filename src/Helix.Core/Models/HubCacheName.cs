namespace Helix.Core.Models;

/// <summary>The folder of a repository in Hugging Face's cache, for example <c>models--Qwen--Qwen3-0.6B</c>.</summary>
internal static class HubCacheName
{
    private const string Prefix = "models--";

    /// <summary>The repository's name; null for what is no model.</summary>
    public static string? Repository(string folder)
    {
        if (!folder.StartsWith(Prefix, StringComparison.Ordinal)) return null;
        // neither the owner nor the name has two dashes in a row
        return folder[Prefix.Length..].Split("--") switch
        {
            [{ Length: > 0 } owner, { Length: > 0 } name] => $"{owner}/{name}",
            [{ Length: > 0 } name] => name,
            _ => null,
        };
    }
}
