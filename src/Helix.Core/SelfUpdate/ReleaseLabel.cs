namespace Helix.Core.SelfUpdate;

/// <summary>The name of a release of helix, which is also that of its folder: <c>0.2.0+1a2b3c4d</c>.</summary>
internal static class ReleaseLabel
{
    private const int Longest = 80;

    /// <summary>Digits of a commit: enough to tell it apart.</summary>
    private const int CommitDigits = 8;

    /// <returns>Null for what is no such name.</returns>
    public static string? Of(string text)
    {
        var name = text.Trim();
        if (name.IndexOf('+', StringComparison.Ordinal) is > 0 and var plus && name.Length > plus + 1 + CommitDigits && name[(plus + 1)..].All(char.IsAsciiHexDigit)) name = name[..(plus + 1 + CommitDigits)];
        return name.Length is > 0 and <= Longest && char.IsAsciiLetterOrDigit(name[0]) && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '+' or '-' or '_') ? name : null;
    }

    /// <summary>Another release of the same name lies there already.</summary>
    public static string Next(string name, int number) => $"{name}-{number}";
}
