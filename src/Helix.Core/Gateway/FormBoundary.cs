namespace Helix.Core.Gateway;

/// <summary>What stands between the parts of a form, as its content type names it.</summary>
internal static class FormBoundary
{
    /// <summary>Letters, by RFC 2046.</summary>
    public const int Most = 70;

    private const string Form = "multipart/form-data";

    /// <summary>Whether the body is to be a form, with a boundary or without.</summary>
    public static bool IsForm(string? contentType)
    {
        var type = contentType.AsSpan();
        var end = type.IndexOf(';');
        return (end < 0 ? type : type[..end]).Trim().Equals(Form, StringComparison.OrdinalIgnoreCase);
    }

    /// <returns>Null where it names none, more than one, or one that cannot be.</returns>
    public static string? Read(string contentType) =>
        HeaderParameters.Read(contentType) is { Kind: Form } read && read.Values.TryGetValue("boundary", out var boundary)
        && boundary.Length is > 0 and <= Most && boundary[^1] != ' ' && !boundary.AsSpan().ContainsAnyExcept(HeaderLetters.Boundary) ? boundary : null;

    /// <summary>The content type as an engine is told it: in one spelling, whatever the client's was.</summary>
    public static string Told(string boundary) => HeaderParameters.IsToken(boundary) ? $"{Form}; boundary={boundary}" : $"{Form}; boundary=\"{boundary}\"";
}
