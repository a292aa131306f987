using System.Text.Json;
using Helix.Core.Manifests;

namespace Helix.Core.Install;

/// <summary>Reads the newest version out of what its source says.</summary>
internal static class NewestVersion
{
    private const int Longest = 80;

    private static readonly string[] s_refusals = ["code E429", "code E403", "429 Client Error", "403 Client Error", "HTTP error 429", "HTTP error 403", "429 Too Many Requests"];

    /// <summary>Where GitHub tells; null for what a package client tells.</summary>
    public static Uri? AddressOf(NewerVersions newer) => newer.From switch
    {
        "github-releases" => new($"https://api.github.com/repos/{newer.Name}/releases/latest"),
        "github-commits" => new($"https://api.github.com/repos/{newer.Name}/commits?per_page=1"),
        _ => null,
    };

    /// <summary>Null where the answer names none.</summary>
    public static string? InAnswer(NewerVersions newer, ReadOnlyMemory<byte> answer)
    {
        try
        {
            using var document = JsonDocument.Parse(answer);
            var root = document.RootElement;
            if (newer.From == "github-commits") return root.ValueKind == JsonValueKind.Array && root.GetArrayLength() > 0 ? Good(Text(root[0], "sha")) : null;
            return Text(root, "tag_name") is { } tag ? Good(tag.StartsWith(newer.Prefix, StringComparison.Ordinal) ? tag[newer.Prefix.Length..] : tag) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Out of what <c>npm view NAME version</c> wrote: its last line.</summary>
    public static string? InNpm(string said) => said.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) is [.., var last] && char.IsAsciiDigit(last[0]) ? Good(last) : null;

    /// <summary>Out of what <c>pip index versions NAME</c> wrote: <c>NAME (1.2.3)</c>.</summary>
    public static string? InPip(string name, string said)
    {
        var line = said.Split('\n', StringSplitOptions.TrimEntries).FirstOrDefault(line => line.StartsWith(name + " (", StringComparison.OrdinalIgnoreCase) && line.EndsWith(')'));
        return line is null ? null : Good(line[(name.Length + 2)..^1]);
    }

    /// <summary>What npm or pip wrote says that the registry does not want to be asked now: status 403 or 429.</summary>
    public static bool IsRefusal(string said) => s_refusals.Any(words => said.Contains(words, StringComparison.Ordinal));

    /// <summary>What comes from outside becomes part of a command that a user may copy.</summary>
    private static string? Good(string? text) =>
        text is { Length: > 0 and <= Longest } && char.IsAsciiLetterOrDigit(text[0]) && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_' or '+') ? text : null;

    private static string? Text(JsonElement of, string name) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
