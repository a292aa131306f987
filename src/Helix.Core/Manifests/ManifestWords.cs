using System.Text.Json;
using Helix.Core.Configuration;
using Helix.Core.Install;

namespace Helix.Core.Manifests;

/// <summary>Texts that a manifest takes: each check answers null when the text is allowed, else what may follow "was …".</summary>
internal static class ManifestWords
{
    public static string? RefuseText(string text) =>
        text.Trim().Length == 0 ? "; write something" : text.Any(char.IsControl) ? "; write it on one line" : null;

    public static string? RefuseId(string text) => Words.IsName(text) ? null : "; an id has small letters, digits, _ and -, and a letter first";

    public static string? RefuseVersion(string text) => Dotted.Parse(text) is null ? "; a version is numbers with dots between, at most four" : null;

    public static string? RefuseUrl(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri is { Scheme: "https", UserInfo.Length: 0 } ? null : "; write it like https://example.org/";

    public static string? RefusePath(string text) => text.StartsWith('/') && !text.Any(char.IsWhiteSpace) ? null : "; a path begins with /";

    public static string? RefuseKept(string text) =>
        EntryName.Of(text, 0) is EntryName.Good(var path) && path == text && path != "tmp" && !path.StartsWith("tmp/", StringComparison.Ordinal) ? null : "; a name below the engine's data, and not its temporary folder";

    public static string? RefuseDevice(string text) => text.StartsWith("/dev/", StringComparison.Ordinal) && !text.Contains("..", StringComparison.Ordinal) && !text.Any(char.IsWhiteSpace) ? null : "; a device begins with /dev/";

    public static string? RefuseVariable(string text) =>
        text.IndexOf('=', StringComparison.Ordinal) is > 0 and var at && text[..at].All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-' or '/' or '.') ? null : "; write it like NAME=VALUE";

    /// <summary>A member of a request's body that takes a text, or the messages.</summary>
    public static string? RefuseTextMember(string text) => text == AnswerContinuation.Messages ? null : RefuseMemberName(text);

    /// <summary>A member of a request's body, with its JSON.</summary>
    public static string? RefuseMember(string text)
    {
        const string wanted = "; write it like NAME=true: a member and its JSON";
        if (text.IndexOf('=', StringComparison.Ordinal) is not (> 0 and var at)) return wanted;
        if (RefuseMemberName(text[..at]) is { } wrong) return wrong;
        try
        {
            using var value = JsonDocument.Parse(text[(at + 1)..]);
            return null;
        }
        catch (JsonException)
        {
            return wanted;
        }
    }

    private static string? RefuseMemberName(string text) =>
        AnswerContinuation.Own.Contains(text) ? "; helix writes that member itself"
        : text.Length > 0 && text.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '_') ? null
        : "; the name of a member has small letters, digits and _";

    public static string? RefuseSha256(string text) => text.Length == 64 && text.All(char.IsAsciiHexDigitLower) ? null : "";

    public static string? RefuseSha512(string text) => text.Length == 128 && text.All(char.IsAsciiHexDigitLower) ? null : "";
}
